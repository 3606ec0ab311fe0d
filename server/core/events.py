"""Events: the permanent record of what happened, and how it travels.

An action changes rows and calls `append` once, in its transaction. That writes the event, allocates the deliveries'
positions in the live log, enqueues the reactions registered with `on`, and, after the commit, publishes the deliveries.
Feed, audit and reactions read events; the live log is only for open tabs and is trimmed.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from server.core import live, tasks
from server.core.db import current
from server.core.ids import uuid7
from server.core.tables import EventRow

# The columns that `happened` reads, of `event e`.
COLUMNS = "e.id, e.kind, e.at, e.actor, e.subject, e.payload"

E = TypeVar("E", bound="Event")
Reaction = Callable[[UUID, Any], Awaitable[None]]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that happens. `workspace` owns it, `actor` did it, `subject` is what it happened to."""

    kind: ClassVar[str] = ""
    workspace: UUID | None
    actor: str
    subject: str


class Happened(NamedTuple):
    """An event as it is stored."""

    id: UUID
    kind: str
    at: datetime
    actor: str
    subject: str
    payload: dict[str, Any]


_REACTIONS: dict[str, list[tuple[str, Callable[[Any], bool]]]] = {}
_TYPES: dict[str, type[Event]] = {}
_past: ContextVar[bool] = ContextVar("past", default=False)


def on(
    event_type: type[E], name: str, when: Callable[[E], bool] = lambda _: True
) -> Callable[[Callable[[UUID, E], Awaitable[None]]], Reaction]:
    """Register an idempotent reaction: a background task that runs after each event of this type, at least once.

    Events of which `when`, a rule, says no are not worth a task; those that were queued before it said so still come.
    """

    def register(reaction: Callable[[UUID, E], Awaitable[None]]) -> Reaction:
        async def run(payload: bytes) -> None:
            event_id, body = msgspec.json.decode(payload, type=tuple[UUID, msgspec.Raw])
            await reaction(event_id, msgspec.json.decode(body, type=event_type))

        tasks.register(name, run)
        _REACTIONS.setdefault(event_type.kind, []).append((name, when))
        return reaction

    return register


@contextlib.contextmanager
def as_past() -> Iterator[None]:
    """What is appended inside is said to have happened long ago: nobody is mailed or notified of it any more."""
    token = _past.set(True)
    try:
        yield
    finally:
        _past.reset(token)


def happened(*c: Any) -> Happened:
    """From COLUMNS."""
    return Happened(c[0], c[1], c[2], c[3], c[4], msgspec.json.decode(c[5]))


async def append(
    event: Event, deliveries: Sequence[live.Delivery] = (), *, key: str | None = None, then: Sequence[Event] = ()
) -> UUID:
    """Record `event` in the open transaction and see to everything that follows from it. Returns the event's id.

    `then`: what the same action did besides, to whatever many; it costs no more queries than one.
    """
    rows, queued = [], []
    for one in (event, *then):
        row, reactions = _record(one, key)
        rows.append(row)
        queued += reactions
    await EventRow.insert(*rows)
    await tasks.enqueue_all(queued)
    await live.deliver(current(), deliveries)
    return rows[0].id


def _record(event: Event, key: str | None) -> tuple[EventRow, list[tuple[str, bytes]]]:
    """An event's row, and the tasks that follow from it."""
    event_id = uuid7()
    body = msgspec.json.encode(event)
    row = EventRow(
        id=event_id,
        workspace_id=event.workspace,
        actor=event.actor,
        subject=event.subject,
        kind=event.kind,
        payload=body.decode(),
        key=key,
    )
    task = b'["%s",%s]' % (str(event_id).encode(), body)
    reactions = () if _past.get() else _REACTIONS.get(event.kind, ())
    return row, [(name, task) for name, when in reactions if when(event)]
