"""The census: what every process of an installation is doing just now, and who sits in it.

Each process writes a report about itself to Redis every two seconds, under a key that ends by itself after ten: a
process that was killed is missing, not wrong. A report holds figures, a short history for a first picture, and one line
per open socket. It knows no workspaces: whoever shows it chooses the lines that its reader may see. Nothing here is
touched when an event is delivered.
"""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections import deque
from typing import Any, cast

import asyncpg
import msgspec
from redis.asyncio import Redis

from realtime.connection import Connection
from realtime.hub import Hub

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
ALIVE_SECONDS = 10
STEP_SECONDS = 6.0  # between two points of the history
POINTS = 100  # ten minutes
PATIENCE_SECONDS = 1.0  # for one answer of Redis or Postgres
FORGET_SECONDS = 3600  # an index entry whose report has long been gone


class Seat(msgspec.Struct, frozen=True, array_like=True):
    """One open socket. `session` is the sign-in behind it, never its token; times are Unix time.

    `doing` is the presence state that it set last, in whatever topic, as JSON; empty without one.
    """

    connection: str
    who: str
    kind: str
    session: str
    since: float
    device: str
    page: str
    topics: int
    doing: str
    idle: int | None


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A moment of the last minutes, `at` in Unix seconds: sockets then; what happened since the point before."""

    at: int
    sockets: int
    events: int
    p95: float | None  # milliseconds
    mended: int  # refills, replays and resyncs


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One process. Counters are since it began; `*_ms` are round trips, None when there was no answer."""

    process: str
    host: str
    pid: int
    started: float
    at: float
    sockets: int
    topics: int
    events: int
    events_per_second: float
    p50: float | None
    p95: float | None
    replays: int
    replayed: int
    refills: int
    resyncs: int
    dropped: int
    bus: bool
    bus_ms: float | None
    database: bool
    database_ms: float | None
    seats: list[Seat]
    history: list[Point]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Report).decode


class Census:
    """One process's reports. `run()` writes them until it is cancelled and takes the last one back."""

    def __init__(self, process: str, hub: Hub, redis: Redis, pool: asyncpg.Pool, prefix: str = "greenroom") -> None:
        self.process = process
        self.history: deque[Point] = deque(maxlen=POINTS)
        self._hub = hub
        self._redis = redis
        self._pool = pool
        self._prefix = prefix
        self._started = time.time()
        self._last: tuple[float, int, int] | None = None  # when, events, mended: at the newest point

    async def run(self) -> None:
        """Report for ever, whatever is away."""
        try:
            while True:
                with contextlib.suppress(Exception):  # Redis away: the page will miss us, as it should
                    async with asyncio.timeout(PATIENCE_SECONDS * 3):
                        await self.tell()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            with contextlib.suppress(Exception):  # a courtesy: it would end by itself
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._redis.delete(_key(self._prefix, self.process))
                    await self._redis.zrem(_index(self._prefix), self.process)

    async def tell(self) -> None:
        """One report."""
        report = await self.report()
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(_key(self._prefix, self.process), _encode(report), ex=ALIVE_SECONDS)
            pipe.zadd(_index(self._prefix), {self.process: report.at})
            await pipe.execute()

    async def report(self) -> Report:
        """How it stands here and now."""
        bus_ms, database_ms = await asyncio.gather(_round_trip(self._ping()), _round_trip(self._ask()))
        stats, counters, now = self._hub.stats(), self._hub.counters, time.time()
        delays = counters.delays()
        self._remember(now, stats)
        recent = [point for point in self.history if point.at > now - 12]
        return Report(
            process=self.process,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=self._started,
            at=now,
            sockets=stats["connections"],
            topics=stats["topics"],
            events=counters.events,
            events_per_second=round(sum(p.events for p in recent) / (len(recent) * STEP_SECONDS), 2) if recent else 0.0,
            p50=delays.p50 if delays else None,
            p95=delays.p95 if delays else None,
            replays=counters.replays,
            replayed=counters.replayed,
            refills=stats["refills"],
            resyncs=stats["resyncs"],
            dropped=stats["dropped"],
            bus=bool(stats["bus"]),
            bus_ms=bus_ms,
            database=bool(stats["database"]),
            database_ms=database_ms,
            seats=self._seats(),
            history=list(self.history),
        )

    def _seats(self) -> list[Seat]:
        return [self._seat(connection) for connection in self._hub.connections]

    def _seat(self, connection: Connection) -> Seat:
        who, doing, idle = connection.who, "", None
        for topic in connection.topics:
            if said := self._hub.rooms.doing(topic, connection):
                doing, idle = said.state.decode(), said.idle
        return Seat(
            connection=connection.id,
            who=who.id,
            kind=who.kind,
            session=who.session,
            since=connection.opened_at,
            device=who.device,
            page=who.page,
            topics=len(connection.topics),
            doing=doing,
            idle=idle,
        )

    def _remember(self, now: float, stats: dict[str, Any]) -> None:
        """Add a point when its time has come."""
        counters = self._hub.counters
        mended = counters.replays + stats["refills"] + stats["resyncs"]
        if self._last is None:
            self._last = (now, counters.events, mended)
        began, events, mended_then = self._last
        if now - began >= STEP_SECONDS - EVERY_SECONDS / 2:
            delays = counters.delays(STEP_SECONDS)
            self.history.append(
                Point(
                    int(now),
                    stats["connections"],
                    counters.events - events,
                    delays.p95 if delays else None,
                    mended - mended_then,
                )
            )
            self._last = (now, counters.events, mended)

    async def _ping(self) -> None:
        await self._redis.ping()

    async def _ask(self) -> None:
        await self._pool.fetchval("SELECT 1")


async def reports(redis: Redis, prefix: str = "greenroom") -> list[Report]:
    """The newest report of every process that is alive, oldest process first. Raises what redis raises."""
    names = [_text(name) for name in cast("list[bytes | str]", await redis.zrange(_index(prefix), 0, -1))]
    if not names:
        return []
    found = []
    for told in cast("list[bytes | None]", await redis.mget([_key(prefix, name) for name in names])):
        if told is None:
            continue
        with contextlib.suppress(msgspec.MsgspecError):  # of another version than ours
            found.append(_decode(told))
    if len(found) < len(names):
        await redis.zremrangebyscore(_index(prefix), "-inf", time.time() - FORGET_SECONDS)
    return sorted(found, key=lambda report: (report.started, report.process))


async def _round_trip(step: Any) -> float | None:
    """Milliseconds it took; None when it failed or took too long."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await step
    except Exception:  # whatever it was: there is no answer
        return None
    return round((time.perf_counter() - began) * 1000, 2)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _index(prefix: str) -> str:
    return f"{prefix}:census"


def _key(prefix: str, process: str) -> str:
    return f"{prefix}:census:{process}"
