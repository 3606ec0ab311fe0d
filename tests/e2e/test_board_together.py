"""Two people at one board: each sees what the other drags, looks at people in passing, and acts on many at once."""

import pytest
from playwright.async_api import Page, expect

from server.core.folder import DataFolder
from tests.bench.greenroom import PASSWORD, add_cards
from tests.e2e.browsers import WIDE, People, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, furnish
from tests.e2e.steps import SEE, at, column

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
async def pair(installation: Installation) -> tuple[Furnished, Caller]:
    """A workspace of its own with three candidates in every stage, Cleo, and Ben who recruits as well."""
    shop = await furnish(installation, "Together")
    note = DataFolder(installation.data).running()
    assert note is not None
    await add_cards(note.database_url, shop.job, 21)
    invitation = {"email": "ben@together.example", "role": "recruiter"}
    link = (await shop.ada("POST", f"{shop.base}/api/invitations", invitation))["link"]
    ben = Caller(installation.origin)
    accepted = {"name": "Ben Castellano", "password": PASSWORD}
    await ben("POST", f"/api/invitations/{link.rsplit('/', 1)[1]}/acceptance", accepted)
    return shop, ben


async def opened(people: People, who: Caller, shop: Furnished, name: str, size: tuple[int, int] = WIDE) -> Page:
    page = await at(people, who, name, f"{shop.base}/jobs/{shop.job['id']}", size=size)
    await page.locator("gr-board [data-card]").first.wait_for(timeout=SEE)
    return page


def gestures(sent: list[str]) -> list[str]:
    return [frame for frame in sent if '"gesture"' in frame]


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
    # Over the same stage, however wide the windows are; and whatever is below it can be clicked.
    there, place = await column(ben, "Review").bounding_box(), await hand.bounding_box()
    assert there and place
    assert abs(place["x"] - there["x"]) < there["width"] / 2
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
