"""What is under somebody's hand changes: stages go, colleagues are quicker, fingers are two, dates are halves."""

import asyncio
from typing import Any

from playwright.async_api import Page, expect

from tests.cast import until
from tests.e2e.browsers import NARROW, WIDE, People, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, apply, candidate
from tests.e2e.steps import SEE, at, card, column, inside


async def opened(people: People, shop: Furnished, name: str = "Ada", query: str = "", **options: Any) -> Page:
    page = await at(people, shop.ada, name, f"{shop.base}/jobs/{shop.job['id']}{query}", **options)
    await page.locator("gr-board .column").first.wait_for(timeout=SEE)
    return page


async def redesign(shop: Furnished, job: str, change: Any) -> None:
    """Change a job's flow as a colleague does; `change` gets the list of stages to change."""
    path = f"{shop.base}/api/jobs/{job}/flow"
    flow = await shop.ada("GET", path)
    stages = [{name: value for name, value in stage.items() if name != "people"} for stage in flow["stages"]]
    change(stages)
    await shop.ada("PUT", path, {"version": flow["version"], "stages": stages, "moves": []})


def added(stages: list[dict[str, Any]], name: str, at: int = 1) -> None:
    new: dict[str, Any] = {
        "id": None,
        "name": name,
        "kind": "review",
        "colour": 4,
        "hint": 0,
        "days": 0,
        "needs": [],
        "actions": [],
    }
    stages.insert(at, new)


def removed(stages: list[dict[str, Any]], name: str) -> None:
    stages[:] = [stage for stage in stages if stage["name"] != name]


async def carry(page: Page, who: str, stage: str) -> None:
    """Lifts a card with the mouse and holds it over a stage."""
    start, goal = await card(page, who).bounding_box(), await column(page, stage).bounding_box()
    assert start
    assert goal
    await page.mouse.move(start["x"] + 60, start["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(start["x"] + 90, start["y"] + 30, steps=4)
    await page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 150, steps=8)
    await expect(page.locator(".column.aimed")).to_contain_text(stage)


@in_chromium
async def test_a_stage_goes_while_a_card_hangs_over_it_or_is_looked_at_alone(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    job = workspace.job["id"]
    await redesign(workspace, job, lambda stages: added(stages, "Trial"))
    ada, alone = await opened(people, workspace), await opened(people, workspace, "Ada again")
    await alone.get_by_role("button", name="Filter").click()
    await alone.get_by_role("menuitemradio", name="Trial").click()
    await expect(alone.get_by_role("button", name="Remove filter: Trial")).to_be_visible(timeout=SEE)
    await carry(ada, who.name, "Trial")
    await redesign(workspace, job, lambda stages: removed(stages, "Trial"))
    await expect(column(ada, "Trial")).to_have_count(0, timeout=SEE)
    await ada.mouse.up()  # where another stage stands by now
    await expect(ada.locator("#toasts")).to_contain_text("changed under your hand")
    await expect(inside(ada, "Applied", who.name)).to_be_visible()
    view = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}")
    assert {stage["id"]: stage["name"] for stage in view["stages"]}[view["card"]["stage"]] == "Applied"
    # Whoever looked at that stage alone can stop doing so.
    await alone.get_by_role("button", name="Remove filter: A removed stage").click(timeout=SEE)
    await expect(inside(alone, "Applied", who.name)).to_be_visible(timeout=SEE)


@in_chromium
async def test_a_selection_that_is_dragged_to_declined_is_asked_about_as_it_was_seen(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    first, second = [await candidate(installation, workspace) for _ in range(2)]
    ada = await opened(people, workspace, size=(1900, 900))
    for who in (first, second):
        await card(ada, who.name).click(modifiers=["Shift"])
    await expect(ada.get_by_role("toolbar", name="Selected candidates")).to_contain_text("2 selected")
    await carry(ada, first.name, "Declined")
    await ada.mouse.up()
    question = ada.get_by_role("dialog", name="Decline 2 candidates?")
    await expect(question).to_be_visible()
    # A colleague is quicker with one of them: Ada answered a question about somebody who was still in Applied.
    board = await workspace.ada("GET", f"{workspace.base}/api/jobs/{workspace.job['id']}/board")
    offer = next(stage["id"] for stage in board["stages"] if stage["name"] == "Offer")
    path = f"{workspace.base}/api/applications/{second.application}/moves"
    version = next(one["version"] for one in board["cards"] if one["id"] == second.application)
    await workspace.ada("POST", path, {"stage": offer, "version": version})
    await question.get_by_role("button", name="Decline without a message").click()
    await expect(inside(ada, "Declined", first.name)).to_be_visible(timeout=SEE)
    await expect(ada.locator("#toasts")).to_contain_text(f"moved {second.name} to Offer", timeout=SEE)
    await expect(inside(ada, "Offer", second.name)).to_be_visible()
    # One alone is asked about once, with words for them.
    await card(ada, second.name).click(modifiers=["Shift"])
    await ada.get_by_role("toolbar", name="Selected candidates").get_by_role("button", name="Decline").click()
    await expect(ada.get_by_role("dialog")).to_contain_text(second.name.split()[0])
    await expect(ada.get_by_role("dialog").get_by_role("textbox")).to_be_visible()


@in_chromium
async def test_two_fingers_lift_nothing(people: People, installation: Installation, workspace: Furnished) -> None:
    whose: list[Candidate] = [await candidate(installation, workspace) for _ in range(2)]
    phone = await opened(people, workspace, "Ada", f"?q={whose[0].name.split()[0]}", size=NARROW, has_touch=True)
    session = await phone.context.new_cdp_session(phone)
    boxes = [await card(phone, who.name).bounding_box() for who in whose]
    places = [{"x": box["x"] + 60, "y": box["y"] + 20, "id": at} for at, box in enumerate(boxes) if box]

    async def touch(kind: str, *points: dict[str, float]) -> None:
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    await touch("touchStart", places[0])
    await touch("touchStart", *places)
    for _ in range(8):
        places[1]["y"] += 8
        await touch("touchMove", *places)
        await asyncio.sleep(0.06)
    await touch("touchEnd", places[0])
    await touch("touchEnd")
    await expect(phone.locator(".ghost")).to_have_count(0)
    moves: list[str] = []
    phone.on("request", lambda request: moves.append(request.url) if request.url.endswith("/moves") else None)
    await phone.touchscreen.tap(200, 700)
    await phone.wait_for_timeout(300)
    assert not moves


@in_chromium
async def test_what_is_found_comes_into_sight_on_a_phone(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    board = await workspace.ada("GET", f"{workspace.base}/api/jobs/{workspace.job['id']}/board")
    offer = next(stage["id"] for stage in board["stages"] if stage["name"] == "Offer")
    path = f"{workspace.base}/api/applications/{who.application}/moves"
    await workspace.ada("POST", path, {"stage": offer, "version": 99})
    phone = await opened(people, workspace, size=NARROW, has_touch=True)
    await expect(card(phone, who.name)).not_to_be_in_viewport()
    field = phone.get_by_role("searchbox", name="Find a candidate")
    await field.press_sequentially(who.name)
    await expect(card(phone, who.name)).to_be_in_viewport(timeout=SEE)
    await expect(field).to_be_focused()


@in_chromium
async def test_what_is_kept_searched_and_offered_on_a_board_stays_true(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    first, second = [await candidate(installation, workspace) for _ in range(2)]
    ada, again = await opened(people, workspace), await opened(people, workspace, "Ada again")
    field = ada.get_by_role("searchbox", name="Find a candidate")
    await field.press_sequentially(f"{first.name} ")
    await expect(column(ada, "Applied").locator("[data-card]")).to_have_count(1, timeout=SEE)
    await expect(field).to_have_value(f"{first.name} ")  # nobody takes away what is being typed
    await ada.get_by_role("button", name="Keep or change this view").click()
    await ada.get_by_role("menuitem", name="Keep as a new view").click()
    await ada.get_by_label("Name", exact=True).fill("Robins")
    await ada.get_by_label("Everybody in the workspace sees it").check()
    await ada.get_by_role("button", name="Save", exact=True).click()
    view = ada.get_by_role("link", name="Robins")
    for page in (ada, again):
        await expect(page.get_by_role("link", name="Robins")).to_be_visible(timeout=SEE)
    await again.get_by_role("link", name="Robins").click()
    await expect(again.get_by_role("searchbox", name="Find a candidate")).to_have_value(first.name)
    await ada.get_by_role("link", name="Everyone").click()
    await expect(field).to_have_value("")
    await expect(card(ada, second.name)).to_be_visible(timeout=SEE)
    await expect(view).to_be_visible()  # through every redrawing of the board

    # The palette offers what can be done with the card that has the focus now, before anything is typed.
    for who in (first, second):
        await card(ada, who.name).get_by_role("link").focus()
        await ada.keyboard.press("Control+k")
        await expect(ada.get_by_role("option").first).to_contain_text(f"Move {who.name} to", timeout=SEE)
        await ada.keyboard.press("Escape")


BEGINNING = """element => {
    const letters = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (letters.nextNode() && !letters.currentNode.data.trim());
    const range = document.createRange();
    const at = letters.currentNode.data.search(/\\S/);
    range.setStart(letters.currentNode, at);
    range.setEnd(letters.currentNode, at + 3);
    const [first, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
    return first.left >= box.left - 1 && first.right <= box.right + 1;
}"""  # whether the first letters lie within the element


@in_chromium
async def test_a_long_name_begins_with_its_beginning_whichever_way_it_is_read(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    names = ("محمد عبد الله بن عبد الرحمن آل سعود الطويل جدا جدا جدا", "Wolfeschlegelsteinhausenbergerdorff " * 3)
    for name in names:
        await apply(Candidate(installation.origin), workspace.public, name)
    page = await opened(people, workspace)
    for name in names:
        assert await card(page, name[:10]).locator("h3").evaluate(BEGINNING), name
    await page.get_by_role("link", name="List").click()
    for name in names:
        cell = page.locator("tr[data-row]", has_text=name[:10]).locator(".name")
        await cell.wait_for(timeout=SEE)
        assert await cell.evaluate(BEGINNING), name


@in_chromium
async def test_half_a_date_deletes_none_and_a_cell_keeps_its_height(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    base = workspace.base
    start = (await workspace.ada("POST", f"{base}/api/fields", {"name": "Start", "kind": "date"}))["id"]
    pay = (await workspace.ada("POST", f"{base}/api/fields", {"name": "Pay", "kind": "number"}))["id"]
    person = (await workspace.ada("GET", f"{base}/api/applications/{who.application}"))["card"]["candidate"]
    await workspace.ada("PUT", f"{base}/api/candidates/{person}/fields/{start}", {"value": "2027-01-15"})
    query = f"?columns=field:{start},field:{pay}&q={who.name}"
    page = await at(people, workspace.ada, "Ada", f"{base}/jobs/{workspace.job['id']}/list{query}")
    row = page.locator("tr[data-row]")
    cells = row.locator("td[data-column]")
    await expect(cells.first).to_contain_text("15 Jan 2027", timeout=SEE)

    async def height() -> float:
        box = await row.bounding_box()
        return box["height"] if box else 0

    tall = await height()
    await cells.first.click()
    await expect(page.get_by_label("Start", exact=True)).to_be_focused()
    assert await height() == tall
    await page.keyboard.press("Delete")  # of three parts one is missing: the field has no value now
    await cells.nth(1).click()
    await expect(page.get_by_label("Pay", exact=True)).to_be_focused()
    await expect(page.locator("#toasts")).to_contain_text("Write the whole date.")
    await expect(cells.first).to_contain_text("15 Jan 2027")
    for value, fault in (("a lot", "Write a number."), ("4000", "")):
        await page.get_by_label("Pay", exact=True).fill(value)
        await page.keyboard.press("Enter")
        await expect(page.locator("#toasts .error", has_text="Write a number.")).to_have_count(1 if fault else 0)
        if fault:
            await page.keyboard.press("Enter")

    async def stored() -> bool:
        view = await workspace.ada("GET", f"{base}/api/candidates/{person}")
        said = {one["id"]: one["value"] for one in view["fields"]}
        return said[start] == "2027-01-15" and said[pay] == "4000"

    await until(stored)
    # On the profile it is the same.
    await page.goto(f"{installation.origin}{base}/candidates/{person}")
    date = page.get_by_label("Start", exact=True)
    await expect(date).to_have_value("2027-01-15", timeout=SEE)
    await date.focus()
    await page.keyboard.press("Delete")
    await expect(date).to_have_value("")
    await page.get_by_label("Pay", exact=True).click()
    await expect(date).to_have_value("2027-01-15")
    await page.get_by_label("Pay", exact=True).fill("4100")
    await page.keyboard.press("Tab")

    async def raised() -> str | None:
        view = await workspace.ada("GET", f"{base}/api/candidates/{person}")
        said = {one["id"]: one["value"] for one in view["fields"]}
        return said[start] if said[pay] == "4100" else None

    assert await until(raised) == "2027-01-15"


@in_chromium
async def test_a_flow_keeps_what_a_colleague_changed_while_somebody_was_asked(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    base = workspace.base
    job = await workspace.ada("POST", f"{base}/api/jobs", {"title": "A flow with people in it"})
    asked = {"version": job["version"], "questions": [{"text": "What would you change here?"}]}
    await workspace.ada("PUT", f"{base}/api/jobs/{job['id']}/questions", asked)
    job = await workspace.ada("PUT", f"{base}/api/jobs/{job['id']}/state", {"state": "open"})
    await apply(Candidate(installation.origin), job["public_url"].removeprefix(installation.origin), "Noor Haddad")
    board = await workspace.ada("GET", f"{base}/api/jobs/{job['id']}/board")
    review = next(stage["id"] for stage in board["stages"] if stage["name"] == "Review")
    path = f"{base}/api/applications/{board['cards'][0]['id']}/moves"
    await workspace.ada("POST", path, {"stage": review, "version": board["cards"][0]["version"]})
    ada = await at(people, workspace.ada, "Ada", f"{base}/jobs/{job['id']}/edit", size=WIDE)
    flow = ada.locator("gr-flow-builder")
    names = flow.locator(".flow .stagename b")

    async def saved() -> list[str]:
        return [stage["name"] for stage in (await workspace.ada("GET", f"{base}/api/jobs/{job['id']}/flow"))["stages"]]

    async def is_saved() -> bool:
        return await saved() == await names.all_text_contents()

    await flow.get_by_role("button", name="Open stage Review").click()
    await flow.get_by_role("button", name="Remove stage").click()
    dialog = ada.get_by_role("dialog", name="Remove Review?")
    await expect(dialog).to_be_visible(timeout=SEE)
    await redesign(workspace, job["id"], lambda stages: added(stages, "A colleague's"))
    await expect(names.get_by_text("A colleague's")).to_be_attached(timeout=SEE)
    await dialog.get_by_role("combobox").select_option(label="Offer")
    await dialog.get_by_role("button", name="Move and remove").click()
    left = ["Applied", "A colleague's", "Video", "Interview", "Offer", "Hired", "Declined"]
    await expect(names).to_have_text(left, timeout=SEE)
    await expect(flow.get_by_text("Saving")).to_have_count(0, timeout=SEE)
    assert await saved() == left

    # What is brought back is the stage that was removed, not the flow as it was.
    await flow.get_by_role("button", name="Open stage Video").click()
    await flow.get_by_role("button", name="Remove stage").click()
    await expect(names.get_by_text("Video")).to_have_count(0)
    await until(is_saved)
    await expect(flow.get_by_text("Saving")).to_have_count(0, timeout=SEE)
    await redesign(workspace, job["id"], lambda stages: stages[1].update(name="Renamed"))
    await expect(names.get_by_text("Renamed")).to_be_visible(timeout=SEE)
    await ada.locator("#toasts").get_by_role("button", name="Undo").click()
    left = ["Applied", "Renamed", "Video", "Interview", "Offer", "Hired", "Declined"]
    await expect(names).to_have_text(left)
    await until(is_saved)
    await expect(flow.get_by_text("Saving")).to_have_count(0, timeout=SEE)

    # A template is not put over a flow that nobody has seen.
    await flow.get_by_role("button", name="Templates").click()
    await ada.get_by_role("menuitem", name="Fast", exact=True).click()
    await redesign(workspace, job["id"], lambda stages: stages[1].update(name="Renamed again"))
    await expect(names.get_by_text("Renamed again")).to_be_attached(timeout=SEE)
    await ada.get_by_role("dialog", name="Use “Fast”?").get_by_role("button", name="Use it").click()
    await expect(ada.get_by_text("Somebody changed the flow meanwhile.")).to_be_visible()
    assert await saved() == ["Applied", "Renamed again", *left[2:]]
