"""Scorecards in the browser: written beside the answers by mouse and keys, blind for who is asked to review, live."""

import asyncio
import re
from dataclasses import replace

import pytest
from playwright.async_api import Dialog, Locator, Page, Request, Route, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, candidate, colleague
from tests.e2e.steps import BACK, SEE, at, card


@pytest.fixture
async def ben(workspace: Furnished) -> Caller:
    """A colleague who only reviews."""
    return await colleague(workspace, "Ben Achebe", "reviewer")


def sheet(page: Page) -> Locator:
    return page.locator("gr-scorecard")


async def two_tabs(people: People, installation: Installation, workspace: Furnished) -> list[Page]:
    """Ada's page of somebody, twice: "Here" and "There"."""
    who = await candidate(installation, workspace)
    path = f"{workspace.base}/applications/{who.application}"
    pages = [await at(people, workspace.ada, name, path) for name in ("Here", "There")]
    for page in pages:
        await expect(sheet(page)).to_contain_text("Would you hire", timeout=SEE)
    return pages


async def rated(page: Page, criterion: str, value: int) -> None:
    await sheet(page).get_by_role("group", name=criterion).get_by_label(f"{value} of 5").check()


async def test_two_score_a_candidate_without_seeing_each_other_first(
    people: People, installation: Installation, workspace: Furnished, ben: Caller
) -> None:
    base = workspace.base
    who = await candidate(installation, workspace)
    path = f"{base}/applications/{who.application}"
    member = (await ben("GET", f"{base}/api/me"))["id"]
    assigned = {"member": member, "part": "reviewer"}
    await workspace.ada("POST", f"{base}/api/applications/{who.application}/assignments", assigned)
    board = await at(people, ben, "Ben's board", f"{base}/jobs/{workspace.job['id']}")
    person = (await workspace.ada("GET", f"{base}/api/applications/{who.application}"))["card"]["candidate"]
    profile = await at(people, ben, "Ben's profile", f"{base}/candidates/{person}")
    ada = await at(people, workspace.ada, "Ada", path)
    page = await at(people, ben, "Ben", path)

    # Ada by mouse: what she chose is saved, and is there after a reload; a rating can be cleared.
    await rated(ada, "Problem solving", 5)
    await rated(ada, "Communication", 4)
    await rated(ada, "Motivation", 1)
    await sheet(ada).get_by_role("button", name="Clear Motivation").click()
    await expect(sheet(ada).locator(".overall .big")).to_have_text("4.5")
    await sheet(ada).get_by_role("button", name="Submit scorecard").click()
    await expect(sheet(ada).get_by_role("alert")).to_have_text("Say whether you would hire them.")
    await sheet(ada).get_by_label("Strong yes").check()
    await sheet(ada).get_by_label("Why?").fill("Thinks <b>first</b>")
    await expect(sheet(ada).get_by_role("status")).to_have_text("Saved", timeout=SEE)
    await ada.reload()
    await expect(sheet(ada).get_by_label("Why?")).to_have_value("Thinks <b>first</b>", timeout=SEE)
    await expect(sheet(ada).get_by_role("group", name="Motivation").locator("input:checked")).to_have_count(0)
    assert await axe(ada) == []
    await sheet(ada).get_by_role("button", name="Submit scorecard").click()
    await expect(sheet(ada).get_by_text("Submitted", exact=True)).to_be_visible(timeout=SEE)

    # Ben is asked to review: he hears that she has, and not what she said; nor does his board.
    await expect(sheet(page)).to_contain_text("Ada Okafor has submitted theirs", timeout=SEE)
    await expect(sheet(page)).to_contain_text("scores open to you once you submit yours.")
    await expect(sheet(page).locator(".team")).to_have_count(0)
    await expect(card(board, who.name)).to_be_visible()
    await expect(card(board, who.name).locator(".score")).to_have_count(0)
    await card(board, who.name).get_by_role("link").press(" ")
    peek = board.locator(".peek .scoreline")
    await expect(peek).to_have_text("1 scorecard, open to you once you submit yours", timeout=SEE)
    await expect(profile.locator(".places")).to_contain_text("Applied", timeout=SEE)
    await expect(profile.locator(".places .score")).to_have_count(0)

    # By keys alone: S, then a digit for each criterion.
    await page.keyboard.press("s")
    for digit in "33222":
        await page.keyboard.press(digit)
    await expect(sheet(page).get_by_label("Unsure")).to_be_checked()
    await expect(sheet(page).locator(".overall .big")).to_have_text("2.5")
    await sheet(page).get_by_role("button", name="Submit scorecard").press("Enter")
    team = sheet(page).locator(".team")
    await expect(team.locator(".overall")).to_contain_text("3.5", timeout=SEE)
    await team.locator("summary", has_text="Ada").click()
    await expect(team.locator(".why")).to_have_text("Thinks <b>first</b>")
    await expect(sheet(ada).locator(".team")).to_contain_text("Ben", timeout=SEE)
    await expect(card(board, who.name).locator(".score")).to_have_text("3.5", timeout=SEE)
    await expect(peek).to_contain_text("3.5", timeout=SEE)
    await expect(peek).to_have_text(re.compile("2 scorecards: Ada Okafor, Ben Achebe"))
    await expect(profile.locator(".places .score")).to_contain_text("3.5", timeout=SEE)
    assert await axe(board) == []
    assert await axe(profile) == []
    assert await axe(page) == []

    # Taken back it counts no longer, and he is blind again.
    await sheet(page).get_by_role("button", name="Change mine").click()
    await expect(sheet(page).locator(".team")).to_have_count(0, timeout=SEE)
    await expect(card(board, who.name).locator(".score")).to_have_count(0, timeout=SEE)
    await expect(peek).to_have_text("1 scorecard, open to you once you submit yours", timeout=SEE)
    await expect(profile.locator(".places .score")).to_have_count(0, timeout=SEE)
    await expect(sheet(ada).locator(".team")).to_have_count(0, timeout=SEE)


@in_chromium
async def test_on_a_phone_it_is_a_tab_beside_the_threads(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    path = f"{workspace.base}/applications/{who.application}"
    page = await at(people, workspace.ada, "Ada", path, size=NARROW)
    await page.get_by_role("tab", name="Scorecard").click()
    await rated(page, "Communication", 2)
    await sheet(page).get_by_label("No", exact=True).check()
    await sheet(page).get_by_role("button", name="Submit scorecard").click()
    await expect(page.get_by_role("tab", name="Scorecard 1")).to_be_visible(timeout=SEE)
    assert await axe(page) == []
    await page.get_by_role("tab", name="Scorecard 1").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Team notes")).to_be_focused()


@in_chromium
async def test_a_job_says_what_people_are_judged_by_and_a_stage_asks_for_it(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    base = workspace.base
    made = await workspace.ada("POST", f"{base}/api/jobs", {"title": "Another"})
    questions = {"version": made["version"], "questions": [{"text": "Why?"}]}
    await workspace.ada("PUT", f"{base}/api/jobs/{made['id']}/questions", questions)
    job = (await workspace.ada("PUT", f"{base}/api/jobs/{made['id']}/state", {"state": "open"}))["id"]
    public = made["public_url"].removeprefix(installation.origin)
    who = await candidate(installation, replace(workspace, public=public))
    editor = await at(people, workspace.ada, "Ada", f"{base}/jobs/{job}/edit")
    other = await at(people, workspace.ada, "Ada again", f"{base}/applications/{who.application}")
    await expect(sheet(other).get_by_role("group", name="Motivation")).to_be_visible(timeout=SEE)

    # The criteria are written in the job, and change under whoever scores.
    pane = editor.get_by_role("region", name="Scorecard")
    await pane.get_by_label("Criterion 4", exact=True).fill("Taste")
    await pane.get_by_role("button", name="Remove criterion Communication").click()
    await expect(sheet(other).get_by_role("group", name="Communication")).to_have_count(0, timeout=SEE)
    await pane.get_by_role("button", name="Add criterion").click()
    # A colleague saves something else meanwhile: what is being added, and who writes in it, stays.
    version = (await workspace.ada("GET", f"{base}/api/jobs/{job}"))["version"]
    await workspace.ada("PATCH", f"{base}/api/jobs/{job}", {"version": version, "location": "Porto"})
    await expect(editor.get_by_label("Location")).to_have_value("Porto", timeout=SEE)
    await expect(pane.get_by_label("Criterion 4", exact=True)).to_be_focused()
    await editor.keyboard.type("<i>Calm</i>")
    await expect(sheet(other).get_by_role("group", name="<i>Calm</i>")).to_be_visible(timeout=SEE)
    await expect(sheet(other).get_by_role("group", name="Communication")).to_have_count(0, timeout=SEE)
    await expect(sheet(other).get_by_role("group", name="Taste")).to_be_visible()
    assert await axe(editor) == []

    # A stage asks for two of at least 3.5.
    await editor.get_by_role("button", name="Open stage Interview").click()
    await editor.get_by_role("button", name="Rule").click()
    await editor.get_by_role("menuitem", name="Scorecards").click()
    await editor.get_by_label("How many scorecards").select_option("2")
    await editor.get_by_label("Score of at least").select_option("3.5")
    await editor.get_by_role("button", name="Done", exact=True).click()
    await expect(editor.get_by_text("2 scorecards, 3.5 or more")).to_be_visible()

    # Without criteria there is no average to speak of.
    await expect(sheet(other).locator(".overall")).to_be_visible()
    version = (await workspace.ada("GET", f"{base}/api/jobs/{job}"))["version"]
    await workspace.ada("PUT", f"{base}/api/jobs/{job}/criteria", {"version": version, "criteria": []})
    await expect(sheet(other).get_by_role("group")).to_have_count(1, timeout=SEE)
    await expect(sheet(other).locator(".overall")).to_have_count(0)


async def written(page: Page, words: str) -> None:
    """Type it as somebody does who thinks before the next word: what was typed is saved meanwhile."""
    await page.keyboard.type(words)
    await expect(sheet(page).get_by_role("status")).to_have_text("Editing")
    await expect(sheet(page).get_by_role("status")).to_have_text("Saved", timeout=SEE)
    await page.wait_for_load_state("networkidle")


async def test_what_is_typed_and_clicked_is_what_is_kept(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    why = sheet(page).get_by_label("Why?")
    await why.click(timeout=SEE)
    for words in ("Hello ", "world\n", "again"):
        await written(page, words)
    await expect(why).to_have_value("Hello world\nagain")
    await sheet(page).get_by_role("group", name="Motivation").locator("label").nth(3).dblclick()
    await expect(sheet(page).get_by_label("4 of 5").last).to_be_checked()

    # Who works by keys is not sent back to the top of the page, nor takes back at once what the held key submitted.
    asked: list[str] = []

    def heard(request: Request) -> None:
        if request.method == "POST":
            asked.append(request.url.rsplit("/", 1)[1])

    page.on("request", heard)
    heading = sheet(page).get_by_role("heading", name="Scorecard", exact=True)
    again = sheet(page).get_by_role("button", name="Change mine")
    await sheet(page).get_by_label("Strong yes").check()
    await sheet(page).get_by_role("button", name="Submit scorecard").focus()
    for _ in range(4):
        await page.keyboard.down("Enter")
    await expect(heading).to_be_focused(timeout=SEE)
    await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")
    await expect(sheet(page).get_by_role("alert")).to_have_count(0)
    await again.press("Enter")
    await expect(sheet(page).get_by_label("1 of 5").first).to_be_focused(timeout=SEE)
    await sheet(page).get_by_role("button", name="Submit scorecard").dblclick()
    await expect(again).to_be_visible(timeout=SEE)
    await page.wait_for_load_state("networkidle")
    await expect(again).to_be_visible()
    await expect(sheet(page).get_by_role("alert")).to_have_count(0)
    assert asked == ["submission", "reopening", "submission"]


@in_chromium
async def test_what_was_chosen_is_there_after_leaving_at_once(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    first, _ = await candidate(installation, workspace), await candidate(installation, workspace)
    path = f"{workspace.base}/applications/{first.application}"
    page = await at(people, workspace.ada, "Ada", path)
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", leave)
    await expect(sheet(page)).to_contain_text("Would you hire", timeout=SEE)

    async def slowly(route: Route) -> None:
        if route.request.method == "PUT":
            await asyncio.sleep(0.4)
        await route.continue_()

    await page.route("**/scorecard", slowly)
    await rated(page, "Problem solving", 2)
    await rated(page, "Communication", 3)  # while the first is on its way
    await sheet(page).get_by_label("Unsure").check()
    await page.goto(f"{installation.origin}{workspace.base}/home")
    await expect(page.get_by_role("heading").first).to_be_visible(timeout=SEE)
    other = await at(people, workspace.ada, "Ada elsewhere", path)
    await expect(sheet(other).get_by_role("group", name="Problem solving").get_by_label("2 of 5")).to_be_checked(
        timeout=SEE
    )
    await expect(sheet(other).get_by_role("group", name="Communication").get_by_label("3 of 5")).to_be_checked(
        timeout=SEE
    )
    await expect(sheet(other).get_by_label("Unsure")).to_be_checked(timeout=SEE)
    assert asked == []


@in_chromium
async def test_what_is_submitted_waits_for_all_that_is_still_being_saved(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    await expect(sheet(page)).to_contain_text("Would you hire", timeout=SEE)

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.7)
        await route.continue_()

    await page.route("**/scorecard", slowly)
    await rated(page, "Motivation", 1)
    await sheet(page).get_by_role("button", name="Clear Motivation").click()  # while it is being saved
    await expect(sheet(page).get_by_role("status")).to_have_text("Saved", timeout=SEE)
    await expect(sheet(page).get_by_role("group", name="Motivation").locator("input:checked")).to_have_count(0)
    await page.keyboard.press("s")
    for digit in "33222":
        await page.keyboard.press(digit)
    await expect(sheet(page).get_by_label("Unsure")).to_be_checked()
    await sheet(page).get_by_role("button", name="Submit scorecard").press("Enter")
    await expect(sheet(page).get_by_text("Submitted", exact=True)).to_be_visible(timeout=SEE)
    own = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}/scorecard")
    assert sorted(own["mine"]["ratings"].values()) == [2, 2, 3, 3]


@in_chromium
async def test_two_tabs_of_one_keep_what_each_said(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    here, there = await two_tabs(people, installation, workspace)
    await people.contexts["Here"].set_offline(offline=True)
    await sheet(here).get_by_label("Why?").fill("Written in the train")
    await rated(here, "Motivation", 4)
    await expect(sheet(here).get_by_role("status")).to_have_text("Not saved yet", timeout=SEE)
    await rated(there, "Communication", 1)
    await sheet(there).get_by_label("Unsure").check()
    await expect(sheet(there).get_by_role("status")).to_have_text("Saved", timeout=SEE)
    await people.contexts["Here"].set_offline(offline=False)
    for page in (there, here):
        await expect(sheet(page).get_by_label("Why?")).to_have_value("Written in the train", timeout=BACK)
        await expect(sheet(page).get_by_label("Unsure")).to_be_checked(timeout=SEE)
        await expect(sheet(page).locator(".overall")).to_contain_text("2 of 4 scored", timeout=SEE)


@in_chromium
async def test_a_criterion_is_renamed_by_emptying_its_name(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    await rated(page, "Motivation", 4)
    editor = await at(people, workspace.ada, "Editor", f"{workspace.base}/jobs/{workspace.job['id']}/edit")
    pane = editor.get_by_role("region", name="Scorecard")
    name = pane.get_by_label("Criterion 4", exact=True)
    await name.fill("")
    await editor.wait_for_timeout(1500)  # longer than the pause after which it is saved
    await name.press("Tab")
    await expect(name).to_have_value("Motivation")
    await name.fill("")
    await editor.wait_for_timeout(1500)
    await name.fill("Drive")
    group = sheet(page).get_by_role("group", name="Drive")
    await expect(group.get_by_label("4 of 5")).to_be_checked(timeout=SEE)
    await pane.get_by_role("button", name="Remove criterion Drive").click()
    await expect(group).to_have_count(0, timeout=SEE)
    await editor.get_by_role("button", name="Undo").click()
    await expect(group.get_by_label("4 of 5")).to_be_checked(timeout=SEE)
    await name.fill("Motivation")
    await expect(sheet(page).get_by_role("group", name="Motivation")).to_be_visible(timeout=SEE)


@in_chromium
async def test_what_could_not_be_read_is_asked_for_again(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    here, there = await two_tabs(people, installation, workspace)
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        lost.set()
        await route.abort()

    await here.route("**/scorecard", lose)
    await sheet(there).get_by_label("Unsure").check()
    await asyncio.wait_for(lost.wait(), 15)
    await here.unroute("**/scorecard")
    await expect(sheet(here).get_by_label("Unsure")).to_be_checked(timeout=SEE)
