"""A bad network between a sender and the recorder: delay, a rate, and loss both ways, random or in bursts.

A `Link` is a UDP relay that both sides believe to be the other one: the sender's own addresses are taken out of its
offer (`hide`), those in the answer are replaced by the relay's (`redirect`). It runs wherever Python does. Loss begins
with `weather`, after the handshakes, so that every run loses media alone. A rate is that of an uplink at home: what
the sender sends too fast waits in a queue of half a second, and what does not fit into that is dropped.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

QUEUE = 0.5  # seconds of the rate
HEADERS = 28  # bytes of IP and UDP around what a packet holds


@dataclass(frozen=True)
class Weather:
    """`loss` is a share of all packets, each way; `burst` how many are lost in a row, on average; `trip` in seconds.

    `rate`: bits per second towards the recorder, 0 for as many as there are. `first`: so many packets that every
    stream begins with never get there; weather that sets in later has no more of it.
    """

    loss: float = 0.0
    burst: float = 1.0
    trip: float = 0.0
    rate: float = 0.0
    first: int = 0

    def __str__(self) -> str:
        kind = "random" if self.burst <= 1 else f"bursts of {self.burst:g}"
        first = f", the first {self.first}" if self.first else ""
        return f"{self.loss:4.0%} {kind}{first}, {self.trip * 1000:.0f} ms"


@dataclass
class Lane:
    """One direction: a Gilbert model, which is plain chance when bursts are one packet long; then the queue."""

    chance: random.Random
    bad: bool = False
    passed: int = 0
    lost: int = 0
    full: int = 0  # dropped at the queue's end
    free: float = 0.0  # when the last packet in the queue is through

    @classmethod
    def pair(cls, seed: int = 1) -> "tuple[Lane, Lane]":
        """There and back, each with a chance of its own."""
        return cls(random.Random(seed)), cls(random.Random(seed + 1))

    def loses(self, weather: Weather) -> bool:
        if weather.burst <= 1:
            self.bad = self.chance.random() < weather.loss
        elif self.bad:
            self.bad = self.chance.random() >= 1 / weather.burst
        elif weather.loss:
            self.bad = self.chance.random() < weather.loss / (1 - weather.loss) / weather.burst
        self.lost += self.bad
        self.passed += not self.bad
        return self.bad

    def queued(self, size: int, rate: float, now: float) -> float | None:
        """Seconds until a packet is through; None: the queue was full."""
        if not rate:
            return 0.0
        if self.free - now > QUEUE:
            self.full += 1
            return None
        self.free = max(now, self.free) + (size + HEADERS) * 8 / rate
        return self.free - now


class Near(asyncio.DatagramProtocol):
    """Faces the senders; for each of them a `Far` faces the recorder."""

    def __init__(self, link: "Link") -> None:
        self.link = link
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.link.towards_recorder(data, (str(addr[0]), int(addr[1])))


class Far(asyncio.DatagramProtocol):
    """Stands for one sender's address at the recorder's end."""

    def __init__(self, link: "Link", sender: tuple[str, int]) -> None:
        self.link, self.sender = link, sender
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:  # noqa: ARG002 - asyncio's signature
        self.link.towards_sender(data, self)


@dataclass
class Link:
    """`host` is an address that the sender can reach; `target` the recorder's UDP address."""

    host: str
    target: tuple[str, int]
    seed: int = 1
    weather: Weather = Weather()
    up: Lane = field(init=False)
    down: Lane = field(init=False)
    marks: Counter[int] = field(default_factory=Counter)  # last packets of pictures that have left for the recorder
    begun: Counter[int] = field(default_factory=Counter)  # packets of a stream (SSRC) that were sent
    _fars: dict[tuple[str, int], Far] = field(default_factory=dict)
    _opening: set[asyncio.Task[None]] = field(default_factory=set)
    _near: Near | None = None

    def __post_init__(self) -> None:
        self.up, self.down = Lane.pair(self.seed)

    async def open(self) -> "Link":
        loop = asyncio.get_running_loop()
        _, self._near = await loop.create_datagram_endpoint(lambda: Near(self), local_addr=(self.host, 0))
        return self

    def close(self) -> None:
        for end in (self._near, *self._fars.values()):
            if end is not None and end.transport is not None:
                end.transport.close()

    @property
    def address(self) -> tuple[str, int]:
        assert self._near is not None and self._near.transport is not None
        name = self._near.transport.get_extra_info("sockname")
        return str(name[0]), int(name[1])

    def hide(self, offer: str) -> str:
        """The offer without its sender's addresses."""
        return "\r\n".join(line for line in offer.split("\r\n") if not line.startswith("a=candidate"))

    def redirect(self, answer: str) -> str:
        """The answer with the relay's address for the recorder's."""
        host, port = self.address
        lines: list[str] = []
        for line in answer.split("\r\n"):
            words = line.split(" ")
            if not line.startswith("a=candidate"):
                lines.append(line)
            elif words[4] == self.target[0]:
                lines.append(" ".join([*words[:4], host, str(port), *words[6:]]))
        return "\r\n".join(lines)

    def towards_recorder(self, data: bytes, sender: tuple[str, int]) -> None:
        far = self._fars.get(sender)
        if far is None:
            far = self._fars[sender] = Far(self, sender)
            task = asyncio.create_task(self._reach(far))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        media = len(data) > 12 and 127 < data[0] < 192 and not 192 <= data[1] <= 223
        if media and self._is_first(data):
            self.up.lost += 1
            return
        if self.up.loses(self.weather):
            return
        wait = self.up.queued(len(data), self.weather.rate, asyncio.get_running_loop().time())
        if wait is not None:
            self._later(far, data, None, wait)
            if media and data[1] & 0x80:
                self.marks[int.from_bytes(data[8:12], "big")] += 1

    def _is_first(self, data: bytes) -> bool:
        stream = int.from_bytes(data[8:12], "big")
        self.begun[stream] += 1
        return self.begun[stream] <= self.weather.first

    def towards_sender(self, data: bytes, far: Far) -> None:
        if not self.down.loses(self.weather):
            self._later(self._near, data, far.sender, 0.0)

    async def _reach(self, far: Far) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: far, remote_addr=self.target)

    def _later(self, end: Near | Far | None, data: bytes, to: tuple[str, int] | None, wait: float) -> None:
        def send() -> None:
            if end is not None and end.transport is not None and not end.transport.is_closing():
                end.transport.sendto(data, to)

        asyncio.get_running_loop().call_later(self.weather.trip / 2 + wait, send)
