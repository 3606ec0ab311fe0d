"""Child processes that never outlive their parent.

Everything `greenroom run` starts is its direct child, in a session of its own so that Ctrl-C in the terminal reaches
the parent alone. Should the parent be killed without warning, the kernel tells the child (Linux), or a shell that
waits on a pipe does (elsewhere). Linux ties that to the *thread* that started the child: start children from the main
thread, which is where the event loop runs.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # linux/prctl.h
WATCH = 'read -r _; kill -s "$1" "$2" 2>/dev/null'

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


async def spawn(
    arguments: Sequence[str | Path],
    *,
    output: int | IO[bytes],
    on_orphaned: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    keep: Sequence[int] = (),
    user: tuple[int, int] | None = None,
) -> asyncio.subprocess.Process:
    """Start a child that gets `on_orphaned` when this process dies, however it dies.

    `output` takes both standard output and standard error, `keep` lists descriptors the child inherits, `user` is the
    (uid, gid) to change to. Raises OSError when the program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *map(str, arguments),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=directory,
        pass_fds=tuple(keep),
        start_new_session=True,
        preexec_fn=_leash(on_orphaned) if _libc else None,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
    )
    if not _libc:
        watch(process.pid, on_orphaned)
    return process


def _leash(on_orphaned: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if _libc:
            _libc.prctl(PR_SET_PDEATHSIG, int(on_orphaned))
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return prepare


def watch(pid: int, on_orphaned: signal.Signals) -> "subprocess.Popen[bytes]":
    """Leave a shell behind that sends the signal once this process is gone: its end of the pipe closes then."""
    name = on_orphaned.name.removeprefix("SIG")
    return subprocess.Popen(
        ["/bin/sh", "-c", WATCH, "watch", name, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def stop(
    process: asyncio.subprocess.Process, sign: signal.Signals, seconds: float, insist: signal.Signals = signal.SIGKILL
) -> bool:
    """Ask a child to stop, insist after `seconds`, kill it after twice as long. True if it went by itself."""
    for number, each in enumerate((sign, insist, signal.SIGKILL)):
        if process.returncode is not None:
            return number == 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(each)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
            return number == 0
    await process.wait()
    return False
