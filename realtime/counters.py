"""What one process counts about its deliveries, for whoever watches over it.

Touched once per event and process, never per socket: a few integers, and the last thousand delays, from publishing
after the commit to the moment when the event was written to every socket here. What the bus lost comes from the table
and is counted by its feed as a refill; it is in no delay, for nobody knows when it was sent.
"""

import time
from collections import deque
from typing import NamedTuple

SAMPLES = 1000


class Delays(NamedTuple):
    """Milliseconds that half of the events took at most, and that 95 of a hundred did; of `events` of them."""

    p50: float
    p95: float
    events: int


class Counters:
    """One per process, on its hub; everything since the process began."""

    __slots__ = ("_delays", "events", "replayed", "replays")

    def __init__(self) -> None:
        self.events = 0
        self.replays = 0
        self.replayed = 0
        self._delays: deque[tuple[float, float]] = deque(maxlen=SAMPLES)

    def delivered(self, events: int, began: float) -> None:
        """So many events have just gone to their sockets; the newest was published at `began` (Unix time, 0 unknown).

        Between machines this compares two clocks: never less than nothing, and as good as they are set.
        """
        self.events += events
        if began:
            now = time.time()
            self._delays.append((now, max(0.0, now - began)))

    def replay(self, events: int) -> None:
        """Somebody came back and was sent so many events that they had missed."""
        if events:
            self.replays += 1
            self.replayed += events

    def delays(self, seconds: float = 60.0) -> Delays | None:
        """Of the last so many seconds; None when nothing was delivered."""
        limit = time.time() - seconds
        found = sorted(delay for at, delay in self._delays if at >= limit)
        if not found:
            return None
        return Delays(_rank(found, 0.5), _rank(found, 0.95), len(found))


def _rank(found: list[float], share: float) -> float:
    return round(found[min(len(found) - 1, int(len(found) * share))] * 1000, 2)
