-- One open visit per member, no visit across workspaces, and the newest events of a workspace without sorting them all.

ALTER TABLE monitor_visit ADD FOREIGN KEY (workspace_id, member_id) REFERENCES member (workspace_id, id);
CREATE UNIQUE INDEX monitor_visit_open ON monitor_visit (member_id) WHERE closed_at IS NULL;
CREATE INDEX monitor_visit_newest ON monitor_visit (workspace_id, id DESC);
CREATE INDEX event_newest ON event (workspace_id, id DESC);
CREATE INDEX take_under_way ON take (workspace_id) WHERE state IN ('recording', 'processing');
