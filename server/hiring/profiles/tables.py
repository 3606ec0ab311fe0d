"""Tables of what the team keeps about a person: tags, fields of the workspace's own, files."""

from piccolo.columns import JSONB, UUID, Array, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Tag(Table, db=DB, tablename="tag"):
    """A word of the workspace's vocabulary; `folded` is its name in comparable form."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    name = Varchar(length=40)
    folded = Varchar(length=40)
    colour = Integer(default=1)


class MergedTag(Table, db=DB, tablename="merged_tag"):
    """A tag that was merged into another, `tag_id`, under the id and the comparable name that it had.

    Addresses, views and events still name it, and people type it. `people`: who has the other one because of it.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    tag_id = UUID(index=True, default=None)
    folded = Varchar(length=40)
    people = Array(base_column=UUID(), default=list)


class CandidateTag(Table, db=DB, tablename="candidate_tag"):
    """A tag on a person."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    candidate_id = UUID(default=None)
    tag_id = UUID(index=True, default=None)


class CustomField(Table, db=DB, tablename="custom_field"):
    """A field that the workspace made: text, number, date, choice (one of `choices`) or link."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(index=True, default=None)
    name = Varchar(length=60)
    kind = Varchar(length=8)
    choices = Array(base_column=Varchar(length=100), default=list)
    position = Integer(default=1)


class FieldValue(Table, db=DB, tablename="field_value"):
    """What a field says about a person, as text: numbers with a point, dates as ISO 8601."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    candidate_id = UUID(default=None)
    field_id = UUID(index=True, default=None)
    value = Varchar(length=2000)


class CandidateFile(Table, db=DB, tablename="candidate_file"):
    """A CV or another file. Its bytes, and pictures of its first `pages`, are in storage below its id.

    It was brought by a member, or by the candidate with one of their applications. `kind` is what the bytes are,
    whatever the name says. `state`: "new" until the worker has read it, then "read", or
    "unreadable". `text` is what stands in it, for searching.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    candidate_id = UUID(index=True, default=None)
    member_id = UUID(null=True, default=None)
    application_id = UUID(null=True, default=None, index=True)
    name = Varchar(length=300)
    kind = Varchar(length=8)
    bytes = Integer(default=0)
    state = Varchar(length=10, default="new")
    pages = Integer(default=0)
    text = Varchar(length=None, default="")
    created_at = Timestamptz(default=TimestamptzNow())


class CandidateMerge(Table, db=DB, tablename="candidate_merge"):
    """One profile was taken into another; `moved` says what to put back when that is undone."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    kept_id = UUID(index=True, default=None)
    gone_id = UUID(default=None)
    member_id = UUID(default=None)
    moved = JSONB(default="{}")
    at = Timestamptz(default=TimestamptzNow())
    undone_at = Timestamptz(null=True, default=None)


class CandidateApart(Table, db=DB, tablename="candidate_apart"):
    """Two who look alike and are two people; `one_id` is the smaller id."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    one_id = UUID(default=None)
    other_id = UUID(default=None)
    member_id = UUID(default=None)
