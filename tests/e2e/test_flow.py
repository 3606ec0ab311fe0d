"""Designing a flow: by keyboard, beside somebody else, with people in it."""

import asyncio
import re
from typing import Any

from playwright.async_api import Locator, expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply
from tests.e2e.steps import SEE, at, column, inside


@in_chromium
async def test_a_flow_is_designed_by_keyboard_while_others_watch(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    base = workspace.base
    job = await workspace.ada("POST", f"{base}/api/jobs", {"title": "A job with a flow of its own"})
    asked = {"version": job["version"], "questions": [{"text": "Why?", "longest": 60}]}
    await workspace.ada("PUT", f"{base}/api/jobs/{job['id']}/questions", asked)
    job = await workspace.ada("PUT", f"{base}/api/jobs/{job['id']}/state", {"state": "open"})
    await apply(Caller(installation.origin), job["public_url"], "Noor Haddad")

    board = await at(people, workspace.ada, "Ada", f"{base}/jobs/{job['id']}")
    await expect(inside(board, "Applied", "Noor Haddad")).to_be_visible(timeout=SEE)
    ada = await at(people, workspace.ada, "Ada at the editor", f"{base}/jobs/{job['id']}/edit")
    flow = ada.locator("gr-flow-builder")
    names = flow.locator(".flow .stagename b")

    grip = flow.get_by_role("button", name="Order of stage Interview: arrow keys move it")
    await grip.focus()
    await ada.keyboard.press("ArrowUp")
    await expect(names).to_have_text(["Applied", "Video", "Interview", "Review", "Offer", "Hired", "Declined"])
    await expect(grip).to_be_focused()
    await expect(flow.locator("[aria-live]")).to_have_text("Interview is stage 3 of 7")
    await expect(board.locator(".column h2").nth(2)).to_have_text("Interview", timeout=SEE)

    await flow.get_by_role("button", name="Add stage").click()
    name = flow.get_by_label("Name")
    await expect(name).to_be_focused()
    await name.fill("")
    await expect(flow.get_by_text("A stage needs a name.")).to_be_visible()
    await name.fill("مقابلة")
    await flow.get_by_role("button", name="Action", exact=True).click()
    await ada.get_by_role("menuitem", name="Send a message").click()
    await flow.get_by_role("button", name="Templates").last.click()
    await ada.get_by_role("option", name="Moving forward").click(timeout=SEE)
    words = flow.get_by_label("Message to the candidate")
    await expect(words).to_have_value(re.compile(r"^Hello \{first_name\},\n\ngood news"))
    await expect(flow.get_by_text("When the template is edited or deleted, this stage keeps")).to_be_visible()
    await words.fill("Hello {first_name}")
    await expect(flow.get_by_role("button", name="Use the template's words")).to_be_visible()
    assert await axe(ada) == []
    # Its words are taken by one click, and given back by another, without what was done in between.
    await flow.get_by_role("button", name="Use the template's words").click()
    await expect(words).to_have_value(re.compile(r"^Hello \{first_name\},\n\ngood news"))
    await flow.get_by_role("button", name="Action", exact=True).click()
    await ada.get_by_role("menuitem", name="Promise an answer").click()
    await expect(flow.locator(".autos > li")).to_have_count(2)
    await ada.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(words).to_have_value("Hello {first_name}")
    await expect(flow.locator(".autos > li")).to_have_count(2)
    await expect(column(board, "مقابلة")).to_be_visible(timeout=SEE)

    card = (await workspace.ada("GET", f"{base}/api/jobs/{job['id']}/board"))["cards"][0]
    review = next(one for one in job["stages"] if one["kind"] == "review")
    place = {"stage": review["id"], "version": card["version"]}
    await workspace.ada("POST", f"{base}/api/applications/{card['id']}/moves", place)
    await expect(flow.get_by_text("Review · 1")).to_be_visible(timeout=SEE)
    await flow.get_by_role("button", name="Open stage Review").click()
    await flow.get_by_role("button", name="Remove stage").click()
    dialog = ada.get_by_role("dialog", name="Remove Review?")
    await dialog.get_by_role("button", name="Move and remove").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Say where the people in Review go.")
    await dialog.get_by_role("combobox", name="1 candidate is in Review: move them to").select_option(label="مقابلة")
    assert await axe(ada) == []
    await dialog.get_by_role("button", name="Move and remove").click()
    await expect(inside(board, "مقابلة", "Noor Haddad")).to_be_visible(timeout=SEE)
    await expect(column(board, "Review")).to_have_count(0)


@in_chromium
async def test_a_flow_is_dragged_taken_from_a_template_and_settled_when_two_design_it(
    people: People, workspace: Furnished
) -> None:
    base = workspace.base
    job = await workspace.ada("POST", f"{base}/api/jobs", {"title": "A flow that two design"})
    ada = await at(people, workspace.ada, "Ada", f"{base}/jobs/{job['id']}/edit")
    flow = ada.locator("gr-flow-builder")
    names = flow.locator(".flow .stagename b")
    interview, review = names.get_by_text("Interview"), names.get_by_text("Review")
    await expect(interview).to_be_visible(timeout=SEE)
    grip = flow.get_by_role("button", name="Order of stage Interview")
    await grip.scroll_into_view_if_needed()
    box, there = await grip.bounding_box(), await review.bounding_box()
    assert box
    assert there
    await ada.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await ada.mouse.down()
    await ada.mouse.move(box["x"] + box["width"] / 2, there["y"], steps=12)
    await ada.mouse.up()
    await expect(names).to_have_text(["Applied", "Video", "Interview", "Review", "Offer", "Hired", "Declined"])

    async def saved() -> list[str]:
        return [stage["name"] for stage in (await workspace.ada("GET", f"{base}/api/jobs/{job['id']}/flow"))["stages"]]

    await expect(flow.get_by_text("Saving")).to_have_count(0, timeout=SEE)
    assert (await saved())[2] == "Interview"

    await flow.get_by_role("button", name="Templates").click()
    await ada.get_by_role("menuitem", name="Fast", exact=True).click()
    dialog = ada.get_by_role("dialog", name="Use “Fast”?")
    await expect(dialog).to_contain_text("Stages become Applied, Video, Review, Offer, Hired, Declined.")
    await dialog.get_by_role("button", name="Use it").click()
    await expect(names).to_have_text(["Applied", "Video", "Review", "Offer", "Hired", "Declined"], timeout=SEE)
    await expect(flow.get_by_text("Saving")).to_have_count(0, timeout=SEE)
    assert await saved() == ["Applied", "Video", "Review", "Offer", "Hired", "Declined"]

    # Ada's next change is held on its way until somebody else has made one.
    gate = asyncio.Event()

    async def hold(route: Any) -> None:
        if route.request.method == "PUT":
            await gate.wait()
        await route.continue_()

    await ada.route("**/flow", hold)
    async with ada.expect_request(lambda request: request.method == "PUT"):
        await grip_of(flow, "Offer").press("ArrowUp")
    theirs = await workspace.ada("GET", f"{base}/api/jobs/{job['id']}/flow")
    theirs["stages"][2]["name"] = "Second look"
    body = {"version": theirs["version"], "stages": [bare(stage) for stage in theirs["stages"]]}
    await workspace.ada("PUT", f"{base}/api/jobs/{job['id']}/flow", body)
    gate.set()
    alert = flow.get_by_role("alert")
    await expect(alert).to_be_visible(timeout=SEE)
    assert await axe(ada) == []
    await alert.get_by_role("button").first.click()
    await expect(flow.get_by_role("alert")).to_have_count(0, timeout=SEE)
    await expect(flow.get_by_text("Not saved")).to_have_count(0, timeout=SEE)
    found = await saved()
    assert await names.all_text_contents() == found


def grip_of(flow: Locator, stage: str) -> Locator:
    return flow.get_by_role("button", name=f"Order of stage {stage}")


def bare(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage as it is sent: without what is read only."""
    return {name: value for name, value in stage.items() if name != "people"}
