"""Steady load on one page, and the processor time that serving it costs, read from /proc."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.bench.report import percentile

TICK = os.sysconf("SC_CLK_TCK")


def descendants(root: int) -> dict[int, str]:
    """Every process below `root`, with its command line."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it ended while we looked
    found: dict[int, str] = {}
    level = {root}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level}
        for pid in level:
            try:
                found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
            except OSError:
                continue
    return found


def cpu_seconds(pids: set[int], *, with_ended: bool = False) -> float:
    """User and system time of these processes so far, on demand with that of their children that have ended."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11 : 15 if with_ended else 13]))
    return ticks / TICK


def cpu_of_all(root: int) -> float:
    """Processor seconds of a process and everything it has started."""
    return cpu_seconds({root, *descendants(root)}, with_ended=True)


def serving(root: int) -> tuple[set[int], set[int]]:
    """(the web process, the database's processes) below a supervisor."""
    processes = descendants(root)
    web = {pid for pid, words in processes.items() if " server web" in words}
    postgres = {pid for pid, words in processes.items() if "postgres" in words.split(" ", 1)[0]}
    return web, postgres


@dataclass(frozen=True)
class Load:
    """What came of it: times in ms."""

    requests: int
    per_second: float
    p50: float
    p99: float
    web_ms: float
    postgres_ms: float
    size: int


async def put_load(root: int, url: str, cookie: str, concurrent: int, seconds: float) -> Load:
    """Ask for `url` with `concurrent` connections for some seconds, as a browser does (gzip, keep-alive)."""
    times: list[float] = []
    size = 0
    headers = {"cookie": cookie, "accept": "text/html", "accept-encoding": "gzip"}
    web, postgres = serving(root)
    assert web, "the web process was not found"

    async with aiohttp.ClientSession(
        headers=headers, auto_decompress=False, connector=aiohttp.TCPConnector(limit=concurrent)
    ) as session:

        async def ask() -> int:
            async with session.get(url, timeout=aiohttp.ClientTimeout(total=30)) as reply:
                body = await reply.read()
                assert reply.status == 200, reply.status
                return len(body)

        async def keep_asking(until: float) -> None:
            nonlocal size
            while time.perf_counter() < until:
                began = time.perf_counter()
                size = await ask()
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(ask() for _ in range(concurrent * 2)))  # connections open, statements prepared
        began, web_before, postgres_before = time.perf_counter(), cpu_seconds(web), cpu_seconds(postgres)
        await asyncio.gather(*(keep_asking(began + seconds) for _ in range(concurrent)))
        took = time.perf_counter() - began
        count = len(times)
        return Load(
            requests=count,
            per_second=count / took,
            p50=percentile(times, 0.5) * 1000,
            p99=percentile(times, 0.99) * 1000,
            web_ms=(cpu_seconds(web) - web_before) / count * 1000,
            postgres_ms=(cpu_seconds(postgres) - postgres_before) / count * 1000,
            size=size,
        )
