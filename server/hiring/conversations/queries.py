"""What can be read in the two threads."""

from typing import Any
from uuid import UUID

from server.core import db
from server.hiring.views.applications import MessageView, NoteView
from server.hiring.views.people import Person


async def notes(application: UUID) -> list[NoteView]:
    """Team notes with whom they mention, oldest first. For the team only."""
    named: dict[UUID, list[Person]] = {}
    for note, *who in await db.rows(
        lambda *c: c,
        "SELECT x.note_id, m.id, m.name, m.colour FROM mention x JOIN note n ON n.id = x.note_id "
        "JOIN member m ON m.id = x.member_id WHERE n.application_id = $1 ORDER BY m.id",
        application,
    ):
        named.setdefault(note, []).append(Person(id=who[0], name=who[1], colour=who[2]))
    return await db.rows(
        lambda *c: NoteView(
            id=c[0],
            body=c[1],
            mentions=named.get(c[0], []),
            created_at=c[2],
            author=Person(id=c[3], name=c[4], colour=c[5]),
        ),
        "SELECT n.id, n.body, n.created_at, m.id, m.name, m.colour FROM note n JOIN member m ON m.id = n.member_id "
        "WHERE n.application_id = $1 ORDER BY n.id",
        application,
    )


async def messages(application: UUID) -> list[MessageView]:
    """The conversation, oldest first."""
    return await db.rows(
        _message,
        "SELECT x.id, x.body, x.created_at, m.id, m.name, m.colour, c.name, x.about, w.name FROM message x "
        "JOIN application a ON a.id = x.application_id JOIN candidate c ON c.id = a.candidate_id "
        "JOIN workspace w ON w.id = x.workspace_id "
        "LEFT JOIN member m ON m.id = x.member_id WHERE x.application_id = $1 ORDER BY x.id",
        application,
    )


def _message(*c: Any) -> MessageView:
    author = Person(id=c[3], name=c[4], colour=c[5]) if c[3] and not c[7] else None
    name = author.name if author else c[8] if c[7] else c[6]
    return MessageView(id=c[0], body=c[1], created_at=c[2], author=author, author_name=name, about=c[7])
