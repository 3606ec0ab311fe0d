"""A crowd of websockets in this process: cheap, on raw asyncio protocols, and a strict witness.

Every numbered payload has to arrive at every socket once and in order; whatever does not is counted. How long it took
is read from the moment that the payload itself carries. A dialect speaks what a kind of server wants to hear.
"""

import asyncio
import json
import time
from array import array
from collections.abc import Callable
from typing import Any, cast

NUMBER = b'"n":"'  # of peers/common.py: 8 digits, then `","at":"`, then 20 digits
NUMBER_DIGITS = 8
MOMENT = NUMBER_DIGITS + len('","at":"')
MOMENT_DIGITS = 20
EVENT = b'{"type":"event","topic":"'
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
CONNECTING_AT_ONCE = 50


def masked(text: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame; masking with zeros is masking too."""
    size = len(text)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + text


class Dialect:
    """A server that speaks from the start and wants nothing."""

    path = "/board"

    def address(self, _number: int) -> str:
        """Path and query of socket `number`."""
        return self.path

    def headers(self, _number: int) -> dict[str, str]:
        """More headers for its handshake."""
        return {}

    def opened(self, socket: "Socket") -> None:
        """The handshake is done."""
        socket.settle()

    def heard(self, socket: "Socket", text: bytes) -> None:
        """A text without a number."""


class SocketIO(Dialect):
    """Engine.IO 4 over websockets, as a browser's Socket.IO client speaks it."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def opened(self, socket: "Socket") -> None:
        """It speaks first."""

    def heard(self, socket: "Socket", text: bytes) -> None:
        if text[:1] == b"0":
            socket.write(masked(b"40"))
        elif text[:2] == b"40":
            socket.settle()
        elif text[:1] == b"2":
            socket.write(masked(b"3"))


class Greenroom(Dialect):
    """The live protocol (realtime/PROTOCOL.md): follows `topics`, after a socket's own position when it comes again."""

    def __init__(self, topics: list[str]) -> None:
        self.topics = topics
        self.epoch = ""
        self.resyncs = 0

    def address(self, number: int) -> str:
        return f"{self.path}?who=person{number}"

    def opened(self, socket: "Socket") -> None:
        """It speaks first."""

    def heard(self, socket: "Socket", text: bytes) -> None:
        if text.startswith(EVENT):
            self.event(socket, text)
        elif text.startswith(b'{"type":"ping"'):
            socket.write(masked(b'{"type":"pong"}'))
        elif text.startswith(b'{"type":"hello"'):
            self.epoch = json.loads(text)["epoch"]
            for topic in self.topics_of(socket.number):
                socket.write(masked(json.dumps(self.wish(socket, topic)).encode()))
        elif text.startswith(b'{"type":"subscribed"'):
            found = json.loads(text)
            socket.positions.setdefault(found["topic"], found["seq"])
            socket.waiting -= 1
            if socket.waiting == 0:
                socket.settle()
        elif text.startswith((b'{"type":"resync"', b'{"type":"error"')):
            self.resyncs += 1

    def topics_of(self, _number: int) -> list[str]:
        """What socket `number` follows."""
        return self.topics

    def wish(self, socket: "Socket", topic: str) -> dict[str, Any]:
        """The subscription to a topic."""
        wish: dict[str, Any] = {"type": "subscribe", "topic": topic}
        if topic in socket.positions:
            wish |= {"after": socket.positions[topic], "epoch": self.epoch}
        return wish

    def event(self, socket: "Socket", text: bytes) -> None:
        """An event without a number of ours: it must be the next of its topic."""
        topic, seq = address_of(text)
        if socket.positions.get(topic) != seq - 1:
            socket.crowd.wrong += 1
        socket.positions[topic] = seq
        socket.crowd.received += 1


def address_of(text: bytes) -> tuple[str, int]:
    """Topic and sequence number of an event's frame."""
    end = text.index(b'"', len(EVENT))
    begin = end + len(b'","seq":')
    return text[len(EVENT) : end].decode(), int(text[begin : text.index(b",", begin)])


class Socket(asyncio.Protocol):
    """One of the crowd."""

    __slots__ = ("crowd", "last", "number", "open", "positions", "ready", "rest", "transport", "waiting")

    transport: asyncio.Transport

    def __init__(self, crowd: "Crowd", number: int) -> None:
        self.crowd = crowd
        self.number = number
        self.last = 0  # number of the last payload, 0 before the first
        self.open = False
        self.ready = False
        self.rest = b""
        self.positions: dict[str, int] = {}  # of topics, when the dialect knows any
        self.waiting = len(getattr(crowd.dialect, "topics", ()))

    def settle(self) -> None:
        """It gets what is published from now on."""
        if not self.ready:
            self.ready = True
            self.crowd.ready += 1

    def write(self, frame: bytes) -> None:
        self.transport.write(frame)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport = cast("asyncio.Transport", transport)
        dialect = self.crowd.dialect
        more = "".join(f"{name}: {value}\r\n" for name, value in dialect.headers(self.number).items())
        transport.write(
            f"GET {dialect.address(self.number)} HTTP/1.1\r\nHost: {self.crowd.host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"{more}\r\n".encode()
        )

    def connection_lost(self, _error: Exception | None) -> None:
        self.crowd.lost(self)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if self.rest:
            data = self.rest + data
        position = 0 if self.open else self._greeted(data)
        while position >= 0:
            before = position
            position = self._frame(data, position, now)
            self.rest = data[before:] if position < 0 else b""

    def _greeted(self, data: bytes) -> int:
        """Where frames begin, -1 while the handshake's reply is not complete."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            self.rest = data
            return -1
        if not data.startswith(b"HTTP/1.1 101"):
            raise RuntimeError(f"refused: {data[:200]!r}")
        self.open = True
        self.crowd.dialect.opened(self)
        return end

    def _frame(self, data: bytes, position: int, now: int) -> int:
        """Take the frame at `position`; where the next one begins, -1 when it is not complete."""
        total = len(data)
        if total - position < 2:
            return -1
        size, start = data[position + 1], position + 2
        if size >= 126:
            start += 2 if size == 126 else 8
            if total < start:
                return -1
            size = int.from_bytes(data[position + 2 : start], "big")
        end = start + size
        if total < end:
            return -1
        opcode = data[position] & 15
        if opcode == TEXT:
            self._text(data, start, end, now)
        elif opcode == PING:
            self.write(masked(data[start:end], PONG))
        elif opcode == CLOSE:
            self.transport.close()
        return end

    def _text(self, data: bytes, start: int, end: int, now: int) -> None:
        found = data.find(NUMBER, start, end)
        if found < 0:
            self.crowd.dialect.heard(self, data[start:end])
            return
        found += len(NUMBER)
        number = int(data[found : found + NUMBER_DIGITS])
        crowd = self.crowd
        if self.last and number != self.last + 1:
            crowd.wrong += 1
        self.last = number
        crowd.received += 1
        if number >= crowd.measured_from:
            found += MOMENT
            crowd.delays.append((now - int(data[found : found + MOMENT_DIGITS])) / 1e6)


class Crowd:
    """`connect` it, have something published, wait until it has `arrived`."""

    def __init__(self, port: int, dialect: Dialect) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.dialect = dialect
        self.sockets: list[Socket] = []
        self.ready = 0
        self.received = 0
        self.wrong = 0  # payloads that came twice, out of order or after a hole
        self.lost_sockets = 0
        self.measured_from = 1 << 62  # payloads before this number are not timed
        self.delays = array("d")  # milliseconds
        self.on_lost: Callable[[Socket], None] | None = None
        self._closing = False

    async def connect(self, count: int, seconds: float = 60.0) -> None:
        """Open `count` more sockets and wait until all are ready."""
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(number: int) -> None:
            async with gate:
                await self.open(number)

        first = len(self.sockets)
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(one(first + number) for number in range(count)))
            while self.ready < first + count:
                await asyncio.sleep(0.01)

    async def open(self, number: int, positions: dict[str, int] | None = None) -> Socket:
        """One socket, its handshake under way; one that has been there before goes on from its positions."""

        def make() -> Socket:
            socket = Socket(self, number)
            socket.positions = positions or {}
            return socket

        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(make, "127.0.0.1", self.port)
        self.sockets.append(socket)
        return socket

    def lost(self, socket: Socket) -> None:
        """A socket was closed."""
        if not self._closing:
            self.lost_sockets += 1
            self.sockets.remove(socket)
            self.ready -= socket.ready
            if self.on_lost:
                self.on_lost(socket)

    async def arrived(self, number: int, seconds: float = 60.0) -> None:
        """Wait until payload `number` is the last of every socket. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while any(socket.last < number for socket in self.sockets):
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """All sockets away."""
        self._closing = True
        for socket in self.sockets:
            socket.transport.abort()
        await asyncio.sleep(0.05)
