"""The live monitor in real browsers: who comes is seen, a session is ended, and the page it was in says so.

With GREENROOM_SHOTS=folder the pages are also written there as pictures, to be looked at.
"""

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate, colleague, furnish
from tests.e2e.steps import SEE, at, begin_recording, booth

SHOTS = os.environ.get("GREENROOM_SHOTS")
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="session")
async def watched(installation: Installation) -> Furnished:
    """A workspace of its own: nobody else comes and goes."""
    return await furnish(installation, "Lookout")


def line(page: Page, name: str) -> Locator:
    """Somebody's row among the connected people."""
    return page.get_by_role("region", name="Connected people").get_by_role("row").filter(has_text=name)


async def picture(page: Page, name: str) -> None:
    if SHOTS:
        for theme in ("light", "dark"):
            await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            for size, (width, height) in SIZES.items():
                await page.set_viewport_size({"width": width, "height": height})
                await page.wait_for_timeout(150)
                await page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{size}.png")
        await page.evaluate("document.documentElement.dataset.theme = 'light'")
        await page.set_viewport_size({"width": 1440, "height": 900})


@in_chromium
async def test_an_admin_sees_somebody_come_and_ends_their_session(
    people: People, installation: Installation, watched: Furnished
) -> None:
    name = "Rae Lindqvist"
    who = await colleague(watched, name, "reviewer")
    ada = await at(people, watched.ada, "Ada", f"{watched.base}/jobs")
    await ada.get_by_role("navigation", name="Main").get_by_role("link", name="Monitor").click()
    await expect(ada.get_by_role("heading", name="Live monitor", level=1)).to_be_visible()
    await expect(line(ada, "Ada Okafor")).to_contain_text("Live monitor", timeout=SEE)
    await expect(line(ada, name)).to_have_count(0)

    rae = await at(people, who, "Rae", f"{watched.base}/jobs/{watched.job['id']}")
    await expect(line(ada, name)).to_contain_text(f"Board, {watched.job['title'][:20]}", timeout=SEE)
    await expect(line(ada, name)).to_contain_text("Chrome")
    await expect(rae.get_by_role("link", name="Monitor")).to_have_count(0)  # not for a reviewer
    await rae.goto(f"{installation.origin}{watched.base}/people")
    await expect(rae.get_by_text("Last opened by Ada Okafor, today")).to_be_visible()
    await expect(line(ada, name)).to_contain_text("People", timeout=SEE)
    await rae.get_by_role("link", name="What they see").click()
    await expect(rae.get_by_role("heading", name="What admins see")).to_be_visible()
    await expect(rae.get_by_role("row").filter(has_text="Ada Okafor").first).to_contain_text("open now")
    assert await axe(rae) == []
    await picture(rae, "monitoring")

    own = line(ada, "Ada Okafor").get_by_role("button", name=re.compile("End"))
    await own.click(force=True)  # it is disabled in words only: it says why
    await expect(ada.get_by_text("the session you are using just now")).to_be_visible()
    await line(ada, name).get_by_role("button", name=re.compile("End")).click()
    dialog = ada.get_by_role("dialog")
    await expect(dialog).to_contain_text("can sign in again")
    await picture(ada, "ending")
    await dialog.get_by_role("button", name="End session").click()
    said = rae.get_by_role("dialog")
    await expect(said).to_contain_text("An admin ended this session", timeout=SEE)
    await rae.wait_for_timeout(500)  # until it has faded in
    assert await axe(rae) == []
    await picture(rae, "ended-member")
    where = quote(urlsplit(rae.url).path, safe="/")
    await said.get_by_role("link", name="Sign in again").click()
    await rae.wait_for_url(f"{installation.origin}/sign-in?then={where}")
    await expect(line(ada, name)).to_have_count(0, timeout=SEE)
    await rae.goto(f"{installation.origin}{watched.base}/people")
    await rae.wait_for_url(f"{installation.origin}/sign-in?then={watched.base}/people")


@in_chromium
async def test_a_candidate_who_records_is_told_and_keeps_what_was_recorded(
    people: People, installation: Installation, watched: Furnished
) -> None:
    who = await candidate(installation, watched)
    link = (await who("POST", f"{who.place}/api/links", {}))["url"]
    ada = await at(people, watched.ada, "Ada", f"{watched.base}/monitor")
    cleo = await booth(people, who)
    await expect(line(ada, who.name)).to_contain_text("Recorder", timeout=SEE)
    assert await axe(ada) == []
    await begin_recording(cleo)
    await expect(line(ada, who.name)).to_contain_text("Recording answer 1", timeout=SEE)
    recordings = ada.get_by_role("region", name="Recordings")
    await expect(recordings).to_contain_text(who.name)
    await expect(recordings).to_contain_text("Recording answer 1")
    row = recordings.get_by_role("row").filter(has_text=who.name)
    await expect(row).to_contain_text(re.compile(r"\d{3,4} \u00d7 \d{3,4}"), timeout=SEE)
    await expect(row).to_contain_text(re.compile(r"(?!0\.00)\d\.\d\d Mb/s"), timeout=SEE)
    await expect(row).to_contain_text(re.compile(r"\d%.*1 of \d+ taken", re.DOTALL))  # loss, and the node's load
    assert await ada.locator("video").count() == 0
    await cleo.wait_for_timeout(3_000)
    await picture(ada, "monitor")
    await line(ada, who.name).get_by_role("button", name=re.compile("End")).click()
    dialog = ada.get_by_role("dialog")
    await expect(dialog).to_contain_text("what was recorded up to then stays safe")
    await dialog.get_by_role("button", name="End session").click()
    await cleo.wait_for_url("**/c/ended", timeout=SEE)
    await expect(cleo.get_by_role("heading", name="The team ended this session")).to_be_visible()
    assert await axe(cleo) == []
    await picture(cleo, "ended-candidate")

    await expect(line(ada, who.name)).to_have_count(0, timeout=SEE)
    events = ada.get_by_label("Events, newest first")
    await expect(events).to_contain_text(f"ended a session of {who.name}", timeout=SEE)
    await expect(events).to_contain_text("stopped recording", timeout=SEE)
    await who("POST", "/c/links", {"token": link.rsplit("/", 1)[1]})  # they come back
    async with asyncio.timeout(SEE / 1_000):
        while (states := [take["state"] for take in await who.takes()]) not in (["ready"], ["interrupted"]):
            await asyncio.sleep(0.2)
    assert len(states) == 1
    assert installation.recordings()[-1].stat().st_size > 10_000


@in_chromium
async def test_the_picture_is_frozen_and_filtered_by_keyboard(people: People, watched: Furnished) -> None:
    ada = await at(people, watched.ada, "Ada", f"{watched.base}/monitor")
    await expect(line(ada, "Ada Okafor")).to_be_visible(timeout=SEE)
    await ada.keyboard.press("Space")
    await expect(ada.get_by_text("Frozen at")).to_be_visible()
    await ada.keyboard.press("Space")
    await expect(ada.get_by_text("Updated")).to_be_visible()
    await ada.keyboard.press("/")
    await ada.keyboard.type("nobody of this name")
    await expect(ada.get_by_text("Nobody connected fits")).to_be_visible()
    assert "q=nobody" in ada.url
    await ada.reload()
    await expect(ada.get_by_text("Nobody connected fits")).to_be_visible()
    for width in (1440, 390, 360):
        await ada.set_viewport_size({"width": width, "height": 800})
        await ada.wait_for_timeout(150)
        assert await ada.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
        assert await axe(ada) == []
