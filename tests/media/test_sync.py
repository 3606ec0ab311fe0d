"""Picture and sound of a real browser belong together in the file, whatever its machine is doing.

`./dev soak starved` does it while several programs want all of the processor.
"""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

from media.ports import advertised
from tests.e2e.browsers import People
from tests.media.peers import running
from tests.media.scene import Origin, film, further_apart, own_copy, perceive

SECONDS = 6.0
TOGETHER = 0.04  # seconds
ENDS = 0.5  # seconds between the ends of the tracks


async def test_flash_and_beep_come_together_and_end_together(people: People, tmp_path: Path) -> None:
    """A starved Firefox takes in less sound than there was, a third of a second in seven (measured)."""
    options: dict[str, Any] = {"permissions": ["microphone"]} if people.engine == "chromium" else {}
    page = await people("Cleo", **options)
    async with running(tmp_path, advertise=advertised("", "localhost")) as here:
        origin = Origin(here)
        recording = uuid4()
        try:
            told = await film(page, origin, recording, SECONDS, engine=people.engine)
        finally:
            origin.close()
        path = await here.file(recording, tmp_path)
    seen = await asyncio.to_thread(perceive, path)
    own = await asyncio.to_thread(perceive, await own_copy(page, tmp_path))
    print(people.engine, told, seen, own)
    assert seen.errors == 0
    assert len(seen.offsets) >= told["flashes"] - 1
    assert further_apart(seen, own) <= TOGETHER
    assert abs(seen.ends["video"] - seen.ends["audio"]) <= ENDS
    for end in seen.ends.values():
        assert abs(end - told["lasted"]) <= ENDS
