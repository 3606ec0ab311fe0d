"""Picture and sound belong together in the file, whatever the browser's machine was doing."""

import asyncio
import contextlib
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from media.ports import advertised
from tests.e2e.browsers import People
from tests.media.peers import running
from tests.media.scene import Origin, film, perceive

SECONDS = 6.0
TOGETHER = 0.1  # seconds between flash and beep, in the median: a busy browser shows single flashes late by itself
ENDS = 0.5  # seconds between the ends of the tracks


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """So many programs that want a processor each, and all of it."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


@pytest.mark.parametrize("loops", [0, 5])
async def test_flash_and_beep_come_together_and_end_together(people: People, tmp_path: Path, loops: int) -> None:
    """A starved Firefox takes in less sound than there was, a third of a second in seven (measured)."""
    options: dict[str, Any] = {"permissions": ["microphone"]} if people.engine == "chromium" else {}
    page = await people("Cleo", **options)
    async with running(tmp_path, advertise=advertised("", "localhost")) as here:
        origin = Origin(here)
        recording = uuid4()
        try:
            with busy(loops):
                told = await film(page, origin, recording, SECONDS, engine=people.engine)
        finally:
            origin.close()
        path = await here.file(recording, tmp_path)
    seen = await asyncio.to_thread(perceive, path)
    print(people.engine, loops, told, seen)
    assert seen.errors == 0
    assert len(seen.offsets) >= told["flashes"] - 1
    assert abs(statistics.median(seen.offsets)) <= TOGETHER
    assert abs(seen.ends["video"] - seen.ends["audio"]) <= ENDS
    for end in seen.ends.values():
        assert abs(end - told["lasted"]) <= ENDS
