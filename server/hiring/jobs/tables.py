"""Tables of jobs, their questions and the criteria of their scorecards."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Job(Table, db=DB, tablename="job"):
    """A posting. `token` names its public page; `video` is the recording id of the accepted job video.

    `flow_version` counts changes of its stages: who writes the description does not disturb who designs the flow.
    `promise_days`: working days within which who has handed in hears from the team, 0 for no promise.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    token = Varchar(length=40, unique=True)
    title = Varchar(length=300)
    location = Varchar(length=200)
    remote = Boolean(default=False)
    description = Varchar(length=None)
    state = Varchar(length=10, default="draft")
    colour = Integer(default=1)
    video = UUID(null=True, default=None)
    video_ms = Integer(default=0)
    version = Integer(default=1)
    flow_version = Integer(default=1)
    promise_days = Integer(default=0)
    created_by = UUID(default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    closed_at = Timestamptz(null=True, default=None)


class Question(Table, db=DB, tablename="question"):
    """A question of a job. `think`, `longest`: seconds; retired ones stay for the answers given to them."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(index=True, default=None)
    position = Integer(default=1)
    text = Varchar(length=2000)
    think = Integer(default=60)
    longest = Integer(default=120)
    takes = Integer(default=3)
    retired_at = Timestamptz(null=True, default=None)


class Criterion(Table, db=DB, tablename="criterion"):
    """What people are judged by in a job. Retired ones stay for the scorecards that speak of them."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(index=True, default=None)
    position = Integer(default=1)
    name = Varchar(length=80)
    retired_at = Timestamptz(null=True, default=None)
