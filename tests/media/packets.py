"""Packets of a film that never was, for the tests of the reorder buffer."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from media.reorder import Frame, Packet, Reorder

KEY = b"\x10\x00\x00\x9d\x01\x2a\x00\x05\xd0\x02"
DELTA = b"\x11\x00\x00\x00\x00\x00\x00\x00\x00\x00"


def film(frames: int, *, first: int = 0, per_frame: int = 3, keys: tuple[int, ...] = (0,)) -> list[Packet]:
    """A video of `frames` frames, 30 a second, each of `per_frame` packets; arrival is the time of sending."""
    packets: list[Packet] = []
    for number in range(frames):
        for part in range(per_frame):
            head = (KEY if number in keys else DELTA) if part == 0 else b""
            packets.append(
                Packet(
                    (first + len(packets)) & 0xFFFF,
                    (4294960000 + number * 3000) & 0xFFFFFFFF,
                    part == per_frame - 1,
                    head + f"{number}.{part};".encode(),
                    number / 30 + part / 1000,
                )
            )
    return packets


def at(packet: Packet, arrival: float) -> Packet:
    return Packet(packet.sequence, packet.timestamp, packet.marker, packet.data, arrival)


def play(buffer: Reorder, packets: list[Packet]) -> list:
    frames = []
    for packet in sorted(packets, key=lambda p: p.arrival):
        frames += buffer.expire(packet.arrival)
        frames += buffer.add(packet)
    return frames + buffer.flush()


class Network:
    """Packets with a memory of two seconds at the sender, and loss in both directions, random or in bursts.

    `rate`: packets a second that fit through, 0 for all; half a second of them waits in a queue, and what does not fit
    into that is dropped.
    """

    def __init__(self, seed: int, loss: float, burst: float, trip: float, rate: float = 0.0) -> None:
        self.rate, self.free, self.again, self.full = rate, 0.0, 0, 0
        self.chance = random.Random(seed)
        self.loss, self.burst, self.trip = loss, burst, trip
        self.bad = False
        self.flying: list[tuple[float, int, Packet]] = []
        self.sent: dict[int, Packet] = {}
        self.order = itertools.count()

    def lost(self) -> bool:
        if self.bad:
            self.bad = self.chance.random() >= 1 / self.burst
        else:
            self.bad = self.chance.random() < self.loss / (1 - self.loss) / self.burst
        return self.bad

    def send(self, packet: Packet, now: float) -> None:
        self.sent[packet.sequence] = packet
        self.pass_on(packet, now, self.trip / 2)

    def pass_on(self, packet: Packet, now: float, trip: float) -> None:
        if self.rate:
            if self.free - now > 0.5:
                self.full += 1
                return
            self.free = max(now, self.free) + 1 / self.rate
            trip += self.free - now
        if not self.lost():
            heapq.heappush(self.flying, (now + trip, next(self.order), packet))

    def ask(self, numbers: list[int], now: float) -> None:
        if self.lost():
            return
        for number in numbers:
            packet = self.sent.get(number)  # who does not know that it holds the first asks for more
            if packet is not None and packet.arrival > now - 2.0:
                self.again += 1
                self.pass_on(packet, now, self.trip)

    def arrived(self, now: float) -> list[Packet]:
        came = []
        while self.flying and self.flying[0][0] <= now:
            when, _, packet = heapq.heappop(self.flying)
            came.append(at(packet, when))
        return came


@dataclass
class Carried:
    """What came of a film behind a network: frames, when each number and key frames were asked for, round trips."""

    frames: list[Frame] = field(default_factory=list)
    asked: dict[int, list[float]] = field(default_factory=dict)
    keys: list[float] = field(default_factory=list)
    trips: list[float] = field(default_factory=list)


def carry(
    buffer: Reorder, network: Network, packets: list[Packet], *, missed: int = 0, sure: Collection[int] = ()
) -> Carried:
    """Plays a film through a network that loses the first so many packets; those at the places in `sure` always come.

    A hole needs something on both sides to be seen.
    """
    carried = Carried()
    waiting = deque(enumerate(packets))
    certain = {place % len(packets) for place in sure}
    for tick in range(int((packets[-1].arrival + 3.5) * 100)):
        now = tick / 100
        while waiting and waiting[0][1].arrival <= now:
            place, packet = waiting.popleft()
            network.sent[packet.sequence] = packet
            if place in certain:
                heapq.heappush(network.flying, (now + network.trip / 2, next(network.order), packet))
            elif place >= missed:
                network.send(packet, now)
        for packet in network.arrived(now):
            carried.frames += buffer.add(packet)
        carried.frames += buffer.expire(now)
        if numbers := buffer.wanted(now):
            network.ask(numbers, now)
            for number in numbers:
                carried.asked.setdefault(number, []).append(now)
        if buffer.key_frame_wanted(now):
            carried.keys.append(now)
        if buffer.round_trip:
            carried.trips.append(buffer.round_trip)
    return carried
