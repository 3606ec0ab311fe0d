"""A Greenroom that may be broken: one of its own, whose processes a test stops, freezes and kills."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import redis.asyncio

from media import nodes
from server.core.folder import DataFolder, Running
from tests.e2e.installation import Installation, started
from tests.platform.processes import all_gone, children

PARTS = {
    "web": "-m server web",
    "recorder": "-m server recorder",
    "worker": "-m server worker",
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
}


class Fragile(Installation):
    """An installation whose parts are at a test's mercy."""

    def processes(self, name: str) -> list[int]:
        """The process numbers of a part; Postgres is many, the one that holds them all comes first."""
        family = children(self.supervisor).items()
        heads = [pid for pid, entry in family if PARTS[name] in entry.command and not entry.state.startswith("Z")]
        return [pid for head in heads for pid in (head, *children(head))]

    def services(self) -> Running:
        """Where its Postgres and its Valkey are."""
        note = DataFolder(self.data).running()
        assert note is not None
        return note

    async def recorders(self) -> set[str]:
        """The addresses of the recorders that have announced themselves lately, also of one that is dead since."""
        async with redis.asyncio.Redis.from_url(self.services().redis_url) as client:
            return {node.url for node in await nodes.alive(client)}

    async def can_record(self) -> None:
        """Until a recorder is there: one is, and every one that is announced takes a connection."""
        async with asyncio.timeout(60):
            while not (urls := await self.recorders()) or not all([await _listens(url) for url in urls]):
                await asyncio.sleep(0.1)

    async def kill(self, name: str) -> None:
        """`kill -9`; the supervisor starts it again, unless it is frozen."""
        pid = self.processes(name)[0]
        os.kill(pid, signal.SIGKILL)
        assert not await all_gone({pid}, 10)

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


async def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
    except OSError:
        return False
    writer.close()
    return True


@contextlib.asynccontextmanager
async def fragile(*flags: str, **settings: str) -> AsyncIterator[Fragile]:
    """One that nobody else uses, until the block ends."""
    async with started(*flags, **settings) as found:
        yield Fragile(found.origin, found.data, found.supervisor)
