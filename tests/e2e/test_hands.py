"""Everything by other means than a mouse and a wide screen: keyboards, fingers, phones, and two hands on one card."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from media.synth import make_clip
from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at, card, column, has_focus, inside, tab_to


async def board_of(people: People, workspace: Furnished, name: str = "Ada", **options: Any) -> Page:
    page = await at(people, workspace.ada, name, f"{workspace.base}/jobs/{workspace.job['id']}", **options)
    await page.locator("[data-card]").first.wait_for(timeout=SEE)
    return page


async def focused_card(page: Page) -> str:
    """The name on the card that has the focus."""
    name: str = await page.evaluate(
        "document.activeElement.closest('[data-card]')?.querySelector('h3').textContent ?? ''"
    )
    return name.strip()


async def test_the_board_by_keyboard(people: People, installation: Installation, workspace: Furnished) -> None:
    first, second = await candidate(installation, workspace), await candidate(installation, workspace)
    board = await board_of(people, workspace)
    ben = await board_of(people, workspace, "Ben")
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
    names = column(ben, "Review").locator("[data-card] h3")
    place = [
        first.name in (await names.nth(number).text_content() or "") for number in range(await names.count())
    ].index(True)  # as far down as it was in the stage before, or at the end
    key, place = ("Alt+ArrowUp", place - 1) if place else ("Alt+ArrowDown", 1)
    await board.keyboard.press(key)
    for page in (board, ben):
        await expect(column(page, "Review").locator("[data-card] h3").nth(place)).to_have_text(first.name, timeout=SEE)

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
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    board = await board_of(people, workspace, has_touch=True)
    await finger(board, card(board, who.name), column(board, "Video"), hold=0.4)
    await expect(inside(board, "Video", who.name)).to_be_visible(timeout=SEE)
    await expect(card(board, who.name)).not_to_have_class(re.compile("pending"), timeout=SEE)
    assert "/applications/" not in board.url  # a drop is no tap
    view = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}")
    stage = next(s["name"] for s in view["stages"] if s["id"] == view["card"]["stage"])
    assert stage == "Video"
    # On a phone the first card begins high, and what the heading has no room for is behind one button.
    await board.set_viewport_size({"width": 390, "height": 844})
    await expect(board.get_by_role("button", name="Copy candidate link")).to_be_hidden()
    top = await board.locator(".person").first.bounding_box()
    assert top is not None
    assert top["y"] < 200
    await board.get_by_role("button", name="More for this job").click()
    await expect(board.get_by_role("menuitem", name="Copy candidate link")).to_be_visible()
    await board.keyboard.press("Escape")
    await board.set_viewport_size({"width": 1280, "height": 720})
    # A finger that goes on at once wants to scroll.
    await finger(board, card(board, who.name), column(board, "Review"), hold=0.0)
    await asyncio.sleep(0.5)
    await expect(inside(board, "Video", who.name)).to_be_visible()


async def test_two_people_move_the_same_card(people: People, installation: Installation, workspace: Furnished) -> None:
    who = await candidate(installation, workspace)
    ada, ben = await board_of(people, workspace), await board_of(people, workspace, "Ben")
    for page in (ada, ben):
        await expect(inside(page, "Applied", who.name)).to_be_visible(timeout=SEE)
    board = await workspace.ada("GET", f"{workspace.base}/api/jobs/{workspace.job['id']}/board")
    offer = next(stage["id"] for stage in board["stages"] if stage["name"] == "Offer")
    found = next(card for card in board["cards"] if card["id"] == who.application)
    # Ada's request is held on its way until Ben's move has been made: she moves a card that is elsewhere by then.
    # Not for long, or it counts as lost and is sent again.
    gate = asyncio.Event()

    async def hold(route: Any) -> None:
        await gate.wait()
        await route.continue_()

    await ada.route("**/moves", hold)
    await inside(ada, "Applied", who.name).get_by_role("link").focus()
    await ada.keyboard.press("Alt+ArrowRight")
    await expect(inside(ada, "Video", who.name)).to_be_visible()  # shown at once
    move = {"stage": offer, "before": None, "version": found["version"]}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", move)
    await expect(inside(ben, "Offer", who.name)).to_be_visible(timeout=SEE)
    gate.set()
    dialog = ada.get_by_role("dialog", name="Somebody was first")
    await expect(dialog).to_contain_text(re.compile(rf"moved {who.name} to Offer.*You were moving Robin to Video"))
    await dialog.get_by_role("button", name="Leave in Offer").click()
    for page in (ada, ben):
        await expect(inside(page, "Offer", who.name)).to_be_visible(timeout=SEE)
        await expect(page.locator(f"[data-card='{who.application}']")).to_have_count(1)

    # Once more, and this time hers.
    gate.clear()
    await inside(ada, "Offer", who.name).get_by_role("link").focus()
    await ada.keyboard.press("Alt+ArrowLeft")
    view = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}")
    review = next(stage["id"] for stage in board["stages"] if stage["name"] == "Review")
    move = {"stage": review, "before": None, "version": view["card"]["version"]}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", move)
    gate.set()
    await dialog.get_by_role("button", name="Move to Interview").click()
    for page in (ada, ben):
        await expect(inside(page, "Interview", who.name)).to_be_visible(timeout=SEE)
    # And back to where it was before that, by Z.
    await expect(ada.locator("#toasts")).to_contain_text("to Interview", timeout=SEE)
    await ada.keyboard.press("z")
    for page in (ada, ben):
        await expect(inside(page, "Review", who.name)).to_be_visible(timeout=SEE)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a drawn person."""
    path = tmp_path_factory.mktemp("clip") / "answer.webm"
    make_clip(path, 7, 4.0, 320, 180)
    return path


@in_chromium
async def test_text_and_a_file_instead_and_a_player_by_keyboard(
    people: People, installation: Installation, workspace: Furnished, clip: Path
) -> None:
    who = await candidate(installation, workspace)
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

    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
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
