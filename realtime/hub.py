"""The hub of one process: its sockets, the topics they follow, and the one gate that says who may.

It joins the log (truth), the bus (speed) and the rooms (presence, typing). Every second one query compares the heads of
all topics followed here, so that whatever the bus lost arrives all the same; every 25 s all grants are read again.
Features register commands; the hub imports none of them. With Postgres or Redis away, sockets stay and wait.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg

from realtime import frames
from realtime import log as journal
from realtime.bus import (
    EVERYBODY,
    AnyMessage,
    Bus,
    CloseMessage,
    EventMessage,
    GestureMessage,
    PresenceMessage,
    TypingMessage,
)
from realtime.connection import Call, CommandError, Connection, Handler
from realtime.counters import Counters
from realtime.ending import end
from realtime.feed import BehindError, Feed
from realtime.frames import Close
from realtime.gestures import Gestures
from realtime.log import Delivery
from realtime.packet import pack
from realtime.presence import Presence
from realtime.rooms import Grant, Rooms, Who

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
GRANT_SECONDS = 25.0  # and the reading itself: a right that ended unheard of is gone within 30 s
IDLE_SECONDS = 10.0  # a topic that nobody follows is kept so long: pages are left and entered
DATABASE_SECONDS = 3.0  # a query that hangs in a broken wire is given up
READERS = 3  # topics that read the log at once: hundreds may have to, after a cut, and others need the pool too

GrantOne = Callable[[Who, str], Awaitable[Grant | None]]
GrantMany = Callable[[Sequence[tuple[Who, str]]], Awaitable[Sequence[Grant | None]]]
Fits = Callable[[str, bytes], bool]


class Hub:
    """One per process. `grant(who, topic)` is the gate, None refuses; `regrant(pairs)` asks it many at once."""

    def __init__(
        self, pool: asyncpg.Pool, bus: Bus, presence: Presence, grant: GrantOne, regrant: GrantMany | None = None
    ) -> None:
        self.epoch = ""
        self.connections: set[Connection] = set()
        self.sessions: Counter[str] = Counter()  # how many of the connections each sign-in has
        self.database_ok = False
        self.troubled = False  # the database was there and is away: sockets have been told
        self.stopped = False
        self.resyncs = 0
        self.counters = Counters()
        self.fits: Fits = lambda _topic, _state: True
        self.rooms = Rooms(presence, bus)
        self.gestures = Gestures(self.rooms, bus)
        self._pool = pool
        self._bus = bus
        self._grant = grant
        self._regrant = regrant or self._one_by_one
        self._feeds: dict[str, Feed] = {}
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._commands: dict[str, Handler] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._reading = asyncio.Semaphore(READERS)
        self._counts = (0, 0)  # refills and loads of feeds that are closed

    async def start(self) -> None:
        """Begin. Needs neither Postgres nor Redis to be there yet."""
        await self._bus.start(self._hear, self._restored)
        self.rooms.start()
        with contextlib.suppress(Exception):  # tried again every second
            await self._check()
        self._tasks = [asyncio.create_task(self._checking()), asyncio.create_task(self._granting())]

    async def stop(self) -> None:
        """Send sockets home with "retry", tell presence, stop the bus."""
        self.stopped = True
        for connection in list(self.connections):
            connection.close(Close.RESTART)
        await end([*self._tasks, *self._opening.values()])
        for feed in self._feeds.values():
            feed.close()
        await self.rooms.stop()
        await self._bus.stop()

    # For the application

    def publish(self, deliveries: Sequence[Delivery]) -> None:
        """Hand on events that `log.append` numbered. Call after the commit; returns at once and may lose nothing."""
        now = time.time()
        for delivery in deliveries:
            self._offer(delivery.topic, delivery.seq, delivery.payload, now)
        self._bus.deliver(deliveries)

    def _offer(self, topic: str, seq: int, payload: bytes, began: float) -> None:
        if feed := self._feeds.get(topic):
            before = feed.position
            feed.offer(seq, payload)
            if feed.position > before:
                self.counters.delivered(feed.position - before, began)

    def revoke(self, who: str) -> None:
        """The rights of this person changed: their sockets close everywhere and come in again through the door."""
        self._close_everywhere(CloseMessage(who, "", *frames.Close.RIGHTS_CHANGED, self.rooms.process))

    def end_session(self, session: str, close: tuple[int, str] = frames.Close.NOT_SIGNED_IN) -> None:
        """This sign-in is over: its sockets close everywhere and stay away."""
        self._close_everywhere(CloseMessage("", session, *close, self.rooms.process))

    def command(self, name: str, handler: Handler) -> None:
        """Register what answers the command `name`. For what may be lost; durable changes go over HTTP."""
        self._commands[name] = handler

    def states(self, fits: Fits) -> None:
        """Refuse presence states of which `fits(topic, state)` is false. Without it any JSON will do."""
        self.fits = fits

    def stats(self) -> dict[str, int | bool]:
        """Counters of this process, for a health page."""
        feeds = list(self._feeds.values())
        return {
            "connections": len(self.connections),
            "topics": len(feeds),
            "refills": self._counts[0] + sum(feed.refills for feed in feeds),
            "loads": self._counts[1] + sum(feed.loads for feed in feeds),
            "resyncs": self.resyncs,
            "database": self.database_ok,
            "bus": self._bus.connected,
            "published": self._bus.published,
            "dropped": self._bus.dropped,
            "received": self._bus.received,
        }

    # For connections

    def admit(self, connection: Connection) -> None:
        """It is open."""
        self.connections.add(connection)
        self.sessions[connection.who.session] += 1

    def dismiss(self, connection: Connection) -> None:
        """It is over; it follows nothing any more."""
        self.connections.discard(connection)
        session = connection.who.session
        self.sessions[session] -= 1
        if not self.sessions[session]:
            del self.sessions[session]
        for topic in list(connection.topics):
            self.unsubscribe(connection, topic)

    async def subscribe(self, connection: Connection, wish: frames.Subscribe) -> None:
        """Follow a topic, however long the database is away. Ends with subscribed, resync or error."""
        while not connection.ending:
            try:
                if await self._subscribe(connection, wish):
                    return
            except BehindError as behind:
                feed = self._feeds[wish.topic]
                self._resync(feed, connection, behind.reason)
                return
            except Exception as error:  # database or gate away: the socket stays and waits
                log.warning("cannot subscribe yet: %s", type(error).__name__)
            await asyncio.sleep(0.5 + random.random())

    async def _subscribe(self, connection: Connection, wish: frames.Subscribe) -> bool:
        topic = wish.topic
        grant = await self._grant(connection.who, topic)
        if grant is None:
            self.unsubscribe(connection, topic)
            connection.refuse("forbidden", topic)
            return True
        await connection.room()
        feed = await self._open(topic)
        after = feed.position if wish.after is None else wish.after
        if grant.events and wish.after is not None:
            if wish.epoch != self.epoch:
                raise BehindError("epoch")
            await feed.reach(after)
        if connection.ending or self._feeds.get(topic) is not feed or feed.position < 0:
            return False  # one of the two was closed meanwhile
        # From here to the end nothing waits: replay and live events join without a seam.
        packets = feed.replay(after) if grant.events else []
        connection.send(pack(frames.SubscribedFrame(topic=topic, seq=feed.position, epoch=self.epoch)))
        for packet in packets:
            connection.send(packet)
        self.counters.replay(len(packets))
        feed.listeners[connection] = grant.events
        connection.topics[topic] = grant
        self.rooms.enter(topic, connection, grant)
        return True

    def unsubscribe(self, connection: Connection, topic: str) -> None:
        """Follow it no longer."""
        connection.topics.pop(topic, None)
        if feed := self._feeds.get(topic):
            feed.listeners.pop(connection, None)
        self.gestures.end(topic, connection)
        self.rooms.leave(topic, connection)

    def pause(self, connection: Connection, topic: str) -> None:
        """A subscription is about to begin anew: no events until then, presence stays."""
        if feed := self._feeds.get(topic):
            feed.listeners.pop(connection, None)

    async def answer(self, connection: Connection, wish: frames.Command) -> bytes:
        """The reply to a command. Raises `CommandError`."""
        handler = self._commands.get(wish.name)
        if handler is None:
            raise CommandError("unknown_command", "There is no such command.")
        if wish.topic is not None and wish.topic not in connection.topics:
            raise CommandError("not_subscribed", "Subscribe to the topic first.")
        return await handler(Call(connection.who, wish.topic, bytes(wish.body) or b"null")) or b"null"

    # Feeds

    async def _open(self, topic: str) -> Feed:
        feed = self._feeds.get(topic)
        if feed is None:
            feed = self._feeds[topic] = Feed(topic, self._read)
        if feed.position < 0:
            task = self._opening.get(topic)
            if task is None:
                task = self._opening[topic] = asyncio.create_task(self._open_feed(feed))
                task.add_done_callback(lambda done: self._opened(topic, done))
            with feed.kept():
                await asyncio.shield(task)
        return feed

    async def _open_feed(self, feed: Feed) -> None:
        # First hear, then look: what is written in between is heard. A bus that is away costs half a second here; the
        # heads are checked anyway.
        await self._bus.join(feed.topic)
        async with self._reading, self._database() as connection:
            found = await journal.survey(connection, [feed.topic])
        self._learn(found.epoch)
        feed.open(found.heads[feed.topic])

    def _opened(self, topic: str, task: asyncio.Task[None]) -> None:
        self._opening.pop(topic, None)
        if not task.cancelled():
            task.exception()  # whoever waited has got it

    async def _read(self, topic: str, after: int, limit: int) -> list[Delivery]:
        async with self._reading, self._database() as connection:  # its time begins when its turn has come
            return await journal.read(connection, topic, after, limit)

    @contextlib.asynccontextmanager
    async def _database(self) -> AsyncIterator[asyncpg.Connection]:
        async with asyncio.timeout(DATABASE_SECONDS), self._pool.acquire() as connection:
            yield connection

    def _learn(self, epoch: str) -> None:
        """Another epoch than before, or the first: whatever anybody knows or has heard belongs to another history."""
        if epoch != self.epoch:
            for feed in self._feeds.values():
                feed.belongs_to_the_past()
        self.epoch = epoch

    def _resync(self, feed: Feed, connection: Connection, reason: frames.Reason) -> None:
        self.resyncs += 1
        self.unsubscribe(connection, feed.topic)
        frame = frames.ResyncFrame(topic=feed.topic, seq=max(feed.position, 0), epoch=self.epoch, reason=reason)
        connection.send(pack(frame))

    # Rounds

    async def _checking(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            turn += 1
            for connection in list(self.connections):
                connection.tick(turn)
            try:
                await self._check()
                if not self.database_ok:
                    log.info("database reached")
                self.database_ok = True
                self._tell_health(troubled=False)
            except Exception as error:  # away: sockets stay, the next second tries again
                if self.database_ok:
                    log.warning("database away: %s", type(error).__name__)
                self.database_ok = False
                self._tell_health(troubled=True)

    def _tell_health(self, *, troubled: bool) -> None:
        """Say it to every socket when it changes, so that pages can say it to people."""
        if troubled != self.troubled:
            self.troubled = troubled
            packet = pack(frames.HealthFrame(database=not troubled))
            for connection in list(self.connections):
                connection.send(packet)

    async def _check(self) -> None:
        now = time.monotonic()
        for topic, feed in list(self._feeds.items()):
            feed.prune()
            if feed.listeners or feed.awaited or topic in self._opening:
                feed.idle_since = now
            elif now - feed.idle_since > IDLE_SECONDS:
                self._close_feed(feed)
        before = {topic: feed.position for topic, feed in self._feeds.items() if feed.position >= 0}
        async with self._database() as connection:
            found = await journal.survey(connection, before)
        history_changed = self.epoch not in {"", found.epoch}
        self._learn(found.epoch)
        for topic, head in found.heads.items():
            feed = self._feeds[topic]
            # Compared with where we were BEFORE the query: events that came since are not in its answer.
            if feed.broken or head < before[topic]:
                listeners = list(feed.listeners)
                feed.listeners.clear()  # what follows is not the next event to any of them
                feed.open(head)
                for listener in listeners:
                    assert isinstance(listener, Connection)
                    self._resync(feed, listener, "epoch" if history_changed else "trimmed")
            else:
                feed.check(head)

    def _close_feed(self, feed: Feed) -> None:
        feed.close()
        self._counts = (self._counts[0] + feed.refills, self._counts[1] + feed.loads)
        del self._feeds[feed.topic]
        self._bus.leave(feed.topic)

    async def _granting(self) -> None:
        while True:
            await asyncio.sleep(GRANT_SECONDS)
            with contextlib.suppress(Exception):  # the gate cannot be asked: what was granted stays until it can
                await self.reread_grants()

    async def reread_grants(self) -> None:
        """Ask the gate again for every subscription of this process, and end what it refuses now."""
        held = [(connection, topic) for connection in self.connections for topic in connection.topics]
        answers = await self._regrant([(connection.who, topic) for connection, topic in held])
        for (connection, topic), grant in zip(held, answers, strict=True):
            known = connection.topics.get(topic)
            if known is None or grant == known:
                continue
            if grant is None:
                self.unsubscribe(connection, topic)
                connection.refuse("forbidden", topic)
            else:
                connection.topics[topic] = grant
                feed = self._feeds.get(topic)
                if feed and connection in feed.listeners:  # else it is about to begin anew and asks by itself
                    feed.listeners[connection] = grant.events
                self.rooms.enter(topic, connection, grant)

    async def _one_by_one(self, pairs: Sequence[tuple[Who, str]]) -> list[Grant | None]:
        return [await self._grant(who, topic) for who, topic in pairs]

    # From the bus

    def _hear(self, message: AnyMessage) -> None:
        match message:
            case EventMessage():
                self._offer(message.topic, message.seq, message.payload, message.at)
            case PresenceMessage():
                self.rooms.hear(message)
            case TypingMessage():
                self.rooms.hear_typing(message)
            case GestureMessage():
                self.gestures.hear(message)
            case CloseMessage() if message.origin != self.rooms.process:  # our echo would meet who came back since
                self._close_here(message)

    def _restored(self) -> None:
        self.rooms.restored()

    def _close_everywhere(self, message: CloseMessage) -> None:
        self._close_here(message)
        self._bus.publish(EVERYBODY, message)

    def _close_here(self, message: CloseMessage) -> None:
        for connection in list(self.connections):
            who = connection.who
            if (message.who and who.id == message.who) or (message.session and who.session == message.session):
                connection.close((message.code, message.reason))
