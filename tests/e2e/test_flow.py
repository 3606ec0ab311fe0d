"""Designing a flow: by keyboard, beside somebody else, with people in it."""

import pytest
from playwright.async_api import expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply
from tests.e2e.steps import SEE, at, column, inside

pytestmark = pytest.mark.timeout(150)


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
    await flow.get_by_label("Message to the candidate").fill("Hello {first_name}")
    assert await axe(ada) == []
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
