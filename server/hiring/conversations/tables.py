"""Tables of the two threads: team notes, and the conversation with the candidate."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Note(Table, db=DB, tablename="note"):
    """A note among the team. There is no path by which a candidate reads this table."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    member_id = UUID(default=None)
    body = Varchar(length=10000)
    created_at = Timestamptz(default=TimestamptzNow())


class Message(Table, db=DB, tablename="message"):
    """A message between the team (`member_id`) and the candidate (`member_id` null)."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    member_id = UUID(null=True, default=None)
    body = Varchar(length=10000)
    created_at = Timestamptz(default=TimestamptzNow())


class Mention(Table, db=DB, tablename="mention"):
    """A member whom a note names; the note's body holds `<@id>` in their place."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    note_id = UUID(index=True, default=None)
    member_id = UUID(index=True, default=None)
