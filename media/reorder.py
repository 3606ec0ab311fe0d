"""The reorder buffer: packets of one track in, whole frames out, in order, and nothing that cannot be decoded.

It lives for one track of one connection. It does no I/O and has no clock of its own: the caller passes the time
with every packet and asks afterwards which packets to request again (`wanted`) and whether to request a key frame
(`key_frame_wanted`). A recorder is not a live call, so it waits long for a lost packet, asks again and again, and
only then gives up; after a hole in a video it hands out nothing until the next key frame, because what lies between
cannot be decoded. The first packet that comes need not be the first that was sent. Unless it shows that it is, those
before it are asked for and waited for like lost ones, but they are no loss: they may never have been.

All times are seconds on one monotonic clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, islice
from statistics import median_low
from typing import Literal

Kind = Literal["audio", "video"]
KINDS: tuple[Kind, Kind] = ("audio", "video")

WAIT = 2.2  # browsers answered requests for packets up to 3.5 s old nearly always
ASK_AGAIN = 0.1  # lower bound; the measured round trip is the other
TRIPS = 9  # requests whose median is the round trip: some were lost, or answered to a machine that was busy
FIRST_KEY_FRAME = 0.5  # an earlier request costs a second key frame at the start
KEY_FRAME_AGAIN = 1.0
SEEKABLE = 10.0  # seconds without a key frame: a browser sends none by itself, and seeking needs them
SEEKABLE_THIN = 15.0  # the same on a link of so few bit/s that a key frame takes much of what the picture has
THIN = 600_000
SEEKABLE_AGAIN = 5.0  # seconds; nothing is wrong meanwhile, and a starved sender takes its time
SILENCE = 1.0  # after a cut this long a key frame is asked for at once
JUMP = 3000  # sequence numbers; more of them missing, in one hole or in many, are a new beginning
HELD = 4000  # packets held at most (about 20 s of 720p), and of one picture (a key frame of 720p has some 60)
BACK = 32  # packets before the first that came; more once one of them has come, for as long as one is waited for
BACK_SOUND = 16
STRAYS = 100  # late packets in a row that mean the sender began anew
ASK_AT_ONCE = 40  # packets named in one request; after a stall of the whole process every sender answers at once


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet without its payload descriptor; `data` is empty for padding."""

    sequence: int
    timestamp: int
    marker: bool
    data: bytes
    arrival: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One video frame or one audio packet. `timestamp` is in units of the RTP clock and never wraps."""

    data: bytes
    timestamp: int
    arrival: float
    key: bool


@dataclass(slots=True)
class Statistics:
    """Counts since the start; `lost` and `skipped` are damage, the others are weather."""

    packets: int = 0
    late: int = 0
    recovered: int = 0
    lost: int = 0
    frames: int = 0
    keys: int = 0
    skipped: int = 0  # frames that could not be decoded and were left out


@dataclass(slots=True)
class _Hole:
    revealed: float
    certain: bool = True  # it lies between two packets that came
    asked: float | None = None
    first: float = 0.0  # when it was asked for first


def nearest(value: int, reference: int, bits: int) -> int:
    """The number closest to `reference` whose lowest `bits` bits are `value`."""
    span = 1 << bits
    step = (value - reference) % span
    return reference + (step - span if step >= span // 2 else step)


def begins_key_frame(data: bytes) -> bool:
    """Whether this is the beginning of a VP8 key frame (RFC 6386, 9.1: frame tag, then the start code)."""
    return len(data) >= 10 and not data[0] & 1 and data[3:6] == b"\x9d\x01\x2a"


def dimensions(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the beginning of a key frame."""
    return (data[6] | data[7] << 8) & 0x3FFF, (data[8] | data[9] << 8) & 0x3FFF


@dataclass(slots=True)
class Reorder:
    """The buffer of one track; `video` decides whether packets are joined into frames."""

    video: bool
    wait: float = WAIT
    statistics: Statistics = field(default_factory=Statistics)
    round_trip: float = 0.0
    fresh: bool = False  # a packet is missing that was never asked for
    _packets: dict[int, Packet] = field(default_factory=dict)  # waiting behind a hole
    _holes: dict[int, _Hole] = field(default_factory=dict)  # in order of sequence, so in order of age
    _open: list[Packet] = field(default_factory=list)  # the frame being put together
    _next: int | None = None
    _earliest: int | None = None  # the lowest that came, until the beginning is found or given up
    _highest: int = 0
    _timestamp: int | None = None
    _untouched: bool = True  # nothing handed out, nothing given up
    _torn: bool = True  # the packet before the next one is unknown
    _broken: int | None = None  # RTP timestamp of a frame whose beginning is lost
    _need_key: bool = True
    _began: float = 0.0
    _latest: float = 0.0
    _key_asked: float | None = None
    _key_at: float = 0.0  # arrival of the last key frame
    _octets: int = 0  # since then
    _urgent: bool = False
    _strays: int = 0
    _trips: deque[float] = field(default_factory=lambda: deque(maxlen=TRIPS))

    def add(self, packet: Packet) -> list[Frame]:
        """Takes a packet; returns the frames that are whole now."""
        now = packet.arrival
        self.statistics.packets += 1
        frames: list[Frame] = []
        if self._next is None:
            sequence = self._next = self._earliest = packet.sequence
            self._highest, self._began, self._latest = sequence - 1, now, now
        else:
            sequence = nearest(packet.sequence, self._highest, 16)
            if sequence - self._highest + len(self._holes) > JUMP:
                frames += self._begin_again(sequence)
        if now - self._latest > SILENCE:
            self._urgent = True
        self._latest = max(self._latest, now)
        if sequence < self._next:
            self.statistics.late += 1
            self._strays += 1
            if self._strays <= STRAYS:
                return frames
            frames += self._begin_again(sequence)
        elif sequence in self._packets:
            self.statistics.late += 1
            return frames
        self._strays = 0
        self._octets += len(packet.data)
        self._close_hole(sequence, now)
        self._look_back(sequence, packet)
        self._packets[sequence] = packet
        return frames + self._drain() + self.expire(now)

    def expire(self, now: float) -> list[Frame]:
        """Gives up packets that were waited for too long; to be called at least every 50 ms."""
        frames: list[Frame] = []
        while self._holes:
            sequence, hole = next(iter(self._holes.items()))
            if now - hole.revealed < self.wait and len(self._packets) <= HELD:
                break
            self._give_up(sequence)
            frames += self._drain()
        return frames

    def excuse(self, seconds: float) -> None:
        """Nobody could listen for so long (the process was stopped): what is missing is waited for as much longer."""
        self._began += seconds
        for hole in self._holes.values():
            hole.revealed += seconds

    @property
    def waiting(self) -> bool:
        """Whether packets are missing that may still come."""
        return bool(self._holes)

    def flush(self) -> list[Frame]:
        """The end: everything that is still whole, holes or not."""
        frames: list[Frame] = []
        while self._holes:
            self._give_up(next(iter(self._holes)))
            frames += self._drain()
        return frames

    def wanted(self, now: float) -> list[int]:
        """Sequence numbers (16 bits, rising) to request now; the caller is trusted to send the request.

        What was never asked for comes first: a sender may have forgotten the rest.
        """
        interval = max(ASK_AGAIN, self.round_trip)
        self.fresh = False
        never = [(sequence, hole) for sequence, hole in self._holes.items() if hole.asked is None]
        again = (
            (sequence, hole)
            for sequence, hole in self._holes.items()
            if hole.asked is not None and now - hole.asked >= interval
        )
        due = list(islice(chain(never, again), ASK_AT_ONCE))
        for _, hole in due:
            hole.first = hole.first if hole.asked is not None else now
            hole.asked = now
        return sorted(sequence & 0xFFFF for sequence, _ in due)

    def key_frame_wanted(self, now: float) -> bool:
        """Whether to request a key frame now; the caller is trusted to send the request."""
        if not self.video or self._next is None:
            return False
        missed = self._need_key or self._urgent
        if not missed and not self._seekable_wanted(now):
            return False
        if self._untouched and not self._urgent and (now - self._began < FIRST_KEY_FRAME or self._key_frame_waits):
            return False
        if self._key_asked is not None and now - self._key_asked < (KEY_FRAME_AGAIN if missed else SEEKABLE_AGAIN):
            return False
        self._key_asked = now
        self._urgent = False
        return True

    @property
    def _key_frame_waits(self) -> bool:
        """Whether one has come that is only held back in case the beginning still does."""
        return self._earliest is not None and any(begins_key_frame(packet.data) for packet in self._packets.values())

    def _seekable_wanted(self, now: float) -> bool:
        """Whether the last key frame is long ago, and pictures come."""
        since = now - self._key_at
        if self.statistics.keys == 0 or since < SEEKABLE or now - self._latest > SILENCE:
            return False
        return since >= SEEKABLE_THIN or self._octets * 8 > THIN * since

    def _close_hole(self, sequence: int, now: float) -> None:
        """Notes that this packet is here, and which ones are missing in front of it."""
        hole = self._holes.pop(sequence, None)
        if hole is not None:
            self.statistics.recovered += 1
            if hole.asked is not None:
                # since the first request: from the last one it would seem short wherever a queue is longer than that
                self._trips.append(now - hole.first)
                self.round_trip = median_low(self._trips)
        for missing in range(self._highest + 1, sequence):
            self._holes[missing] = _Hole(now)
            self.fresh = True
        self._highest = max(self._highest, sequence)

    def _look_back(self, sequence: int, packet: Packet) -> None:
        """Until the beginning is known: is it this packet? If not, some before it may be lost, or there are none."""
        if self._earliest is None or sequence > self._earliest:
            return
        begins = begins_key_frame(packet.data) if self.video else packet.marker  # of a talkspurt: RFC 3551, 4.1
        self._earliest = None if begins else sequence
        self._next = sequence if begins else sequence - (BACK if self.video else BACK_SOUND)
        before = {s: self._holes.get(s) or _Hole(self._began, certain=False) for s in range(self._next, sequence)}
        behind = {s: hole for s, hole in self._holes.items() if s > sequence}
        for hole in behind.values():
            hole.certain = True
        self.fresh |= not begins
        self._holes = before | behind

    def _give_up(self, sequence: int) -> None:
        """A hole for good. Everything in front of it has been handed out, so it is the next packet."""
        if self._holes.pop(sequence).certain:
            self.statistics.lost += 1
        self._next, self._earliest = sequence + 1, None
        self._tear()

    def _begin_again(self, sequence: int) -> list[Frame]:
        frames = self.flush()
        self.statistics.lost += max(0, sequence - self._highest - 1)
        self._next, self._highest = sequence, sequence - 1
        self._tear()
        return frames

    def _tear(self) -> None:
        self._untouched = False
        if self.video:
            self._torn = True
            self._open.clear()
            self._need_key = True

    def _drain(self) -> list[Frame]:
        frames: list[Frame] = []
        while self._next is not None and (packet := self._packets.pop(self._next, None)) is not None:
            self._next += 1
            if not packet.data:
                continue
            frames += self._join(packet) if self.video else self._hand_out([packet], key=True)
        return frames

    def _join(self, packet: Packet) -> Iterable[Frame]:
        """Adds a packet to the open frame; packets that follow each other without a hole come in here."""
        frames: list[Frame] = []
        if self._torn:
            self._torn = False
            # A frame whose first packet is lost must not pass as a whole one. Only a key frame shows its beginning.
            self._broken = None if begins_key_frame(packet.data) else packet.timestamp
        if packet.timestamp == self._broken:
            self.statistics.skipped += packet.marker
            return frames
        self._broken = None
        if self._open and self._open[0].timestamp != packet.timestamp:
            self._leave_out()
        if len(self._open) == HELD:  # a picture without end
            self._tear()
            self._torn, self._broken = False, packet.timestamp
            return frames
        self._open.append(packet)
        if packet.marker:
            frames += self._finish()
        return frames

    def _leave_out(self) -> None:
        """The open frame ends without its mark (RFC 7741, 4.1) and without a hole: its sender cut it short.

        Chromium does, for a key frame when its way is slow: what waits to be sent is thrown away before it has numbers.
        """
        self._open.clear()
        self._need_key = True
        self.statistics.skipped += 1

    def _finish(self) -> list[Frame]:
        packets, self._open = self._open, []
        head = packets[0].data
        key = begins_key_frame(head)
        if key:
            self._need_key = False
        elif not head[0] & 1:
            self._need_key = True  # says it is a key frame and is none: damaged by its sender
        if self._need_key:
            self.statistics.skipped += 1
            return []
        return self._hand_out(packets, key=key)

    def _hand_out(self, packets: list[Packet], *, key: bool) -> list[Frame]:
        self._untouched = False
        last = packets[0].timestamp
        self._timestamp = last if self._timestamp is None else nearest(last, self._timestamp, 32)
        self.statistics.frames += 1
        if key and self.video:
            self.statistics.keys += 1
            self._key_at, self._octets = packets[0].arrival, 0
        data = packets[0].data if len(packets) == 1 else b"".join(packet.data for packet in packets)
        return [Frame(data, self._timestamp, min(packet.arrival for packet in packets), key)]
