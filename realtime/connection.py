"""One websocket: the handshake, what comes in, what goes out without waiting, and an orderly end.

It has the task that the server gave it and no other. Where the server gives its wire, packets go straight into it and
frames come straight out of it; else the task reads, and a bounded outbox has one writer. Whoever sends never waits: a
peer too slow for what waits is closed with "retry" and resumes by its position; nothing is dropped from the middle.
Rates, sizes and silence have limits (PROTOCOL.md). The caller has settled who is asking before `serve`.
"""

import asyncio
import contextlib
import logging
import random
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from realtime import frames, gestures
from realtime.ending import end
from realtime.frames import Close
from realtime.pace import Pace
from realtime.packet import Packet, pack, wire_of
from realtime.rooms import Grant, Who

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

QUEUE_FRAMES = 2000
QUEUE_BYTES = 2 * 1024 * 1024
ROOM_BYTES = 256 * 1024  # a replay begins when less than this waits
SOCKETS = 200  # of one sign-in: so many tabs has nobody, and each costs memory
TOPICS = 50
RATE = 20.0  # frames a second from one client
BURST = 100.0
GESTURES = 20.0  # a second; they are not counted among the frames unless they come faster
GESTURE_BURST = 20.0
SPARE_BYTES = 16 * 1024  # while more than so much waits, what may be lost is
COMMANDS = 8  # of one client under way at once; each may cost the database something
SILENCE_SECONDS = 25.0
CLOSE_SECONDS = 3.0  # for a goodbye; with the silence before it, somebody dead is gone within 30 s
FAREWELL_SECONDS = 0.2  # until the goodbye has left

PING = Packet(frames.PING)
PONG = Packet(frames.PONG)
SENTENCES: dict[frames.ErrorCode, str] = {
    "forbidden": "This is not available to you.",
    "too_many_topics": "This page follows too many things at once.",
    "not_subscribed": "Subscribe to the topic first.",
    "too_large": "That is too large.",
    "invalid": "That cannot be shown to others.",
    "throttled": "Too many commands at once; wait for the answers.",
}


class Call(NamedTuple):
    """A command: who asks, on which topic (already theirs), with which JSON body."""

    who: Who
    topic: str | None
    body: bytes


Handler = Callable[[Call], Awaitable[bytes | None]]


class CommandError(Exception):
    """A command is refused, with a code and a sentence for the reply."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def serve(socket: "WebSocket[Any, Any, Any]", hub: "Hub", who: Who) -> None:
    """Speak the live protocol on this websocket until it closes. Accepts it."""
    if hub.stopped:  # a tab that came back faster than this process went
        await refuse(socket, Close.RESTART)
        return
    if hub.sessions[who.session] >= SOCKETS:
        await refuse(socket, Close.THROTTLED)
        return
    await socket.accept()
    await Connection(socket, hub, who).run()


async def refuse(socket: "WebSocket[Any, Any, Any]", close: tuple[int, str]) -> None:
    """Tell a browser why it may not come in: only a websocket that was accepted carries a close code."""
    await socket.accept()
    await socket.close(*close)


class Outbox:
    """Packets for a socket of a server without a wire, sent one after the other by a task of its own."""

    def __init__(self, socket: "WebSocket[Any, Any, Any]") -> None:
        self.waiting = 0
        self._socket = socket
        self._queue: deque[Packet] = deque()
        self._wake = asyncio.Event()
        self.task = asyncio.create_task(self._write())

    def add(self, packet: Packet) -> int:
        """The bytes that wait now; more than may wait when there are too many packets."""
        self._queue.append(packet)
        self.waiting += packet.size
        self._wake.set()
        return self.waiting if len(self._queue) <= QUEUE_FRAMES else QUEUE_BYTES + 1

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                packet = self._queue.popleft()
                try:
                    await self._socket.send({"type": "websocket.send", "bytes": None, "text": packet.text})
                except Exception:  # the peer is gone, in one of the several ways a server has to say so
                    return
                self.waiting -= packet.size


class Connection:
    """One socket. `send`, `close` and `refuse` may be called from anywhere on the loop and never wait."""

    __slots__ = (
        "_closing",
        "_frames",
        "_gestures",
        "_heard",
        "_hub",
        "_jobs",
        "_outbox",
        "_socket",
        "_states",
        "_subscribing",
        "_task",
        "_turn",
        "_wire",
        "_write",
        "ending",
        "id",
        "opened_at",
        "topics",
        "who",
    )

    def __init__(self, socket: "WebSocket[Any, Any, Any]", hub: "Hub", who: Who) -> None:
        self.who = who
        self.id = uuid.uuid4().hex[:12]
        self.opened_at = time.time()
        self.topics: dict[str, Grant] = {}
        self.ending = False
        self._socket = socket
        self._hub = hub
        self._wire = wire_of(socket.scope)
        self._write: Callable[[bytes], None] | None = None  # into the wire
        self._outbox: Outbox | None = None
        self._task: asyncio.Task[Any] | None = None
        self._turn = random.randrange(frames.PING_SECONDS)
        self._closing: tuple[int, str] | None = None
        self._subscribing: dict[str, asyncio.Task[None]] = {}
        self._states: dict[str, frames.SetState] = {}  # to be set once the subscription stands
        self._jobs: set[asyncio.Task[None]] = set()
        self._heard = time.monotonic()
        self._frames = Pace(RATE, BURST, self._heard)
        self._gestures = Pace(GESTURES, GESTURE_BURST, self._heard)

    async def run(self) -> None:
        """Read and write until either side ends it."""
        self._task = asyncio.current_task()
        assert self._task
        if self._wire:
            self._write = self._wire.join(self._hear, self._choked, QUEUE_BYTES)
        else:
            self._outbox = Outbox(self._socket)
        self._hub.admit(self)
        hello = frames.HelloFrame(
            protocol=frames.PROTOCOL, connection=self.id, epoch=self._hub.epoch, ping=frames.PING_SECONDS
        )
        self.send(pack(hello))
        if self._hub.troubled:
            self.send(pack(frames.HealthFrame(database=False)))
        try:
            await self._read()
        except asyncio.CancelledError:
            if not self._closing:
                raise
            self._task.uncancel()  # it was `close`
        finally:
            self.ending = True
            self._hub.dismiss(self)
            await end([*self._subscribing.values(), *self._jobs, *([self._outbox.task] if self._outbox else [])])
            await self._say_goodbye()

    # Out

    def send(self, packet: Packet) -> None:
        """Send, or close a peer that does not read."""
        if self._closing:
            return
        if self._write:  # the path of every delivery
            try:  # noqa: SIM105 - half the cost of a context manager
                self._write(packet.frame)
            except RuntimeError:  # closed just now; the task is about to learn it
                pass
        elif self._outbox and self._outbox.add(packet) > QUEUE_BYTES:
            self._choked()

    def offer(self, packet: Packet) -> None:
        """Send what is of no use later, unless others wait already."""
        if self._pending() <= SPARE_BYTES:
            self.send(packet)

    def _choked(self) -> None:
        self.close(Close.SLOW_READER)

    def refuse(self, code: frames.ErrorCode, topic: str | None) -> None:
        """Tell that something asked for is not to be had."""
        frame = frames.ErrorFrame(code=code, message=SENTENCES.get(code, code), topic=topic, retry=False)
        self.send(pack(frame))

    def close(self, close: tuple[int, str]) -> None:
        """End it, with a code of `Close`. What was not sent yet is dropped."""
        if not self._closing:
            self._closing = close
            if self._task and not self.ending:
                self._task.cancel()  # it waits for the peer, which may never say anything

    def tick(self, turn: int) -> None:
        """Called every second: ping in our own second of ten, close a peer that says nothing."""
        if turn % frames.PING_SECONDS == self._turn:
            self.send(PING)
        if time.monotonic() - self._heard > SILENCE_SECONDS:
            self.close(Close.SILENT)

    async def room(self) -> None:
        """Wait until little enough is waiting for a replay to be added."""
        while self._pending() > ROOM_BYTES and not self._closing:  # noqa: ASYNC110  # a transport tells nobody
            await asyncio.sleep(0.05)

    def _pending(self) -> int:
        if self._wire:
            return self._wire.waiting()
        return self._outbox.waiting if self._outbox else 0

    async def _say_goodbye(self) -> None:
        if not self._closing:
            return
        if self._closing == Close.SLOW_READER and self._wire:
            self._wire.abort()  # a close frame would wait behind everything it does not read
            return
        with contextlib.suppress(Exception):  # gone already
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(*self._closing)
        if self._closing == Close.SILENT and self._wire:
            await asyncio.sleep(FAREWELL_SECONDS)
            self._wire.abort()  # nobody will answer the goodbye; without this the server waits for that

    # In

    async def _read(self) -> None:
        """Until the peer goes. With a wire nothing comes this way but that."""
        while True:
            try:
                text = await self._socket.receive_data("text")
            except (WebSocketDisconnect, RuntimeError):
                return
            self._hear(text)

    def _hear(self, text: str | bytes) -> None:
        if self._closing:
            return
        self._heard = time.monotonic()
        if not self._frames.keeps(self._heard):
            self.close(Close.THROTTLED)
            return
        try:
            if len(text) > frames.FRAME_LIMIT:
                raise msgspec.ValidationError
            frame = frames.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            self.close(Close.BAD_FRAME)
            return
        self._take(frame)

    def _take(self, frame: frames.ClientFrame) -> None:
        match frame:
            case frames.Ping():
                self.send(PONG)
            case frames.Pong():
                pass
            case frames.Subscribe():
                self._subscribe(frame)
            case frames.Unsubscribe(topic=topic):
                self._stop_subscribing(topic)
                self._states.pop(topic, None)
                self._hub.unsubscribe(self, topic)
            case frames.SetState():
                self._set_state(frame)
            case frames.Typing(topic=topic):
                if self._may(topic, "typing"):
                    self._hub.rooms.typing(topic, self)
            case frames.Gesture():
                self._gesture(frame)
            case frames.Command():
                self._command(frame)

    def _may(self, topic: str, what: str) -> bool:
        grant = self.topics.get(topic)
        if grant is None:
            return False  # on its way, or just ended: may be lost
        if not getattr(grant, what):
            self.refuse("forbidden", None)
            return False
        return True

    def _set_state(self, frame: frames.SetState) -> None:
        topic, state = frame.topic, bytes(frame.state)
        if topic in self._subscribing:
            self._states[topic] = frame
        elif not self._may(topic, "presence"):
            return
        elif len(state) > frames.STATE_LIMIT:
            self.refuse("too_large", None)
        elif state != b"null" and not self._hub.fits(topic, state):
            self.refuse("invalid", None)
        else:
            self._hub.rooms.set_state(topic, self, state, idle=frame.idle)

    def _gesture(self, frame: frames.Gesture) -> None:
        """Pass it on; what comes faster than anybody sees is dropped."""
        body = bytes(frame.body)
        if body != gestures.NOTHING:
            if not self._gestures.keeps(self._heard):
                return
            self._frames.give_back()
        if not self._may(frame.topic, "presence"):
            return
        if len(body) > frames.GESTURE_LIMIT:
            self.refuse("too_large", None)
        elif body != gestures.NOTHING and not self._hub.gestures.fits(frame.topic, body):
            self.refuse("invalid", None)
        else:
            self._hub.gestures.pass_on(frame.topic, self, body)

    def _subscribe(self, frame: frames.Subscribe) -> None:
        self._stop_subscribing(frame.topic)
        if frame.topic not in self.topics and len({*self.topics, *self._subscribing}) >= TOPICS:
            self.refuse("too_many_topics", frame.topic)
            return
        if bytes(frame.state):
            self._states[frame.topic] = frames.SetState(topic=frame.topic, state=frame.state, idle=frame.idle)
        self._hub.pause(self, frame.topic)
        task = asyncio.create_task(self._hub.subscribe(self, frame))
        self._subscribing[frame.topic] = task
        task.add_done_callback(lambda done: self._subscribed(frame.topic, done))

    def _subscribed(self, topic: str, task: asyncio.Task[None]) -> None:
        if self._subscribing.get(topic) is task:
            del self._subscribing[topic]
            if state := self._states.pop(topic, None):  # refused or to begin anew: then it is lost, as it may be
                self._set_state(state)

    def _stop_subscribing(self, topic: str) -> None:
        if task := self._subscribing.pop(topic, None):
            task.cancel()

    def _command(self, wish: frames.Command) -> None:
        if len(self._jobs) < COMMANDS:
            self._spawn(self._answer(wish))
        else:
            self._reply(wish, None, "throttled", SENTENCES["throttled"])

    async def _answer(self, wish: frames.Command) -> None:
        body: bytes | None = None
        code = message = None
        try:
            body = await self._hub.answer(self, wish)
        except CommandError as error:
            code, message = error.code, error.message
        except Exception:
            log.exception("command %s failed", wish.name)
            code, message = "unavailable", "That did not work. Please try again."
        self._reply(wish, body, code, message)

    def _reply(self, wish: frames.Command, body: bytes | None, code: str | None, message: str | None) -> None:
        self.send(pack(frames.ReplyFrame(id=wish.id, body=frames.raw(body), error=code, message=message)))

    def _spawn(self, step: Awaitable[None]) -> None:
        task = asyncio.ensure_future(step)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
