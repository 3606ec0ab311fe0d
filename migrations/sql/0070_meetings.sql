-- Meetings stay within their workspace, a member takes part once; messages and notices tell of them.

ALTER TABLE meeting ADD UNIQUE (workspace_id, id),
    ADD CHECK (title <> ''), ADD CHECK (minutes BETWEEN 5 AND 480), ADD CHECK (version >= 1),
    ADD CHECK (state IN ('planned', 'called_off')),
    ADD FOREIGN KEY (workspace_id, application_id) REFERENCES application (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, changed_by) REFERENCES member (workspace_id, id);
ALTER TABLE meeting_member ADD UNIQUE (meeting_id, member_id),
    ADD FOREIGN KEY (workspace_id, meeting_id) REFERENCES meeting (workspace_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
CREATE INDEX meeting_of_application ON meeting (application_id, starts_at);
CREATE INDEX meeting_when ON meeting (workspace_id, starts_at);
CREATE INDEX meeting_of_member ON meeting_member (member_id);
ALTER TABLE message ADD CHECK (about IN ('', 'meeting_planned', 'meeting_changed', 'meeting_called_off')),
    ADD CHECK (about = '' OR member_id IS NOT NULL);
ALTER TABLE notice DROP CONSTRAINT notice_kind_check, ADD CONSTRAINT notice_kind_check CHECK (kind IN (
    'submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved', 'imported', 'made_owner',
    'made_reviewer', 'mentioned', 'noted', 'overdue', 'brought', 'scored', 'meeting_planned', 'meeting_changed',
    'meeting_called_off', 'meeting_without_you', 'meeting_deserted'));
