"""Table of applications: a candidate in a job, one card."""

from piccolo.columns import UUID, Array, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Application(Table, db=DB, tablename="application"):
    """One card. The counts are kept up to date by whoever changes what they count, in the same transaction.

    `preparing` is how many percent of the copies for other browsers are made, NULL when none is being made.
    `rank` orders within the stage, compared as bytes (its column has COLLATE "C"). `version` grows with every change,
    `moved` is the version of the last change of stage: who saw less than that saw an older board. `source` is where
    they came from, if not by themselves; `imported` the file that brought them, which gave no consent.
    `promise_due`: until when they hear from the team, by what `promise_stage` promised (NULL: the job). It stands while
    `promise_left`, the stage where the card was when a move ended it, is NULL. `promise_told`: that it is late.
    `consent_at`: when they agreed to being kept (NULL: whom the team added, until they do), and to which version of the
    words (NULL: to those of a time before versions).
    `scored`: how many scorecards were submitted; `score` is their average in hundredths, NULL without any.
    `owner_id` and `reviewers` repeat the rows of `assignment`, so that a card is read without them. `stepped_off`: who
    took themselves off the reviewers, until a colleague decides otherwise; they see scores as if they still were one.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(default=None)
    candidate_id = UUID(index=True, default=None)
    stage_id = UUID(default=None)
    rank = Varchar(length=None)
    version = Integer(default=1)
    moved = Integer(default=1)
    moved_by = UUID(null=True, default=None)
    moved_at = Timestamptz(null=True, default=None)
    progress = Varchar(length=12, default="applied")
    answering = Integer(default=0)
    owner_id = UUID(null=True, default=None)
    reviewers = Array(base_column=UUID(), default=list)
    stepped_off = Array(base_column=UUID(), default=list)
    answers = Integer(default=0)
    answers_ms = Integer(default=0)
    poster = UUID(null=True, default=None)
    preparing = Integer(null=True, default=None)
    notes = Integer(default=0)
    messages = Integer(default=0)
    waiting = Boolean(default=False)
    scored = Integer(default=0)
    score = Integer(null=True, default=None)
    source = Varchar(length=120, default="")
    imported = UUID(null=True, default=None)
    promised_at = Timestamptz(null=True, default=None)
    promise_due = Timestamptz(null=True, default=None)
    promise_stage = UUID(null=True, default=None)
    promise_left = UUID(null=True, default=None)
    promise_told = Boolean(default=False)
    consent_at = Timestamptz(null=True, default=TimestamptzNow())
    consent_version = Integer(null=True, default=None)
    submitted_at = Timestamptz(null=True, default=None)
    opened_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    changed_at = Timestamptz(default=TimestamptzNow())


class Assignment(Table, db=DB, tablename="assignment"):
    """A member who has to do with an application: its one owner, or one of its reviewers."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(default=None)
    member_id = UUID(default=None)
    part = Varchar(length=10, default="reviewer")
    at = Timestamptz(default=TimestamptzNow())


class Following(Table, db=DB, tablename="following"):
    """Whether a member hears of an application beyond what everybody hears; no row means nobody has said so."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(default=None)
    member_id = UUID(default=None)
    wanted = Boolean(default=True)
