"""Table of stages, the columns of a board."""

from piccolo.columns import UUID, Integer, Varchar
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Stage(Table, db=DB, tablename="stage"):
    """A step of a job's flow. `people` are its cards, counted by triggers of the database whoever moves them."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(index=True, default=None)
    position = Integer(default=1)
    name = Varchar(length=80)
    kind = Varchar(length=20)
    colour = Integer(default=1)
    people = Integer(default=0)
