"""Recordings that end without a word from their recorder: it died, or it never had them.

The worker looks every second. Nothing is given up for never begun that a recorder may have: one that is there is asked,
and takes no late offer of what it denied; one that is away is waited for.
"""

import asyncio
import logging
import time
from uuid import UUID

from media import nodes, whip
from server.core import db, runtime
from server.core.errors import OUTAGES
from server.hiring.interviews import sending
from server.hiring.interviews.recordings import recording_ended

log = logging.getLogger("greenroom.recordings")
ABSENT_SECONDS = 2.5  # nodes announce themselves every second
UNDER_WAY_SECONDS = whip.TIMEOUT + 2  # nobody forwards an offer for longer

_absent: dict[str, float] = {}  # recorder nodes that this process misses, and since when
_handed: dict[tuple[UUID, str], float] = {}  # recordings that have not begun and their recorders, and since when


async def sweep() -> None:
    """Mark recordings of dead recorders as interrupted, and those that never began as failed.

    A node is dead when it stays away for ABSENT_SECONDS of looking: after a restart of Redis all of them are for a
    moment. One that comes back finds its own unfinished files, repairs them and reports them as usual.
    """
    dead = await _dead_nodes()
    ended = await db.rows(
        lambda *c: c,
        "SELECT id, state FROM recording WHERE (state = 'recording' AND node = ANY($1)) OR (state = 'new' AND "
        "created_at < now() - CASE WHEN source = 'webrtc' THEN interval '90 seconds' ELSE interval '1 hour' END)",
        dead,
    )
    for recording, state in [*ended, *((recording, "new") for recording in await _lacking())]:
        async with db.transaction():  # one each: locks of several cards could meet in a circle
            await give_up(recording, state)
    lost = sum(state == "recording" for _, state in ended)
    if lost:
        log.warning("%d recordings were interrupted: their recorder is gone", lost)


async def _lacking() -> list[UUID]:
    """Recordings that were handed to a recorder, which is there and has nothing of them."""
    now = time.monotonic()
    found: list[tuple[UUID, str]] = await db.rows(
        lambda *c: c, "SELECT id, node FROM recording WHERE state = 'new' AND node <> ''"
    )
    for gone in _handed.keys() - {*found}:
        del _handed[gone]
    due = [each for each in found if now - _handed.setdefault(each, now) > UNDER_WAY_SECONDS]
    lacks = await asyncio.gather(*(sending.lacks(node, recording) for recording, node in due))
    return [recording for (recording, _), lacking in zip(due, lacks, strict=True) if lacking]


async def never_came(recording: UUID, node: str) -> bool:
    """Whether its recorder is there and has nothing of a recording, nor will have; then that has failed.

    Nobody is told: the browser's copy is about to be the take.
    """
    if not await sending.lacks(node, recording):
        return False
    await db.execute(
        "UPDATE recording SET state = 'failed', error = 'never_began' WHERE id = $1 AND node = $2 AND state = 'new'",
        recording,
        node,
    )
    return True


async def _dead_nodes() -> list[str]:
    try:
        alive = {node.id for node in await nodes.alive(runtime.here().redis)}
    except OUTAGES:
        _absent.clear()  # who cannot look, does not miss anybody
        raise
    used = set(await db.rows(lambda c: c, "SELECT DISTINCT node FROM recording WHERE state = 'recording'"))
    now = time.monotonic()
    for node in [*_absent]:
        if node in alive or node not in used:
            del _absent[node]
    for node in used - alive:
        _absent.setdefault(node, now)
    return [node for node, since in _absent.items() if now - since >= ABSENT_SECONDS]


async def give_up(recording: UUID, state: str) -> None:
    """A recording in this state ends without its recorder, unless that was faster: "recording" as interrupted."""
    done = await db.value(
        "UPDATE recording SET state = $3, ticket_hash = '', silent = false, error = $4 WHERE id = $1 AND state = $2 "
        "RETURNING id",
        recording,
        state,
        "interrupted" if state == "recording" else "failed",
        "recorder_gone" if state == "recording" else "never_began",
    )
    if done is not None:
        await recording_ended(recording)
