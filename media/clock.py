"""One track's clock: where its frames stand by their timestamps, and how late they come, of late and usually.

A `Clock` lives as long as its track and decides nothing; `media/timeline.py` does, from both clocks and their sender's
reports.
"""

from collections import deque
from dataclasses import dataclass, field

from media.reorder import Frame, Kind, nearest
from media.sound import RATE as SAMPLES

RATE: dict[Kind, int] = {"audio": SAMPLES, "video": 90000}
STEADY = 0.1  # seconds by which their delays may differ
WINDOW = 1.5  # seconds in which some packet has come without waiting anywhere
PAUSE = 0.5  # seconds without a packet, after which it begins anew
NEWEST = 0.5  # seconds of them
ABREAST = 0.3  # seconds between the arrivals of frames of two tracks that are compared
RESENT = 0.15  # seconds within which not all that comes has been sent again
PAST = 64  # frames of a track that the other one may be compared with


@dataclass(frozen=True, slots=True)
class Report:
    """At `wall` the sender's clock showed `timestamp`; it `came` when all before it had."""

    wall: float
    timestamp: int
    came: float


@dataclass(slots=True)
class Delays:
    """Arrival minus position of late: the least of a while is the way's, what is above it are queues and stalls."""

    since: float = 0.0
    latest: float = 0.0
    _least: deque[tuple[float, float]] = field(default_factory=deque)  # arrivals with rising delays

    def add(self, arrival: float, delay: float) -> None:
        """What arrived a whole while before the latest is history, whenever it is told."""
        if self._least and arrival < self.latest - WINDOW:
            return
        if (
            not self._least or arrival - self.latest > PAUSE
        ):  # the first after a hole was waited for, and proves nothing
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
    def newest(self) -> float:
        """The least of the last half second, for what goes on growing."""
        return next(delay for arrival, delay in self._least if arrival >= self.latest - NEWEST)

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
class Clock:
    """One track: position = offset + (timestamp - first) / rate, in seconds. `floor` is its delay without a slip."""

    kind: Kind
    first: int
    arrived: float
    offset: float = 0.0
    coarse: bool = False
    at: int = -1  # of the last frame handed out
    seen: tuple[int, float] | None = None  # timestamp and arrival of the last frame looked at
    floor: float | None = None
    delays: Delays = field(default_factory=Delays)
    slips: Delays = field(default_factory=Delays)  # how much later than the other track
    dated: Delays = field(default_factory=Delays)  # how much later than its place by the last report of either track
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

    def wall(self, report: Report) -> float:
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
