"""Tables of stages, of flows to use again, and of what stages have done already."""

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Stage(Table, db=DB, tablename="stage"):
    """A step of a job's flow. `people` are its cards, counted by triggers of the database whoever moves them.

    `hint`: more people than this are too many at once, 0 for no hint; `days`: how long the team means to take here, 0
    for no plan. `needs` and `actions` are lists of `views.flow.Need` and `views.flow.StageAction`.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(index=True, default=None)
    position = Integer(default=1)
    name = Varchar(length=80)
    kind = Varchar(length=20)
    colour = Integer(default=1)
    people = Integer(default=0)
    hint = Integer(default=0)
    days = Integer(default=0)
    needs = JSONB(default="[]")
    actions = JSONB(default="[]")


class FlowTemplate(Table, db=DB, tablename="flow_template"):
    """A flow that a workspace keeps for its next jobs; `stages` is a list of `views.flow.StageDraft`."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    name = Varchar(length=80)
    folded = Varchar(length=200)
    stages = JSONB(default="[]")
    created_by = UUID(default=None)
    created_at = Timestamptz(default=TimestamptzNow())


class StageRun(Table, db=DB, tablename="stage_run"):
    """A stage's action that was done for an application: once, however often the card comes back."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(default=None)
    stage_id = UUID(default=None)
    action = UUID(default=None)
    at = Timestamptz(default=TimestamptzNow())
