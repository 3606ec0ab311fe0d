"""Rooms: presence and typing of the topics that this process has sockets in.

A room holds who of our own people is in the topic (a person counts once, with the state set last by any tab), what we
know of everybody's presence, and who may see it. It repeats our entries to Redis, sweeps the dead, tells changes over
the bus at once and resends whole lists now and then, so that a lost message is put right. Somebody who goes is kept for
two seconds: a reload or a reconnect is no leaving. With Redis away, what is known stays on the screen.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol

import msgspec

from realtime import frames, presence
from realtime.bus import Bus, PresenceMessage, TypingMessage
from realtime.ending import end
from realtime.feed import Listener
from realtime.packet import Packet, pack
from realtime.presence import Presence, Roster

log = logging.getLogger(__name__)

LINGER_SECONDS = 2.0
LAST_SECONDS = 4.0  # entries of a process that has stopped
TYPING_SECONDS = 2.0
REDIS_SECONDS = 1.0
SETTLE_SECONDS = 6.0  # after Redis came back: every process has repeated its entries by then


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the other end. `id` counts once in presence; `session` is the sign-in that can be ended.

    `device` and `page` are words of the application about this one socket, for the census alone.
    """

    id: str
    name: str
    kind: str
    session: str
    colour: int = 0
    device: str = ""
    page: str = ""


class Grant(NamedTuple):
    """What somebody may do on a topic: receive events, see and appear in presence, see and send typing."""

    events: bool = True
    presence: bool = False
    typing: bool = False


class Member(Listener, Protocol):
    """A socket in a room."""

    @property
    def who(self) -> Who:
        """Whose socket it is."""

    def offer(self, packet: Packet) -> None:
        """Take a packet that may be lost; it is, when others wait already."""


class Doing(NamedTuple):
    """What goes on in one tab: the state it set, and since when (Unix seconds) nothing was touched there."""

    state: bytes
    idle: int | None = None


class Stay:
    """One of our people in a room: what they do in each tab; without a tab for the two seconds of grace."""

    def __init__(self, who: Who) -> None:
        self.who = who
        self.since = int(time.time())
        self.tabs: dict[Member, Doing] = {}
        self.at = 0.0
        self.shown = Doing(b"null")
        self.beaten = False
        self.leaving: asyncio.TimerHandle | None = None

    def look(self) -> bool:
        """Show what was set last where somebody sits, else where somebody sat last. True when that is another."""
        before = self.shown
        awake = [doing for doing in self.tabs.values() if doing.idle is None]
        idle = [doing.idle for doing in self.tabs.values() if doing.idle is not None]
        last = (awake or list(self.tabs.values()))[-1]
        self.shown = Doing(last.state, None if awake else max(idle))
        return self.shown != before


class Room:
    """One topic's audience and presence."""

    def __init__(self) -> None:
        self.audience: dict[Member, Grant] = {}
        self.stays: dict[str, Stay] = {}
        self.roster = Roster()
        self.known = False
        self.listing = False


class Rooms:
    """All rooms of a process. `start()` begins the heartbeat; the rest is called by the hub."""

    def __init__(self, store: Presence, bus: Bus) -> None:
        self.process = uuid.uuid4().hex[:12]
        self._store = store
        self._bus = bus
        self._rooms: dict[str, Room] = {}
        self._typed: dict[tuple[str, str], float] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._settled_at = 0.0

    def start(self) -> None:
        """Begin to beat, sweep and list."""
        self._spawn(self._every(presence.BEAT_SECONDS, self._beat_all))
        self._spawn(self._every(presence.SWEEP_SECONDS, self._sweep_all))
        self._spawn(self._every(presence.LIST_SECONDS, self._list_all))

    async def stop(self) -> None:
        """Let our people's entries run out soon: who comes back to another process by then has never been away."""
        await end(self._jobs)
        for topic, room in self._rooms.items():
            for stay in room.stays.values():
                if stay.leaving:
                    stay.leaving.cancel()
            if entries := self._details(room):
                await self._quietly(self._within(self._store.beat(topic, entries, LAST_SECONDS)))
        self._rooms.clear()

    def restored(self) -> None:
        """The bus is back: what was said meanwhile is lost, so read the lists again once everybody has repeated."""
        self._settled_at = time.monotonic() + SETTLE_SECONDS
        self._spawn(self._beat_all())
        self._spawn(self._later(SETTLE_SECONDS, self._list_all))

    # Sockets come and go

    def enter(self, topic: str, member: Member, grant: Grant) -> None:
        """A socket follows the topic (again): it sees the list, and appears when it sets a state."""
        room = self._rooms.setdefault(topic, Room())
        room.audience[member] = grant
        if not grant.presence:
            self._absent(topic, room, member)
            return
        member.send(pack(frames.PresenceFrame(topic=topic, people=room.roster.people())))
        if not room.known and not room.listing:
            room.listing = True
            self._spawn(self._list(topic, room))

    def leave(self, topic: str, member: Member) -> None:
        """A socket follows it no longer."""
        room = self._rooms.get(topic)
        if room and room.audience.pop(member, None) is not None:
            self._absent(topic, room, member)
            self._forget_if_empty(topic, room)

    def doing(self, topic: str, member: Member) -> Doing | None:
        """What this one tab said last that it does there."""
        room = self._rooms.get(topic)
        stay = room.stays.get(member.who.id) if room else None
        return stay.tabs.get(member) if stay else None

    def others(self, topic: str, who: str) -> list[Member]:
        """Everybody else's sockets in a topic, of those who see its presence."""
        room = self._rooms.get(topic)
        audience = room.audience.items() if room else ()
        return [member for member, grant in audience if grant.presence and member.who.id != who]

    def set_state(self, topic: str, member: Member, state: bytes, *, idle: bool = False) -> None:
        """What the member does; null leaves the list. The caller has checked the grant and the state."""
        room = self._rooms.get(topic)
        if room is None or member not in room.audience:
            return
        if state == b"null":
            self._absent(topic, room, member)
            return
        stay = room.stays.setdefault(member.who.id, Stay(member.who))
        if stay.leaving:
            stay.leaving.cancel()
            stay.leaving = None
        known = stay.tabs.pop(member, None)  # the last one set is the last one in order
        since = known.idle if known and known.idle else int(time.time())
        stay.tabs[member] = Doing(state, since if idle else None)
        if stay.look() or not idle:  # twenty tabs that fall asleep together are one piece of news
            stay.at = time.time()
            self._tell(topic, room, stay)

    def _absent(self, topic: str, room: Room, member: Member) -> None:
        stay = room.stays.get(member.who.id)
        if stay is None or stay.tabs.pop(member, None) is None:
            return
        if stay.tabs:
            if stay.look():
                stay.at = time.time()
                self._tell(topic, room, stay)
            return
        loop = asyncio.get_running_loop()
        stay.leaving = loop.call_later(LINGER_SECONDS, self._gone, topic, room, member.who.id)

    def _gone(self, topic: str, room: Room, who: str) -> None:
        del room.stays[who]
        field = self._field(who)
        self._spawn(self._quietly(self._store.leave(topic, [field])))
        self._announce(topic, room, [], [field])
        self._forget_if_empty(topic, room)

    def _tell(self, topic: str, room: Room, stay: Stay) -> None:
        entry = self._entry(stay)
        self._spawn(self._quietly(self._store.beat(topic, {entry.field: presence.encode_entry(entry)})))
        self._announce(topic, room, [entry], [])

    def _ours(self, room: Room) -> list[presence.Entry]:
        return [self._entry(stay) for stay in room.stays.values()]

    def _details(self, room: Room) -> dict[str, bytes]:
        return {entry.field: presence.encode_entry(entry) for entry in self._ours(room)}

    def _entry(self, stay: Stay) -> presence.Entry:
        who = stay.who
        person = frames.Present(
            id=who.id,
            name=who.name,
            kind=who.kind,
            colour=who.colour,
            state=frames.raw(stay.shown.state),
            since=stay.since,
            idle=stay.shown.idle,
        )
        return presence.Entry(self._field(who.id), stay.at, person)

    def _field(self, who: str) -> str:
        return f"{who}|{self.process}"

    def _forget_if_empty(self, topic: str, room: Room) -> None:
        if not room.audience and not room.stays:
            self._rooms.pop(topic, None)

    # Changes, from here and from other processes

    def _announce(self, topic: str, room: Room, joined: list[presence.Entry], left: list[str]) -> None:
        self._apply(topic, room, joined, left)
        encoded = [presence.encode_entry(entry) for entry in joined]
        self._bus.publish(topic, PresenceMessage(topic, self.process, encoded, left))

    def hear(self, message: PresenceMessage) -> None:
        """Another process's people came, changed or went."""
        room = self._rooms.get(message.topic)
        if room and message.origin != self.process:
            joined = [entry for details in message.joined if (entry := presence.read_entry(details))]
            self._apply(message.topic, room, joined, message.left)

    def _apply(self, topic: str, room: Room, joined: list[presence.Entry], left: list[str]) -> None:
        seen = [person for entry in joined if (person := room.roster.put(entry))]
        gone = []
        for field in left:
            still, who = room.roster.drop(field)
            if still:
                seen.append(still)
            if who:
                gone.append(who)
        if seen or gone:
            self._show(room, pack(frames.PresenceDiffFrame(topic=topic, joined=seen, left=gone)))

    def _show(self, room: Room, packet: Packet) -> None:
        for member, grant in list(room.audience.items()):
            if grant.presence:
                member.send(packet)

    # Typing

    def typing(self, topic: str, member: Member) -> None:
        """The member types: told to the others, at most once per 2 s and person. The caller has checked the grant."""
        who, now = member.who, time.monotonic()
        if now - self._typed.get((topic, who.id), 0.0) < TYPING_SECONDS:
            return
        self._typed[topic, who.id] = now
        person = frames.TypingPerson(id=who.id, name=who.name, kind=who.kind, colour=who.colour)
        frame = frames.encode(frames.TypingFrame(topic=topic, person=person))
        self._show_typing(topic, who.id, frame)
        self._bus.publish(topic, TypingMessage(topic, self.process, who.id, frame))

    def hear_typing(self, message: TypingMessage) -> None:
        """Somebody types in another process; what their tab here says within the same two seconds is no news."""
        if message.origin != self.process:
            self._typed[message.topic, message.who] = time.monotonic()
            self._show_typing(message.topic, message.who, message.frame)

    def _show_typing(self, topic: str, who: str, frame: bytes) -> None:
        room = self._rooms.get(topic)
        packet = Packet(frame)
        for member, grant in list(room.audience.items()) if room else []:
            if grant.typing and member.who.id != who:
                member.send(packet)

    # The heartbeat

    async def _beat_all(self) -> None:
        for topic, room in list(self._rooms.items()):
            if details := self._details(room):
                new = await self._within(self._store.beat(topic, details))
                if any(room.stays[field.split("|")[0]].beaten for field in new):  # Redis has forgotten what it knew
                    self._settled_at = time.monotonic() + SETTLE_SECONDS
                for stay in room.stays.values():
                    stay.beaten = True
        limit = time.monotonic() - TYPING_SECONDS
        self._typed = {key: at for key, at in self._typed.items() if at > limit}

    async def _sweep_all(self) -> None:
        for topic, room in list(self._rooms.items()):
            if dead := await self._within(self._store.sweep(topic)):
                self._announce(topic, room, [], dead)

    async def _list_all(self) -> None:
        if time.monotonic() >= self._settled_at:
            for topic, room in list(self._rooms.items()):
                await self._list(topic, room)

    async def _list(self, topic: str, room: Room) -> None:
        try:
            entries = await self._within(self._store.entries(topic))
        finally:
            room.listing = False
        room.roster.replace(entries)
        for entry in self._ours(room):
            room.roster.put(entry)
        room.known = True
        self._show(room, pack(frames.PresenceFrame(topic=topic, people=room.roster.people())))

    # Running

    async def _every(self, seconds: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._quietly(step())

    async def _later(self, seconds: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await asyncio.sleep(seconds)
        await self._quietly(step())

    async def _within(self, step: Coroutine[Any, Any, Any]) -> Any:
        async with asyncio.timeout(REDIS_SECONDS):
            return await step

    async def _quietly(self, step: Coroutine[Any, Any, Any]) -> None:
        try:
            await step
        except Exception as error:  # Redis away: what is known stays, the next round tries again
            log.debug("presence: %s", type(error).__name__)

    def _spawn(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(step))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
