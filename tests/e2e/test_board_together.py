"""Two people at one board: each sees what the other drags, looks at people in passing, and acts on many at once."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from server.core.folder import DataFolder
from tests.bench.greenroom import add_cards
from tests.cast import until
from tests.e2e.browsers import WIDE, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, colleague, furnish
from tests.e2e.steps import SEE, at, card, column, has_focus


@pytest.fixture(scope="module")
async def pair(installation: Installation) -> tuple[Furnished, Caller]:
    """A workspace of its own with three candidates in every stage, Cleo, and Ben who recruits as well."""
    shop = await furnish(installation, "Together")
    note = DataFolder(installation.data).running()
    assert note is not None
    await add_cards(note.database_url, shop.job, 21)
    return shop, await colleague(shop, "Ben Castellano", "recruiter")


async def opened(people: People, who: Caller, shop: Furnished, name: str, size: tuple[int, int] = WIDE) -> Page:
    page = await at(people, who, name, f"{shop.base}/jobs/{shop.job['id']}", size=size)
    await page.locator("gr-board [data-card]").first.wait_for(timeout=SEE)
    return page


def gestures(sent: list[str]) -> list[str]:
    return [frame for frame in sent if '"gesture"' in frame]


def whose(page: Page, name: str) -> Locator:
    """The card of exactly this name: others begin like it."""
    return page.locator("[data-card]", has_text=re.compile(rf"{name}(?!\d)"))


async def lift(page: Page, stage: str) -> tuple[float, float]:
    """Takes the first card of a stage with the mouse; where it hangs."""
    box = await column(page, stage).locator("[data-card]").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 20, y + 5, steps=3)
    return x, y


async def over(page: Page, stage: str, number: int) -> None:
    """Carries what is held over a card of a stage."""
    box = await column(page, stage).locator("[data-card]").nth(number).bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=8)


@in_chromium
async def test_what_one_drags_the_other_sees(people: People, pair: tuple[Furnished, Caller]) -> None:
    shop, second = pair
    sent: list[str] = []
    ada = await opened(people, shop.ada, shop, "Ada")
    ada.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await ada.reload()
    await ada.locator("gr-board [data-card]").first.wait_for(timeout=SEE)
    await lift(ada, "Applied")
    await over(ada, "Video", 1)
    await ada.keyboard.press("Escape")
    await ada.mouse.up()
    assert not gestures(sent)  # nobody else is there
    ben = await opened(people, second, shop, "Ben", (1100, 700))
    await expect(ada.get_by_label("On this board now").locator(".presence")).to_have_count(2, timeout=SEE)
    name = str(await column(ada, "Applied").locator("[data-card] h3").first.text_content()).strip()
    await lift(ada, "Applied")
    await over(ada, "Review", 1)
    hand = ben.locator(".hand")
    await expect(hand).to_be_visible(timeout=SEE)
    await expect(hand.locator("h3")).to_have_text(name)
    await expect(hand.locator("b")).to_have_text("Ada")
    await expect(hand).to_have_attribute("aria-hidden", "true")

    # Over the same stage, however wide the windows are, once it has flown there; and what is below it can be clicked.
    async def over_review() -> Any:
        there, place = await column(ben, "Review").bounding_box(), await hand.bounding_box()
        return there and place and abs(place["x"] - there["x"]) < there["width"] / 2 and place

    place = await until(over_review)
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    assert await ben.evaluate("([x, y]) => !document.elementFromPoint(x, y).closest('.hand')", list(middle))
    await ada.wait_for_timeout(3500)  # a hand that rests is there all the same
    await expect(hand).to_be_visible()
    await ada.keyboard.press("Escape")
    await expect(hand).to_have_count(0, timeout=SEE)
    await ada.mouse.up()
    await lift(ada, "Applied")
    await over(ada, "Review", 1)
    await expect(hand).to_be_visible(timeout=SEE)
    await ada.mouse.up()
    await expect(hand).to_have_count(0, timeout=SEE)
    await expect(column(ben, "Review").locator("[data-card] h3").nth(1)).to_have_text(name, timeout=SEE)
    assert 5 < len(gestures(sent)) < 200
    await lift(ada, "Applied")
    await over(ada, "Review", 1)
    await expect(hand).to_be_visible(timeout=SEE)
    await ada.context.close()  # in the middle of it
    await expect(hand).to_have_count(0, timeout=4000)


@in_chromium
async def test_candidates_are_looked_at_in_passing(people: People, pair: tuple[Furnished, Caller]) -> None:
    shop, second = pair
    ada, ben = await opened(people, shop.ada, shop, "Ada"), await opened(people, second, shop, "Ben")
    cleo = card(ada, "Cleo Marchetti")
    await cleo.get_by_role("link").focus()
    await ada.keyboard.press(" ")
    panel = ada.get_by_role("dialog", name="Cleo Marchetti")
    await expect(panel).to_be_focused(timeout=SEE)
    await expect(panel.get_by_label("Written answer")).to_contain_text("A ferry timetable.", timeout=SEE)
    await expect(panel).to_contain_text("Thank you for looking!")
    await expect(card(ben, "Cleo Marchetti")).to_contain_text("Ada is watching", timeout=SEE)
    parts = [await card(ben, "Cleo Marchetti").locator(part).bounding_box() for part in (".who", "footer")]
    assert parts[0]
    assert parts[1]
    assert parts[1]["y"] >= parts[0]["y"] + parts[0]["height"]  # a card like the others, with a ring around it
    assert await axe(ada) == []
    await panel.get_by_role("button", name="Question 2").click()  # a key pressed in there goes on as well
    await ada.keyboard.press("ArrowLeft")
    other = ada.locator(".sidepanel h2")
    await expect(other).not_to_have_text("Cleo Marchetti", timeout=SEE)
    name = str(await other.text_content())
    await expect(column(ada, "Video")).to_contain_text(name)
    await expect(ada.locator(".sidepanel")).to_be_focused()
    await expect(whose(ben, name)).to_contain_text("Ada is watching", timeout=SEE)
    await ada.keyboard.press("Escape")
    await expect(ada.locator(".sidepanel")).to_have_count(0)
    await has_focus(whose(ada, name).get_by_role("link"))
    await expect(ben.get_by_text("Ada is watching")).to_have_count(0, timeout=SEE)
    await ada.keyboard.press(" ")
    await expect(ada.get_by_role("dialog", name=name)).to_be_focused(timeout=SEE)
    await ada.keyboard.press("Enter")
    await ada.wait_for_url("**/applications/*", timeout=SEE)


@in_chromium
async def test_many_are_written_to_tagged_and_assigned_and_taken_back(
    people: People, pair: tuple[Furnished, Caller]
) -> None:
    shop, second = pair
    ada, ben = await opened(people, shop.ada, shop, "Ada"), await opened(people, second, shop, "Ben")
    cards = column(ada, "Offer").locator("[data-card]")
    await cards.first.get_by_role("link").focus()
    await ada.keyboard.press("x")
    await cards.nth(2).click(modifiers=["Shift"])
    bar = ada.get_by_role("toolbar", name="Selected candidates")
    await bar.get_by_role("button", name="Message").click()
    dialog = ada.get_by_role("dialog", name="Message 3 candidates")
    await expect(dialog.get_by_label("Message", exact=True)).to_be_focused(timeout=SEE)
    await expect(dialog).to_contain_text("It cannot be taken back.")
    await ada.keyboard.type("Hello {nmae}")
    await dialog.get_by_role("button", name="Send to 3 candidates").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no {nmae}. Choose among {first_name},")
    await dialog.get_by_role("button", name="Templates").click()
    menu = ada.get_by_role("dialog", name="Templates")
    await menu.get_by_role("option", name="Not this time").click(timeout=SEE)
    words = dialog.get_by_label("Message", exact=True)
    await expect(words).to_be_focused()
    await expect(words).to_have_value(re.compile(r"^Hello \{nmae\}\n\nHello \{first_name\},"))  # what was written stays
    await words.fill("")
    await dialog.get_by_role("button", name="Templates").click()
    assert await axe(ada) == []
    await ada.keyboard.press("ArrowDown")
    await ada.keyboard.press("Enter")
    await expect(words).to_have_value(re.compile(r"^Hello \{first_name\},\n\ngood news"))
    await expect(dialog.get_by_role("region", name="Preview")).to_contain_text("Ada Okafor")
    await words.fill("Hello ")
    await dialog.get_by_role("button", name="{name}", exact=True).click()
    first = str(await cards.first.locator("h3").text_content()).strip()
    await expect(dialog.get_by_role("region", name="Preview")).to_contain_text(f"Hello {first}")
    assert await axe(ada) == []
    await dialog.get_by_role("button", name="Send to 3 candidates").click()
    await expect(ada.locator("#toasts")).to_contain_text("Your message went to 3 candidates", timeout=SEE)
    await expect(ben.locator("#toasts")).to_contain_text("Ada wrote to 3 candidates", timeout=SEE)
    await expect(bar).to_have_count(0)
    board = await shop.ada("GET", f"{shop.base}/api/jobs/{shop.job['id']}/board")
    written = [one for one in board["cards"] if one["messages"] and one["name"] != "Cleo Marchetti"]
    assert len(written) == 3
    for one in written:
        (message,) = (await shop.ada("GET", f"{shop.base}/api/applications/{one['id']}"))["messages"]
        assert message["body"] == f"Hello {one['name']}"

    await cards.first.get_by_role("link").focus()
    await ada.keyboard.press("x")
    await cards.nth(1).click(modifiers=["Shift"])
    await bar.get_by_role("button", name="Tag").click()
    await ada.get_by_role("dialog", name="Tag 2 candidates").get_by_label("Tag", exact=True).fill("Senior")
    assert await axe(ada) == []
    await ada.keyboard.press("Enter")
    for page in (ada, ben):
        await expect(column(page, "Offer").locator(".tag", has_text="Senior")).to_have_count(2, timeout=SEE)
    await expect(ada.locator("#toasts")).to_contain_text("Tagged 2 candidates Senior")
    await cards.first.get_by_role("link").focus()
    await ada.keyboard.press("z")
    for page in (ada, ben):
        await expect(column(page, "Offer").locator(".tag")).to_have_count(0, timeout=SEE)

    await bar.get_by_role("button", name="Assign").click()
    await ada.get_by_role("menuitem", name="Owner").click()
    await ada.get_by_role("menuitem", name="Ben Castellano").click()
    for page in (ada, ben):
        await expect(column(page, "Offer").get_by_role("img", name="Owner: Ben Castellano")).to_have_count(
            2, timeout=SEE
        )
    await ben.get_by_role("button", name="Activity").click()
    happened = ben.get_by_role("dialog", name="Activity")
    await expect(happened).to_be_focused(timeout=SEE)
    undo = happened.get_by_role("button", name="Undo: Ada assigned 2 candidates")
    await expect(undo).to_be_visible(timeout=SEE)
    assert await axe(ben) == []
    # Who has changed since stays, and it is said; the others go back.
    found = await shop.ada("GET", f"{shop.base}/api/jobs/{shop.job['id']}/board")
    mine = next(one for one in found["cards"] if one["name"] == first)
    me = next(one["id"] for one in found["people"] if one["name"].startswith("Ada"))
    assigned = {"member": me, "part": "owner"}
    await shop.ada("POST", f"{shop.base}/api/applications/{mine['id']}/assignments", assigned)
    await undo.click()
    await expect(ben.locator("#toasts")).to_contain_text(
        f"Ada Okafor made Ada Okafor the owner of {first} since", timeout=SEE
    )
    await expect(happened.locator("li.undone").first).to_contain_text("Taken back by Ben Castellano", timeout=SEE)
    for page in (ada, ben):
        await expect(column(page, "Offer").get_by_role("img", name="Owner: Ben Castellano")).to_have_count(
            0, timeout=SEE
        )
        await expect(column(page, "Offer").get_by_role("img", name="Owner: Ada Okafor")).to_have_count(1)


@in_chromium
async def test_who_chooses_nobody_any_more_goes_on_from_who_was_chosen(
    people: People, pair: tuple[Furnished, Caller]
) -> None:
    shop, _ = pair
    ada = await opened(people, shop.ada, shop, "Ada")
    link = ada.locator("[data-card] a").first
    await link.focus()
    await ada.keyboard.press("x")
    bar = ada.get_by_role("toolbar", name="Selected candidates")
    await bar.get_by_role("button", name="Clear").focus()
    await ada.keyboard.press("Enter")
    await expect(bar).to_have_count(0)
    await expect(link).to_be_focused()
