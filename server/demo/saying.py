"""Notes and messages of the demo: written at the time they are said to be."""

from datetime import datetime
from uuid import UUID

from server.core.access import Asking
from server.demo import belongings
from server.demo.founding import Troupe
from server.demo.record import id_at
from server.demo.script import Line
from server.hiring.applications.following import follow_by_itself
from server.hiring.conversations.events import MessageWritten, NoteWritten
from server.hiring.conversations.tables import Mention, Message, Note


async def note(troupe: Troupe, application: UUID, line: Line, at: datetime) -> tuple[NoteWritten, list[Asking]]:
    """Write a note of the team; returns what is to be put on record, and whom it mentions."""
    by = troupe.members[line.who]
    body, named = belongings.naming(troupe, line.text)
    row = Note(
        id=id_at(at),
        workspace_id=troupe.workspace,
        application_id=application,
        member_id=by.id,
        body=body,
        created_at=at,
    )
    await row.save()
    for one in named:
        await Mention(workspace_id=troupe.workspace, note_id=row.id, member_id=one.id).save()
    await follow_by_itself(troupe.workspace, application, {by.id, *(one.id for one in named)})
    event = NoteWritten(
        workspace=troupe.workspace,
        actor=by.actor,
        subject=f"application:{application}",
        application=application,
        note=row.id,
        mentions=[one.id for one in named],
    )
    return event, named


async def write(troupe: Troupe, application: UUID, line: Line, at: datetime) -> MessageWritten:
    """Write a message of a member, or of the candidate; returns what is to be put on record."""
    by = troupe.members[line.who] if line.who else None
    row = Message(
        id=id_at(at),
        workspace_id=troupe.workspace,
        application_id=application,
        member_id=by.id if by else None,
        body=line.text,
        created_at=at,
    )
    await row.save()
    return MessageWritten(
        workspace=troupe.workspace,
        actor=by.actor if by else f"application:{application}",
        subject=f"application:{application}",
        application=application,
        message=row.id,
        by_team=by is not None,
    )
