-- Flows: the kinds that every job has once, and what belongs to a workspace stays in it.

ALTER TABLE stage
    ADD CHECK (kind IN ('inbox', 'questions', 'review', 'task', 'conversation', 'interview', 'offer', 'hired', 'declined')),
    ADD CHECK (colour BETWEEN 1 AND 12), ADD CHECK (hint >= 0), ADD CHECK (days >= 0),
    ADD CHECK (jsonb_typeof(needs) = 'array'), ADD CHECK (jsonb_typeof(actions) = 'array');
CREATE UNIQUE INDEX stage_once ON stage (job_id, kind) WHERE kind IN ('inbox', 'hired', 'declined');

ALTER TABLE flow_template ADD UNIQUE (workspace_id, folded), ADD FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    ADD FOREIGN KEY (workspace_id, created_by) REFERENCES member (workspace_id, id);

ALTER TABLE stage_run ADD UNIQUE (application_id, stage_id, action),
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, stage_id) REFERENCES stage (workspace_id, id) ON DELETE CASCADE;
