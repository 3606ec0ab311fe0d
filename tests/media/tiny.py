"""A disk that a short film fills: a file system in memory where we may mount one, else one that pretends."""

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media import manifest, recording
from media.webm import Writer


class Disk:
    """A folder with room for `size` bytes."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size

    def fill(self) -> None:
        """Not a byte fits any more."""
        with contextlib.suppress(OSError), (self.folder / "ballast").open("ab", buffering=0) as ballast:
            while True:
                ballast.write(bytes(512))

    def make_room(self) -> None:
        """Enough for all that is needed."""
        (self.folder / "ballast").unlink(missing_ok=True)
        self.size *= 4
        _run("mount", "-o", f"remount,size={self.size}", str(self.folder))


class Pretended(Disk):
    """The same by the program's own seams: what writes is told that the disk is full."""

    def __init__(self, folder: Path, size: int, patched: pytest.MonkeyPatch) -> None:
        super().__init__(folder, size)
        self._patched = patched
        mux, save = Writer._mux, manifest.save

        def muxed(writer: Writer, container: Any, placed: Any) -> None:
            if writer._muxed > size:
                _full()
            mux(writer, container, placed)

        def saved(where: Path, what: Any) -> None:
            if sum(path.stat().st_size for path in where.glob("*.webm")) > size * 0.8:
                _full()
            save(where, what)

        patched.setattr(Writer, "_mux", muxed)
        patched.setattr(recording, "repair", lambda *_: _full())
        patched.setattr(manifest, "save", saved)

    def fill(self) -> None:
        return

    def make_room(self) -> None:
        self._patched.undo()


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Disk]:
    """One for as long as the block lasts."""
    folder.mkdir(parents=True)
    if not _may_mount():
        with pytest.MonkeyPatch.context() as patched:
            yield Pretended(folder, size, patched)
        return
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield Disk(folder, size)
    finally:
        _run("umount", "-l", str(folder))


def _may_mount() -> bool:
    """Only root may, and not in every container; tried where nobody else sees it."""
    ask = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    able = os.geteuid() == 0 and shutil.which("unshare") is not None
    return able and subprocess.run(ask, check=False, capture_output=True).returncode == 0


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
