-- A draft that nobody applied to can be deleted: its own parts go with it, an application holds it.

ALTER TABLE question DROP CONSTRAINT question_workspace_id_job_id_fkey,
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE stage DROP CONSTRAINT stage_workspace_id_job_id_fkey,
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE IF EXISTS job_hearing DROP CONSTRAINT IF EXISTS job_hearing_workspace_id_job_id_fkey,
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE;
