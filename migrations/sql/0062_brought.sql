-- Followers hear of files that candidates add themselves.

ALTER TABLE notice DROP CONSTRAINT notice_kind_check, ADD CONSTRAINT notice_kind_check CHECK (kind IN (
    'submitted', 'message', 'applied', 'interrupted', 'lost', 'joined', 'moved', 'imported', 'made_owner',
    'made_reviewer', 'mentioned', 'noted', 'overdue', 'brought'));
