"""`greenroom run`: everything on one machine, under one roof.

Takes the data folder, starts Postgres and Valkey (unless DATABASE_URL and REDIS_URL name others), brings the schema up
to date, keeps one web, one recorder and one worker process running and says which page to open. Ctrl-C ends it all
within three seconds; should this process be killed, the children see to it themselves.
"""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import asyncpg.exceptions
import redis.asyncio
import redis.exceptions

from realtime.log import epoch, settle
from server.core.embedded import Embedded
from server.core.folder import DataFolder, Running, StartError
from server.core.programs import OLDEST_POSTGRES
from server.core.service import WORTH_SHOWING, Service
from server.core.settings import Settings

STOP_SECONDS = 1.5  # for our own processes; what is left of the three seconds is for Postgres
READY_SECONDS = 60.0
REACH_SECONDS = 5.0
WATCH_SECONDS = 0.5
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
MIGRATION_ID = re.compile(r"""^ID = ["'](.+)["']$""", re.MULTILINE)
DEMO_PROGRESS = re.compile(r"^demo: |\b(WARNING|ERROR|CRITICAL)\b")
LINK = re.compile(r"https?://\S+")


def say(text: str) -> None:
    """Tell the person at the terminal, if it is still there: nothing may depend on being read."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[list[str]]:
    """Print a step with the time it took; what is put into the list is printed with it."""
    began = time.perf_counter()
    notes: list[str] = []
    yield notes
    say(f"  {name:<22} {time.perf_counter() - began:6.2f} s  {', '.join(notes)}".rstrip())


class Supervisor:
    """Runs Greenroom until it is told to stop."""

    def __init__(self, settings: Settings, *, demo: bool = False) -> None:
        self.settings = settings
        self.demo = demo or settings.demo
        self.folder = DataFolder(settings.data)
        self.embedded = Embedded(self.folder, postgres=not settings.database_url, valkey=not settings.redis_url)
        self.services: list[Service] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.port = settings.port
        self.ready = False
        self.environment = dict(os.environ)

    async def run(self) -> None:
        """Start everything and stay until cancelled. Raises StartError; whatever was started is stopped again."""
        began = time.perf_counter()
        self.port = _free_port(self.settings.host, self.settings.port)
        await self.folder.lock()
        say(f"Greenroom, data in {self.folder.path}")
        try:
            check_recorder_ports(self.settings)
            await self._start_services()
            await self._migrate()
            await self._settle()
            self.folder.announce(Running(self.url, self.database_url, self.redis_url))
            _, link = await asyncio.gather(self._start_web(), self._first_page())
            self.ready = True
            say(f"Ready after {time.perf_counter() - began:.1f} s. Ctrl-C stops it.\n\n  Open {link}\n")
            if not self.settings.smtp_url:
                say(f"Mails are written to {self.folder.path / 'outbox'}; set GREENROOM_SMTP_URL to send them.")
            self._start_others()
            await asyncio.gather(*self.tasks)
        finally:
            await self._stop()

    @property
    def url(self) -> str:
        """Where a browser on this machine finds Greenroom."""
        if self.settings.public_url:
            return self.settings.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.settings.host, self.settings.host)  # noqa: S104 - compared
        return f"http://{host}:{self.port}"

    @property
    def database_url(self) -> str:
        """The database in use."""
        return self.settings.database_url or self.embedded.database_url

    @property
    def redis_url(self) -> str:
        """The bus in use."""
        return self.settings.redis_url or self.embedded.redis_url

    async def _start_services(self) -> None:
        if self.settings.database_url:
            await check_database(self.settings.database_url)
        if self.settings.redis_url:
            await check_redis(self.settings.redis_url)
        given = {"postgres": self.settings.database_url, "valkey": self.settings.redis_url}
        if ours := [name for name, url in given.items() if not url]:
            with step(" and ".join(ours)):
                await self.embedded.start()
            self._keep(self._revive_embedded())
        self.environment |= {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "GREENROOM_SECRET": self.settings.secret or self.folder.secret(),
            "GREENROOM_DATA": str(self.folder.path),
            "GREENROOM_HOST": self.settings.host,
            "GREENROOM_PORT": str(self.port),
            "GREENROOM_DEMO": "1" if self.demo else "0",
            "GREENROOM_DRAIN_SECONDS": "0",  # Ctrl-C ends everything within three seconds
        }

    async def _migrate(self) -> None:
        with step("schema") as notes:
            if await schema_is_current(self.database_url):
                notes.append("up to date")
                return
            service = self._service("migrate")
            if await service.once() != 0:
                said = f": {service.last[0]}" if service.last else ""
                raise StartError(f"The database could not be brought up to date{said} (see {service.path})")
            notes.append(service.last[0] if service.last else "up to date")

    async def _settle(self) -> None:
        """A data folder that was copied goes on as a history of its own: pages that know the other one fetch anew."""
        if self.settings.database_url:
            return  # whose files are not ours to see
        connection = await asyncpg.connect(self.database_url, timeout=REACH_SECONDS)
        if await settle(connection, self.embedded.place()):
            say("  This data folder is a copy: open pages will fetch everything anew.")
        await connection.close()

    def _service(self, name: str, *more: str, show: re.Pattern[str] = WORTH_SHOWING) -> Service:
        service = Service(
            name,
            [sys.executable, "-m", "server", name, *more],
            environment=self.environment,
            logs=self.folder.logs,
            keep=[self.folder.descriptor],
            say=say,
            show=show,
        )
        self.services.append(service)
        return service

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def _start_web(self) -> None:
        """Web comes first and has the processor to itself: it is what somebody waits for."""
        with step("web"):
            web = self._service("web", "--supervised")
            self._keep(web.keep_running())
            deadline = time.monotonic() + READY_SECONDS
            while not await _answers(self.settings.host, self.port):
                if web.falls:
                    said = f": {web.last[0]}" if web.last else ""
                    raise StartError(f"The web process did not start{said} (see {web.path})")
                if time.monotonic() > deadline:
                    raise StartError(f"The web process did not answer in {READY_SECONDS:.0f} s (see {web.path})")
                await asyncio.sleep(0.02)
            web.steadfast = True

    def _start_others(self) -> None:
        for name in ("recorder", "worker"):
            service = self._service(name, "--supervised")
            service.steadfast = True
            self._keep(service.keep_running())
        if self.demo:
            self._keep(self._show_demo(self._service("demo", show=DEMO_PROGRESS)))

    async def _first_page(self) -> str:
        """The page to open first: the set-up link while nobody owns this installation, else the front page.

        Asking takes a second of imports, so that the answer "somebody does" is kept for as long as the database lives.
        """
        note = self.folder.path / "settled"
        connection = await asyncpg.connect(self.database_url, timeout=REACH_SECONDS)
        history = await epoch(connection)
        await connection.close()
        if self.demo or (note.exists() and note.read_text() == history):
            return self.url
        setup = self._service("setup-link", "--if-needed")
        if await setup.once() != 0:
            return self.url
        if found := LINK.search(setup.last[0] if setup.last else ""):
            return found[0]
        note.write_text(history)
        return self.url

    async def _show_demo(self, demo: Service) -> None:
        if await demo.once() != 0 and not demo.stopping:
            say(f"The demo workspace could not be completed; see {demo.path}")

    async def _revive_embedded(self) -> None:
        """Start Postgres or Valkey again should one of them fall: the others reconnect by themselves."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for name in self.embedded.fallen():
                say(f"{name} stopped and is started again; see {self.folder.logs / name}.log")
                try:
                    await self.embedded.revive(name)
                except Exception as error:  # it fell once more while it was started: the next look sees that too
                    say(f"{name} could not be started: {type(error).__name__}")

    async def _stop(self) -> None:
        began = time.perf_counter()
        await asyncio.gather(*(service.stop(STOP_SECONDS) for service in self.services))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.embedded.stop()
        self.folder.unlock()
        if self.ready:
            say(f"Stopped in {time.perf_counter() - began:.1f} s.")


def run(settings: Settings, *, demo: bool = False) -> int:
    """Run until Ctrl-C or SIGTERM; the exit status. A StartError is one sentence on standard error."""
    try:
        asyncio.run(_until_stopped(Supervisor(settings, demo=demo)))
    except StartError as error:
        print(f"greenroom: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_stopped(supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(supervisor.run())
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, _interrupt, task)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _interrupt(task: "asyncio.Task[None]") -> None:
    """Stop once; a second Ctrl-C during that changes nothing, it takes less than three seconds anyway."""
    if not task.cancelling():
        task.cancel()
        say("\nStopping ...")


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises StartError when it is taken or the address is not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen()
            return int(trial.getsockname()[1])
    except PermissionError as error:
        raise StartError(f"Port {port} may not be opened by this user: choose one above 1023 with --port.") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or "assign requested" in str(error):
            raise StartError(f"The address {host!r} is not one of this machine: choose another with --host.") from error
        raise StartError(
            f"Port {port} on {host} is taken by another program: stop that one, or choose another port with --port."
        ) from error


def check_recorder_ports(settings: Settings) -> None:
    """StartError when a recorder could not open the ports that were chosen for it; 0 takes a free one."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
            trial.bind(("", settings.media_port))
    except PermissionError as error:
        raise StartError(_forbidden("GREENROOM_MEDIA_PORT", settings.media_port)) from error
    except OSError as error:
        raise StartError(
            f"GREENROOM_MEDIA_PORT is {settings.media_port}, and another program has that UDP port: stop that one, or "
            "choose another."
        ) from error
    host, port = settings.recorder_host, settings.recorder_port
    try:
        socket.create_server((host, port)).close()
    except PermissionError as error:
        raise StartError(_forbidden("GREENROOM_RECORDER_PORT", port)) from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or "assign requested" in str(error):
            raise StartError(f"GREENROOM_RECORDER_HOST is {host!r}, which is no address of this machine.") from error
        raise StartError(
            f"GREENROOM_RECORDER_PORT is {port}, and another program has that port on {host}: stop that one, or choose "
            "another."
        ) from error


def _forbidden(name: str, port: int) -> str:
    return f"{name} is {port}, which may not be opened by this user: choose one above 1023."


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104
    except OSError:
        return False
    writer.close()
    return True


async def check_database(url: str) -> None:
    """Raises StartError unless a Postgres that is new enough answers there."""
    try:
        connection = await asyncpg.connect(url, timeout=REACH_SECONDS)
    except (
        OSError,
        ValueError,
        TimeoutError,
        asyncpg.exceptions.PostgresError,
        asyncpg.exceptions.InterfaceError,
    ) as error:
        raise StartError(
            f"DATABASE_URL names {_without_password(url)}, which cannot be used ({_reason(error)}): start that "
            "Postgres, correct the address, or unset it to use the built-in one."
        ) from error
    version = connection.get_server_version().major
    await connection.close()
    if version < OLDEST_POSTGRES:
        raise StartError(f"DATABASE_URL names a Postgres {version}; Greenroom needs {OLDEST_POSTGRES} or later.")


async def check_redis(url: str) -> None:
    """Raises StartError unless a Redis or Valkey answers there."""
    try:
        client = redis.asyncio.Redis.from_url(url, socket_timeout=REACH_SECONDS, socket_connect_timeout=REACH_SECONDS)
        async with client:
            await client.ping()
    except (OSError, ValueError, redis.exceptions.RedisError) as error:
        raise StartError(
            f"REDIS_URL names {_without_password(url)}, which cannot be used ({_reason(error)}): start that Redis or "
            "Valkey, correct the address, or unset it to use the built-in one."
        ) from error


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        user = parts.netloc.rpartition("@")[0].partition(":")[0]
        parts = parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}")
    return parts._replace(query="").geturl()


def _migrations() -> set[str]:
    """The ids of all migrations in the tree."""
    texts = [path.read_text() for path in MIGRATIONS.glob("*.py")]
    return {match[1] for text in texts if (match := MIGRATION_ID.search(text))}


async def schema_is_current(url: str) -> bool:
    """Whether every migration in the tree has been recorded as run: one query instead of a second of imports."""
    connection = await asyncpg.connect(url, timeout=REACH_SECONDS)
    try:
        if await connection.fetchval("SELECT to_regclass('migration')") is None:
            return False
        return _migrations() <= {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
    finally:
        await connection.close()
