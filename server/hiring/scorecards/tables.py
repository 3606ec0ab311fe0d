"""Table of scorecards."""

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Scorecard(Table, db=DB, tablename="scorecard"):
    """What one member thinks of one application. Without `submitted_at` it is a draft, and theirs alone.

    `ratings`: 1 to 5 by criterion; `average`: of them, in hundredths, as it was when submitted, NULL without any.
    `hire`: what they would do ("": not said yet), `why` in words. `version` grows with every change.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(default=None)
    member_id = UUID(default=None)
    ratings = JSONB(default="{}")
    hire = Varchar(length=12, default="")
    why = Varchar(length=2000, default="")
    average = Integer(null=True, default=None)
    version = Integer(default=1)
    submitted_at = Timestamptz(null=True, default=None)
    changed_at = Timestamptz(default=TimestamptzNow())
