"""Looking after candidates together: assigning on the board, mentioning in a note, following."""

from playwright.async_api import expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at, card


@in_chromium
async def test_a_candidate_is_assigned_by_keyboard_and_a_colleague_is_mentioned(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    board = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}")
    mine = card(board, who.name)
    await mine.get_by_role("link").focus()
    await board.keyboard.press("i")
    panel = board.get_by_role("dialog", name=f"Who looks after {who.name}")
    owner = panel.get_by_role("button", name="Ada Okafor: Owner")
    await expect(owner).to_be_focused(timeout=SEE)
    assert await axe(board) == []
    await board.keyboard.press("Enter")
    await expect(owner).to_have_attribute("aria-pressed", "true", timeout=SEE)
    await board.keyboard.press("Escape")
    await expect(mine.get_by_role("img", name="Owner: Ada Okafor")).to_be_visible()
    await expect(mine.get_by_role("link")).to_be_focused()
    await board.keyboard.press("q")
    await expect(board.locator("[data-card]")).to_have_count(1, timeout=SEE)
    await expect(board.get_by_role("button", name="Remove filter: Mine")).to_be_visible()

    page = await at(people, workspace.ada, "Ada at the candidate", f"{workspace.base}/applications/{who.application}")
    writing = page.get_by_label("Write a note for the team")
    await writing.click()
    await page.keyboard.type("Ask @ad")
    await expect(page.get_by_role("option", name="Ada Okafor")).to_be_visible()
    assert await axe(page) == []
    await page.keyboard.press("Enter")
    await expect(writing).to_have_value("Ask @Ada Okafor ")
    await page.keyboard.type("today.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble:not(.sending) .mention")).to_have_text("@Ada Okafor", timeout=SEE)
    note = (await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}"))["notes"][0]
    assert note["body"].startswith("Ask <@")
    assert [one["name"] for one in note["mentions"]] == ["Ada Okafor"]
    await page.keyboard.press("Escape")
    await page.keyboard.press("i")
    following = page.get_by_role("checkbox", name="Follow: tell me of notes here")
    await expect(following).to_be_checked(timeout=SEE)
    await following.uncheck()
    await expect(following).not_to_be_checked()
