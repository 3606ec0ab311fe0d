-- What needs a member now is found by indexes: few rows, whatever the number of candidates.

CREATE INDEX application_unopened ON application (workspace_id, submitted_at)
    WHERE submitted_at IS NOT NULL AND opened_at IS NULL;
CREATE INDEX application_asks ON application (workspace_id) WHERE waiting;
CREATE INDEX notice_unread_about ON notice (member_id, application_id) WHERE read_at IS NULL;
CREATE INDEX candidate_newest ON candidate (workspace_id, created_at DESC, id DESC) WHERE merged_into IS NULL;
