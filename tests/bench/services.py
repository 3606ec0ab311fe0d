"""Postgres and Valkey of a bench's own, as Greenroom starts them: durable, in a folder that goes away afterwards."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from realtime import log
from server.core.embedded import Embedded
from server.core.folder import DataFolder
from tests.bench.load import cpu_seconds, descendants


@dataclass(frozen=True)
class Services:
    """Where they are, and their first processes."""

    redis_url: str
    database_url: str
    redis: int
    postgres: int

    def cpu(self) -> tuple[float, float]:
        """Processor seconds so far: Redis, Postgres with all its children."""
        postgres = {self.postgres, *descendants(self.postgres)}
        return cpu_seconds({self.redis}), cpu_seconds(postgres, with_ended=True)


@contextlib.asynccontextmanager
async def services() -> AsyncIterator[Services]:
    """Both, with the live log's tables."""
    place = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    folder = DataFolder(place)
    await folder.lock()
    embedded = Embedded(folder)
    await embedded.start()
    try:
        connection = await asyncpg.connect(embedded.database_url)
        await connection.execute(log.SCHEMA)
        await connection.close()
        pids = [embedded.processes[name].pid for name in ("valkey", "postgres")]
        yield Services(embedded.redis_url, embedded.database_url, *pids)
    finally:
        await embedded.stop()
        shutil.rmtree(place, ignore_errors=True)
