"""Where finished files are kept: a local folder (one machine) or an S3 bucket (several), behind the same few verbs.

A `Storage` lives as long as its process. Keys are `<recording id>/<name>`, so that everything that belongs to a
recording can be deleted by its prefix. What `put` has returned from is durable: written through to the disk, or
acknowledged by S3.
"""

import asyncio
import contextlib
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from media.webm import sync

FORGOTTEN = 24 * 3600  # seconds
STAGED = re.compile(r".*#\d+")  # how obstore calls a file in a folder while it is being written
STAGED_FOR = 3600  # seconds without a byte, and nobody writes it any more
CHUNK = 256 << 10  # bytes read at once when streaming
RETRY: Any = {  # a person waits for a film, and what nobody waits for is tried again anyway
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
}


class MissingError(LookupError):
    """There is no such file (any more)."""


class AwayError(OSError):
    """Where files are kept does not answer, or has no room; in a moment it may."""


@contextlib.contextmanager
def _spoken_to(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise MissingError(key) from error
    except (BaseError, OSError) as error:  # the message of the store may hold addresses and keys
        raise AwayError(f"storage: {type(error).__name__}") from error


class Storage:
    """Files by key. Raises MissingError for keys that are not there, AwayError when the store cannot be spoken to."""

    def __init__(self, store: LocalStore | S3Store, root: Path | None, scratch: Path) -> None:
        self._store = store
        self._root = root
        self.scratch = scratch  # a local folder for files on their way
        scratch.mkdir(parents=True, exist_ok=True)
        _forget_old(scratch)

    @classmethod
    def open(cls, url: str, data: Path, **s3: Any) -> "Storage":
        """`url`: empty (the folder `data`/media), a folder, file://folder or s3://bucket/prefix.

        S3 reads its credentials from AWS_* in the environment; `s3` overrides them. ValueError for other schemes.
        """
        scratch = data / "scratch"
        parts = urlsplit(url)
        if parts.scheme == "s3":
            # not in client_options: those would take the place of what AWS_ALLOW_HTTP says
            options: Any = {"connect_timeout": "3s", "retry_config": RETRY} | s3
            return cls(S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **options), None, scratch)
        if parts.scheme not in {"", "file"}:
            raise ValueError(f"storage of kind {parts.scheme!r} is not known; use a folder or s3://bucket/prefix")
        root = Path(parts.path) if url else data / "media"
        root = root.absolute()
        return cls(LocalStore(root, mkdir=True), root, scratch)

    async def put(self, key: str, content: Path | bytes) -> None:
        """Stores a file or bytes under `key`, replacing what was there at once or not at all."""
        with _spoken_to(key):
            await obstore.put_async(self._store, key, content)
            if self._root is not None:
                await asyncio.to_thread(sync, self._root / key)

    async def size(self, key: str) -> int:
        """Bytes."""
        with _spoken_to(key):
            return int((await obstore.head_async(self._store, key))["size"])

    async def stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to and without `end`, in chunks."""
        if end <= start:
            return
        with _spoken_to(key):
            result = await obstore.get_async(self._store, key, options={"range": (start, end)})
        async for chunk in result.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)

    async def get(self, key: str) -> bytes:
        """A whole file; for small ones."""
        with _spoken_to(key):
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())

    async def fetch(self, key: str, target: Path) -> None:
        """Copies a file to a local path, in chunks."""
        size = await self.size(key)
        with target.open("wb") as copy:
            async for chunk in self.stream(key, 0, size):
                await asyncio.to_thread(copy.write, chunk)

    async def keys(self, recording_id: UUID | str) -> list[str]:
        """All keys of a recording."""
        found: list[str] = []
        with _spoken_to(str(recording_id)):
            async for batch in obstore.list(self._store, prefix=str(recording_id)):
                found.extend(str(entry["path"]) for entry in batch)
        return found

    async def delete(self, key: str) -> None:
        """Deletes one file, if it is there."""
        await self._delete([key])

    async def delete_all(self, recording_id: UUID | str) -> int:
        """Deletes every file of a recording; returns how many there were."""
        keys = await self.keys(recording_id)
        await self._delete(keys)
        if self._root is not None:
            await asyncio.to_thread(shutil.rmtree, self._root / str(recording_id), ignore_errors=True)
        return len(keys)

    async def sweep(self) -> int:
        """Deletes what a `put` left half written when its process was killed; returns how many files.

        Only a folder has such; what S3 has of it is not seen, and ends by the bucket's own rules.
        """
        return 0 if self._root is None else await asyncio.to_thread(_sweep, self._root)

    def free_bytes(self) -> int | None:
        """Bytes left on the local disk; None on S3."""
        return None if self._root is None else shutil.disk_usage(self._root).free

    async def _delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with contextlib.suppress(MissingError), _spoken_to(key):  # somebody else deleted it: as wanted
                await obstore.delete_async(self._store, key)


def _sweep(root: Path) -> int:
    gone = 0
    for path in root.glob("*/*#*"):
        with contextlib.suppress(FileNotFoundError):
            if STAGED.fullmatch(path.name) and time.time() - path.stat().st_mtime > STAGED_FOR:
                path.unlink()
                gone += 1
    return gone


def _forget_old(scratch: Path) -> None:
    """Deletes what killed processes left behind; nothing is on its way for a day."""
    for path in scratch.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process is faster
            if path.is_file() and time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink()
