"""What is known of a recording while it runs: figures for whoever watches over it, never a picture or a sound.

A recorder tells them of all its recordings at once (GET /recordings); `media.whip.glance` asks for them. Reading them
costs a running recording nothing: they are counted anyway, and the pace is noted once a second.
"""

from collections import deque
from uuid import UUID

import msgspec

STEP = 1.0  # seconds between two notes of the pace
WINDOW = 4  # notes: the pace is that of the last four to five seconds


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """A running recording. `since` is when the first frame came (Unix seconds, 0 before), `bitrate` in bit/s.

    `width` and `height` are those of the newest key frame, 0 without one. Of `packets` received, `recovered` came only
    when they were asked for again; `lost` never came. `silent`: nothing has come for some seconds.
    """

    id: UUID
    since: float
    bytes: int
    width: int
    height: int
    bitrate: int
    packets: int
    recovered: int
    lost: int
    silent: bool = False


class Pace:
    """Bits per second over the last few seconds. Pure: the caller brings the time, in seconds."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=WINDOW + 1)

    def note(self, now: float, received: int) -> None:
        """So many bytes have come until now. May be called as often as one likes."""
        if not self._notes or now - self._notes[-1][0] >= STEP:
            self._notes.append((now, received))

    def rate(self, now: float, received: int) -> int:
        """Bit/s from the oldest note until now; 0 until there is something to compare with."""
        if not self._notes or now - self._notes[0][0] < STEP / 2:
            return 0
        began, before = self._notes[0]
        return round((received - before) * 8 / (now - began))
