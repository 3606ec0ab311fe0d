-- What Piccolo's columns cannot say: workspaces never cross (composite keys), uniqueness, order by bytes, closed lists.

ALTER TABLE application ALTER COLUMN rank TYPE text COLLATE "C";

ALTER TABLE member ADD UNIQUE (workspace_id, id);
ALTER TABLE member ADD UNIQUE (workspace_id, account_id);
ALTER TABLE job ADD UNIQUE (workspace_id, id);
ALTER TABLE question ADD UNIQUE (workspace_id, id);
ALTER TABLE stage ADD UNIQUE (workspace_id, id);
ALTER TABLE candidate ADD UNIQUE (workspace_id, id);
ALTER TABLE candidate ADD UNIQUE (workspace_id, folded);
ALTER TABLE application ADD UNIQUE (workspace_id, id);
ALTER TABLE application ADD UNIQUE (job_id, candidate_id);
ALTER TABLE answer ADD UNIQUE (application_id, question_id);
ALTER TABLE take ADD UNIQUE (workspace_id, id);
ALTER TABLE notice ADD UNIQUE (event_id, member_id);
ALTER TABLE stored_reply ADD UNIQUE (who, key);

ALTER TABLE event ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id);
ALTER TABLE member ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id), ADD FOREIGN KEY (account_id) REFERENCES account (id);
ALTER TABLE sign_in ADD FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE;
ALTER TABLE invitation ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD FOREIGN KEY (workspace_id, invited_by) REFERENCES member (workspace_id, id);
ALTER TABLE password_reset ADD FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE;
ALTER TABLE job ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD FOREIGN KEY (workspace_id, created_by) REFERENCES member (workspace_id, id),
    ADD FOREIGN KEY (video) REFERENCES recording (id);
ALTER TABLE question ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id);
ALTER TABLE stage ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id);
ALTER TABLE candidate ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id);
ALTER TABLE application ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, candidate_id) REFERENCES candidate (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, stage_id) REFERENCES stage (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, moved_by) REFERENCES member (workspace_id, id),
    ADD FOREIGN KEY (poster) REFERENCES recording (id);
ALTER TABLE candidate_link ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id);
ALTER TABLE candidate_session ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id);
ALTER TABLE note ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
ALTER TABLE message ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
ALTER TABLE take ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, question_id) REFERENCES question (workspace_id, id),
    ADD FOREIGN KEY (recording_id) REFERENCES recording (id);
ALTER TABLE answer ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, question_id) REFERENCES question (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, take_id) REFERENCES take (workspace_id, id);
ALTER TABLE notice ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);

ALTER TABLE member ADD CHECK (role IN ('owner', 'admin', 'recruiter', 'reviewer'));
ALTER TABLE job ADD CHECK (state IN ('draft', 'open', 'closed'));
ALTER TABLE application ADD CHECK (progress IN ('applied', 'answering', 'submitted'));
ALTER TABLE take ADD CHECK (state IN ('recording', 'processing', 'ready', 'interrupted', 'failed'));
ALTER TABLE answer ADD CHECK ((kind = 'text') = (take_id IS NULL));

CREATE INDEX application_board ON application (job_id, rank, id);
CREATE INDEX application_stage ON application (stage_id, rank, id);
CREATE INDEX note_thread ON note (application_id, id);
CREATE INDEX message_thread ON message (application_id, id);
CREATE INDEX notice_unread ON notice (member_id) WHERE read_at IS NULL;
CREATE INDEX notice_newest ON notice (member_id, id DESC);
CREATE UNIQUE INDEX take_one_at_a_time ON take (application_id) WHERE state = 'recording';
CREATE INDEX recording_unfinished ON recording (state) WHERE state IN ('new', 'recording');
