"""The data folder: one Greenroom at a time, one shared secret, and a note on how to reach the running one.

The lock is inherited by the children, so that after a `kill -9` the folder counts as taken until the last of them is
gone; the next start waits for them instead of meeting them.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

import msgspec

LEFTOVER_SECONDS = 15.0  # how long processes of a killed predecessor may take to go


class StartError(Exception):
    """Greenroom cannot start here; the message is one sentence for the person at the terminal."""


class Running(msgspec.Struct, frozen=True):
    """Where the services of the Greenroom that holds a data folder are reached, and the page to open."""

    url: str
    database_url: str
    redis_url: str


class DataFolder:
    """The folder everything lives in, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.logs = self.path / "log"
        self._lock: IO[str] | None = None

    @property
    def descriptor(self) -> int:
        """The lock's descriptor, for children to inherit."""
        if self._lock is None:
            raise RuntimeError("The data folder is not locked.")
        return self._lock.fileno()

    async def lock(self) -> None:
        """Take the folder, waiting for what is left of a killed predecessor. StartError if somebody alive has it."""
        lock = self._open()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEFTOVER_SECONDS
        while not _try_lock(lock):
            lock.seek(0)
            owner = lock.read().strip()
            if _alive(owner) or loop.time() > deadline:
                lock.close()
                who = f" (process {owner})" if owner else ""
                raise StartError(
                    f"The data folder {self.path} is in use by another Greenroom{who}: stop that one, or choose "
                    "another folder with --data."
                )
            await asyncio.sleep(0.05)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _open(self) -> IO[str]:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            return (self.path / "lock").open("a+")
        except OSError as error:
            raise StartError(f"The data folder {self.path} cannot be used: {error.strerror}.") from error

    def unlock(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            (self.path / "running.json").unlink(missing_ok=True)
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def secret(self) -> str:
        """The secret that web and recorder share, made at the first start and kept in a file of mode 0600."""
        path = self.path / "secret"
        with contextlib.suppress(FileNotFoundError):
            if kept := path.read_text().strip():
                return kept
        fresh = secrets.token_urlsafe(32)
        _write_private(path, fresh.encode())
        return fresh

    def announce(self, running: Running) -> None:
        """Leave a note for commands that want to reach the running services."""
        _write_private(self.path / "running.json", msgspec.json.encode(running))

    def running(self) -> Running | None:
        """The note of whoever holds the folder; None when nobody does."""
        try:
            with (self.path / "lock").open("a+") as lock:
                if _try_lock(lock):
                    return None
            return msgspec.json.decode((self.path / "running.json").read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):
            return None


def _write_private(path: Path, content: bytes) -> None:
    """Write a file only its owner can read, complete or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _alive(owner: str) -> bool:
    """Whether the process that wrote its number is still there. One that is a zombie is not."""
    if not owner.isdigit():
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{owner}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
