"""Table of notices, the lines of a member's bell."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Notice(Table, db=DB, tablename="notice"):
    """A line of one member's bell; unique per event and member, so that a repeated task adds nothing."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    member_id = UUID(default=None)
    event_id = UUID(default=None)
    kind = Varchar(length=30)
    text = Varchar(length=400)
    url = Varchar(length=200)
    at = Timestamptz(default=TimestamptzNow())
    read_at = Timestamptz(null=True, default=None)
