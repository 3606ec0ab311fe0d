"""The recorder process: media's receiver, told by hiring what to do when a recording begins and ends.

Packets are read on the main loop; the database is spoken to on a loop of its own, in a thread, so that a slow database
never costs a packet. What a recorder reports is written in one transaction with the task that follows from it.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec
import uvicorn
from redis.asyncio import Redis

from media import nodes
from media.manifest import Manifest
from media.ports import advertised, is_loopback
from media.recorder import Recorder, RecorderConfig, create_app
from media.storage import Storage
from server import __version__
from server.core import tasks
from server.core.ids import uuid7
from server.core.settings import Settings
from server.core.supervisor import check_recorder_ports

log = logging.getLogger("greenroom.recorder")
ANY = "0.0.0.0"  # noqa: S104 - compared with, never bound by default
STATES = {"complete": "ready", "interrupted": "interrupted", "failed": "failed"}


class Reporter:
    """Writes what happened to recordings, on its own thread and loop. Raises what asyncpg raises; callers retry."""

    def __init__(self, database_url: str) -> None:
        """Starts the thread; the connection is made when it is first needed, and anew when it was lost."""
        self._url = database_url
        self._connection: asyncpg.Connection | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reporter", daemon=True)
        self._thread.start()
        self._turn = asyncio.Lock()

    async def started(self, manifest: Manifest) -> None:
        """The first picture arrived."""
        await self._elsewhere(lambda c: self._write_start(c, manifest))

    async def finished(self, manifest: Manifest) -> None:
        """The file is stored, or there is none."""
        await self._elsewhere(lambda c: self._write_end(c, manifest))

    async def silence(self, manifest: Manifest, silent: bool) -> None:
        """Nothing has come for some seconds, or something comes again."""
        await self._elsewhere(lambda c: self._write_silence(c, manifest, silent))

    async def _elsewhere(self, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._do(work), self._loop))

    async def _do(self, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self._url, timeout=5, command_timeout=10)
            async with self._connection.transaction():
                await work(self._connection)

    async def _write_start(self, c: asyncpg.Connection, manifest: Manifest) -> None:
        changed = await c.execute(
            "UPDATE recording SET state = 'recording', started_at = now() WHERE id = $1 AND state = 'new'", manifest.id
        )
        if changed != "UPDATE 0":
            await tasks.enqueue("recording_started", msgspec.json.encode(manifest.id), connection=c)

    async def _write_silence(self, c: asyncpg.Connection, manifest: Manifest, silent: bool) -> None:
        changed = await c.execute(
            "UPDATE recording SET silent = $2 WHERE id = $1 AND state IN ('new', 'recording') AND silent <> $2",
            manifest.id,
            silent,
        )
        if changed != "UPDATE 0":
            await tasks.enqueue("recording_silence", msgspec.json.encode(manifest.id), connection=c)

    async def _write_end(self, c: asyncpg.Connection, manifest: Manifest) -> None:
        derivatives = {"video": manifest.key} if manifest.key else {}
        changed = await c.execute(
            "UPDATE recording SET state = $2, mime = $3, duration_ms = $4, bytes = $5, width = $6, height = $7, "
            "audio = $8, video = $9, frames = $10, lost = $11, unheard_ms = $12, error = $13, silent = false, "
            "derivatives = derivatives || $14::jsonb, finished_at = now() WHERE id = $1 AND state <> 'deleted'",
            manifest.id,
            STATES[manifest.outcome],
            manifest.mime,
            manifest.duration_ms,
            manifest.bytes,
            manifest.width,
            manifest.height,
            manifest.audio,
            manifest.video,
            manifest.frames,
            manifest.lost,
            manifest.unheard_ms,
            manifest.error or manifest.reason,
            msgspec.json.encode(derivatives).decode(),
        )
        # a file that nobody waits for any more is not kept for nothing
        follows = "recording_finished" if changed != "UPDATE 0" else "delete_files"
        await tasks.enqueue(follows, msgspec.json.encode(manifest.id), connection=c)

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)


def node_name(spool: Path) -> str:
    """This recorder's name: the same after a restart on the same spool folder."""
    spool.mkdir(parents=True, exist_ok=True)
    file = spool / ".node"
    if not file.exists():
        file.write_text(f"{socket.gethostname()[:20]}-{str(uuid7())[-8:]}")
    return file.read_text().strip()


def addresses(settings: Settings) -> tuple[str, ...]:
    """Where browsers send to: GREENROOM_MEDIA_ADDRESS, else what the public address resolves to, else our own."""
    host = urlsplit(settings.origin).hostname or ""
    named = settings.media_address
    if not named and not is_loopback(host):
        with contextlib.suppress(OSError):
            named = socket.gethostbyname(host)
    return advertised(named, host)


class DrainingServer(uvicorn.Server):
    """Goes on serving while the recordings that run are finished; uvicorn's own closes its listener first.

    The first SIGTERM or Ctrl-C begins that, the second ends it.
    """

    def __init__(self, config: uvicorn.Config, recorder: Recorder) -> None:
        """`recorder` is the one that `config.app` serves."""
        super().__init__(config)
        self._recorder = recorder
        self._draining: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle them on the loop, except Ctrl-C where it is our supervisor's."""
        loop = asyncio.get_running_loop()
        numbers = [n for n in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(n) is not signal.SIG_IGN]
        for number in numbers:
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self._draining is None:
            log.info("takes no new recordings; %d are to be finished", self._recorder.load)
            self._draining = asyncio.create_task(self._finish())
        else:
            self.should_exit = True

    async def _finish(self) -> None:
        await self._recorder.drain()
        self.should_exit = True


async def run(settings: Settings) -> None:
    """Receive recordings until told to stop; what is being recorded then is finished first. Raises StartError."""
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.WARNING)  # they would write down candidates' addresses
    check_recorder_ports(settings)
    spool = settings.data / "spool"
    reporter = Reporter(settings.database_url)
    config = RecorderConfig(
        node=node_name(spool),
        secret=settings.secret,
        spool=spool,
        storage=Storage.open(settings.storage_url, settings.data),
        udp_port=settings.media_port,
        advertise=addresses(settings),
        concurrent=settings.recordings_per_process,
        drain=settings.drain_seconds,
    )
    app = create_app(config, reporter.started, reporter.finished, reporter.silence)
    recorder: Recorder = app.state.recorder
    listener = socket.create_server((settings.recorder_host, settings.recorder_port))
    serving = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = DrainingServer(serving, recorder)
    redis = Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)

    url = _private_url(listener)  # which is asked for once more when the listener is closed

    def here() -> nodes.Node:
        return nodes.Node(id=config.node, url=url, load=recorder.load, limit=recorder.limit, version=__version__)

    telling = asyncio.create_task(nodes.announce(redis, here, recorder.news))
    try:
        await server.serve(sockets=[listener])
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await redis.aclose()
        reporter.close()


def _private_url(listener: socket.socket) -> str:
    """Where web processes reach this recorder: its own address, or its host name when it listens on all of them."""
    host, port = listener.getsockname()[:2]
    return f"http://{socket.gethostname() if host == ANY else host}:{port}"
