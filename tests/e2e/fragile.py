"""A Greenroom that may be broken: one of its own, whose processes a test stops, freezes and kills."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.installation import ROOT, Installation

PARTS = {
    "web": "-m server web",
    "recorder": "-m server recorder",
    "worker": "-m server worker",
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
}


@dataclass(frozen=True)
class Fragile(Installation):
    """An installation and its supervisor's process number."""

    supervisor: int

    def processes(self, name: str) -> list[int]:
        """The process numbers of a part; Postgres is many, the one that holds them all comes first."""
        family = _children(self.supervisor)
        heads = [pid for pid in family if PARTS[name] in _command(pid) and _state(pid) != "Z"]
        return [pid for head in heads for pid in (head, *_children(head))]

    async def kill(self, name: str) -> None:
        """`kill -9`; the supervisor starts it again, unless it is frozen."""
        pid = self.processes(name)[0]
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            while _state(pid) not in {"Z", ""}:
                await asyncio.sleep(0.02)

    @contextlib.asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """The part is dead for as long as the block lasts, and started again after it."""
        before = self.processes(name)[0]
        os.kill(self.supervisor, signal.SIGSTOP)
        try:
            await self.kill(name)
            yield
        finally:
            os.kill(self.supervisor, signal.SIGCONT)
        async with asyncio.timeout(30):
            while not (found := self.processes(name)) or found[0] == before:
                await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def frozen(self, name: str) -> AsyncIterator[None]:
        """The part neither answers nor hangs up, as on a machine that swaps; it goes on after the block."""
        stopped = self.processes(name)
        assert stopped, f"no {name} is running"
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(stopped):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def fragile(*flags: str) -> AsyncIterator[Fragile]:
    """`python -m server run` on a free port and an empty folder, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="greenroom-fragile-", ignore_cleanup_errors=True) as folder:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GREENROOM_") and name not in {"DATABASE_URL", "REDIS_URL"}
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "run", "--port", "0", "--data", folder, *flags,
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        said = ""
        async with asyncio.timeout(90):
            while not (found := re.search(r"http://(?:127\.0\.0\.1|localhost):\d+", said)) or "Ready" not in said:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        drain = asyncio.create_task(process.stdout.read())
        try:
            yield Fragile(origin=found[0], data=Path(folder), supervisor=process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            async with asyncio.timeout(20):
                await process.wait()
            drain.cancel()


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if folder.name.isdigit() and int(_stat(int(folder.name))[1]) == parent:
                found.append(int(folder.name))
    return sorted(found)


def _stat(pid: int) -> list[str]:
    """State, parent and what follows."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _state(pid: int) -> str:
    with contextlib.suppress(OSError):
        return _stat(pid)[0]
    return ""


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
