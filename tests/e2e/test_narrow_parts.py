"""On a phone, parts that belong together stand in one row, and a single button of a row has all of it."""

from playwright.async_api import FloatRect, Locator, expect

from tests.e2e.browsers import NARROW, People, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, apply, candidate
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


FIRST_LETTER = """element => {
    const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (words.nextNode() && !words.currentNode.data.trim());
    const letter = document.createRange();
    letter.setStart(words.currentNode, 0);
    letter.setEnd(words.currentNode, 1);
    const [seen, box] = [letter.getBoundingClientRect(), element.getBoundingClientRect()];
    return seen.left >= box.left - 1 && seen.right <= box.right + 1;
}"""


@in_chromium
async def test_a_name_is_cut_at_its_end_whichever_way_it_is_read(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = Candidate(installation.origin)
    application = await apply(who, workspace.public, " ".join(["عبدالرحمن"] * 8))
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{application}", size=NARROW)
    name = page.get_by_role("heading", level=1)
    await expect(name).to_contain_text("عبدالرحمن", timeout=SEE)
    assert await name.evaluate("element => element.scrollWidth > element.clientWidth"), "there is something to cut"
    assert await name.evaluate(FIRST_LETTER)


@in_chromium
async def test_the_dock_stands_where_it_stands_before_the_page_is_ready(people: People, workspace: Furnished) -> None:
    board = f"{workspace.base}/jobs/{workspace.job['id']}"
    page = await at(people, workspace.ada, "Ada", board, size=NARROW)
    before = await at(people, workspace.ada, "Before", board, size=NARROW, java_script_enabled=False)
    await expect(page.locator("gr-account > button")).to_be_visible(timeout=SEE)
    for name in ("Home", "Candidates"):
        there, here = (
            one.get_by_role("navigation", name="Main").get_by_role("link", name=name) for one in (before, page)
        )
        assert await box(here) == await box(there)
