"""A feed: one topic as one process knows it, in order and without a hole.

Opened by the first local subscriber, after the bus group was joined; holds the position up to which everything was
handed on. Events come from the bus, from our own commits and from the table, in any order and any number of times, and
leave in order and once. A hole is filled from the table once, whatever the number of sockets; a short history of
encoded events serves those who come back. Listeners are anything with `send(packet)`.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple, Protocol

from realtime.frames import Reason
from realtime.log import Delivery, GoneError
from realtime.packet import Packet, pack_event

log = logging.getLogger(__name__)

REPLAY_LIMIT = 500  # events
REPLAY_BYTES = 512 * 1024
HISTORY_SECONDS = 60.0
READ_AHEAD = 200  # events read before the position asked for: those who come back with others were nearly as far
PATIENCE = 0.03  # seconds a forerunner may be late before the table is asked
EARLY_LIMIT = 1000

Read = Callable[[str, int, int], Awaitable[list[Delivery]]]


class Listener(Protocol):
    """Whoever takes packets; must not block."""

    def send(self, packet: Packet) -> None:
        """Take one packet."""


class Remembered(NamedTuple):
    """An event that was handed on, kept for a while."""

    seq: int
    packet: Packet
    at: float


class BehindError(Exception):
    """There is too much to replay; `reason` says why a resync is due."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def _note(task: asyncio.Task[None]) -> None:
    """Whoever waits for a reading gets its error; if nobody does, the next check of the heads tries again."""
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, GoneError):
        log.warning("cannot read the log: %s", type(error).__name__)


class Feed:
    """One topic. `read(topic, after, limit)` reads the log; `broken` means that history could not be followed.

    `listeners` maps whoever follows the topic to whether they take events (or only presence and typing).
    """

    def __init__(self, topic: str, read: Read) -> None:
        self.topic = topic
        self.position = -1
        self.listeners: dict[Listener, bool] = {}
        self.history: deque[Remembered] = deque()
        self.idle_since = time.monotonic()
        self.awaited = 0  # who is about to follow it, and waits for its history
        self.refills = 0
        self.loads = 0
        self._read = read
        self.broken = False
        self._early: dict[int, bytes] = {}
        self._refilling: asyncio.Task[None] | None = None
        self._loading: asyncio.Task[None] | None = None

    def belongs_to_the_past(self) -> None:
        """History itself is another now: what was heard of the old one is nothing to go on from."""
        self.broken = True
        self._early.clear()

    def open(self, head: int) -> None:
        """Begin (or begin again) at `head`; the bus group is joined already."""
        self.position = head
        self.broken = False
        self.history.clear()
        self._early = {seq: payload for seq, payload in self._early.items() if seq > head}
        self._drain()

    def close(self) -> None:
        """Stop what is under way."""
        for task in (self._refilling, self._loading):
            if task:
                task.cancel()

    # Events in

    def offer(self, seq: int, payload: bytes) -> None:
        """An event from the bus or from our own commit."""
        if seq <= self.position:
            return
        if self.position < 0 or seq > self.position + 1:
            if len(self._early) < EARLY_LIMIT:
                self._early[seq] = payload
            if self.position >= 0:
                self.refill(PATIENCE)
            return
        self._apply(seq, payload)
        self._drain()

    def check(self, head: int) -> None:
        """The table's head, seen by the check of every second."""
        if head > self.position >= 0:
            self.refill()

    def refill(self, delay: float = 0.0) -> asyncio.Task[None]:
        """Read what is missing from the table; one reading at a time, shared by all who ask."""
        if self._refilling is None or self._refilling.done():
            self._refilling = asyncio.create_task(self._refill(delay))
            self._refilling.add_done_callback(_note)
        return self._refilling

    async def _refill(self, delay: float) -> None:
        if delay:
            start = self.position
            await asyncio.sleep(delay)
            if self.position > start and not self._early:
                return  # the forerunner was only late
        self.refills += 1
        try:
            while True:
                found = await self._read(self.topic, self.position, REPLAY_LIMIT)
                for delivery in found:
                    if delivery.seq == self.position + 1:
                        self._apply(delivery.seq, delivery.payload)
                self._drain()
                if len(found) < REPLAY_LIMIT:
                    return
        except GoneError:
            self.broken = True  # the next check of the heads makes everybody begin anew

    def _drain(self) -> None:
        while (payload := self._early.pop(self.position + 1, None)) is not None:
            self._apply(self.position + 1, payload)
        for seq in [seq for seq in self._early if seq <= self.position]:
            del self._early[seq]

    def _apply(self, seq: int, payload: bytes) -> None:
        packet = pack_event(self.topic, seq, payload)
        self.position = seq
        self.history.append(Remembered(seq, packet, time.monotonic()))
        if len(self.history) > REPLAY_LIMIT:
            self.history.popleft()
        for listener, takes_events in list(self.listeners.items()):
            if takes_events:
                listener.send(packet)

    # Listeners

    async def reach(self, after: int) -> None:
        """Make history cover everything after `after`. Raises `BehindError`, or what the database raises.

        When it returns, `replay(after)` works until the next await.
        """
        with self.kept():
            await self._reach(after)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Somebody is about to follow it: not to be closed, however long this takes."""
        self.awaited += 1
        try:
            yield
        finally:
            self.awaited -= 1

    async def _reach(self, after: int) -> None:
        for _attempt in range(5):
            begun = self.refills
            while after > self.position and self.refills == begun:  # a reading that begins now, not one under way
                await asyncio.shield(self.refill())
            if after > self.position:
                raise BehindError("ahead")
            if self._covers(after):
                return
            if self.position - after > REPLAY_LIMIT:
                raise BehindError("behind")
            if self._loading is None or self._loading.done():
                self._loading = asyncio.create_task(self._load(after))
                self._loading.add_done_callback(_note)
            with contextlib.suppress(GoneError):
                await asyncio.shield(self._loading)
                continue
            if not self._covers(after):
                raise BehindError("trimmed")
        raise BehindError("behind")

    def replay(self, after: int) -> list[Packet]:
        """The packets after `after`, from history. Raises `BehindError` when they are too heavy."""
        packets = [remembered.packet for remembered in self.history if remembered.seq > after]
        if sum(packet.size for packet in packets) > REPLAY_BYTES:
            raise BehindError("behind")
        return packets

    def prune(self) -> None:
        """Forget history older than a minute."""
        limit = time.monotonic() - HISTORY_SECONDS
        while self.history and self.history[0].at < limit:
            self.history.popleft()

    def _covers(self, after: int) -> bool:
        return after == self.position or bool(self.history and self.history[0].seq <= after + 1)

    async def _load(self, after: int) -> None:
        """Put older events before the history, some more than asked for, so that one reading serves a crowd."""
        self.loads += 1
        start = max(0, min(after, self.position - READ_AHEAD))
        try:
            found = await self._read(self.topic, start, self.position - start)
        except GoneError:
            if start == after:
                raise
            start = after
            found = await self._read(self.topic, start, self.position - start)
        first = self.history[0].seq if self.history else self.position + 1
        older = [delivery for delivery in found if delivery.seq < first]
        if [delivery.seq for delivery in older] != list(range(start + 1, first)):
            raise GoneError(self.topic)  # it does not join ours: a shorter history was restored meanwhile
        now = time.monotonic()
        for delivery in reversed(older):
            packet = pack_event(self.topic, delivery.seq, delivery.payload)
            self.history.appendleft(Remembered(delivery.seq, packet, now))
