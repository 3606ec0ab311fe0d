"""Two films of one take, the recorder's and the browser's own copy: what is known of them, and which one holds more.

Whichever comes last, the better one is the take: `copying` asks when a copy has arrived, `recordings` when a recorder
that was away brings what it has.
"""

from uuid import UUID

import msgspec

from media.probe import Probe
from server.core import db
from server.core.errors import NotFound
from server.hiring.interviews.rules import is_damaged

TOLERANCE_MS = 500  # two films of the same answer may differ by this much at their ends
MORE_FRAMES = 1.1  # so many times the pictures are seen
FEWEST_FRAMES = 0.5  # a copy that stuttered does not replace a film with a few gaps


class Film(msgspec.Struct, frozen=True):
    """What there is of a take; `state` as in `media.tables.Recording`. `node`: the recorder it was handed to, or ""."""

    id: UUID
    state: str
    node: str
    duration_ms: int
    frames: int
    lost: int
    unheard_ms: int
    video: bool

    @property
    def is_awaited(self) -> bool:
        """Whether a recorder has yet to say how it ended."""
        return self.state == "recording" or (self.state == "new" and bool(self.node))


def copy_is_better(own: Film, copy: Probe | Film) -> bool:
    """Whether the browser's copy holds more of the answer than what the recorder has."""
    if own.state not in {"ready", "interrupted"} or own.duration_ms == 0:
        return True
    if own.video != copy.video:
        return copy.video
    if abs(copy.duration_ms - own.duration_ms) > TOLERANCE_MS:
        return copy.duration_ms > own.duration_ms
    if own.state == "interrupted" or is_damaged(own.lost, own.unheard_ms, own.duration_ms):
        return copy.frames >= own.frames * FEWEST_FRAMES
    return 0 < own.frames * MORE_FRAMES < copy.frames


async def film(recording: UUID) -> Film:
    """What a recording's row says. Raises NotFound."""
    found = await db.row(
        Film,
        "SELECT id, state, node, duration_ms, frames, lost, unheard_ms, video FROM recording WHERE id = $1",
        recording,
    )
    if found is None:
        raise NotFound
    return found


async def film_of(take: UUID) -> Film:
    """The film that a take is now. Raises NotFound."""
    return await film(await db.value("SELECT recording_id FROM take WHERE id = $1", take))
