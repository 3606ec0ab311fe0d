-- How many answers nobody has looked at yet is read with every board: it must not cost more the more people applied.
CREATE INDEX application_new ON application (job_id) WHERE submitted_at IS NOT NULL AND opened_at IS NULL;
