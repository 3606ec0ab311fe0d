"""Tables of the plumbing: the permanent record of events, stored replies, sent mails, starts of tasks."""

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class EventRow(Table, db=DB, tablename="event"):
    """What happened, for ever (until erased): actor and subject as `kind:uuid`, payload the event's own fields.

    `job_id`, where it happened in a job, is filled in by a trigger.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(null=True, default=None, index=True)
    actor = Varchar(length=60)
    subject = Varchar(length=60, index=True)
    kind = Varchar(length=60)
    payload = JSONB()
    key = Varchar(length=64, null=True, default=None)
    at = Timestamptz(default=TimestamptzNow())
    job_id = UUID(null=True, default=None)


class StoredReply(Table, db=DB, tablename="stored_reply"):
    """The reply to a request that carried an Idempotency-Key; `who` and `key` together are unique."""

    id = UUID(primary_key=True, default=NewId())
    who = Varchar(length=60)
    key = Varchar(length=64)
    route = Varchar(length=200)
    status = Integer(default=0)
    body = Varchar(length=None)
    at = Timestamptz(default=TimestamptzNow(), index=True)


class SentMail(Table, db=DB, tablename="sent_mail"):
    """One row per mail that went out, so that a task that runs twice mails once."""

    id = UUID(primary_key=True, default=NewId())
    key = Varchar(length=120, unique=True)
    at = Timestamptz(default=TimestamptzNow())


class TaskStart(Table, db=DB, tablename="task_start"):
    """How often a task was begun: one that kills its worker every time is set aside instead of looping for ever."""

    id = UUID(primary_key=True, default=NewId())
    task = Varchar(length=60, unique=True)
    starts = Integer(default=0)
    at = Timestamptz(default=TimestamptzNow())
