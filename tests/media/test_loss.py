"""What is left of a recording after loss: everything that was sent, up to a tenth of it lost each way."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import av
import pytest

from media.ports import advertised
from media.recording import Recording
from tests.e2e.browsers import People, in_chromium
from tests.media.link import Link, Weather
from tests.media.peers import Running, running, watch
from tests.media.scene import Origin, film, further_apart, own_copy, perceive
from tests.media.sender import Sender, followed, noisy

SECONDS = 6.0
FILM = {"width": 160, "height": 120, "rate": 15, "bitrate": 100_000, "largest": 300}
LOSSES = (0.0, 0.02, 0.05, 0.10, 0.20)
BURST = 4.0  # packets
TRIPS = (0.001, 0.05, 0.15)  # seconds
WHOLE = 0.05  # up to this loss not a picture may be missing
NEARLY = {0.10: 0.99, 0.20: 0.0}  # share of the pictures above it; for 20 % it is only told
SOUND = 0.995  # share of the sound at 5 %
TOGETHER = 0.04  # seconds


@dataclass(frozen=True)
class Kept:
    """Shares of what was sent that is in the file, and what the network did."""

    who: str
    weather: Weather
    pictures: float
    sounds: float
    dropped: int
    again: int | None
    errors: int
    unheard_ms: int  # as the recorder counted
    missing_ms: int  # of the sound in the file, of what was sent; a browser does not say

    def __str__(self) -> str:
        kept = f"{self.pictures:8.2%} of pictures {self.sounds:8.2%} of sound, {self.unheard_ms:>4} ms of it lost"
        again = "" if self.again is None else f", {self.again:>4} sent again"
        return f"{self.who:<9} {self.weather!s:<26} {kept}   {self.dropped:>4} packets lost{again}"


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[list[Kept]]:
    """Every row that the tests of this file find out, printed in the end."""
    rows: list[Kept] = []
    yield rows
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n" + "\n".join(map(str, rows)))


@dataclass(frozen=True)
class Taken:
    """A recording, with how much had been sent a second before its end."""

    weather: Weather
    sender: Sender
    link: Link
    pictures: int
    sounds: int
    path: Path
    unheard_ms: int


async def test_the_loss_table(tmp_path: Path, table: list[Kept]) -> None:
    """Nine links side by side, of small pictures that are several packets each: more of them are too much at times."""
    found: list[Kept] = []
    for trip in TRIPS:
        weathers = [Weather(loss, burst, trip) for loss in LOSSES for burst in (1.0, BURST) if loss or burst == 1.0]
        folder = tmp_path / str(trip)
        folder.mkdir()
        async with running(folder) as here:
            taken = await asyncio.gather(*(_record(here, folder, weather, n) for n, weather in enumerate(weathers)))
        found += [await asyncio.to_thread(_look, take) for take in taken]
    table += found
    for kept in found:
        assert kept.errors == 0, kept
        wanted = 1.0 if kept.weather.loss <= WHOLE else NEARLY[kept.weather.loss]
        assert kept.pictures >= wanted, kept
        if kept.weather.loss <= WHOLE:
            assert kept.sounds >= SOUND, kept
        # The end is cut off after a second without loss: what the recorder says is lost is what is not in the file.
        assert abs(kept.unheard_ms - kept.missing_ms) <= 60, kept
    for loss in LOSSES:  # the weather was what the table says
        assert (sum(kept.dropped for kept in found if kept.weather.loss == loss) > 0) == (loss > 0)


async def _record(here: Running, folder: Path, weather: Weather, seed: int) -> Taken:
    """One recording through its own link."""
    link = await Link("127.0.0.1", ("127.0.0.1", here.port.number), seed).open()
    sender, name = Sender(noisy(**FILM)), uuid4()

    async def exchange(offer: str) -> str:
        return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

    await sender.connect(exchange)
    link.weather = Weather(trip=weather.trip)
    sender.roll()
    while sender.frames < 10:
        await asyncio.sleep(0.05)
    link.weather = weather
    while sender.frames < SECONDS * sender.film.rate:
        await asyncio.sleep(0.05)
    pictures, sounds = sender.frames, sender.sounds
    link.weather = Weather(trip=weather.trip)
    await asyncio.sleep(1)
    await sender.cut()
    await here.settled(name)
    manifest = await here.recorder.end(name)
    await sender.close()
    link.close()
    assert manifest is not None
    return Taken(weather, sender, link, pictures, sounds, await here.file(name, folder), manifest.unheard_ms)


def _look(taken: Taken) -> Kept:
    """What was sent until a second before the end is looked for in the file."""
    sender, film = taken.sender, taken.sender.film
    with av.open(str(taken.path)) as container:
        packets = [(packet.stream.type, bytes(packet)) for packet in container.demux() if packet.size]
    found = {kind: [data for k, data in packets if k == kind] for kind in ("audio", "video")}
    shown = followed(sender.shown, film.places(found["video"], pictures=True))
    talked = [number % len(film.sounds) for number in range(sender.sounds)]
    heard = followed(talked, film.places(found["audio"], pictures=False))
    return Kept(
        "sender",
        taken.weather,
        len(shown & set(range(taken.pictures))) / taken.pictures,
        len(heard & set(range(taken.sounds))) / taken.sounds,
        taken.link.up.lost,
        sender.again,
        watch(taken.path).errors,
        taken.unheard_ms,
        (taken.sounds - len(heard & set(range(taken.sounds)))) * 20,
    )


@in_chromium
async def test_a_browser_on_a_bad_link_loses_nothing(people: People, tmp_path: Path, table: list[Kept]) -> None:
    """5 % lost each way, 150 ms there and back; and picture and sound stay together."""
    weather = Weather(0.05, 1.0, 0.15)
    page = await people("Cleo", permissions=["microphone"])
    addresses = advertised("", "localhost")
    async with running(tmp_path, advertise=addresses) as here:
        link = await Link(addresses[0], (addresses[0], here.port.number)).open()
        origin, name = Origin(here, link), uuid4()
        link.weather = Weather(trip=weather.trip)
        raining = asyncio.get_running_loop().create_task(_rain(here, link, weather))
        try:
            told = await film(page, origin, name, 8, engine=people.engine)
        finally:
            raining.cancel()
            origin.close()
            link.close()
        manifest = await here.told(name)
        path = await here.file(name, tmp_path)
    seen = await asyncio.to_thread(perceive, path)
    own = await asyncio.to_thread(perceive, await own_copy(page, tmp_path))
    print(people.engine, told, manifest, link.up, link.down, seen.offsets, own.offsets)
    sound = (await raining).receiver.statistics("audio")
    pictures, sounds = min(1.0, manifest.frames / told["frames"]), sound.frames / (sound.frames + sound.lost)
    table.append(
        Kept(people.engine, weather, pictures, sounds, link.up.lost, None, seen.errors, manifest.unheard_ms, 0)
    )
    assert link.up.lost > 20
    assert seen.errors == 0
    assert manifest.lost == 0
    assert manifest.frames >= told["frames"] - 2  # the very last may be lost with nothing after it to show the hole
    assert further_apart(seen, own) <= TOGETHER


async def _rain(here: Running, link: Link, weather: Weather) -> Recording:
    """The weather turns bad once pictures come; what it rains on."""
    while True:
        await asyncio.sleep(0.02)
        for recording in here.recorder.recordings.values():
            if recording.receiver.last_media:
                link.weather = weather
                return recording
