"""Where on the time line a frame belongs: two RTP clocks, arrival times and sender reports in, milliseconds out.

A `Timeline` lives as long as one recording, does no I/O and has no clock of its own. It holds the first frames
until both tracks have shown their sender's clock (RTCP sender reports; arrival times alone were off by 380 ms when
a first frame had to be resent), then hands frames out in the order of time. When a track's clock stops while the
world goes on (a browser that replaces its microphone stops counting samples), the track is anchored anew.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count

from media.reorder import Frame, Kind, nearest

RATE: dict[Kind, int] = {"audio": 48000, "video": 90000}
REPORTS = 2.5  # seconds to wait for the sender reports; the first of an audio track came after 2.3 s
BOTH = 10.0  # seconds to wait for a video track that does not come
DRIFT = 0.5  # seconds between a track's clock and the world that make it doubtful
DOUBT = 0.6  # seconds of frames to look at before believing it
FINE = 0.02  # seconds; what a sender report corrects after an anchor by arrival
BEHIND = 2.5  # seconds that one track may make the other wait
UNLIKELY = 3.0  # seconds between reports and arrival that make the reports unbelievable


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """A frame at its place, `at` milliseconds from the beginning."""

    at: int
    order: int
    kind: Kind = field(compare=False)
    frame: Frame = field(compare=False)


@dataclass(slots=True)
class _Clock:
    """One track: position = offset + (timestamp - first) / rate, in seconds."""

    kind: Kind
    first: int
    arrived: float
    offset: float = 0.0
    coarse: bool = False
    at: int = -1  # of the last frame handed out
    seen: tuple[int, float] | None = None  # timestamp and arrival of the last frame looked at
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=50))
    doubtful: list[Frame] = field(default_factory=list)
    doubted: float | None = None

    def position(self, timestamp: int) -> float:
        return self.offset + (timestamp - self.first) / RATE[self.kind]

    def wall(self, report: tuple[float, int]) -> float:
        """The sender's time of this track's first frame."""
        reference = self.first if self.seen is None else self.seen[0]
        return report[0] - (nearest(report[1], reference, 32) - self.first) / RATE[self.kind]


class Timeline:
    """`kinds` are the tracks that were offered; `anchored` counts how often a track had to be anchored anew."""

    def __init__(self, kinds: set[Kind]) -> None:
        self.started = False
        self.anchored = 0
        self._kinds = kinds
        self._clocks: dict[Kind, _Clock] = {}
        self._reports: dict[Kind, tuple[float, int]] = {}
        self._held: list[tuple[Kind, Frame]] = []
        self._heap: list[Placed] = []
        self._order = count()
        self._zero: float | None = None  # arrival of what stands at 0
        self._wall: float | None = None  # the sender's time of what stands at 0
        self._now = 0.0

    def frame(self, kind: Kind, frame: Frame) -> list[Placed]:
        """Takes a frame; returns those whose place is certain and whose turn it is."""
        self._now = max(self._now, frame.arrival)
        if kind not in self._clocks:
            self._clocks[kind] = _Clock(kind, frame.timestamp, frame.arrival)
            if self.started:
                self._join_late(self._clocks[kind])
        if self.started:
            self._look(self._clocks[kind], frame)
        else:
            self._held.append((kind, frame))
        return self.advance(self._now)

    def report(self, kind: Kind, wall: float, timestamp: int) -> None:
        """A sender report: at `wall` seconds the sender's RTP clock showed `timestamp`."""
        self._reports[kind] = (wall, timestamp)
        clock = self._clocks.get(kind)
        if not self.started or clock is None or self._wall is None or clock.doubted is not None:
            return
        error = clock.wall((wall, timestamp)) - self._wall - clock.offset
        if abs(error) > DRIFT or (clock.coarse and abs(error) > FINE):
            self._shift(clock, error)
            clock.coarse = False

    def advance(self, now: float) -> list[Placed]:
        """What time brings: the start, the end of a doubt, a track that is no longer waited for."""
        self._now = max(self._now, now)
        if not self.started:
            if not self._may_start():
                return []
            self._start()
        for clock in self._clocks.values():
            if clock.doubted is not None and self._now - clock.doubted >= DOUBT:
                self._settle(clock)
        return self._release(self._now)

    def flush(self) -> list[Placed]:
        """The end: all that is left."""
        if not self.started and self._clocks:
            self._start()
        for clock in self._clocks.values():
            if clock.doubted is not None:
                self._settle(clock)
        return self._release(None)

    def _may_start(self) -> bool:
        if not self._clocks:
            return False
        waited = self._now - min(clock.arrived for clock in self._clocks.values())
        if "video" in self._kinds and "video" not in self._clocks:
            return waited > BOTH
        complete = self._clocks.keys() >= self._kinds and self._reports.keys() >= self._kinds
        return waited > REPORTS or complete or (len(self._kinds) == 1 and "audio" in self._kinds)

    def _start(self) -> None:
        self.started = True
        clocks = self._clocks.values()
        self._zero = min(clock.arrived for clock in clocks)
        for clock in clocks:
            clock.offset = clock.arrived - self._zero
        if all(clock.kind in self._reports for clock in clocks):
            walls = {clock.kind: clock.wall(self._reports[clock.kind]) for clock in clocks}
            first = min(walls.values())
            if all(abs(walls[clock.kind] - first - clock.offset) < UNLIKELY for clock in clocks):
                self._wall = first
                for clock in clocks:
                    clock.offset = walls[clock.kind] - first
        held, self._held = self._held, []
        for kind, frame in held:
            self._look(self._clocks[kind], frame)

    def _join_late(self, clock: _Clock) -> None:
        """A track whose first frame comes after the start."""
        clock.offset = 0.0 if self._zero is None else max(0.0, clock.arrived - self._zero)
        clock.coarse = True
        report = self._reports.get(clock.kind)
        if report is not None and self._wall is not None:
            offset = clock.wall(report) - self._wall
            if abs(offset - clock.offset) < UNLIKELY:
                clock.offset, clock.coarse = max(0.0, offset), False

    def _look(self, clock: _Clock, frame: Frame) -> None:
        """Puts a frame at its place, or aside when its clock and its arrival contradict each other."""
        if clock.seen is not None and clock.doubted is None:
            step = (frame.timestamp - clock.seen[0]) / RATE[clock.kind]
            if abs(frame.arrival - clock.seen[1] - step) > DRIFT:
                clock.doubted = self._now
        clock.seen = (frame.timestamp, frame.arrival)
        if clock.doubted is None:
            clock.delays.append(frame.arrival - clock.position(frame.timestamp))
            self._place(clock, frame)
        else:
            clock.doubtful.append(frame)

    def _settle(self, clock: _Clock) -> None:
        """Ends a doubt. The smallest delay counts: a burst after a stall catches up, a stopped clock does not."""
        frames, clock.doubtful, clock.doubted = clock.doubtful, [], None
        delays = [frame.arrival - clock.position(frame.timestamp) for frame in frames]
        if delays and clock.delays:
            error = min(delays) - min(clock.delays)
            if abs(error) > DRIFT:
                self._shift(clock, error)
                clock.coarse = True
        for frame in frames:
            self._place(clock, frame)

    def _shift(self, clock: _Clock, seconds: float) -> None:
        clock.offset += seconds
        clock.delays = deque((delay - seconds for delay in clock.delays), maxlen=50)
        self.anchored += 1

    def _place(self, clock: _Clock, frame: Frame) -> None:
        at = max(round(clock.position(frame.timestamp) * 1000), clock.at + 1)
        clock.at = at
        heapq.heappush(self._heap, Placed(at, next(self._order), clock.kind, frame))

    def _release(self, now: float | None) -> list[Placed]:
        """Frames that no other track can come before any more."""
        heads = [clock.at for clock in self._clocks.values()]
        sure = min(heads) if heads and self._clocks.keys() >= self._kinds else -1
        released: list[Placed] = []
        while self._heap:
            first = self._heap[0]
            if now is not None and first.at > sure and now - first.frame.arrival < BEHIND:
                break
            released.append(heapq.heappop(self._heap))
        return released
