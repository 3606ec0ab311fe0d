"""The bridge to `realtime/`: names of topics, deliveries in the transaction, publishing after the commit.

A payload holds only what everybody may see who may subscribe to its topic. Invariant: what is only for the team never
goes out on `conversation:` or `candidate:`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from realtime import log
from server.core import db

ENCODER = msgspec.json.Encoder()


class Delivery(NamedTuple):
    """One payload for one topic."""

    topic: str
    payload: msgspec.Struct


Publisher = Callable[[Sequence[log.Delivery]], None]
_publisher: Publisher | None = None


def publish_with(publisher: Publisher | None) -> None:
    """Hand published deliveries to `publisher`; without one the log alone carries them."""
    global _publisher  # noqa: PLW0603 - one per process, set by the composition root
    _publisher = publisher


def job(job_id: UUID) -> str:
    """The board of a job: all members of its workspace."""
    return f"job:{job_id}"


def application(application_id: UUID) -> str:
    """The team's side of an application: members only."""
    return f"application:{application_id}"


def profile(candidate_id: UUID) -> str:
    """A person across all jobs, as the team keeps them: members only."""
    return f"profile:{candidate_id}"


def conversation(application_id: UUID) -> str:
    """What the team and the candidate write to each other: members and that candidate."""
    return f"conversation:{application_id}"


def candidate(application_id: UUID) -> str:
    """The candidate's own page: that candidate only."""
    return f"candidate:{application_id}"


def member(member_id: UUID) -> str:
    """One member's own: bell and unread counts."""
    return f"member:{member_id}"


def workspace(workspace_id: UUID) -> str:
    """Lists of jobs and people: all members."""
    return f"workspace:{workspace_id}"


def monitor(workspace_id: UUID) -> str:
    """The live monitor: owners and admins of a workspace."""
    return f"monitor:{workspace_id}"


async def deliver(transaction: db.Transaction, deliveries: Sequence[Delivery]) -> None:
    """Write deliveries to the log in the open transaction; publish them once it has committed."""
    if not deliveries:
        return
    written = await log.append(
        transaction.connection, [(topic, ENCODER.encode(payload)) for topic, payload in deliveries]
    )

    def publish() -> None:
        if _publisher is not None:
            _publisher(written)

    transaction.after_commit(publish)


async def positions(*topics: str) -> tuple[str, dict[str, int]]:
    """The epoch and each topic's sequence number, as of the surrounding snapshot.

    Within one, what was asked for once is known: a page asks for all its topics first, in one question.
    """
    snapshot = db.reading()
    if snapshot and snapshot.epoch and set(topics) <= snapshot.heads.keys():
        return snapshot.epoch, {topic: snapshot.heads[topic] for topic in topics}
    async with db.connection() as c:
        found = await log.survey(c, topics)
    heads = {topic: found.heads.get(topic, 0) for topic in topics}
    if snapshot:
        snapshot.epoch = found.epoch
        snapshot.heads |= heads
    return found.epoch, heads
