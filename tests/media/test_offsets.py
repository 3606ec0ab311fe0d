"""Picture and sound are within 40 ms of each other, before and after whatever happens to them."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.media.link import Link, Weather
from tests.media.peers import Running, running
from tests.media.scene import Perceived, perceive
from tests.media.script import Player, Script, Span

TOGETHER = 0.04  # seconds, for every single flash
LATE = 0.02  # seconds by which a sender may be late itself
MOST_TRIES = 3
SECONDS = 11.0
THEN = Span(4.3, 7.3)  # when it happens
CALM, GONE = Weather(), Weather(1.0)
WET = Weather(0.10, 4.0, 0.15)


@dataclass(frozen=True)
class Case:
    """Something that happens to a recording. `weather` is that of the whole, `cut` of its middle."""

    name: str
    script: Script
    weather: Weather = CALM
    cut: bool = False
    held: float = 0.0


CASES = (
    Case("nothing", Script(SECONDS)),
    Case("the first pictures come 0.4 s late", Script(SECONDS), held=0.4),
    Case("a tenth is lost, in bursts, at 150 ms", Script(SECONDS), WET),
    Case("three seconds are lost for good", Script(SECONDS), cut=True),
    Case("the picture grows", Script(SECONDS, grows=THEN.begin)),
    Case("the microphone is disabled", Script(SECONDS, muted=THEN)),
    Case("the microphone is replaced by nothing", Script(SECONDS, unplugged=THEN)),
    Case("the same while a tenth is lost", Script(SECONDS, unplugged=THEN), WET),
)


async def test_every_flash_is_seen_with_its_beep_whatever_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a sender measured that was late itself says nothing: it is measured again, with nobody beside it."""
    async with running(tmp_path) as here:
        takes = [(case, Player(case.script, case.held)) for case in CASES]  # encoded before anything is late for it
        seen = await _seen(here, tmp_path, takes)
        for tries in range(MOST_TRIES):
            for place, (case, player) in enumerate(takes):
                if player.late > LATE and _trouble(case, seen[place]):
                    with capsys.disabled():
                        print(f"\n{case.name}: sent {1000 * player.late:.0f} ms late, measured again ({tries + 1})")
                    takes[place] = (case, Player(case.script, case.held))
                    (seen[place],) = await _seen(here, tmp_path, [takes[place]])
    with capsys.disabled():
        print("\npicture minus sound, in milliseconds: the median and the farthest, before and after")
        for case, found in zip(CASES, seen, strict=True):
            print(f"{case.name:<38} {_told(found, before=True)}   {_told(found, before=False)}")
    for case, found in zip(CASES, seen, strict=True):
        _judge(case, found)


async def _seen(here: Running, folder: Path, takes: Sequence[tuple[Case, Player]]) -> list[Perceived]:
    paths = await asyncio.gather(*(_record(here, folder, case, player) for case, player in takes))
    return [await asyncio.to_thread(perceive, path) for path in paths]


async def _record(here: Running, folder: Path, case: Case, player: Player) -> Path:
    link = await Link("127.0.0.1", ("127.0.0.1", here.port.number), seed=7).open()
    name = uuid4()

    async def exchange(offer: str) -> str:
        return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

    await player.connect(exchange)
    link.weather = case.weather
    player.roll()
    while not player.over.is_set():
        await asyncio.sleep(0.01)
        if case.cut:
            link.weather = GONE if THEN.holds(player.now) else case.weather
    await here.settled(name)
    await player.cut()
    await here.recorder.end(name)
    await player.close()
    link.close()
    return await here.file(name, folder)


def _trouble(case: Case, found: Perceived) -> bool:
    try:
        _judge(case, found)
    except AssertionError:
        return True
    return False


def _judge(case: Case, found: Perceived) -> None:
    script, cut = case.script, case.cut
    assert found.errors == 0, case
    due = [at for at in script.beeps if not (cut and THEN.begin - 2.5 < at < THEN.end + 1.2)]
    pairs = _pairs(found)
    assert len(pairs) >= len(due), (case, found)
    assert all(abs(apart) <= TOGETHER for _, apart in pairs), (case, pairs)
    assert {at > THEN.begin for at, _ in pairs} == {True, False}
    # and the time line is the script's: between first and last flash as much time as was filmed
    filmed, lasted = script.flashes[-1] - script.flashes[0], found.flashes[-1] - found.flashes[0]
    assert abs(filmed - lasted) <= TOGETHER, (case, found.flashes)


def _pairs(found: Perceived) -> list[tuple[float, float]]:
    """When it flashed, and how much later than its beep."""
    near = ((at, at - min(found.beeps, key=lambda beep: abs(beep - at))) for at in found.flashes)
    return [(at, apart) for at, apart in near if abs(apart) < 0.35]


def _told(found: Perceived, *, before: bool) -> str:
    apart = [1000 * apart for at, apart in _pairs(found) if (at < THEN.begin) == before]
    if not apart:
        return "none"
    return f"{len(apart)} flashes {statistics.median(apart):+6.1f} {max(apart, key=abs):+6.1f}"
