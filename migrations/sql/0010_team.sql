-- Owners and reviewers: of this workspace, one owner at most, and found by whoever looks for their own.

ALTER TABLE assignment ADD UNIQUE (application_id, member_id), ADD CHECK (part IN ('owner', 'reviewer')),
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
CREATE UNIQUE INDEX assignment_one_owner ON assignment (application_id) WHERE part = 'owner';
CREATE INDEX assignment_of_member ON assignment (member_id, application_id);
ALTER TABLE application ADD FOREIGN KEY (workspace_id, owner_id) REFERENCES member (workspace_id, id);

ALTER TABLE notice DROP CONSTRAINT notice_kind_check, ADD CONSTRAINT notice_kind_check CHECK (kind IN (
    'submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved', 'imported', 'made_owner',
    'made_reviewer', 'mentioned', 'noted'));
