"""The whole web application on a real port inside the tests' process, and what belongs to it."""

import asyncio
import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import uvicorn
from litestar import Litestar

from server.app import create_app, serving
from server.core import db, tasks, throttle
from server.core.settings import Settings
from tests.cast import until
from tests.ports import free_port
from tests.realtime.faults import Cable, Valkey, cable, valkey

SECRET = "the secret that the tests share"
_ours: ContextVar[bool] = ContextVar("ours", default=False)  # whether this task answers a request, or is the test's
_counting: list[list[str]] = []


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
    wire: Cable
    bus: Valkey

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
        texts = [mail.get_body(("plain",)).get_content() for mail in self.mails(to)]
        return [link for text in texts for link in re.findall(re.escape(self.origin) + r"(\S+)", text)]


@contextlib.asynccontextmanager
async def open_house(database_url: str) -> AsyncIterator[House]:
    """Serve the application, with a wire to Postgres that can be put in front (`on_the_wire`) and a Valkey to kill."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-test-"))
    try:
        async with cable(database_url, folder) as wire, valkey(folder) as bus:
            wire.straight()
            async with _open(folder, wire, bus) as house:
                yield house
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def _open(folder: Path, wire: Cable, bus: Valkey) -> AsyncIterator[House]:
    settings = Settings(
        port=free_port(),
        data=folder,
        database_url=wire.url,
        redis_url=bus.url,
        secret=SECRET,
        disk_floor_mb=1,
    )
    before = db.DB.config.get("dsn")
    db.DB.config["dsn"] = settings.database_url
    app = create_app(settings)
    _observe(app)
    begin = db.DB.start_connection_pool
    db.DB.start_connection_pool = partial(begin, init=_listen)  # type: ignore[method-assign]  # for `counted`
    server = _Server(serving(app, settings))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not running.done(), "the server did not start"
    transport = httpx.AsyncHTTPTransport(verify=False)
    try:
        yield House(settings, app, transport, wire, bus)
    finally:
        await transport.aclose()
        server.should_exit = True
        await running
        throttle.use(None)
        db.DB.config["dsn"] = before
        db.DB.start_connection_pool = begin  # type: ignore[method-assign]  # as it was


@contextlib.asynccontextmanager
async def on_the_wire(house: House, administrator: asyncpg.Connection) -> AsyncIterator[None]:
    """Within the block every connection to the database runs through the wire, which can be cut."""
    visitor = httpx.AsyncClient(base_url=house.origin, transport=house.transport)

    async def answers() -> bool:
        return (await visitor.get("/health")).status_code == HTTPStatus.OK

    await house.wire.mend()
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", urlsplit(house.wire.url).path[1:]
    )
    await until(answers)
    try:
        yield
    finally:
        await house.wire.cut()
        house.wire.straight()
        await until(answers)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which another process of the same installation runs."""
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "GREENROOM_DATA": str(settings.data),
        "GREENROOM_PORT": str(settings.port),
        "GREENROOM_SECRET": settings.secret,
        "GREENROOM_MEDIA_ADDRESS": "127.0.0.1",
        "GREENROOM_DRAIN_SECONDS": "0",
    }


@contextlib.asynccontextmanager
async def running(house: House, name: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process of the installation: recorder or worker. `more` are settings of its own."""
    environment = environment_of(house.settings) | more
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", name, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def command(house: House, *arguments: str) -> str:
    """What `greenroom ...` prints, run as an operator runs it beside the running application."""
    status, said, _ = await outcome(house.settings, *arguments)
    assert status == 0
    return said


async def outcome(settings: Settings, *arguments: str) -> tuple[int | None, str, str]:
    """A command's exit status, and what it printed to standard output and error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *arguments, env=environment_of(settings), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, failed = await process.communicate()
    return process.returncode, said.decode(), failed.decode()


async def drain(ahead: timedelta = timedelta(minutes=5)) -> int:
    """Do everything that is queued for the worker and due soon, in order; how many tasks that were.

    What puts itself off meanwhile is not done again.
    """
    done: set[tuple[str, bytes]] = set()
    put_off: list[int] = []
    count = 0
    while job := await db.record(
        "SELECT id, entrypoint, payload, execute_after > clock_timestamp() AS later FROM queue.pgqueuer "
        "WHERE status = 'queued' AND execute_after <= clock_timestamp() + $1 AND NOT id = ANY($2) ORDER BY id LIMIT 1",
        ahead,
        put_off,
    ):
        task = (job["entrypoint"], job["payload"])
        if job["later"] and task in done:
            put_off.append(job["id"])
            continue
        done.add(task)
        if await db.value("DELETE FROM queue.pgqueuer WHERE id = $1 RETURNING id", job["id"]):
            await tasks._TASKS[task[0]](task[1])
            count += 1
    return count


def _observe(app: Litestar) -> None:
    """Let `counted` tell the statements of requests from those that the process runs by itself (census, feeds)."""
    handle = app.asgi_handler

    async def run(scope: Any, receive: Any, send: Any) -> None:
        _ours.set(scope["type"] == "http")
        await handle(scope, receive, send)

    app.asgi_handler = run


async def _listen(connection: Any) -> None:
    connection.add_query_logger(_note)


# Of the driver: around transactions, and once for each connection that meets a type for the first time.
_DRIVERS_OWN = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SELECT pg_advisory_unlock_all|WITH RECURSIVE typeinfo_tree)|.*'jit'", re.DOTALL
)


def _note(query: Any) -> None:
    if _ours.get() and not _DRIVERS_OWN.match(query.query):
        for seen in _counting:
            seen.append(query.query)


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that requests and the test itself run meanwhile, on whatever connection; nobody else's."""
    seen: list[str] = []
    _counting.append(seen)
    token = _ours.set(True)
    try:
        yield seen
    finally:
        _ours.reset(token)
        _counting.pop()
