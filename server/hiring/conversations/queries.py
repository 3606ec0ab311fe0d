"""What can be read in the two threads."""

from typing import Any
from uuid import UUID

from server.core import db
from server.hiring.views.applications import MessageView, NoteView
from server.hiring.views.people import Person


async def notes(application: UUID) -> list[NoteView]:
    """Team notes, oldest first. For the team only."""
    return await db.rows(
        _note,
        "SELECT n.id, n.body, n.created_at, m.id, m.name, m.colour FROM note n JOIN member m ON m.id = n.member_id "
        "WHERE n.application_id = $1 ORDER BY n.id",
        application,
    )


def _note(*c: Any) -> NoteView:
    return NoteView(id=c[0], body=c[1], created_at=c[2], author=Person(id=c[3], name=c[4], colour=c[5]))


async def messages(application: UUID) -> list[MessageView]:
    """The conversation, oldest first."""
    return await db.rows(
        _message,
        "SELECT x.id, x.body, x.created_at, m.id, m.name, m.colour, c.name FROM message x "
        "JOIN application a ON a.id = x.application_id JOIN candidate c ON c.id = a.candidate_id "
        "LEFT JOIN member m ON m.id = x.member_id WHERE x.application_id = $1 ORDER BY x.id",
        application,
    )


def _message(*c: Any) -> MessageView:
    author = Person(id=c[3], name=c[4], colour=c[5]) if c[3] else None
    return MessageView(id=c[0], body=c[1], created_at=c[2], author=author, author_name=author.name if author else c[6])
