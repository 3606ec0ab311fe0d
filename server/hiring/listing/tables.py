"""Table of saved views."""

from piccolo.columns import UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class SavedViewRow(Table, db=DB, tablename="saved_view"):
    """What somebody wants to look at again: an address's words, for one job or (`job_id` NULL) for all.

    `shared`: everybody in the workspace has it; else only `member_id`, who made it. `layout`: board or list.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    job_id = UUID(null=True, default=None)
    member_id = UUID(default=None)
    name = Varchar(length=60)
    layout = Varchar(length=5, default="list")
    query = Varchar(length=4000, default="")
    shared = Boolean(default=False)
    version = Integer(default=1)
    changed_at = Timestamptz(default=TimestamptzNow())
