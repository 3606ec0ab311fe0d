"""Folders for work on files, each held by a lock that ends with its process: what a killed one leaves is swept away.

`workplace` lives as long as one piece of work. The next that is opened on the same disk removes the folders that nobody
holds any more.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

PREFIX = "work-"


@contextlib.asynccontextmanager
async def workplace(scratch: Path) -> AsyncIterator[Path]:
    """A folder of one's own in `scratch`, gone afterwards."""
    folder, hold = await asyncio.to_thread(_claim, scratch)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        os.close(hold)


def _claim(scratch: Path) -> tuple[Path, int]:
    """A new folder and the open lock on it; sweeps first. One process at a time, or it would sweep what is new."""
    with _locked(scratch):
        for old in scratch.glob(f"{PREFIX}*"):
            with contextlib.suppress(BlockingIOError, FileNotFoundError), _locked(old, wait=False):
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=scratch))
        hold = os.open(folder, os.O_RDONLY)
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return folder, hold


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Raises BlockingIOError when somebody holds it, unless it may wait."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
