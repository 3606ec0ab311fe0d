"""Everything at once: writers, clients that come and go, and a world that keeps breaking. Nothing may be lost.

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
from pathlib import Path

import asyncpg
import redis.asyncio
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from realtime import log
from tests.realtime.client import Client, visit
from tests.realtime.faults import Cable, Valkey, cable, valkey
from tests.realtime.node import Node, node

SECONDS = float(os.environ.get("GREENROOM_SOAK_SECONDS", "13"))
TOPICS = [f"open:{number}" for number in range(5)]


class World:
    """Counts, and whether it is over."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.urls: list[str] = []
        self.written = False  # no more writes
        self.over = False  # heads are known
        self.epoch = ""
        self.heads: dict[str, int] = {}


async def writer(world: World, pool: asyncpg.Pool, nodes: list[Node]) -> None:
    while not world.written:
        topics = random.sample(TOPICS, random.randint(1, 3))
        try:
            async with pool.acquire(timeout=2) as connection, connection.transaction():
                written = await log.append(connection, [(topic, b'{"type":"x"}') for topic in topics])
        except Exception:  # the wire was cut: committed or not, nobody will publish it
            world.counts["writes failed"] += 1
            await asyncio.sleep(0.2)
            continue
        world.counts["events"] += len(written)
        world.counts["writes"] += 1
        if world.counts["writes"] % 50 == 25:
            world.counts["publishes lost"] += 1
        else:
            await asyncio.sleep(random.random() * 0.004)  # concurrent writers publish out of order
            random.choice(nodes).hub.publish(written)
        await asyncio.sleep(random.random() * 0.06)


class Visitor:
    """A page: remembers its position per topic over all its connections."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.seqs: dict[str, int] = dict.fromkeys(random.sample(TOPICS, 3), 0)

    async def live(self, current: Callable[[], bool]) -> None:
        while not (self.world.over and current()):
            with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                async with visit(random.choice(self.world.urls), self.name, open_timeout=2) as client:
                    await self.stay(client, current)
            await asyncio.sleep(random.random() * 0.3)

    async def stay(self, client: Client, current: Callable[[], bool]) -> None:
        self.world.counts["visits"] += 1
        for topic, seq in self.seqs.items():
            await client.send(type="subscribe", topic=topic, after=seq, epoch=self.world.epoch)
        end = time.monotonic() + random.random() * 3
        while time.monotonic() < end and not (self.world.over and current()):
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


async def bad_days(world: World, server: Valkey, wire: Cable, process: asyncio.subprocess.Process) -> None:
    step = SECONDS / 9

    async def cut_the_bus() -> None:
        while True:
            await asyncio.sleep(2)
            with contextlib.suppress(OSError, redis.RedisError):
                async with redis.asyncio.Redis.from_url(server.url) as client:
                    await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    cutter = asyncio.create_task(cut_the_bus())
    await asyncio.sleep(2 * step)
    world.urls.pop()
    process.send_signal(signal.SIGKILL)
    await asyncio.sleep(step)
    await server.kill()
    await asyncio.sleep(2)
    await server.start()
    await asyncio.sleep(step)
    await wire.cut()
    await asyncio.sleep(2)
    await wire.mend()
    await asyncio.sleep(2 * step)
    cutter.cancel()


async def test_nothing_is_lost_doubled_or_late_while_everything_breaks(journal: str, temporary_folder: Path) -> None:
    world = World()
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(valkey(temporary_folder))
        wire = await stack.enter_async_context(cable(journal, temporary_folder))
        nodes = [await stack.enter_async_context(node(wire.url, server.url)) for _ in range(2)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.realtime.node", wire.url, server.url, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        third = (await process.stdout.readline()).decode().strip()
        world.urls = [*(found.url for found in nodes), third]
        pool = await asyncpg.create_pool(wire.url, min_size=1, max_size=8)
        stack.callback(pool.terminate)
        world.epoch = nodes[0].hub.epoch
        visitors = [Visitor(world, f"p{number}") for number in range(24)]
        writers = [asyncio.create_task(writer(world, pool, nodes)) for _ in range(6)]
        living = [asyncio.create_task(visitor.live(visitor.current)) for visitor in visitors]
        await bad_days(world, server, wire, process)
        world.written = True
        await asyncio.gather(*writers)
        async with pool.acquire() as connection:
            world.heads = await log.heads(connection, TOPICS)
        world.over = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):  # of a busy machine; as a rule it takes a second
                await asyncio.gather(*living)
        await process.wait()
    world.counts["behind"] = sum(not visitor.current() for visitor in visitors)
    print(dict(world.counts))
    never = ("gaps", "duplicates", "behind", "resync trimmed", "resync ahead", "resync epoch", "error")
    assert {name: world.counts[name] for name in never} == dict.fromkeys(never, 0)
    assert world.counts["events"] > 100
    assert world.counts["publishes lost"] > 0
