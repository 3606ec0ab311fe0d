"""The fault table: what is left of an answer when each part fails, printed with what was measured.

Said, kept by the recorder, and kept once the browser's own copy has arrived, in seconds of picture. Where a browser is
what fails, there is one; everywhere else our own sender speaks, which knows to the picture what it said.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Error, Page, Playwright

from media.storage import Storage
from tests.bench.report import Goal
from tests.bucket import bucket
from tests.e2e import engines
from tests.e2e.browsers import CHROMIUM_FLAGS, in_chromium
from tests.e2e.dead_worker import kill_the_worker
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Candidate, Furnished, candidate, furnish
from tests.e2e.speaker import ENDED, RATE, AwayError, Speaker, count, lasts, patiently, small_film, speaker
from tests.e2e.steps import begin_recording
from tests.media.peers import running
from tests.media.sender import Sender
from tests.media.tiny import small_disk
from tests.platform.processes import URL, table
from tests.platform.processes import running as greenroom

END = 2.0  # seconds of an unacknowledged end that may be lost
SEAM = 0.3  # seconds: a picture that was on its way when the measuring began


@dataclass(frozen=True)
class Row:
    """Seconds. `after` is None where there is no copy, or no need of one; `whole`: nothing may be missing."""

    fault: str
    said: float
    kept: float
    after: float | None = None
    whole: bool = False
    end: float = END
    note: str = ""

    @property
    def lost(self) -> float:
        return max(0.0, self.said - max(self.kept, self.after or 0.0))

    def __str__(self) -> str:
        after = f"{self.after:8.1f} s" if self.after is not None else f"{'-':>10}"
        line = f"{self.fault:<44} {self.said:8.1f} s {self.kept:8.1f} s {after} {self.lost:8.1f} s  {self.note}"
        return line.rstrip()


HEAD = f"{'fault':<44} {'said':>10} {'recorder':>10} {'with copy':>10} {'lost':>10}"


@in_chromium
async def test_the_fault_table(
    house: Fragile,
    shop: Furnished,
    playwright: Playwright,
    engine: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert engine == "chromium"
    rows: list[Row] = []
    try:
        # What only takes time goes side by side; what kills a part of the house, one after the other. Whoever is cut
        # off for long asks nothing of web and Valkey meanwhile.
        # A full disk is told at once, and what is said until we have heard it counts: that comes before the browsers.
        cut_off, rows = await asyncio.gather(begun(house, shop, 2), disk_full(tmp_path))
        shorter = [network_cut(house, shop, 5), network_gone(house, shop), storage_away(tmp_path)]
        shorter += browsers(house, shop, playwright, tmp_path)
        killing = [web_killed, valkey_restarted]
        for found in await asyncio.gather(cut_for(cut_off, 30), _then(shorter, killing, house, shop)):
            rows += found
        for row in (recorder_killed, worker_killed):
            rows += await row(house, shop)
    finally:
        with capsys.disabled():
            print("\n" + "\n".join([HEAD, *map(str, rows), *map(str, goals(rows))]))
    for goal in goals(rows):
        assert goal.met, goal


async def test_ctrl_c_ends_a_recording_in_time_and_keeps_it(temporary_folder: Path) -> None:
    async with greenroom(temporary_folder, GREENROOM_PROXIES="127.0.0.1") as run:
        link = await run.until(URL.pattern, 90)
        reading = asyncio.create_task(run.drain())
        house = Fragile("/".join(link.split("/")[:3]), temporary_folder, run.process.pid)
        shop = await furnish(house)
        here = await begun(house, shop, 2)
        said = here.said  # they talk on while it stops, to nobody
        assert await run.stop(signal.SIGINT) < 3
        await reading
    await here.leave()
    (film,) = [*house.recordings(), *temporary_folder.glob("spool/*.webm")]
    assert count(film.read_bytes()) >= said - END * RATE


def goals(rows: list[Row]) -> list[Goal]:
    cuts = [row for row in rows if row.whole]
    return [
        Goal("answers lost", sum(row.said > 0 and not row.kept and not row.after for row in rows), "answers", 0),
        Goal("acknowledged answer missing", max((row.lost for row in cuts), default=0.0), "s", SEAM),
        Goal("unacknowledged end lost", max((row.lost for row in rows), default=0.0), "s", END),
    ]


async def _then(
    together: list[Coroutine[Any, Any, list[Row]]],
    alone: Sequence[Callable[[Fragile, Furnished], Coroutine[Any, Any, list[Row]]]],
    house: Fragile,
    shop: Furnished,
) -> list[Row]:
    rows = [row for found in await asyncio.gather(*together) for row in found]
    for one in alone:
        rows += await one(house, shop)
    return rows


async def begun(house: Fragile, shop: Furnished, seconds: float) -> Speaker:
    """Somebody who has said something, and goes on."""
    await house.can_record()
    here = await speaker(house, shop)
    assert await here.reach()
    await here.say(seconds)
    return here


async def copied(here: Speaker, fault: str, kept: int, note: str = "") -> Row:
    """The page sends its copy, and all of it has to be there then."""
    await here.send_copy()
    await here.settled("ready")
    return Row(fault, here.said / RATE, kept / RATE, await here.pictures() / RATE, whole=True, note=note)


# The network


async def network_cut(house: Fragile, shop: Furnished, seconds: int) -> list[Row]:
    return await cut_for(await begun(house, shop, 2), seconds)


async def cut_for(here: Speaker, seconds: int) -> list[Row]:
    here.break_link()
    await here.say(seconds)
    here.mend_link()
    await here.say(2)
    await here.finish()
    await here.hang_up()
    take = await here.settled(film=True)
    note = "goes on after it" if take["state"] == "ready" else "ended by the recorder meanwhile"
    return [await copied(here, f"network cut for {seconds} s", await here.pictures(), note)]


async def network_gone(house: Fragile, shop: Furnished) -> list[Row]:
    here = await begun(house, shop, 3)
    here.break_link()
    before = here.said
    await here.say(3)
    await here.finish()
    await here.leave()
    await here.settled("interrupted", film=True)
    kept = await here.pictures()
    return [
        Row("network gone for good, nobody comes back", before / RATE, kept / RATE),
        await copied(here, "network gone for good, sent on the next visit", kept),
    ]


# Disk and storage, around a recorder in this process


async def disk_full(folder: Path) -> list[Row]:
    sender, name = Sender(small_film()), uuid4()
    with small_disk(folder / "small", 120_000) as disk:
        async with running(disk.folder, Storage.open("", folder / "disk")) as here:
            await sender.connect(lambda offer: here.recorder.begin(name, offer, kind="video", seconds=None))
            sender.roll()
            first = await here.told(name, 60)
            said = sender.frames
            await sender.close()
            disk.make_room()
            async with asyncio.timeout(60):
                while not here.finished[name].key:
                    await asyncio.sleep(0.05)
            film = (await here.file(name, folder)).read_bytes()
    return [
        Row("disk full", said / RATE, count(film) / RATE, note=f"told at once: {first.reason}; kept when there is room")
    ]


async def storage_away(folder: Path) -> list[Row]:
    sender, name = Sender(small_film()), uuid4()
    with bucket() as s3:
        storage = Storage.open("s3://films/faults", folder / "s3", **s3.known)
        async with running(folder / "s3", storage) as here:
            await sender.connect(lambda offer: here.recorder.begin(name, offer, kind="video", seconds=None))
            sender.roll()
            while sender.frames < 3 * RATE:
                await asyncio.sleep(0.02)
            with s3.away():
                await sender.cut()
                manifest = await here.recorder.end(name)
                assert manifest is not None
                assert manifest.key == ""
                await asyncio.sleep(1)
                assert name not in here.finished
            film = (await here.file(name, folder)).read_bytes()
            await sender.close()
    return [Row("S3 down", sender.frames / RATE, count(film) / RATE, whole=True, note="waits in the recorder's spool")]


# Parts of the house


async def web_killed(house: Fragile, shop: Furnished) -> list[Row]:
    here = await begun(house, shop, 2)
    await house.kill("web")
    await here.say(2)
    await here.finish()
    await here.hang_up()
    await here.settled("ready")
    return [
        Row("web kill -9", here.said / RATE, await here.pictures() / RATE, whole=True, note="the recording goes on")
    ]


async def valkey_restarted(house: Fragile, shop: Furnished) -> list[Row]:
    here = await begun(house, shop, 2)
    await house.kill("valkey")
    await here.say(2)
    await here.finish()
    await here.hang_up()
    await here.settled("ready", "interrupted")
    return [
        Row("Valkey restart", here.said / RATE, await here.pictures() / RATE, whole=True, note="the recording goes on")
    ]


async def recorder_killed(house: Fragile, shop: Furnished) -> list[Row]:
    here = await begun(house, shop, 4)
    said = here.said
    await house.kill("recorder")
    await here.say(1)
    await here.finish()
    await here.leave()
    take = await here.settled("interrupted", film=True)
    kept = await here.pictures()
    assert take["state"] == "interrupted"
    return [
        Row(
            "recorder kill -9, nobody comes back",
            said / RATE,
            kept / RATE,
            note="its file is repaired at its next start",
        ),
        await copied(here, "recorder kill -9, the page goes on", kept),
    ]


async def worker_killed(house: Fragile, shop: Furnished) -> list[Row]:
    done_again = await kill_the_worker(house, shop)
    rows = [Row("worker kill -9 in delete_files", 0, 0, note="what was to go is gone")]
    for names, here in done_again.items():
        kept = await here.pictures()
        rows.append(Row(f"worker kill -9 in {names}", here.said / RATE, kept / RATE, whole=True, note="done again"))
    return rows


# The browser


@contextlib.asynccontextmanager
async def chromium(playwright: Playwright, profile: Path, who: Candidate) -> AsyncIterator[tuple[BrowserContext, Page]]:
    """A Chromium of one's own at the page on which Cleo records; a profile of hers, so that a next visit finds it."""
    context = await playwright.chromium.launch_persistent_context(
        profile,
        executable_path=engines.installed("chromium"),
        args=CHROMIUM_FLAGS,
        permissions=["camera", "microphone"],
    )
    await context.add_cookies(who.cookies())
    page = await context.new_page()
    await page.goto(str(who.client.base_url.join(f"{who.place}/record?way=video")))
    try:
        yield context, page
    finally:
        with contextlib.suppress(Error):
            await context.close()


def browsers(
    house: Fragile, shop: Furnished, playwright: Playwright, folder: Path
) -> list[Coroutine[Any, Any, list[Row]]]:
    return [
        _browser_ends(house, shop, playwright, folder / "closed", "tab closed", _close),
        _browser_ends(house, shop, playwright, folder / "killed", "browser kill -9", _kill),
    ]


async def _close(page: Page, _: Path) -> None:
    await page.close()


async def _kill(_: Page, profile: Path) -> None:
    for pid, entry in table().items():
        if str(profile) in entry.command and "--type=" not in entry.command:
            os.kill(pid, signal.SIGKILL)


async def _browser_ends(
    house: Fragile,
    shop: Furnished,
    playwright: Playwright,
    profile: Path,
    fault: str,
    end: Callable[[Page, Path], Coroutine[Any, Any, None]],
) -> list[Row]:
    """Seconds by the page's own clock and by the film's: a browser does not say how many pictures it sent."""
    who = await candidate(house, shop)
    async with chromium(playwright, profile, who) as (_, page):
        await begin_recording(page)
        await asyncio.sleep(4)
        said = float(await page.evaluate("(performance.now() - wallClock.begun) / 1000"))
        await end(page, profile)
    kept = await _film_of(who, 0.0)
    (take,) = await who.takes()
    async with chromium(playwright, profile, who):  # the next visit: what the device has more of is sent by itself
        after = await _film_of(who, kept)
    ended = "said goodbye" if take["state"] == "ready" else "vanished"
    return [Row(fault, said, kept, after, note=f"it {ended}; the copy goes out on the next visit")]


async def _film_of(who: Candidate, more: float) -> float:
    """Seconds of the one take, once it has a film; one that is longer than `more`, if it comes at all."""

    async def look() -> float:
        (take,) = await who.takes()
        if not take["url"] or take["state"] not in ENDED:
            raise AwayError(take["state"])
        reply = await who.client.get(take["url"])
        seconds = await asyncio.to_thread(lasts, reply.content)
        if seconds <= more:
            raise AwayError("it is not longer yet")
        return seconds

    with contextlib.suppress(AwayError):
        return await patiently(look, 15 if more else 60)
    return more
