"""The record of what is said to have happened at another time."""

import os
from datetime import datetime
from uuid import UUID

import msgspec

from server.core.events import Event
from server.core.tables import EventRow


def id_at(at: datetime) -> UUID:
    """A UUID 7 of that moment: threads and bells are sorted by id."""
    tail = int.from_bytes(os.urandom(10), "big")
    millis = int(at.timestamp() * 1000)
    return UUID(int=millis << 80 | 0x7 << 76 | (tail >> 68) << 64 | 0b10 << 62 | tail & (1 << 62) - 1)


async def record(at: datetime, event: Event) -> UUID:
    """Append to the permanent record, at that time and without reactions. Returns the event's id."""
    row = EventRow(
        id=id_at(at),
        workspace_id=event.workspace,
        actor=event.actor,
        subject=event.subject,
        kind=event.kind,
        payload=msgspec.json.encode(event).decode(),
        at=at,
    )
    await row.save()
    return row.id
