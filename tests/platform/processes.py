"""Greenroom as a child of the test, and who its children are."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GREENROOM = (sys.executable, "-m", "server")
URL = re.compile(r"Open (http\S+)")


def environment(**more: str) -> dict[str, str]:
    """This process's environment without any of Greenroom's settings, and `more`."""
    names = ("DATABASE_URL", "REDIS_URL")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_") and name not in names
    }
    return kept | more


def greenroom(*arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    words = [*GREENROOM, *map(str, arguments)]
    return subprocess.run(
        words, cwd=ROOT, env=environment(**more), capture_output=True, text=True, check=False, timeout=60
    )


class Running:
    """A `greenroom run` that has printed its URL."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.printed: list[str] = []

    async def until(self, pattern: str, seconds: float = 60) -> str:
        """The first group of the first line, from here on, that has the pattern in it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := (await self.process.stdout.readline()).decode():
                self.printed.append(line)
                if found := re.search(pattern, line):
                    return found[1] if found.groups() else found[0]
        raise AssertionError(f"it ended without {pattern!r}:\n{''.join(self.printed)}")

    async def stop(self, sign: signal.Signals = signal.SIGINT) -> float:
        """Send a signal; the seconds until the process was gone."""
        began = time.monotonic()
        self.process.send_signal(sign)
        await asyncio.wait_for(self.process.wait(), 30)
        return time.monotonic() - began

    def descendants(self) -> set[int]:
        """The numbers of all processes below it."""
        return descendants(self.process.pid)

    async def hang_up(self) -> None:
        """Close the terminal: whatever it prints from now on fails."""
        pipe = self.process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
        pipe.close()
        while pipe.get_extra_info("pipe") and not pipe.get_extra_info("pipe").closed:
            await asyncio.sleep(0)  # it is closed by the loop's next round

    async def drain(self) -> None:
        """Read on what it prints, so that it never waits for us."""
        assert self.process.stdout is not None
        while await self.process.stdout.readline():
            pass


@dataclass(frozen=True)
class Entry:
    """A process of this machine: its parent's number, its state's letter first, its command line."""

    parent: int
    state: str
    command: str


def table() -> dict[int, Entry]:
    """Every process of this machine by its number."""
    words = ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        pid, parent, state, *command = line.split(maxsplit=3)
        found[int(pid)] = Entry(int(parent), state, "".join(command))
    return found


def children(parent: int) -> dict[int, Entry]:
    """The processes that a process has started, oldest number first."""
    return {pid: entry for pid, entry in sorted(table().items()) if entry.parent == parent}


def descendants(pid: int) -> set[int]:
    """The numbers of all processes below one."""
    everybody = table()
    found = {pid}
    while more := {child for child, entry in everybody.items() if entry.parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that run; one that only waits to be reaped does not."""
    everybody = table()
    return {pid for pid in pids if pid in everybody and not everybody[pid].state.startswith("Z")}


async def all_gone(pids: set[int], seconds: float) -> set[int]:
    """Wait until processes are gone; those that are not."""
    deadline = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return left


@contextlib.asynccontextmanager
async def running(data: Path, *arguments: str, **more: str) -> AsyncIterator[Running]:
    """Greenroom on a free port, killed at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        *GREENROOM, "run", "--port", "0", "--data", str(data), *arguments,
        cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,  # who ends the tests by Ctrl-C ends them, and they end this
    )  # fmt: skip
    started = Running(process)
    try:
        yield started
    finally:
        if process.returncode is None:
            below = started.descendants()
            process.kill()
            await process.wait()
            await all_gone(below, 10)
