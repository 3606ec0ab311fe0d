"""Tables of the two threads, and of the words that a workspace keeps to write from."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
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
    """A message between the team (`member_id`) and the candidate (`member_id` null).

    `about`: what it tells of by itself, empty when somebody wrote it; then `member_id` is whoever did what it tells of.
    `mailed_at`: when a mail told the candidate that the team wrote.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    member_id = UUID(null=True, default=None)
    body = Varchar(length=10000)
    about = Varchar(length=30, default="")
    mailed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())


class Mention(Table, db=DB, tablename="mention"):
    """A member whom a note names; the note's body holds `<@id>` in their place."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    note_id = UUID(index=True, default=None)
    member_id = UUID(index=True, default=None)


class MessageTemplate(Table, db=DB, tablename="message_template"):
    """Words to write from, with placeholders; `folded` is the name in comparable form.

    `changed_by` is null for what Greenroom brought along and nobody has changed.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    name = Varchar(length=80)
    folded = Varchar(length=300)
    text = Varchar(length=10000)
    version = Integer(default=1)
    changed_by = UUID(null=True, default=None)
    changed_at = Timestamptz(default=TimestamptzNow())
