-- Mentions and following: of this workspace, once per note and once per application.

ALTER TABLE note ADD UNIQUE (workspace_id, id);
ALTER TABLE mention ADD UNIQUE (note_id, member_id),
    ADD FOREIGN KEY (workspace_id, note_id) REFERENCES note (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
ALTER TABLE following ADD UNIQUE (application_id, member_id),
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
