"""Everything at once: writers, clients that come and go, and a world that keeps breaking. Nothing may be lost.

Of what is published 2 % is dropped; the bus is cut every 2 s; Valkey is killed and comes back empty; the wire to
Postgres is cut; a process that also writes is killed with -9 and another one comes. Some write to 200 topics at once.
`GREENROOM_SOAK_SECONDS` makes it longer than its short form.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import redis.asyncio
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from realtime import log
from tests.realtime.client import Client, visit
from tests.realtime.faults import Cable, Valkey, cable, valkey
from tests.realtime.node import Node, node

SECONDS = float(os.environ.get("GREENROOM_SOAK_SECONDS", "13"))
BUSY = [f"open:{number}" for number in range(5)]
MANY = [f"open:many{number}" for number in range(200)]
PAYLOAD = b'{"type":"x"}'


NEVER = (
    "gaps", "duplicates", "behind", "deadlocks", "deadlocks seen by Postgres", "holes in the log", "resync trimmed",
    "resync ahead", "resync epoch", "error",
)  # fmt: skip
HELD = """
SELECT (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) AS "deadlocks seen by Postgres",
    (SELECT count(*) FROM realtime_log) AS events,
    (SELECT count(*) FROM realtime_topic t WHERE seq <> (SELECT count(*) FROM realtime_log l WHERE l.topic = t.topic))
    AS "holes in the log"
"""


class World:
    """Counts, and whether it is over."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.urls: list[str] = []
        self.written = False  # no more writes
        self.over = False  # heads are known
        self.ended = 0.0
        self.epoch = ""
        self.heads: dict[str, int] = {}


def some() -> list[str]:
    return random.sample(BUSY, random.randint(1, 3))


def two_hundred() -> list[str]:
    return [*random.sample(MANY, len(MANY)), random.choice(BUSY)]  # in any order: the log has its own


async def writer(
    world: World, pool: asyncpg.Pool, nodes: list[Node], topics: Callable[[], list[str]], pause: float
) -> None:
    while not world.written:
        try:
            async with pool.acquire(timeout=2) as connection, connection.transaction():
                written = await log.append(connection, [(topic, PAYLOAD) for topic in topics()])
        except Exception as error:  # the wire was cut: committed or not, nobody will publish it
            world.counts["deadlocks"] += isinstance(error, asyncpg.DeadlockDetectedError)
            world.counts["writes failed"] += 1
            await asyncio.sleep(0.2)
            continue
        world.counts["writes"] += 1
        kept = [delivery for delivery in written if random.random() >= 0.02]
        world.counts["publishes lost"] += len(written) - len(kept)
        await asyncio.sleep(random.random() * 0.004)  # concurrent writers publish out of order
        random.choice(nodes).hub.publish(kept)
        await asyncio.sleep(random.random() * pause)


class Visitor:
    """A page: remembers its position per topic over all its connections."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.seqs: dict[str, int] = dict.fromkeys(random.sample(BUSY, 3) + random.sample(MANY, 20), 0)

    async def live(self, current: Callable[[], bool]) -> None:
        while not (self.world.over and current()):
            with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                async with visit(random.choice(self.world.urls), self.name, open_timeout=2, close_timeout=1) as client:
                    await self.stay(client, current)
            await asyncio.sleep(random.random() * 0.3)
        self.world.counts["current after ms"] = round((time.monotonic() - self.world.ended) * 1000)

    async def stay(self, client: Client, current: Callable[[], bool]) -> None:
        self.world.counts["visits"] += 1
        for topic, seq in self.seqs.items():
            await client.send(type="subscribe", topic=topic, after=seq, epoch=self.world.epoch)
        end = time.monotonic() + random.random() * 3
        while (self.world.over or time.monotonic() < end) and not (self.world.over and current()):
            with contextlib.suppress(TimeoutError):
                frame = await client.until(lambda _: True, 0.2)
                self.take(frame)

    def take(self, frame: dict[str, object]) -> None:
        counts = self.world.counts
        if frame["type"] == "event":
            topic, seq = str(frame["topic"]), int(str(frame["seq"]))
            counts["delivered"] += 1
            counts["duplicates"] += seq <= self.seqs[topic]
            counts["gaps"] += seq > self.seqs[topic] + 1
            self.seqs[topic] = seq
        elif frame["type"] == "resync":
            counts[f"resync {frame['reason']}"] += 1
            self.seqs[str(frame["topic"])] = int(str(frame["seq"]))  # what fetching again would give
        elif frame["type"] == "error":
            counts["error"] += 1

    def current(self) -> bool:
        return all(seq == self.world.heads[topic] for topic, seq in self.seqs.items())


@dataclass
class Victim:
    """A process that serves, writes to two busy topics, and is killed. `come` starts another one."""

    database_url: str
    redis_url: str
    url: str = ""
    _process: asyncio.subprocess.Process | None = None

    async def come(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.realtime.node", self.database_url, self.redis_url, *BUSY[:2],
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        self.url = (await self._process.stdout.readline()).decode().strip()

    async def die(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None


async def bad_days(world: World, server: Valkey, wire: Cable, victim: Victim) -> None:
    step = SECONDS / 9

    async def cut_the_bus() -> None:
        while True:
            await asyncio.sleep(2)
            with contextlib.suppress(OSError, redis.RedisError):
                async with redis.asyncio.Redis.from_url(server.url) as client:
                    await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    cutter = asyncio.create_task(cut_the_bus())
    await asyncio.sleep(2 * step)
    world.urls.remove(victim.url)
    await victim.die()
    await asyncio.sleep(step)
    await victim.come()
    world.urls.append(victim.url)
    await server.kill()
    await asyncio.sleep(2)
    await server.start()
    await asyncio.sleep(step)
    await wire.cut()
    await asyncio.sleep(2)
    await wire.mend()
    await asyncio.sleep(2 * step)
    cutter.cancel()
    world.urls.remove(victim.url)
    await victim.die()


async def test_nothing_is_lost_doubled_or_late_while_everything_breaks(journal: str, temporary_folder: Path) -> None:
    world = World()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(valkey(temporary_folder))
        wire = await stack.enter_async_context(cable(journal, temporary_folder))
        nodes = [await stack.enter_async_context(node(wire.url, server.url)) for _ in range(2)]
        victim = Victim(wire.url, server.url)
        await victim.come()
        stack.push_async_callback(victim.die)
        world.urls = [*(found.url for found in nodes), victim.url]
        pool = await asyncpg.create_pool(wire.url, min_size=1, max_size=10)
        stack.callback(pool.terminate)
        world.epoch = nodes[0].hub.epoch
        visitors = [Visitor(world, f"p{number}") for number in range(24)]
        writers = [asyncio.create_task(writer(world, pool, nodes, some, 0.06)) for _ in range(6)]
        writers += [asyncio.create_task(writer(world, pool, nodes, two_hundred, 0.5)) for _ in range(4)]
        living = [asyncio.create_task(visitor.live(visitor.current)) for visitor in visitors]
        await bad_days(world, server, wire, victim)
        world.written = True
        await asyncio.gather(*writers)
        async with pool.acquire() as connection:
            world.heads = await log.heads(connection, [*BUSY, *MANY])
            world.counts |= Counter(dict(await connection.fetchrow(HELD)))
        world.over, world.ended = True, time.monotonic()
        await asyncio.wait(living, timeout=60)  # of a busy machine; as a rule it takes a second
        for task in living:
            task.cancel()
    world.counts["behind"] = sum(not visitor.current() for visitor in visitors)
    print(dict(world.counts))
    assert {name: world.counts[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert world.counts["events"] == sum(world.heads.values()) > 1000
    assert world.counts["publishes lost"] > 0
