"""Answering on camera with nothing but a keyboard, and on a small phone with second thoughts."""

import asyncio
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, begin_recording, booth, camera, finish, has_focus, tab_to


@in_chromium
async def test_a_candidate_with_nothing_but_a_keyboard(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    cleo = await people("Cleo", **camera(people))
    await cleo.goto(installation.origin + workspace.public)
    keys = cleo.keyboard
    name = cleo.get_by_role("textbox", name="Name").first
    await tab_to(cleo, name)
    await keys.type("Kim Keyboard")
    await tab_to(cleo, cleo.get_by_label("E-mail").first)
    await keys.type(f"{uuid4()}@example.org")
    await tab_to(cleo, cleo.get_by_role("checkbox"))
    await keys.press("Space")
    await tab_to(cleo, cleo.locator("form button[type=submit]").first)
    await keys.press("Enter")
    await tab_to(cleo, cleo.get_by_role("link", name="Go on to the camera check"))
    await keys.press("Enter")
    await cleo.wait_for_url("**/check", timeout=SEE)
    await tab_to(cleo, cleo.get_by_role("link", name="Continue to question 1"))
    await keys.press("Enter")
    await cleo.wait_for_url("**/record*", timeout=SEE)
    start = cleo.get_by_role("button", name="Start now")
    await expect(start).to_be_enabled(timeout=30_000)
    await tab_to(cleo, start)
    await keys.press("Space")
    told = cleo.locator("[aria-live=assertive]").first
    await expect(told).to_have_text("Recording starts in three, two, one.")
    finish = cleo.get_by_role("button", name="Finish")
    await has_focus(finish)  # nobody has to look for it
    await expect(told).to_have_text("Recording has started.")
    await asyncio.sleep(2)
    await keys.press("Enter")
    kept = cleo.get_by_role("button", name="Keep this one")
    await expect(kept).to_be_enabled(timeout=30_000)
    await tab_to(cleo, kept)
    await keys.press("Enter")
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    await expect(told).to_have_text("Your answer is kept.")
    await has_focus(cleo.get_by_role("button", name="Start now"))


async def fits(page: Page, *buttons: str) -> None:
    """The page does not scroll sideways, and these buttons are whole on the screen."""
    wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{wide} px of page on {screen} px of screen"
    for name in buttons:
        button = page.get_by_role("button", name=name).locator("visible=true").first
        await expect(button).to_be_in_viewport(ratio=1, timeout=30_000)


@in_chromium
async def test_a_small_phone_and_a_second_thought(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo = await booth(people, who, size=(360, 640))
    await cleo.get_by_role("button", name="Start now").wait_for(timeout=30_000)
    await fits(cleo, "Start now", "Help")
    length = await record(cleo, 2.5)
    await fits(cleo, "Again, 2 left", "Keep this one")
    await expect(cleo.get_by_text("Safe: you may close this page")).to_be_visible(timeout=30_000)

    # Trying again keeps the first take: one may still go back to it, without recording another.
    await cleo.get_by_role("button", name="Again, 2 left").click()
    await fits(cleo, "Start now")
    await cleo.get_by_role("button", name="Go back to your last take").click()
    await expect(cleo.get_by_text("Take 1 ·")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Again, 2 left").click()
    await record(cleo, 3.5)
    await expect(cleo.get_by_text("Take 2 ·")).to_be_visible(timeout=SEE)
    takes = (await who("GET", f"{who.place}/api/place"))["answers"][0]["takes"]
    assert [take["number"] for take in takes] == [1, 2]
    await cleo.get_by_role("button", name="Watch take 1").click(timeout=30_000)
    await expect(cleo.get_by_text("Take 1 ·")).to_be_visible(timeout=SEE)
    await fits(cleo, "Watch take 2", "Keep this one")
    await cleo.get_by_role("button", name="Keep this one").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    answer = (await who("GET", f"{who.place}/api/place"))["answers"][0]
    assert answer["accepted"] == takes[0]["id"]
    assert abs(next(t["duration_ms"] for t in answer["takes"] if t["number"] == 1) / 1000 - length) < 1


async def record(page: Page, seconds: float) -> float:
    """One take of so many seconds or more, up to where it can be watched; how many they were."""
    await begin_recording(page)
    await fits(page, "Finish")
    await asyncio.sleep(seconds)
    length = await finish(page)
    await page.get_by_role("button", name="Keep").wait_for(timeout=30_000)
    return length
