"""Recorder processes beside the house."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from media import nodes
from server.core import runtime
from tests.cast import until
from tests.server.house import House, running


@contextlib.asynccontextmanager
async def recorder(
    house: House, folder: Path, seconds: int
) -> AsyncIterator[tuple[asyncio.subprocess.Process, nodes.Node]]:
    """A recorder process with room for one, which drains for so long."""
    known = {node.id for node in await nodes.alive(runtime.here().redis)}
    settings = {
        "GREENROOM_DATA": str(folder),
        "GREENROOM_STORAGE": house.settings.storage_url,
        "GREENROOM_DRAIN_SECONDS": str(seconds),
        "GREENROOM_RECORDINGS_PER_PROCESS": "1",
    }

    async def there() -> list[nodes.Node]:
        return [node for node in await nodes.alive(runtime.here().redis) if node.id not in known]

    async with running(house, "recorder", **settings) as process:
        (node,) = await until(there, 30)
        yield process, node
