-- Notices hold parts instead of sentences: what old ones are about follows from where they lead.

UPDATE notice n SET application_id = a.id, job_id = a.job_id, about = j.title, answers = a.answers
FROM application a JOIN job j ON j.id = a.job_id
WHERE n.workspace_id = a.workspace_id AND n.url LIKE '/w/%/applications/' || a.id;
DELETE FROM notice WHERE application_id IS NULL;

ALTER TABLE job_hearing ADD UNIQUE (member_id, job_id),
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE notice ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, by_id) REFERENCES member (workspace_id, id);
ALTER TABLE notice ADD CHECK (kind IN ('submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved'));

CREATE INDEX notice_mine ON notice (member_id, id DESC) WHERE mine;
CREATE INDEX notice_old ON notice (at);
CREATE INDEX notice_about ON notice (application_id);
