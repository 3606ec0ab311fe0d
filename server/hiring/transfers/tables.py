"""Table of imports: a file on its way to become candidates of a job."""

from typing import Literal

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId

State = Literal["reading", "ready", "refused", "running", "done", "cancelled"]


class CandidateImport(Table, db=DB, tablename="candidate_import"):
    """One file. Its bytes and its rows are in storage below its id until it has ended.

    `options` are how somebody wants it read, `found` what it turned out to be, with the first rows. `columns` says
    what each column is (empty: left out). `version` grows with every change by a person: what was read for an older
    one is thrown away. `refusal`: why it was refused, or ended early by itself. `done` rows are behind us; the others
    counts say what became of them.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    job_id = UUID(index=True, default=None)
    member_id = UUID(default=None)
    stage_id = UUID(null=True, default=None)
    source = Varchar(length=120, default="")
    name = Varchar(length=300)
    state = Varchar(length=10, default="reading")
    version = Integer(default=1)
    options = JSONB(default="{}")
    found = JSONB(null=True, default=None)
    columns = JSONB(null=True, default=None)
    faults = JSONB(default="[]")
    refusal = Varchar(length=300, default="")
    rows = Integer(default=0)
    done = Integer(default=0)
    created = Integer(default=0)
    updated = Integer(default=0)
    unchanged = Integer(default=0)
    failed = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow(), index=True)
    ended_at = Timestamptz(null=True, default=None)
