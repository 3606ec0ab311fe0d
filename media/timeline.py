"""Where on the time line a frame belongs: two RTP clocks, arrival times and sender reports in, milliseconds out.

A `Timeline` lives as long as one recording, does no I/O and has no clock of its own. It holds the first frames
until both tracks have shown their sender's clock (RTCP sender reports; arrival times alone were off by 380 ms when
a first frame had to be resent), then hands frames out in the order of time, sound without holes (media/sound.py).

A sound's clock counts samples, so it loses time whenever its browser is too busy to take them in: Firefox on a full
machine lost 0.37 s in 7 s, in steps of up to 0.1 s. Laid end to end, such a sound ends long before its picture. Every
sender report says how far it is behind; between reports (some 4 s) arrival times do, measured beside the reports on
the picture, which come every second, and silence is put where samples are missing. A clock that stops for long (a
replaced microphone) is anchored anew after a moment of doubt.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from media.clock import PAST, RATE, WINDOW, Clock, Report
from media.reorder import KINDS, Frame, Kind
from media.sound import RATE as SAMPLES
from media.sound import SILENCE, Raster

REPORTS = 4.0  # seconds to wait for the sender reports; the first of an audio track came after 2.5 s at most
BOTH = 10.0  # seconds to wait for a video track that does not come
HASTE = 0.3  # seconds that a sketch waits for either
DRIFT = 0.5  # seconds between two frames by their clock and by arrival that make the clock doubtful
DOUBT = 0.6  # seconds of frames to look at before believing it
PROOF = 0.3  # seconds of frames that it takes,
ALONE = 1.5  # and where no other track shows whether only the way is slow
FINE = 0.02  # seconds; what a sender report corrects
SLIP = 0.04  # seconds; what arrival times and reports on the picture correct between two reports on the sound
OFTEN = 3.0  # seconds in which some report on a picture comes
EARLY = 0.06  # seconds; what a report must say before sound is left out for it
BEHIND = 2.5  # seconds that one track may make the other wait,
ABSENT = 1.0  # and where nothing of it is on its way
UNLIKELY = 3.0  # seconds between reports and arrival that make the reports unbelievable
AHEAD = 10.0  # seconds by which a clock may run ahead of what has arrived; no packet comes before it was made


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """A frame at its place, `at` milliseconds from the beginning."""

    at: int
    order: int
    kind: Kind = field(compare=False)
    frame: Frame = field(compare=False)


class Timeline:
    """`kinds` are the tracks that were offered; `anchored` counts how often a track had to be anchored anew.

    A `hasty` one begins with what there is.
    """

    def __init__(self, kinds: set[Kind], *, hasty: bool = False) -> None:
        self.started = False
        self.anchored = 0
        self.raster = Raster()
        self._kinds = kinds
        self._hasty = hasty
        self._awaited = True
        self._clocks: dict[Kind, Clock] = {}
        self._reports: dict[Kind, Report] = {}
        self._told: deque[Report] = deque(maxlen=PAST)  # of either kind
        self._held: list[tuple[Kind, Frame]] = []
        self._heap: list[Placed] = []
        self._order = count()
        self._zero: float | None = None  # arrival of what stands at 0
        self._wall: float | None = None  # the sender's time of what stands at 0
        self._usual: float | None = None  # seconds that sound takes from where its reports say it was to being sent
        self._now = 0.0

    def frame(self, kind: Kind, frame: Frame) -> list[Placed]:
        """Takes a frame; returns those whose place is certain and whose turn it is."""
        self._now = max(self._now, frame.arrival)
        if kind not in self._clocks:
            self._clocks[kind] = Clock(kind, frame.timestamp, frame.arrival)
            if self.started:
                self._join_late(self._clocks[kind])
        if self.started:
            self._look(self._clocks[kind], frame)
        else:
            self._held.append((kind, frame))
        return self.advance(self._now)

    def report(self, kind: Kind, wall: float, timestamp: int, came: float | None = None) -> None:
        """A sender report: at `wall` seconds the sender's RTP clock showed `timestamp`."""
        report = self._reports[kind] = Report(wall, timestamp, self._now if came is None else came)
        self._told.append(report)
        clock = self._clocks.get(kind)
        if not self.started or clock is None:
            return
        if self._wall is None:
            self._wall = clock.wall(report) - clock.offset
        error = clock.wall(report) - self._wall - clock.offset
        if kind == "audio" and clock.doubted is None:
            if error > 0 and (slip := self._dated(clock)) is not None:
                error = min(error, max(0.0, slip + FINE))  # it says when the last sound was sent, however late that was
            self._agree(clock)
        if abs(error) > UNLIKELY + abs(clock.growth() if clock.delays.known else 0.0):
            return
        if clock.doubted is not None:
            self._settle(clock, error)
            return
        limit = DRIFT if kind == "video" else FINE if error > 0 else EARLY  # a picture's clock is the time of day
        if abs(error) > (FINE if clock.coarse else limit):
            self._shift(clock, error, slipped=not clock.coarse)
        clock.coarse = False

    def advance(self, now: float, *, awaited: bool | None = None) -> list[Placed]:
        """What time brings: the start, the end of a doubt, a track that is no longer waited for.

        `awaited`: whether packets were lost that may still come, from now on.
        """
        self._now = max(self._now, now)
        self._awaited = self._awaited if awaited is None else awaited
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
            return waited > (HASTE if self._hasty else BOTH)
        complete = self._clocks.keys() >= self._kinds and self._reports.keys() >= self._kinds
        return (
            waited > (HASTE if self._hasty else REPORTS)
            or complete
            or (len(self._kinds) == 1 and "audio" in self._kinds)
        )

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
            clock.coarse = self._wall is None
        held, self._held = self._held, []
        for kind, frame in held:
            self._look(clocks[kind], frame)
        if "audio" in clocks:
            self._agree(clocks["audio"])

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
        sound, picture = (self._least(kind, came - WINDOW, came) - began[kind] for kind in KINDS)
        slip = sound - max(0.0, picture)
        return slip if slip > SLIP else 0.0

    def _join_late(self, clock: Clock) -> None:
        """A track whose first frame comes after the start."""
        clock.offset = 0.0 if self._zero is None else max(0.0, clock.arrived - self._zero)
        clock.coarse = True
        report = self._reports.get(clock.kind)
        if report is not None and self._wall is not None:
            offset = clock.wall(report) - self._wall
            if abs(offset - clock.offset) < UNLIKELY:
                clock.offset, clock.coarse = max(0.0, offset), False

    def _look(self, clock: Clock, frame: Frame) -> None:
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
                self._watch_reports(clock, frame)
            self._place(clock, frame)
        else:
            clock.doubtful.append(frame)
            if (apart := self._apart(clock, frame)) is not None:
                clock.apart.append(apart)

    def _watch(self, sound: Clock, frame: Frame) -> None:
        """Between reports: has the sound's clock slipped? A slow way delays the picture as well and is no slip.

        A report corrects what this gets wrong; it can only find too little while a browser holds pictures back.
        """
        apart = self._apart(sound, frame)
        if apart is None:
            return
        sound.slips.add(frame.arrival, apart)
        if sound.slips.known and sound.slips.least > SLIP and self._dated(sound) is None:
            self._shift(sound, sound.slips.newest)

    def _watch_reports(self, sound: Clock, frame: Frame) -> None:
        """The same by reports, for pictures that are late because their browser has no time to encode them.

        A report of either kind is never late by itself: what came after it tells the sender's time of the first sound.
        """
        report = next((told for told in reversed(self._told) if told.came <= frame.arrival), None)
        if report is None or self._wall is None or frame.arrival - report.came > WINDOW:
            return
        began = frame.arrival - report.came + report.wall - (frame.timestamp - sound.first) / RATE["audio"]
        sound.dated.add(frame.arrival, began - self._wall - sound.offset)
        if SLIP < (self._dated(sound) or 0.0) < UNLIKELY:
            self._shift(sound, sound.dated.newest - (self._usual or 0.0))

    def _dated(self, sound: Clock) -> float | None:
        """By how much it has slipped according to all reports of late; None where they do not tell."""
        return sound.dated.least - self._usual if sound.dated.known and self._usual is not None else None

    def _agree(self, sound: Clock) -> None:
        """Compares a report on the sound with what comes: it is dated when sound is made or sent, or later."""
        report = self._reports.get("audio")
        if report is not None and self._wall is not None and sound.dated.known:
            usual = sound.dated.least - (sound.wall(report) - self._wall - sound.offset)
            self._usual = max(usual, self._usual or 0.0)

    def _apart(self, clock: Clock, frame: Frame) -> float | None:
        """How much later than usual a frame came, beyond how late the other track was; None where that did not come.

        What delays both is the way, or a machine that had no time for either.
        """
        own = None if clock.floor is None else clock.delay(frame) - clock.floor
        besides = [other.lateness(frame.arrival) for other in self._clocks.values() if other is not clock]
        for beside in besides:
            if own is not None and beside is not None:
                return max(0.0, own - max(0.0, beside)) if own > 0 else min(0.0, own - min(0.0, beside))
        return None

    def _settle(self, clock: Clock, reported: float | None = None) -> None:
        """Ends a doubt, and moves the track if its clock is proven to have stopped, or `reported` to be wrong."""
        frames, error, told = clock.doubtful, 0.0, self._reports.get(clock.kind)
        if reported is not None:
            error = reported
        elif clock.kind == "video" and self._wall is not None and told is not None and self._now - told.came < OFTEN:
            error = 0.0  # the next report, within a second or so, knows better than arrivals from a busy browser
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

    def _shift(self, clock: Clock, seconds: float, *, slipped: bool = True) -> None:
        """Moves a track from now on: its clock has `slipped`, or it has been beside its place from the beginning."""
        clock.offset += seconds
        clock.delays.shift(-seconds)
        clock.dated.shift(-seconds)
        if slipped:
            clock.slips.shift(-seconds)
        elif clock.floor is not None:
            clock.floor -= seconds
        clock.past = deque(((at, delay - seconds) for at, delay in clock.past), PAST)
        self.anchored += 1

    def _place(self, clock: Clock, frame: Frame) -> None:
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

    def _put(self, clock: Clock, at: int, frame: Frame) -> None:
        clock.at = max(at, clock.at + 1)
        heapq.heappush(self._heap, Placed(clock.at, next(self._order), clock.kind, frame))

    def _release(self, now: float | None) -> list[Placed]:
        """Frames that no other track can come before any more."""
        heads = [clock.at for clock in self._clocks.values()]
        sure = min(heads) if heads and (self._hasty or self._clocks.keys() >= self._kinds) else -1
        patience = BEHIND if self._awaited else ABSENT
        released: list[Placed] = []
        while self._heap:
            first = self._heap[0]
            if now is not None and first.at > sure and now - first.frame.arrival < patience:
                break
            released.append(heapq.heappop(self._heap))
        return released
