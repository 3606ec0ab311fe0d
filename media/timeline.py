"""Where on the time line a frame belongs: two RTP clocks, arrival times and sender reports in, milliseconds out.

A `Timeline` lives as long as one recording, does no I/O and has no clock of its own. It holds the first frames
until both tracks have shown their sender's clock (RTCP sender reports; arrival times alone were off by 380 ms when
a first frame had to be resent), then hands frames out in the order of time, sound without holes (media/sound.py).

A sound's clock counts samples, so it loses time whenever its browser is too busy to take them in: Firefox on a full
machine lost 0.37 s in 7 s, in steps of up to 0.1 s. Laid end to end, such a sound ends long before its picture. Every
sender report says how far it is behind; between reports (some 4 s) arrival times do, and silence is put where samples
are missing. A clock that stops for long (a replaced microphone) is anchored anew after a moment of doubt.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from media.reorder import Frame, Kind, nearest
from media.sound import RATE as SAMPLES
from media.sound import SILENCE, Raster

RATE: dict[Kind, int] = {"audio": SAMPLES, "video": 90000}
REPORTS = 2.5  # seconds to wait for the sender reports; the first of an audio track came after 2.3 s
BOTH = 10.0  # seconds to wait for a video track that does not come
DRIFT = 0.5  # seconds between two frames by their clock and by arrival that make the clock doubtful
DOUBT = 0.6  # seconds of frames to look at before believing it
PROOF = 0.3  # seconds of frames that it takes,
ALONE = 1.5  # and where no other track shows whether only the way is slow
STEADY = 0.1  # seconds by which their delays may differ
FINE = 0.02  # seconds; what a sender report corrects
SLIP = 0.06  # seconds; what arrival times correct between two reports
EARLY = 0.06  # seconds; what a report must say before sound is left out for it
WINDOW = 1.5  # seconds in which some packet has come without waiting anywhere
ABREAST = 0.3  # seconds between the arrivals of frames of two tracks that are compared
RESENT = 0.15  # seconds within which not all that comes has been sent again
PAST = 64  # frames of a track that the other one may be compared with
BEHIND = 2.5  # seconds that one track may make the other wait
UNLIKELY = 3.0  # seconds between reports and arrival that make the reports unbelievable
AHEAD = 10.0  # seconds by which a clock may run ahead of what has arrived; no packet comes before it was made


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """A frame at its place, `at` milliseconds from the beginning."""

    at: int
    order: int
    kind: Kind = field(compare=False)
    frame: Frame = field(compare=False)


@dataclass(slots=True)
class _Delays:
    """Arrival minus position of late: the least of a while is the way's, what is above it are queues and stalls."""

    since: float = 0.0
    latest: float = 0.0
    _least: deque[tuple[float, float]] = field(default_factory=deque)  # arrivals with rising delays

    def add(self, arrival: float, delay: float) -> None:
        """What arrived a whole while before the latest is history, whenever it is told."""
        if self._least and arrival < self.latest - WINDOW:
            return
        if not self._least or arrival - self.latest > WINDOW:
            self._least.clear()
            self.since = arrival
        self.latest = max(self.latest, arrival)
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((arrival, delay))
        while self._least[0][0] < self.latest - WINDOW:
            self._least.popleft()

    @property
    def least(self) -> float:
        return self._least[0][1]

    @property
    def any(self) -> bool:
        return bool(self._least)

    @property
    def known(self) -> bool:
        """Whether there has been a whole window."""
        return bool(self._least) and self.latest - self.since >= WINDOW

    def shift(self, seconds: float) -> None:
        self._least = deque((arrival, delay + seconds) for arrival, delay in self._least)


@dataclass(slots=True)
class _Clock:
    """One track: position = offset + (timestamp - first) / rate, in seconds. `floor` is its delay without a slip."""

    kind: Kind
    first: int
    arrived: float
    offset: float = 0.0
    coarse: bool = False
    at: int = -1  # of the last frame handed out
    seen: tuple[int, float] | None = None  # timestamp and arrival of the last frame looked at
    floor: float | None = None
    delays: _Delays = field(default_factory=_Delays)
    slips: _Delays = field(default_factory=_Delays)  # how much later than the other track
    past: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=PAST))  # arrivals and delays
    doubtful: list[Frame] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)  # of the doubtful: how much later than the other track
    doubted: float | None = None

    def position(self, timestamp: int) -> float:
        return self.offset + (timestamp - self.first) / RATE[self.kind]

    def delay(self, frame: Frame) -> float:
        return frame.arrival - self.position(frame.timestamp)

    def proven(self, seconds: float) -> bool:
        """Whether frames have come at their clock's own pace for so long, all as late as each other.

        After a stall they come faster, each less late than the one before; what was sent again is late by itself.
        """
        steady: list[Frame] = []
        for frame in reversed(self.doubtful):
            if steady and abs(self.delay(frame) - self.delay(steady[0])) >= STEADY:
                break
            steady.append(frame)
        if not steady:
            return False
        newest, oldest = steady[0], steady[-1]
        spans = newest.arrival - oldest.arrival, (newest.timestamp - oldest.timestamp) / RATE[self.kind]
        return min(spans) >= seconds

    def wall(self, report: "_Report") -> float:
        """The sender's time of this track's first frame."""
        reference = self.first if self.seen is None else self.seen[0]
        return report.wall - (nearest(report.timestamp, reference, 32) - self.first) / RATE[self.kind]

    def growth(self) -> float:
        """By how much the least delay has grown, in seconds."""
        return 0.0 if self.floor is None else self.delays.least - self.floor

    def lateness(self, arrival: float) -> float | None:
        """How much later than usual this track came just then, but for what was sent again; None: it did not come."""
        if self.floor is None:
            return None
        near = [(at, delay) for at, delay in self.past if arrival - ABREAST < at <= arrival]
        newest = max((at for at, _ in near), default=arrival)
        least = min((delay for at, delay in near if newest - at < RESENT), default=None)
        return None if least is None else least - self.floor


@dataclass(frozen=True, slots=True)
class _Report:
    wall: float
    timestamp: int
    came: float


class Timeline:
    """`kinds` are the tracks that were offered; `anchored` counts how often a track had to be anchored anew."""

    def __init__(self, kinds: set[Kind]) -> None:
        self.started = False
        self.anchored = 0
        self.raster = Raster()
        self._kinds = kinds
        self._clocks: dict[Kind, _Clock] = {}
        self._reports: dict[Kind, _Report] = {}
        self._held: list[tuple[Kind, Frame]] = []
        self._heap: list[Placed] = []
        self._order = count()
        self._zero: float | None = None  # arrival of what stands at 0
        self._wall: float | None = None  # the sender's time of what stands at 0
        self._now = 0.0
        self._late = (0.0, 0.0)  # when, and by how much, the picture's report was dated late by a busy sender

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
        report = self._reports[kind] = _Report(wall, timestamp, self._now)
        clock = self._clocks.get(kind)
        if not self.started or clock is None:
            return
        if self._wall is None:
            self._wall = clock.wall(report) - clock.offset
        error = clock.wall(report) - self._wall - clock.offset
        if kind == "video":
            self._late = (self._now, max(0.0, error))
        elif error > 0 and self._now - self._late[0] < WINDOW:
            error = max(0.0, error - self._late[1])
        if abs(error) > UNLIKELY + abs(clock.growth() if clock.delays.known else 0.0):
            return
        if clock.doubted is not None:
            self._settle(clock, error)
            return
        limit = DRIFT if kind == "video" else FINE if error > 0 else EARLY  # a picture's clock is the time of day
        if abs(error) > (FINE if clock.coarse else limit):
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
            if clock.doubted is not None:
                doubted = self._now - clock.doubted
                if doubted >= BEHIND or (doubted >= DOUBT and clock.apart and clock.proven(PROOF)):
                    self._settle(clock)
        return self._release(self._now)

    def behind(self, moment: float, since: float) -> bool:
        """Whether a track that has come after `since` is still at what was made before `moment`."""
        newest = [(clock, *clock.past[-1]) for clock in self._clocks.values() if clock.past and clock.floor is not None]
        return any(at > since and at - (delay - (clock.floor or 0.0)) < moment for clock, at, delay in newest)

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
        """Fixes what stands at 0, and lets the held frames pass."""
        self.started = True
        clocks = self._clocks
        began = {kind: self._least(kind, clock.arrived, clock.arrived + WINDOW) for kind, clock in clocks.items()}
        self._zero = min(began.values())
        for kind, clock in clocks.items():
            clock.offset = began[kind] - self._zero
        if all(kind in self._reports for kind in clocks):
            walls = {kind: clock.wall(self._reports[kind]) for kind, clock in clocks.items()}
            if "audio" in walls:
                walls["audio"] -= self._slipped(began)
            first = min(walls.values())
            if all(abs(walls[kind] - first - clock.offset) < UNLIKELY for kind, clock in clocks.items()):
                self._wall = first
                for kind, clock in clocks.items():
                    clock.offset = walls[kind] - first
        for kind, clock in clocks.items():
            clock.floor = began[kind] - clock.offset
        held, self._held = self._held, []
        for kind, frame in held:
            self._look(clocks[kind], frame)

    def _least(self, kind: Kind, begin: float, end: float) -> float:
        """The least of arrival minus clock among the held frames that came in this time; of the first if none did.

        The first may have been waited for, but not for so long: a frame that is earlier still has a wrong clock.
        """
        clock = self._clocks[kind]
        delays = [
            (frame.arrival, frame.arrival - (frame.timestamp - clock.first) / RATE[kind])
            for k, frame in self._held
            if k == kind
        ]
        likely = [delay for at, delay in delays if begin <= at <= end and delay > clock.arrived - UNLIKELY]
        return min(likely, default=clock.arrived)

    def _slipped(self, began: dict[Kind, float]) -> float:
        """What the sound had lost already when its report was made: the report says where it is, not where it began."""
        if "video" not in began:
            return 0.0
        came = self._reports["audio"].came
        sound, picture = (self._least(kind, came - WINDOW, came) - began[kind] for kind in ("audio", "video"))
        slip = sound - max(0.0, picture)
        return slip if slip > FINE else 0.0

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
        clock.past.append((frame.arrival, clock.delay(frame)))
        if clock.doubted is None:
            clock.delays.add(frame.arrival, clock.delay(frame))
            if clock.floor is None and clock.delays.known:
                clock.floor = clock.delays.least
            if clock.kind == "audio":
                self._watch(clock, frame)
            self._place(clock, frame)
        else:
            clock.doubtful.append(frame)
            if (apart := self._apart(clock, frame)) is not None:
                clock.apart.append(apart)

    def _watch(self, sound: _Clock, frame: Frame) -> None:
        """Between reports: has the sound's clock slipped? A slow way delays the picture as well and is no slip.

        A report corrects what this gets wrong; it can only find too little while a browser holds pictures back.
        """
        apart = self._apart(sound, frame)
        if apart is None:
            return
        sound.slips.add(frame.arrival, apart)
        if sound.slips.known and sound.slips.least > SLIP:
            self._shift(sound, sound.slips.least)

    def _apart(self, clock: _Clock, frame: Frame) -> float | None:
        """How much later than usual a frame came, beyond how late the other track was; None where that did not come.

        What delays both is the way, or a machine that had no time for either.
        """
        own = None if clock.floor is None else clock.delay(frame) - clock.floor
        besides = [other.lateness(frame.arrival) for other in self._clocks.values() if other is not clock]
        for beside in besides:
            if own is not None and beside is not None:
                return max(0.0, own - max(0.0, beside)) if own > 0 else min(0.0, own - min(0.0, beside))
        return None

    def _settle(self, clock: _Clock, reported: float | None = None) -> None:
        """Ends a doubt, and moves the track if its clock is proven to have stopped, or `reported` to be wrong."""
        frames, error = clock.doubtful, 0.0
        if reported is not None:
            error = reported
        elif clock.apart:
            error = median(clock.apart) if clock.proven(PROOF) else 0.0
        elif clock.delays.any and clock.proven(ALONE):
            error = min(clock.delay(frame) for frame in frames) - clock.delays.least
        if abs(error) > DRIFT:
            self._shift(clock, error)
            clock.coarse = True
        clock.doubtful, clock.apart, clock.doubted = [], [], None
        for frame in frames:
            clock.delays.add(frame.arrival, clock.delay(frame))
            self._place(clock, frame)

    def _shift(self, clock: _Clock, seconds: float) -> None:
        clock.offset += seconds
        clock.delays.shift(-seconds)
        clock.slips.shift(-seconds)
        clock.past = deque(((at, delay - seconds) for at, delay in clock.past), PAST)
        self.anchored += 1

    def _place(self, clock: _Clock, frame: Frame) -> None:
        position = clock.position(frame.timestamp)
        ahead = position - (frame.arrival - (self._zero or 0.0))
        if ahead > AHEAD:  # hours of silence would be written for it
            self._shift(clock, -ahead)
            position -= ahead
        if clock.kind == "audio":
            silences, at = self.raster.lay(round(position * SAMPLES), frame.data)
            for silence in silences:
                self._put(clock, silence * 1000 // SAMPLES, Frame(SILENCE, frame.timestamp, frame.arrival, key=True))
            if at is not None:
                self._put(clock, at * 1000 // SAMPLES, frame)
        else:
            self._put(clock, round(position * 1000), frame)

    def _put(self, clock: _Clock, at: int, frame: Frame) -> None:
        clock.at = max(at, clock.at + 1)
        heapq.heappush(self._heap, Placed(clock.at, next(self._order), clock.kind, frame))

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
