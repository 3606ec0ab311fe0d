"""Table of visits to the live monitor."""

from piccolo.columns import UUID, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class MonitorVisit(Table, db=DB, tablename="monitor_visit"):
    """Somebody watches, or did: at most one visit of a member is open."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    member_id = UUID(default=None)
    opened_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    closed_at = Timestamptz(null=True, default=None)
