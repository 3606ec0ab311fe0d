"""Tables of meetings."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Meeting(Table, db=DB, tablename="meeting"):
    """An appointment about one application. `zone`: of whoever planned it, in which its time is written to others.

    `state` is "planned", also once it is over, or "called_off". `version` grows with every change by hand. `answered`:
    planning it kept a promise.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(default=None)
    title = Varchar(length=120)
    starts_at = Timestamptz(default=None)
    minutes = Integer(default=30)
    zone = Varchar(length=64)
    place = Varchar(length=500, default="")
    state = Varchar(length=12, default="planned")
    version = Integer(default=1)
    answered = Boolean(default=False)
    changed_by = UUID(default=None)
    changed_at = Timestamptz(default=TimestamptzNow())


class MeetingMember(Table, db=DB, tablename="meeting_member"):
    """A member who takes part; in the order in which they were named."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    meeting_id = UUID(default=None)
    member_id = UUID(default=None)
