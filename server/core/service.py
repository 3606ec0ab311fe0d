"""One supervised process: started, listened to, started again when it falls, stopped.

What it prints goes to a file in the log folder; the first line of every warning and error is also shown in the
terminal, with the process's name before it.
"""

import asyncio
import logging
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from server.core import children

LOG_LIMIT = 10_000_000  # bytes; then the file is set aside, once
LONGEST_LINE = 64_000  # bytes
FIRST_PAUSE = 0.5  # seconds before a fallen process is started again; doubles up to the longest
LONGEST_PAUSE = 15.0
STEADY = 30.0  # seconds after which a process counts as healthy and its next fall as the first
WORTH_SHOWING = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")

log = logging.getLogger("greenroom.supervisor")


class Service:
    """A child process that is kept running. `say` shows a line to the person at the terminal if `show` is in it."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        logs: Path,
        keep: Sequence[int],
        say: Callable[[str], None],
        show: re.Pattern[str] = WORTH_SHOWING,
    ) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.environment = environment
        self.path = logs / f"{name}.log"
        self.keep = keep
        self.say = say
        self.show = show
        self.process: asyncio.subprocess.Process | None = None
        self.last: deque[str] = deque(maxlen=1)
        self.falls = 0
        self.steadfast = False  # until Greenroom has started once, a fall is its failure and not repeated
        self.stopping = False

    async def once(self) -> int:
        """Run the process to its end and return its exit status."""
        self.process = await children.spawn(
            self.arguments, output=subprocess.PIPE, environment=self.environment, keep=self.keep
        )
        if self.stopping:  # asked to stop while the child was being made
            self.process.terminate()
        await self._listen(self.process)
        return await self.process.wait()

    async def keep_running(self) -> None:
        """Run the process again and again, with growing pauses while it does not stay up."""
        pause = FIRST_PAUSE
        while not self.stopping:
            began = time.monotonic()
            try:
                status = await self.once()
            except OSError as error:  # no memory, no process number, no file handle: it may pass
                log.warning("%s could not be started: %s", self.name, error)
                status = 1
            if self.stopping:
                return
            self.falls += 1
            if not self.steadfast:
                return
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY else pause
            self.say(f"{self.name} stopped ({_why(status)}) and starts again in {pause:g} s; see {self.path}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def stop(self, seconds: float) -> None:
        """Ask the process to finish, insist after `seconds`."""
        self.stopping = True
        if self.process is not None and not await children.stop(self.process, signal.SIGTERM, seconds):
            self.say(f"{self.name} did not stop by itself and was ended")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with _LogFile(self.path) as file:
            rest = b""
            while chunk := await process.stdout.read(LONGEST_LINE):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self._take(file, line)
            if rest:
                self._take(file, rest)

    def _take(self, file: "_LogFile", line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        file.write(text)
        if not text:
            return
        self.last.append(text)
        if self.show.search(text[:200]):
            self.say(text if text.startswith(f"{self.name}:") else f"{self.name} | {text}")


class _LogFile:
    """A log that is set aside when it has grown too large. A full disk must not stop the service: lines are dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open()

    def _open(self) -> None:
        self.file = self.path.open("a", encoding="utf-8", errors="replace", buffering=1)
        self.size = self.path.stat().st_size

    def write(self, text: str) -> None:
        try:
            self.file.write(f"{text}\n")
            self.size += len(text) + 1
            if self.size > LOG_LIMIT:
                self.file.close()
                self.path.replace(self.path.with_suffix(".log.1"))
                self._open()
        except (OSError, ValueError) as error:
            log.debug("a log line was lost: %s", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def _why(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
