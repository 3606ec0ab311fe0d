"""What was lost on the way to the recorder: the take says so, and the browser's own copy takes its place."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from media.manifest import Manifest
from server.core import runtime
from server.hiring.interviews.rules import is_damaged
from tests.cast import Cast
from tests.media.link import Link, Weather
from tests.media.peers import running
from tests.media.sender import Sender, noisy
from tests.server import takes
from tests.server.copies import begin, send, take_of
from tests.server.house import House, drain

SECONDS = 3.0


class Forgetful(Sender):
    """Sends pictures again when asked, and sound never, as a browser does that knows no request for it."""

    def _send_again(self, kind: str, number: int) -> None:
        if kind == "video":
            super()._send_again(kind, number)


async def film(folder: Path, recording: UUID, sender: Sender, loss: float) -> Manifest:
    """What the recorder says of a recording through a lossy link."""
    async with running(folder, runtime.here().storage) as here:
        link = await Link("127.0.0.1", ("127.0.0.1", here.port.number)).open()

        async def exchange(offer: str) -> str:
            return link.redirect(await here.recorder.begin(recording, link.hide(offer), kind="video", seconds=None))

        await sender.connect(exchange)
        sender.roll()
        while sender.frames < 10:
            await asyncio.sleep(0.05)
        link.weather = Weather(loss)
        while sender.frames < SECONDS * sender.film.rate:
            await asyncio.sleep(0.05)
        link.weather = Weather()
        await sender.cut()
        await asyncio.sleep(0.5)
        manifest = await here.recorder.end(recording)
        await sender.close()
        link.close()
        await here.told(recording)
    assert manifest is not None
    return manifest


@pytest.mark.parametrize("forgetful", [True, False])
async def test_lost_sound_is_damage_and_the_copy_mends_it(
    house: House, cast: Cast, tmp_path: Path, forgetful: bool
) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    sender = (Forgetful if forgetful else Sender)(noisy(320, 240, bitrate=500_000))
    manifest = await film(tmp_path, UUID(ticket["recording"]), sender, 0.05)
    assert manifest.lost == 0
    assert (manifest.unheard_ms > 0) == forgetful
    await takes.tell(house, manifest)
    take = await take_of(cleo)
    assert (take["state"], take["damaged"], take["frames"]) == ("ready", forgetful, manifest.frames)
    if not forgetful:
        return
    longer = await asyncio.to_thread(takes.clip, tmp_path, manifest.duration_ms / 1000 + 0.1)
    await send(cleo, await begin(cleo, len(longer), take=ticket["take"]), 0, longer)
    await drain()
    mended = await take_of(cleo)
    assert (mended["id"], mended["state"], mended["damaged"]) == (take["id"], "ready", False)
    assert mended["recording"] != take["recording"]


async def test_lost_pictures_are_damage(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    await takes.recorded(house, cleo, question, lost=1, frames=250)
    assert (await take_of(cleo))["damaged"] is True


def test_damage_is_any_picture_or_half_a_percent_of_the_sound() -> None:
    assert not is_damaged(0, 0, 60_000)
    assert not is_damaged(0, 300, 60_000)
    assert is_damaged(0, 320, 60_000)
    assert is_damaged(1, 0, 60_000)
    assert is_damaged(0, 20, 0)
