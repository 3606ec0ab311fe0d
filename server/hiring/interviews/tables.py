"""Tables of answers and takes."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from server.core.db import DB
from server.core.ids import NewId


class Answer(Table, db=DB, tablename="answer"):
    """The answer to one question of one application: an accepted take, or a text. One row per question at most.

    `asked` is the question as it was put: later rewording must not put new words over an old answer.
    """

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    question_id = UUID(default=None)
    kind = Varchar(length=10)
    take_id = UUID(null=True, default=None)
    text = Varchar(length=10000)
    asked = Varchar(length=2000, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    changed_at = Timestamptz(default=TimestamptzNow())


class Captions(Table, db=DB, tablename="captions"):
    """The captions of a recording: `cues` as JSON, and their `words` alone for searching, "" when there are none.

    `version` grows with every change, also when they are taken away.
    """

    recording_id = UUID(primary_key=True, default=None)
    workspace_id = UUID(default=None)
    source = Varchar(length=12, default="written")
    version = Integer(default=1)
    cues = JSONB(default="[]")
    words = Text(default="")
    changed_by = UUID(null=True, default=None)
    changed_at = Timestamptz(default=TimestamptzNow())


class Take(Table, db=DB, tablename="take"):
    """One attempt at an answer. `state`: recording, processing, ready, interrupted or failed."""

    id = UUID(primary_key=True, default=NewId())
    workspace_id = UUID(default=None)
    application_id = UUID(index=True, default=None)
    question_id = UUID(default=None)
    recording_id = UUID(unique=True, default=None)
    number = Integer(default=1)
    kind = Varchar(length=10)
    state = Varchar(length=12, default="recording")
    created_at = Timestamptz(default=TimestamptzNow())
