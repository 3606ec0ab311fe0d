"""A board with more candidates than a page loads: walked by keyboard, counted, searched, and shared by its address."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from server.core.folder import DataFolder
from tests.bench.greenroom import add_cards
from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, furnish
from tests.e2e.steps import SEE, at, column

CARDS = 7 * 60


@pytest.fixture(scope="module")
async def crowded(installation: Installation) -> Furnished:
    """A workspace of its own with a job that has sixty candidates in every stage, and Cleo."""
    shop = await furnish(installation, "A crowd")
    note = DataFolder(installation.data).running()
    assert note is not None
    await add_cards(note.database_url, shop.job, CARDS)
    return shop


def count(page: Page, stage: str) -> Locator:
    return column(page, stage).locator("header .num")


async def opened(people: People, shop: Furnished, name: str, query: str = "") -> Page:
    page = await at(people, shop.ada, name, f"{shop.base}/jobs/{shop.job['id']}{query}")
    await page.locator("gr-board [data-card]").first.wait_for(timeout=SEE)
    return page


@in_chromium
async def test_a_long_column_is_walked_to_its_end(people: People, crowded: Furnished) -> None:
    ada, ben = await opened(people, crowded, "Ada"), await opened(people, crowded, "Ben")
    offer = column(ada, "Offer")
    await expect(count(ada, "Offer")).to_have_text("60")
    assert await ada.locator("[data-card]").count() < CARDS / 3
    await offer.get_by_role("link").first.focus()
    await ada.keyboard.press("End")
    last = ada.locator("[data-card]:focus-within")
    await expect(last).to_have_attribute("aria-posinset", "60", timeout=SEE)
    await expect(last).to_have_attribute("aria-setsize", "60")
    await expect(last).to_be_in_viewport()
    # It is far beyond what the other page has loaded, and counted there all the same.
    await ada.keyboard.press("Alt+ArrowLeft")
    await expect(count(ben, "Offer")).to_have_text("59", timeout=SEE)
    await expect(count(ben, "Interview")).to_have_text("61")
    await expect(count(ada, "Interview")).to_have_text("61")
    await expect(ada.locator("gr-board [aria-live]")).to_contain_text(re.compile(r"moved to Interview, \d+ of 61"))
    # Down where nothing is loaded yet, card by card.
    for _ in range(25):
        await ada.keyboard.press("ArrowDown")
    await expect(ada.locator("[data-card]:focus-within")).to_be_in_viewport()
    drawn = await ada.locator("[data-card]").count()
    assert drawn < CARDS / 3


@in_chromium
async def test_what_is_looked_for_stands_in_the_address(people: People, crowded: Furnished) -> None:
    ada = await opened(people, crowded, "Ada")
    await ada.keyboard.press("/")
    await ada.keyboard.type("nunber 417")  # a slip
    await expect(ada.get_by_role("status").filter(has_text="similar name")).to_be_visible(timeout=SEE)
    await expect(ada.locator("[data-card]")).to_have_count(1)
    assert "q=nunber+417" in ada.url
    ben = await opened(people, crowded, "Ben", ada.url[ada.url.index("?") :])
    await ben.get_by_label("Find a candidate").fill("zzzz nobody")
    await expect(ben.locator(".column .empty")).to_contain_text("Nobody fits", timeout=SEE)
    await expect(ben.locator(".column .empty")).to_have_count(1)
    await ben.get_by_label("Find a candidate").fill("nunber 417")
    await expect(ben.locator("[data-card]")).to_have_count(1)
    await expect(ben.get_by_label("Find a candidate")).to_have_value("nunber 417")
    await ada.keyboard.press("Enter")
    await ada.keyboard.press("Alt+ArrowLeft")
    name = await ada.locator("[data-card] h3").text_content()
    await expect(ben.locator("[data-card] h3")).to_have_text(str(name), timeout=SEE)
    await ada.get_by_label("Find a candidate").focus()
    await ada.keyboard.press("Escape")
    await expect(ada).to_have_url(re.compile(r"/jobs/[^?]+$"))
    await expect(count(ada, "Review")).to_have_text(re.compile(r"^6\d$"), timeout=SEE)

    await ada.get_by_role("button", name="Filter").click()
    await ada.get_by_role("menuitemradio", name="Review", exact=True).click()
    await expect(ada.locator(".column")).to_have_count(1, timeout=SEE)
    await ada.get_by_role("button", name="Filter", exact=True).click()
    await ada.get_by_role("menuitemradio", name="Waiting for us").click()
    await expect(ada.locator("[data-card]")).to_have_count(1, timeout=SEE)  # Cleo has thanked
    assert await axe(ada) == []
    await ada.reload()
    await expect(ada.locator("[data-card]")).to_have_count(1, timeout=SEE)
    await ada.get_by_role("button", name="Remove filter: Review").click()
    await ada.get_by_role("button", name="Remove filter: Waiting for us").click()
    await expect(ada.locator(".column")).to_have_count(7, timeout=SEE)


async def names(page: Page, stage: str, count: int) -> list[str]:
    found: list[str] = await column(page, stage).locator("[data-card] h3").all_text_contents()
    return [name.strip() for name in found[:count]]


@in_chromium
async def test_several_are_moved_and_declined_together_and_taken_back(people: People, crowded: Furnished) -> None:
    ada, ben = await opened(people, crowded, "Ada"), await opened(people, crowded, "Ben")
    before = await names(ada, "Offer", 8)
    offer, hired = int(await count(ada, "Offer").inner_text()), int(await count(ada, "Hired").inner_text())
    cards = column(ada, "Offer").locator("[data-card]")
    await cards.first.get_by_role("link").focus()
    await ada.keyboard.press("x")
    await cards.nth(3).click(modifiers=["Shift"])
    await cards.nth(1).click()  # while some are chosen, a click takes one more, or one away
    bar = ada.get_by_role("toolbar", name="Selected candidates")
    await expect(bar).to_contain_text("3 selected")
    assert await axe(ada) == []
    await cards.first.get_by_role("link").focus()
    await ada.keyboard.press("m")
    await ada.get_by_role("menu").get_by_role("menuitem", name="Hired").click()
    await expect(bar).to_have_count(0)
    for page in (ada, ben):
        await expect(count(page, "Hired")).to_have_text(str(hired + 3), timeout=SEE)
        await expect(count(page, "Offer")).to_have_text(str(offer - 3), timeout=SEE)
    chosen = [before[0], *before[2:4]]
    assert await names(ben, "Hired", 3) == chosen
    await expect(ada.locator("#toasts")).to_contain_text("Moved 3 candidates to Hired", timeout=SEE)
    await ada.keyboard.press("z")
    for page in (ada, ben):
        await expect(count(page, "Offer")).to_have_text(str(offer), timeout=SEE)
        await expect(column(page, "Offer").locator("[data-card] h3").first).to_have_text(before[0], timeout=SEE)
        assert await names(page, "Offer", 8) == before

    await cards.nth(1).get_by_role("link").focus()
    await ada.keyboard.press("x")
    await ada.keyboard.press("ArrowDown")
    await ada.keyboard.press("x")
    await bar.get_by_role("button", name="Decline").click()
    dialog = ada.get_by_role("dialog", name="Decline 2 candidates?")
    await dialog.get_by_role("button", name="Decline without a message").click()
    await expect(count(ben, "Declined")).to_have_text("62", timeout=SEE)
    await ada.keyboard.press("x")
    await expect(bar).to_be_visible()
    await ada.keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    await ada.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(count(ben, "Declined")).to_have_text("60", timeout=SEE)
    assert await names(ada, "Offer", 8) == before


@in_chromium
async def test_a_stage_is_folded_away_and_stays_so(people: People, crowded: Furnished) -> None:
    ada = await opened(people, crowded, "Ada")
    review = column(ada, "Review")
    await review.get_by_role("button", name="Fold Review").click()
    await expect(review.locator("[data-card]")).to_have_count(0)
    await expect(count(ada, "Review")).to_have_text(re.compile(r"^6\d$"))
    await column(ada, "Video").get_by_role("link").first.focus()
    await ada.keyboard.press("ArrowRight")
    await expect(column(ada, "Interview").locator("[data-card]:focus-within")).to_have_count(1)
    assert await axe(ada) == []
    await ada.reload()
    await expect(column(ada, "Interview").locator("[data-card]").first).to_be_visible(timeout=SEE)
    await expect(review.locator("[data-card]")).to_have_count(0)
    await review.get_by_role("button", name="Unfold Review").click()
    await expect(review.locator("[data-card]").first).to_be_visible()


@in_chromium
async def test_what_is_dropped_at_the_end_of_what_is_loaded_lands_there(people: People, crowded: Furnished) -> None:
    ada = await people("Ada")
    gate = asyncio.Event()
    to_twentieth = "list => list.scrollTo(0, 18 * list.querySelector('[data-card]').offsetHeight)"

    async def hold(route: Any) -> None:
        await gate.wait()
        await route.continue_()

    await ada.route("**/stages/*/cards?*", hold)  # more of a column comes when the test says so
    await people.contexts["Ada"].add_cookies(crowded.ada.cookies())
    await ada.goto(str(crowded.ada.client.base_url.join(f"{crowded.base}/jobs/{crowded.job['id']}")))
    video, interview = column(ada, "Video"), column(ada, "Interview")
    await video.locator("[data-card]").first.wait_for(timeout=SEE)
    await interview.locator("[data-column]").evaluate(to_twentieth)
    last = interview.locator("[aria-posinset='20']")
    await expect(last).to_be_in_viewport(timeout=SEE)
    moved = video.locator("[data-card]").nth(1)
    card, start = await moved.get_attribute("data-card"), await moved.bounding_box()
    assert start
    await ada.mouse.move(start["x"] + 40, start["y"] + 14)
    await ada.mouse.down()
    await ada.mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    there = await last.bounding_box()
    assert there
    await ada.mouse.move(there["x"] + 40, there["y"] + there["height"] - 2, steps=8)
    async with ada.expect_response("**/moves") as answer:
        await ada.mouse.up()
    assert (await answer.value).ok
    gate.set()
    dropped = interview.locator(f"[data-card='{card}']")
    await expect(dropped).to_have_attribute("aria-posinset", "21", timeout=SEE)
    await expect(dropped).to_be_in_viewport()
    # The server says so too, and taken back it stands where it stood.
    await ada.reload()
    await interview.locator("[data-column]").evaluate(to_twentieth)
    await expect(dropped).to_have_attribute("aria-posinset", "21", timeout=SEE)
