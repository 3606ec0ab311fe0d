"""On a phone, parts that belong together stand in one row, and a single button of a row has all of it."""

from playwright.async_api import FloatRect, Locator, expect

from tests.e2e.browsers import NARROW, People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at


async def box(of: Locator) -> FloatRect:
    await of.wait_for(timeout=SEE)
    found = await of.bounding_box()
    assert found
    return found


@in_chromium
async def test_what_belongs_together_stands_together(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    person = (await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}"))["card"]["candidate"]
    await workspace.ada("PUT", f"{workspace.base}/api/candidates/{person}/tags", {"tags": ["Referral"]})
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/candidates", size=NARROW)
    search, tag = await box(page.locator(".tools .field")), await box(page.get_by_role("button", name="Tag"))
    assert tag["y"] < search["y"] + search["height"]
    assert tag["x"] >= search["x"] + search["width"]
    await page.goto(page.url + f"/{person}")
    opener = await box(page.locator(".profilehead .primary"))
    assert opener["width"] > NARROW[0] * 0.8


@in_chromium
async def test_the_list_of_home_that_is_shown_is_named_in_sight(people: People, workspace: Furnished) -> None:
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/home?show=meetings", size=NARROW)
    chosen = page.locator("gr-desk .tabs [aria-current]")
    await expect(chosen).to_contain_text("Meetings", timeout=SEE)
    tab = await box(chosen)
    assert tab["x"] >= 0
    assert tab["x"] + tab["width"] <= NARROW[0]


@in_chromium
async def test_what_a_scorecard_asks_can_be_read_in_the_editor(people: People, workspace: Furnished) -> None:
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}/edit", size=NARROW)
    written = await box(page.get_by_label("Criterion 1", exact=True))
    assert written["width"] > NARROW[0] / 2
