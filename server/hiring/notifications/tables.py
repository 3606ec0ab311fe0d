"""Tables of notices, the lines of a member's bell, and of what members want to hear of a job."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Notice(Table, db=DB, tablename="notice"):
    """A line of one member's bell; unique per event and member, so that a repeated task adds nothing.

    It holds no sentence and no candidate's name, only what the browser makes one from, as it was at that moment:
    `about` is the job's title, or the role of a colleague who joined. `by_id` is the colleague who did it, None when it
    was the candidate. `quiet`: in the bell without a toast. `mine`: its member has dealt with this candidate.
    `starts_at`: of the meeting it tells of.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    member_id = UUID(default=None)
    event_id = UUID(default=None)
    kind = Varchar(length=30)
    application_id = UUID(null=True, default=None)
    job_id = UUID(null=True, default=None)
    by_id = UUID(null=True, default=None)
    about = Varchar(length=300, default="")
    stage = Varchar(length=80, default="")
    answers = Integer(default=0)
    starts_at = Timestamptz(null=True, default=None)
    quiet = Boolean(default=False)
    mine = Boolean(default=False)
    url = Varchar(length=200)
    at = Timestamptz(default=TimestamptzNow())
    read_at = Timestamptz(null=True, default=None)


class JobHearing(Table, db=DB, tablename="job_hearing"):
    """What a member wants to hear of a job; no row means the usual. Muted without `until` means for good.

    `applications`: a new application is shown as a toast too, not only in the bell.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    member_id = UUID(default=None)
    job_id = UUID(default=None)
    muted = Boolean(default=False)
    until = Timestamptz(null=True, default=None)
    applications = Boolean(default=False)
