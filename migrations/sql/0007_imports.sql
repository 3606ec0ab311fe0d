-- Imports stay within their workspace and go with their job; one at a time is let into a job.

ALTER TABLE candidate_import ADD UNIQUE (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, stage_id) REFERENCES stage (workspace_id, id) ON DELETE SET NULL (stage_id),
    ADD CHECK (state IN ('reading', 'ready', 'refused', 'running', 'done', 'cancelled'));
CREATE UNIQUE INDEX candidate_import_one_at_a_time ON candidate_import (job_id) WHERE state = 'running';

ALTER TABLE application ADD FOREIGN KEY (workspace_id, imported) REFERENCES candidate_import (workspace_id, id);

ALTER TABLE notice DROP CONSTRAINT notice_kind_check,
    ADD CHECK (kind IN ('submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved', 'imported'));
