-- A tag that was merged goes on under its id and its name as long as the one that it became part of.

ALTER TABLE merged_tag
    ADD FOREIGN KEY (workspace_id, tag_id) REFERENCES tag (workspace_id, id) ON DELETE CASCADE;
CREATE INDEX merged_tag_name ON merged_tag (workspace_id, folded);
