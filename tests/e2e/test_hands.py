"""Everything by other means than a mouse and a wide screen: keyboards, fingers, phones, and two hands on one card."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from media.synth import make_clip
from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply, furnish
from tests.e2e.test_spine import camera, column

SEE = 15_000  # ms within which something must have happened on a busy machine
pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
async def shop(installation: Installation) -> Furnished:
    """A workspace with an open job of two questions, and Cleo Marchetti in Review."""
    return await furnish(installation, f"Hands {str(uuid4())[:8]}")


class Candidate(Caller):
    """Somebody who has applied; `place` is their own address."""

    place = ""
    application = ""
    name = ""


async def candidate(installation: Installation, shop: Furnished) -> Candidate:
    """Apply under a name of one's own."""
    who = Candidate(installation.origin)
    who.name = f"Robin {str(uuid4())[:8]}"
    who.application = await apply(who, shop.public, who.name)
    who.place = f"/c/a/{who.application}"
    return who


async def at(people: People, who: Caller, name: str, path: str, **options: Any) -> Page:
    """A page of somebody who is already known by their cookies."""
    page = await people(name, **options)
    await people.contexts[name].add_cookies(who.cookies())
    await page.goto(str(who.client.base_url.join(path)))
    return page


async def board_of(people: People, shop: Furnished, name: str = "Ada", **options: Any) -> Page:
    page = await at(people, shop.ada, name, f"{shop.base}/jobs/{shop.job['id']}", **options)
    await page.locator("[data-card]").first.wait_for(timeout=SEE)
    return page


def card(page: Page, name: str) -> Locator:
    return page.locator("[data-card]", has_text=name)


def inside(page: Page, stage: str, name: str) -> Locator:
    return column(page, stage).locator("[data-card]", has_text=name)


async def tab_to(page: Page, aim: Locator, most: int = 60, key: str = "Tab") -> None:
    """Press Tab until the aim has the focus, as somebody without a mouse."""
    await aim.wait_for(timeout=30_000)
    for _ in range(most):
        if await aim.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press(key)
    focused = await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    pytest.fail(f"Tab never reached {aim}; it is at {focused}")


async def has_focus(aim: Locator) -> None:
    """Within its page: of several windows, a browser gives the focus to one."""
    await aim.wait_for(timeout=30_000)
    async with asyncio.timeout(30):
        while not await aim.evaluate("element => element === document.activeElement"):
            await asyncio.sleep(0.05)


async def focused_card(page: Page) -> str:
    """The name on the card that has the focus."""
    name: str = await page.evaluate(
        "document.activeElement.closest('[data-card]')?.querySelector('h3').textContent ?? ''"
    )
    return name.strip()


async def test_the_board_by_keyboard(people: People, installation: Installation, shop: Furnished) -> None:
    first, second = await candidate(installation, shop), await candidate(installation, shop)
    board = await board_of(people, shop)
    ben = await board_of(people, shop, "Ben")
    await expect(card(board, second.name)).to_be_visible(timeout=SEE)
    applied = column(board, "Applied").locator("[data-card] h3 a")
    await board.bring_to_front()  # of several windows, Firefox gives the Enter key to one
    await tab_to(board, applied.first)
    for _ in range(await applied.count()):
        if await focused_card(board) == first.name:
            break
        await board.keyboard.press("ArrowDown")
    assert await focused_card(board) == first.name

    await board.keyboard.press("Alt+ArrowRight")
    await expect(inside(board, "Video", first.name)).to_be_visible(timeout=SEE)
    await expect(inside(ben, "Video", first.name)).to_be_visible(timeout=SEE)
    assert await focused_card(board) == first.name
    await expect(board.locator("gr-board [aria-live]")).to_contain_text(re.compile(f"{first.name} moved to Video"))
    await board.keyboard.press("Alt+ArrowRight")
    await expect(inside(ben, "Review", first.name)).to_be_visible(timeout=SEE)
    assert await focused_card(board) == first.name
    names = column(board, "Review").locator("[data-card] h3")
    await expect(names.first).to_have_text(first.name, timeout=SEE)
    await board.keyboard.press("Alt+ArrowDown")
    for page in (board, ben):
        await expect(column(page, "Review").locator("[data-card] h3").nth(1)).to_have_text(first.name, timeout=SEE)

    await board.keyboard.press("m")
    menu = board.get_by_role("menu")
    await expect(menu).to_be_visible()
    await has_focus(menu.get_by_role("menuitemradio", name="Review"))
    await board.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    assert await focused_card(board) == first.name
    await board.keyboard.press("m")
    await tab_to(board, menu.get_by_role("menuitemradio", name="Offer"), key="ArrowDown")
    await board.keyboard.press("Enter")
    await expect(inside(ben, "Offer", first.name)).to_be_visible(timeout=SEE)
    await has_focus(inside(board, "Offer", first.name).get_by_role("link"))
    await board.keyboard.press("Enter")
    await board.wait_for_url(f"**/applications/{first.application}", timeout=SEE)


async def test_a_candidate_with_nothing_but_a_keyboard(
    people: People, installation: Installation, shop: Furnished
) -> None:
    cleo = await people("Cleo", **camera(people))
    await cleo.goto(installation.origin + shop.public)
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


async def finger(page: Page, card_of: Locator, to: Locator, *, hold: float) -> None:
    """A finger that rests, moves and lifts, through the browser's own input."""
    session = await page.context.new_cdp_session(page)
    start, end = await card_of.bounding_box(), await to.bounding_box()
    assert start is not None
    assert end is not None
    x, y = start["x"] + 60, start["y"] + start["height"] / 2
    to_x, to_y = end["x"] + end["width"] / 2, end["y"] + 100

    async def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": px, "y": py} for px, py in points]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    await touch("touchStart", (x, y))
    await asyncio.sleep(hold)
    for part in range(1, 13):
        await touch("touchMove", (x + (to_x - x) * part / 12, y + (to_y - y) * part / 12))
        await asyncio.sleep(0.03)
    await asyncio.sleep(0.15)
    await touch("touchEnd")


@in_chromium
async def test_a_card_is_dragged_by_a_resting_finger(
    people: People, installation: Installation, shop: Furnished
) -> None:
    who = await candidate(installation, shop)
    board = await board_of(people, shop, has_touch=True)
    await finger(board, card(board, who.name), column(board, "Video"), hold=0.4)
    await expect(inside(board, "Video", who.name)).to_be_visible(timeout=SEE)
    await expect(card(board, who.name)).not_to_have_class(re.compile("pending"), timeout=SEE)
    assert "/applications/" not in board.url  # a drop is no tap
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    stage = next(s["name"] for s in view["stages"] if s["id"] == view["card"]["stage"])
    assert stage == "Video"
    # A finger that goes on at once wants to scroll.
    await finger(board, card(board, who.name), column(board, "Review"), hold=0.0)
    await asyncio.sleep(0.5)
    await expect(inside(board, "Video", who.name)).to_be_visible()


async def test_two_people_move_the_same_card(people: People, installation: Installation, shop: Furnished) -> None:
    who = await candidate(installation, shop)
    ada, ben = await board_of(people, shop), await board_of(people, shop, "Ben")
    for page in (ada, ben):
        await expect(inside(page, "Applied", who.name)).to_be_visible(timeout=SEE)
    # Ada's request is held on its way until Ben's move has been made: she moves a card that is elsewhere by then.
    gate = asyncio.Event()

    async def hold(route: Any) -> None:
        await gate.wait()
        await route.continue_()

    await ada.route("**/moves", hold)
    await inside(ada, "Applied", who.name).get_by_role("link").focus()
    await ada.keyboard.press("Alt+ArrowRight")
    await expect(inside(ada, "Video", who.name)).to_be_visible()  # shown at once
    board = await shop.ada("GET", f"{shop.base}/api/jobs/{shop.job['id']}/board")
    offer = next(stage["id"] for stage in board["stages"] if stage["name"] == "Offer")
    found = next(card for card in board["cards"] if card["id"] == who.application)
    move = {"stage": offer, "before": None, "version": found["version"]}
    await shop.ada("POST", f"{shop.base}/api/applications/{who.application}/moves", move)
    await expect(inside(ben, "Offer", who.name)).to_be_visible(timeout=SEE)
    gate.set()
    await expect(ada.locator("#toasts")).to_contain_text(re.compile(r"(Ada|You).*moved"), timeout=SEE)
    for page in (ada, ben):
        await expect(inside(page, "Offer", who.name)).to_be_visible(timeout=SEE)
        await expect(page.locator(f"[data-card='{who.application}']")).to_have_count(1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a drawn person."""
    path = tmp_path_factory.mktemp("clip") / "answer.webm"
    make_clip(path, 7, 4.0, 320, 180)
    return path


async def test_text_and_a_file_instead_and_a_player_by_keyboard(
    people: People, installation: Installation, shop: Furnished, clip: Path
) -> None:
    who = await candidate(installation, shop)
    cleo = await at(people, who, "Cleo", f"{who.place}/record?way=file")
    await cleo.locator("input[type=file]").set_input_files(clip)
    await cleo.get_by_role("button", name="Send this file and go on").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    await cleo.get_by_role("button", name="In writing").click()
    await cleo.get_by_label("Your answer in writing").fill("First draft")
    await cleo.reload()  # the draft is kept as it is typed
    await expect(cleo.get_by_label("Your answer in writing")).to_have_value("First draft")
    await cleo.get_by_label("Your answer in writing").fill("A timetable that people could trust.")
    await cleo.get_by_role("button", name="Save and send all answers").click()
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SEE)

    ada = await at(people, shop.ada, "Ada", f"{shop.base}/applications/{who.application}")
    await ada.get_by_role("button", name="What would you change here?").click()
    await expect(ada.get_by_text("A timetable that people could trust.").first).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="What did you build").click()
    await ada.wait_for_function("() => document.querySelector('video')?.readyState >= 1", timeout=20_000)
    await ada.evaluate("() => { document.querySelector('video').muted = true; document.activeElement.blur(); }")
    if not await ada.evaluate("document.querySelector('video').paused"):  # choosing an answer plays it
        await ada.keyboard.press("k")
    await ada.wait_for_function("() => document.querySelector('video').paused", timeout=SEE)
    await ada.keyboard.press("Space")
    await ada.wait_for_function(
        "() => (v => !v.paused && v.currentTime > 0.3)(document.querySelector('video'))", timeout=SEE
    )
    await ada.keyboard.press("k")
    await ada.wait_for_function("() => document.querySelector('video').paused", timeout=SEE)
    slider = ada.get_by_role("slider", name="Position")
    await slider.focus()
    await ada.keyboard.press("End")
    await ada.wait_for_function(
        "() => (v => v.currentTime > v.duration - 0.6)(document.querySelector('video'))", timeout=SEE
    )
    await ada.keyboard.press("Home")
    await ada.wait_for_function("() => document.querySelector('video').currentTime < 0.5", timeout=SEE)
    await expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0:00 of 0:04"))
    await ada.keyboard.press("l")  # ten seconds on is the end of four
    await ada.wait_for_function("() => document.querySelector('video').currentTime > 3", timeout=SEE)
    await ada.keyboard.press("j")
    await ada.wait_for_function("() => document.querySelector('video').currentTime < 0.5", timeout=SEE)


async def fits(page: Page, *buttons: str) -> None:
    """The page does not scroll sideways, and these buttons are whole on the screen."""
    wide, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{wide} px of page on {screen} px of screen"
    for name in buttons:
        button = page.get_by_role("button", name=name).locator("visible=true").first
        await expect(button).to_be_in_viewport(ratio=1, timeout=30_000)


async def test_a_small_phone_and_a_second_thought(people: People, installation: Installation, shop: Furnished) -> None:
    who = await candidate(installation, shop)
    cleo = await at(people, who, "Cleo", f"{who.place}/record?way=video", size=(360, 640), **camera(people))
    await cleo.get_by_role("button", name="Start now").wait_for(timeout=30_000)
    await fits(cleo, "Start now", "Help")
    await record(cleo, 2.5)
    await fits(cleo, "Again, 2 left", "Keep this one")
    await expect(cleo.get_by_text("Sent and safe")).to_be_visible(timeout=30_000)

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
    assert abs(next(t["duration_ms"] for t in answer["takes"] if t["number"] == 1) - 2500) < 1500


async def record(page: Page, seconds: float) -> None:
    """One take, up to where it can be watched."""
    await page.get_by_role("button", name="Start now").click(timeout=30_000)
    await page.get_by_role("button", name="Finish").wait_for(timeout=30_000)
    await fits(page, "Finish")
    await asyncio.sleep(seconds)
    await page.get_by_role("button", name="Finish").click()
    await page.get_by_role("button", name="Keep").wait_for(timeout=30_000)
