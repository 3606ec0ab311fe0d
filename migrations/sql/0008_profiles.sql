-- Tags, fields and files stay within their workspace, and go with what they are about.

ALTER TABLE tag ADD UNIQUE (workspace_id, id), ADD UNIQUE (workspace_id, folded),
    ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id);
ALTER TABLE candidate_tag ADD UNIQUE (candidate_id, tag_id),
    ADD FOREIGN KEY (workspace_id, candidate_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, tag_id) REFERENCES tag (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE custom_field ADD UNIQUE (workspace_id, id),
    ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD CHECK (kind IN ('text', 'number', 'date', 'choice', 'link'));
ALTER TABLE field_value ADD UNIQUE (candidate_id, field_id),
    ADD FOREIGN KEY (workspace_id, candidate_id) REFERENCES candidate (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, field_id) REFERENCES custom_field (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE candidate_file ADD UNIQUE (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, candidate_id) REFERENCES candidate (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id),
    ADD CHECK (state IN ('new', 'read', 'unreadable'));

CREATE INDEX event_subject_order ON event (subject, id);
