"""Recordings that end without a word from their recorder: it died, or it never had them.

The worker looks every second. Nothing is given up that a recorder may have: one that is there is asked, and takes no
late offer of what it denied; one that is away is waited for. What runs is asked about as well, only seldom: a database
that was restored, or a standby that was a second behind, says "recording" of what its recorder has long delivered. That
is told once more, or has failed when nobody knows of it.
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
_handed: dict[tuple[UUID, str, str], float] = {}  # recordings, recorders and states, and since when, or last asked


async def sweep() -> None:
    """Mark recordings of dead recorders as interrupted, and those that never began, or of which nothing is, as failed.

    A node is dead when it stays away for ABSENT_SECONDS of looking: after a restart of Redis all of them are for a
    moment. One that comes back finds its own unfinished files, repairs them and reports them as usual. One that is
    there and cannot reach the database has yet to tell that it began.
    """
    dead = await _dead_nodes()
    ended = await db.rows(
        lambda *c: c,
        "SELECT id, state FROM recording WHERE (state = 'recording' AND node = ANY($1)) OR (state = 'new' "
        "AND (node = '' OR node = ANY($1)) "
        "AND created_at < now() - CASE WHEN source = 'webrtc' THEN interval '90 seconds' ELSE interval '1 hour' END)",
        dead,
    )
    lacking = await _lacking()
    for recording, state in [*ended, *lacking]:
        async with db.transaction():  # one each: locks of several cards could meet in a circle
            await give_up(recording, state, lacking=(recording, state) in lacking)
    for found, words in ((ended, "interrupted: their recorder is gone"), (lacking, "lost: their recorder has nothing")):
        if lost := sum(state == "recording" for _, state in found):
            log.warning("%d recordings were %s", lost, words)


async def _lacking() -> list[tuple[UUID, str]]:
    """Recordings that were handed to a recorder, which is there and has nothing of them, and the states of these."""
    now = time.monotonic()
    found: list[tuple[UUID, str, str]] = await db.rows(
        lambda *c: c, "SELECT id, node, state FROM recording WHERE state IN ('new', 'recording') AND node <> ''"
    )
    for gone in _handed.keys() - {*found}:
        del _handed[gone]
    due = [each for each in found if now - _handed.setdefault(each, now) > UNDER_WAY_SECONDS]
    _handed.update((each, now) for each in due if each[2] == "recording")
    lacks = await asyncio.gather(*(sending.lacks(node, recording) for recording, node, _ in due))
    return [(recording, state) for (recording, _, state), lacking in zip(due, lacks, strict=True) if lacking]


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
    used = set(
        await db.rows(
            lambda c: c, "SELECT DISTINCT node FROM recording WHERE state IN ('new', 'recording') AND node <> ''"
        )
    )
    now = time.monotonic()
    for node in [*_absent]:
        if node in alive or node not in used:
            del _absent[node]
    for node in used - alive:
        _absent.setdefault(node, now)
    return [node for node, since in _absent.items() if now - since >= ABSENT_SECONDS]


async def give_up(recording: UUID, state: str, *, lacking: bool = False) -> None:
    """A recording in this state ends without its recorder, unless that was faster: one that runs as interrupted.

    `lacking`: the recorder is there and has nothing of it, so that no film is to be waited for.
    """
    done = await db.value(
        "UPDATE recording SET state = $3, ticket_hash = '', silent = false, error = $4 WHERE id = $1 AND state = $2 "
        "RETURNING id",
        recording,
        state,
        "interrupted" if state == "recording" and not lacking else "failed",
        "recorder_gone" if state == "recording" else "never_began",
    )
    if done is not None:
        await recording_ended(recording)
