"""The whole web application on a real port inside the tests' process, and what belongs to it."""

import asyncio
import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from server.app import create_app, serving
from server.core import db, tasks, throttle
from server.core.settings import Settings

SECRET = "the secret that the tests share"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:  # the test runner's signals are its own
        yield


@dataclass
class House:
    """A running web application."""

    settings: Settings
    app: Litestar
    transport: httpx.AsyncHTTPTransport

    @property
    def origin(self) -> str:
        return self.settings.origin

    def mails(self, to: str) -> list[Any]:
        """What lies in the outbox for somebody, oldest first."""
        found = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(self.settings.outbox.glob("*.eml"))
        ]
        return [mail for mail in found if mail["To"] == to]

    def links(self, to: str) -> list[str]:
        """Every link that was mailed to somebody, as a path."""
        texts = [mail.get_content() for mail in self.mails(to)]
        return [link for text in texts for link in re.findall(re.escape(self.origin) + r"(\S+)", text)]


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def open_house(database_url: str, redis_url: str, **more: Any) -> AsyncIterator[House]:
    """Serve the application; `more` are settings."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-test-"))
    settings = Settings(
        port=free_port(),
        data=folder,
        database_url=database_url,
        redis_url=redis_url,
        secret=SECRET,
        disk_floor_mb=1,
        **more,
    )
    before = db.DB.config.get("dsn")
    db.DB.config["dsn"] = database_url
    app = create_app(settings)
    server = _Server(serving(app, settings))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not running.done(), "the server did not start"
    transport = httpx.AsyncHTTPTransport(verify=False)
    try:
        yield House(settings, app, transport)
    finally:
        await transport.aclose()
        server.should_exit = True
        await running
        throttle.use(None)
        db.DB.config["dsn"] = before
        shutil.rmtree(folder, ignore_errors=True)


async def command(house: House, *arguments: str) -> str:
    """What `greenroom ...` prints, run as an operator runs it beside the running application."""
    settings = house.settings
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "GREENROOM_DATA": str(settings.data),
        "GREENROOM_PORT": str(settings.port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


async def drain() -> int:
    """Do everything that is queued for the worker, in order; how many tasks that were."""
    count = 0
    while job := await db.record(
        "DELETE FROM queue.pgqueuer WHERE id = (SELECT id FROM queue.pgqueuer WHERE status = 'queued' "
        "ORDER BY id LIMIT 1) RETURNING entrypoint, payload"
    ):
        await tasks._TASKS[job["entrypoint"]](job["payload"])
        count += 1
    return count


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the pool's connections run meanwhile."""
    seen: list[str] = []

    def note(query: Any) -> None:
        if not query.query.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SELECT pg_advisory_unlock_all")):
            seen.append(query.query)

    assert db.DB.pool is not None
    connections = [holder._con for holder in db.DB.pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield seen
    finally:
        for connection in connections:
            connection.remove_query_logger(note)
