-- Message templates stay within their workspace, and are told apart by name.

ALTER TABLE message_template ADD CHECK (version >= 1), ADD UNIQUE (workspace_id, folded),
    ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD FOREIGN KEY (workspace_id, changed_by) REFERENCES member (workspace_id, id);
