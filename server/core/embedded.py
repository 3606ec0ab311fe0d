"""Postgres and Valkey as child processes: the zero-set-up default.

Both listen on Unix sockets in one fresh folder that only this user can enter, so nothing is reachable over the
network and no password is needed. Postgres is a direct child that shuts down cleanly when we are killed, and it
inherits the lock on the data folder, so that the next start meets no survivor.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import asyncpg

from server.core import children, programs
from server.core.folder import DataFolder, StartError
from server.core.programs import Privileges

DATABASE = "greenroom"
ROLE = "app"
LONGEST_FOLDER = 60  # a Unix socket's path may have 103 bytes; Postgres adds 20
START_SECONDS = 60.0  # crash recovery of a large database takes its time
STOP_SECONDS = 1.0
LOG_LIMIT = 10_000_000  # bytes; a log that has grown past this is set aside at the next start


class Embedded:
    """One Postgres and one Valkey on one locked data folder.

    `durable=False` trades crash safety for speed and is meant for tests. `postgres` and `valkey` say which of the two
    are wanted. `database_url` and `redis_url` are set once `start()` has returned. `processes` may be waited for.
    """

    def __init__(self, folder: DataFolder, *, durable: bool = True, postgres: bool = True, valkey: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.database_url = ""
        self.redis_url = ""
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self._wanted = (postgres, valkey)
        self._sockets: Path | None = None

    @property
    def sockets(self) -> Path:
        """The folder with both sockets."""
        if self._sockets is None:
            raise RuntimeError("The embedded services are not running.")
        return self._sockets

    def place(self) -> str:
        """Which files these are: another word for a copy of them, the same for files that were moved.

        A file that was written once and never again keeps the time of its last change of state, which no copy can set;
        one that is only written in place keeps its number, which a synchronised copy does not.
        """
        data = self.folder.path / "postgres"
        once, always = (data / "PG_VERSION").stat(), (data / "global" / "pg_control").stat()
        return f"{once.st_dev}:{once.st_ino}:{once.st_ctime_ns}:{always.st_ino}"

    async def start(self) -> None:
        """Start what is wanted, side by side. Raises StartError, and then nothing is left running."""
        self._clear_leftovers()
        rights = programs.privileges()
        self._sockets = _socket_folder(rights)
        (self.folder.path / "sockets").write_text(str(self._sockets))
        postgres, valkey = self._wanted
        starts = [*([self._start_postgres(rights)] if postgres else []), *([self._start_valkey()] if valkey else [])]
        tasks = [asyncio.create_task(start) for start in starts]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.stop()
            raise

    def _clear_leftovers(self) -> None:
        """Remove the socket folder of a predecessor that was killed."""
        note = self.folder.path / "sockets"
        with contextlib.suppress(OSError):
            left = Path(note.read_text().strip())
            if left.name.startswith("greenroom-"):
                shutil.rmtree(left, ignore_errors=True)
            note.unlink()

    async def _start_postgres(self, rights: Privileges) -> None:
        data = self.folder.path / "postgres"
        binaries = programs.choose_postgres(data)
        if rights.user:
            binaries = self._lend(binaries, rights.user)
        if not (data / "PG_VERSION").exists():
            await self._initialise(binaries, data, rights)
        _give(data, rights.user or (os.geteuid(), os.getegid()))
        with _open_log(self.folder.logs / "postgres.log") as log:
            process = await children.spawn(
                [*rights.prefix, binaries / "postgres", "-D", data, *self._options()],
                output=log,
                on_orphaned=signal.SIGINT,  # "fast shutdown": sessions are cut, the data is written out
                directory=self.sockets,
                keep=[self.folder.descriptor],
                user=rights.user,
            )
        self.processes["postgres"] = process
        await self._until("postgres", lambda: _postgres_is_ready(data, process.pid))
        await self._create_database()
        self.database_url = f"postgresql://{ROLE}@/{DATABASE}?host={self.sockets}"

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    async def _initialise(self, binaries: Path, data: Path, rights: Privileges) -> None:
        """Make an empty database cluster beside its place and move it there when it is complete."""
        fresh = data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if rights.user:
            _give(fresh, rights.user)
        words = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-instructions"]
        if programs.postgres_version(binaries) >= 17:
            words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # lower() of any script
        if not self.durable:
            words += ["--no-sync"]
        process = await children.spawn(
            [*rights.prefix, binaries / "initdb", "-D", fresh, *words],
            output=subprocess.PIPE,
            directory=self.sockets,
            keep=[self.folder.descriptor],
            user=rights.user,
        )
        said, _ = await process.communicate()
        if process.returncode != 0:
            last = said.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise StartError(f"Postgres could not create its files in {self.folder.path}: {last[0]}")
        fresh.rename(data)

    def _lend(self, binaries: Path, user: tuple[int, int]) -> Path:
        """See to it that `nobody` reaches the data folder and the programs; copies these beside the sockets if not."""
        self.folder.path.chmod(0o711)  # to pass through, not to read; what lies inside is closed by itself
        if not _reaches(user, self.folder.path):
            raise StartError(
                f"Postgres refuses to run as root, and the user nobody cannot reach {self.folder.path}: start "
                "Greenroom as another user, choose a --data folder such as /var/lib/greenroom, or set DATABASE_URL."
            )
        if _reaches(user, binaries):
            return binaries
        copy = self.sockets / "postgres"
        shutil.copytree(binaries.parent, copy, symlinks=True, dirs_exist_ok=True)  # there already when it is revived
        _give(copy, user)
        return copy / binaries.name

    async def _start_valkey(self) -> None:
        path = self.sockets / "valkey.sock"
        words = [
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with _open_log(self.folder.logs / "valkey.log") as log:
            self.processes["valkey"] = await children.spawn(
                [programs.choose_valkey(), *words, "--dir", self.sockets, "--daemonize", "no"],
                output=log,
                directory=self.sockets,
            )
        await self._until("valkey", path.exists)
        self.redis_url = f"unix://{path}"

    async def _until(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not ready():
            late = asyncio.get_running_loop().time() > deadline
            status = self.processes[name].returncode
            if status is not None or late:
                trouble = f"stopped with status {status}" if status is not None else "did not become ready in time"
                raise StartError(f"The embedded {name} {trouble}: {self.folder.logs / name}.log says why.")
            await asyncio.sleep(0.01)

    async def _create_database(self) -> None:
        connection = await asyncpg.connect(f"postgresql://{ROLE}@/postgres?host={self.sockets}")
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    def fallen(self) -> list[str]:
        """The names of those that have stopped without being asked."""
        return [name for name, process in self.processes.items() if process.returncode is not None]

    async def revive(self, name: str) -> None:
        """Start one that has fallen again, reachable as before. Raises StartError."""
        if name == "postgres":
            await self._start_postgres(programs.privileges())
        else:
            (self.sockets / "valkey.sock").unlink(missing_ok=True)
            await self._start_valkey()

    async def stop(self) -> None:
        """Stop both. A Postgres that is slow to write everything out leaves the rest to its log, which is safe."""
        signs = {"postgres": (signal.SIGINT, signal.SIGQUIT), "valkey": (signal.SIGTERM, signal.SIGKILL)}
        await asyncio.gather(
            *(
                children.stop(child, signs[name][0], STOP_SECONDS, signs[name][1])
                for name, child in self.processes.items()
            )
        )
        self.processes.clear()
        self._clear_leftovers()
        self._sockets = None


def _socket_folder(rights: Privileges) -> Path:
    """A new folder that only its owner can enter, with a path short enough for a socket in it."""
    place = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="greenroom-", dir=place if len(place) <= LONGEST_FOLDER else "/tmp"))  # noqa: S108 - mkdtemp makes it private
    if rights.user:
        _give(folder, rights.user)
    return folder


def _give(folder: Path, user: tuple[int, int]) -> None:
    """Make a folder of ours somebody's, with all there is in it; nothing to do if it is theirs already."""
    if folder.stat().st_uid == user[0]:
        return
    os.chown(folder, *user)
    for parent, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(parent, name), *user, follow_symlinks=False)


def _reaches(user: tuple[int, int], folder: Path) -> bool:
    """Whether a user can enter a folder, asked in the only way that counts: by trying."""
    trial = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", folder],
        user=user[0],
        group=user[1],
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    return trial.returncode == 0


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _postgres_is_ready(data: Path, pid: int) -> bool:
    """Whether `postmaster.pid` says so, and says it of this process and not of a dead predecessor."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"
