-- A view stays within its workspace and goes with its job.

ALTER TABLE saved_view ADD CHECK (layout IN ('board', 'list')), ADD CHECK (version >= 1),
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
CREATE INDEX saved_view_of_job ON saved_view (workspace_id, job_id);
CREATE INDEX saved_view_of_member ON saved_view (member_id);
