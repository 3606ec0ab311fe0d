"""The bus: how the processes of one installation tell each other what happened, through Redis publish and subscribe.

One channel per process, joined to a topic's group while somebody here follows it. Publishing never makes a caller
wait: messages go into a bounded queue that one task empties, each with a limit of one second. The bus may lose and
reorder; whoever needs more heals from the log. `channels_redis.pubsub` subscribes again by itself after a Redis
restart, but tells nobody (its hooks are never called), so a small beat to ourselves finds out whether we can hear.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime.ending import end
from realtime.log import Delivery

log = logging.getLogger(__name__)

EVERYBODY = "everybody"  # the group that every process joins; no topic, for topics contain a colon
QUEUE_LIMIT = 10_000  # messages waiting to be published
SPARE_LIMIT = 100  # while more than so many wait, what is of no use later is not even queued
PUBLISH_SECONDS = 1.0
JOIN_SECONDS = 2.0
BEAT_SECONDS = 1.0
DEAF_SECONDS = 3.0  # no beat heard for so long: the bus is cut


class Message(msgspec.Struct, frozen=True, tag_field="k", array_like=True):
    """Base of what travels between processes."""


class EventMessage(Message, frozen=True, array_like=True, tag="e"):
    """An event, after its commit; `at` is when it was published, Unix time."""

    topic: str
    seq: int
    payload: bytes
    at: float = 0.0


class PresenceMessage(Message, frozen=True, array_like=True, tag="p"):
    """Presence entries (`realtime.presence.Entry`, encoded) that came or changed, and the fields that went."""

    topic: str
    origin: str
    joined: list[bytes]
    left: list[str]


class TypingMessage(Message, frozen=True, array_like=True, tag="t"):
    """Somebody types: their id, and the encoded frame for everybody else."""

    topic: str
    origin: str
    who: str
    frame: bytes


class GestureMessage(Message, frozen=True, array_like=True, tag="g"):
    """What somebody's hand does: their id, and the encoded frame for everybody else."""

    topic: str
    origin: str
    who: str
    frame: bytes


class CloseMessage(Message, frozen=True, array_like=True, tag="c"):
    """Close all sockets of a person or of a sign-in session. `origin` is the process that has done so already."""

    who: str
    session: str
    code: int
    reason: str
    origin: str = ""


class BeatMessage(Message, frozen=True, array_like=True, tag="b"):
    """A word to ourselves."""

    at: float


AnyMessage = EventMessage | PresenceMessage | TypingMessage | GestureMessage | CloseMessage | BeatMessage
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AnyMessage).decode


class Bus:
    """One process's connection to the others. `url` is a Redis URL, `redis://...` or `unix:///path`.

    A process that only writes calls `start()` without `receive` and uses `deliver`.
    """

    def __init__(self, url: str, prefix: str = "greenroom") -> None:
        host: dict[str, Any] = {
            "address": url,
            "retry": Retry(NoBackoff(), 1),
            "health_check_interval": 5,
        }
        self._layer = RedisPubSubChannelLayer(hosts=[host], prefix=prefix)
        self._queue: deque[tuple[str, bytes]] = deque()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._wanted: set[str] = set()
        self._joined: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._receive: Callable[[AnyMessage], None] | None = None
        self._restored: Callable[[], None] | None = None
        self._heard = 0.0
        self.connected = False
        self.published = 0
        self.dropped = 0
        self.received = 0

    async def start(
        self, receive: Callable[[AnyMessage], None] | None = None, restored: Callable[[], None] | None = None
    ) -> None:
        """Begin. `receive` is called for each message of a joined topic, `restored` when a cut has ended.

        Returns at once, whether Redis can be reached or not; it is tried for ever.
        """
        # It writes a stack trace every second while Redis is away; we say it once.
        logging.getLogger("channels_redis.pubsub").setLevel(logging.CRITICAL)
        self._receive, self._restored = receive, restored
        jobs = [self._publishing()]
        if receive:
            jobs += [self._listening(), self._joining(), self._beating()]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Send what is still waiting (one second at most), then leave."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._drained.wait()
        await end(self._tasks)
        with contextlib.suppress(Exception):  # leaving politely is a courtesy; Redis may be gone
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._layer.flush()

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Publish events in the background. Call after the commit, never before."""
        now = time.time()
        for topic, seq, payload in deliveries:
            self.publish(topic, EventMessage(topic, seq, payload, now))

    def publish(self, topic: str, message: Message) -> None:
        """Publish in the background to everybody who joined `topic`. When too many wait, the oldest is dropped."""
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append((topic, _encode(message)))
        self._drained.clear()
        self._filled.set()

    def publish_if_idle(self, topic: str, message: Message) -> None:
        """Publish unless others wait: for what nothing is lost with."""
        if len(self._queue) <= SPARE_LIMIT:
            self.publish(topic, message)

    async def join(self, topic: str, patience: float = 0.5) -> bool:
        """Hear `topic` from now on. Waits at most `patience` seconds; False means it is still being tried."""
        joined = self._joined.setdefault(topic, asyncio.Event())
        self._wanted.add(topic)
        self._changed.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await joined.wait()
        return joined.is_set()

    def leave(self, topic: str) -> None:
        """Hear it no longer."""
        self._wanted.discard(topic)
        self._changed.set()

    async def _publishing(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                topic, data = self._queue.popleft()
                try:
                    async with asyncio.timeout(PUBLISH_SECONDS):
                        await self._layer.group_send(topic, {"m": data})
                    self.published += 1
                except Exception:  # Redis away or hung: waiting would only delay what comes after; the log heals
                    self.dropped += 1 + len(self._queue)
                    self._queue.clear()
                    await asyncio.sleep(0.1)
            self._drained.set()

    async def _listening(self) -> None:
        while not self._channel:
            try:
                async with asyncio.timeout(JOIN_SECONDS):
                    self._channel = await self._layer.new_channel()
            except Exception:  # not there yet
                await asyncio.sleep(0.3)
        self._wanted.add(EVERYBODY)
        self._changed.set()
        while True:
            data = await self._layer.receive(self._channel)
            try:
                message = _decode(data["m"])
            except (KeyError, TypeError, msgspec.MsgspecError):
                log.warning("unreadable message on the bus")
                continue
            self._take(message)
            # Queue.get() on a filled queue does not yield: let the sockets' writers run in a burst.
            await asyncio.sleep(0)

    def _take(self, message: AnyMessage) -> None:
        if isinstance(message, BeatMessage):
            self._heard = time.monotonic()
            if not self.connected:
                self.connected = True
                log.info("bus connected")
                if self._restored:
                    self._restored()
            return
        self.received += 1
        assert self._receive
        try:
            self._receive(message)
        except Exception:
            log.exception("a bus message could not be handled")

    async def _joining(self) -> None:
        """Bring the groups we are in, in line with the ones we want, for ever."""
        inside: set[str] = set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not self._channel:
                await asyncio.sleep(0.05)
                self._changed.set()
                continue
            for topic in inside - self._wanted:
                if await self._within(self._layer.group_discard(topic, self._channel)):
                    inside.discard(topic)
                    self._joined.pop(topic, None)
            for topic in self._wanted - inside:
                if await self._within(self._layer.group_add(topic, self._channel)):
                    inside.add(topic)
                    self._joined.setdefault(topic, asyncio.Event()).set()
            if inside != self._wanted:
                await asyncio.sleep(0.3)
                self._changed.set()

    async def _within(self, step: Any) -> bool:
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await step
        except Exception:  # Redis away: tried again
            return False
        return True

    async def _beating(self) -> None:
        while True:
            if self._channel:
                with contextlib.suppress(Exception):  # a beat that fails is a beat not heard
                    async with asyncio.timeout(PUBLISH_SECONDS):
                        await self._layer.send(self._channel, {"m": _encode(BeatMessage(time.time()))})
            if self.connected and time.monotonic() - self._heard > DEAF_SECONDS:
                self.connected = False
                log.warning("bus cut off; events come from the log until it is back")
            await asyncio.sleep(BEAT_SECONDS)
