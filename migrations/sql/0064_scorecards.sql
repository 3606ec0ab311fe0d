-- Scorecards stay within their workspace, one of a member for an application; jobs that are there get the usual criteria.

ALTER TABLE criterion ADD UNIQUE (workspace_id, id),
    ADD FOREIGN KEY (workspace_id, job_id) REFERENCES job (workspace_id, id) ON DELETE CASCADE;
ALTER TABLE scorecard ADD UNIQUE (application_id, member_id),
    ADD CHECK (hire IN ('', 'no', 'unsure', 'yes', 'strong_yes')), ADD CHECK (average BETWEEN 100 AND 500),
    ADD CHECK (submitted_at IS NULL OR hire <> ''), ADD CHECK (version >= 1),
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
ALTER TABLE application ADD CHECK (scored >= 0), ADD CHECK (score BETWEEN 100 AND 500);
CREATE INDEX scorecard_of_member ON scorecard (member_id, application_id) WHERE submitted_at IS NOT NULL;
