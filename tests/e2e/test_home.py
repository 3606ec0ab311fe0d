"""Home while things happen, the palette by keyboard, and the shortcuts that `?` lists."""

from playwright.async_api import Page, expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, apply, candidate
from tests.e2e.steps import SEE, at, card, inside


async def jump(page: Page, words: str) -> None:
    """Open the palette and type: what is typed before it is there belongs to it."""
    await page.keyboard.press("Control+k")
    await page.keyboard.type(words)
    await expect(page.get_by_role("combobox", name="Search or jump")).to_have_value(words, timeout=SEE)


@in_chromium
async def test_what_needs_me_comes_in_and_goes(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    home = await at(people, workspace.ada, "Ada", f"{workspace.base}/home")
    await expect(home.get_by_role("heading", level=1)).to_contain_text(", Ada")
    row = home.get_by_role("listitem").filter(has_text=who.name)
    await expect(row).to_have_count(0)
    await who("POST", f"{who.place}/api/messages", {"body": "Is the office near the water?"})
    await expect(row).to_contain_text("wrote just now", timeout=SEE)
    assert await axe(home) == []
    await home.goto(f"{installation.origin}{workspace.base}/home?show=waiting")
    await expect(home.get_by_role("link", name=f"Reply: {who.name}")).to_be_visible()
    path = f"{workspace.base}/api/applications/{who.application}/messages"
    await workspace.ada("POST", path, {"body": "It is on it."})
    await expect(row).to_have_count(0, timeout=SEE)


@in_chromium
async def test_the_palette_leads_anywhere_and_moves_a_candidate(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs")
    await page.get_by_role("heading", name="Jobs", exact=True).wait_for()
    letters = list(who.name)
    letters[-3], letters[-2] = letters[-2], letters[-3]
    await jump(page, "".join(letters))
    option = page.get_by_role("option", name=who.name)
    await expect(option).to_be_visible(timeout=SEE)
    await expect(option).to_have_attribute("aria-selected", "true")
    assert await axe(page) == []
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/applications/{who.application}")
    await page.get_by_role("tab", name="Team notes").wait_for(timeout=SEE)
    await jump(page, "m")
    await expect(page.get_by_role("option", name="Cleo Marchetti")).to_be_visible(timeout=SEE)
    await page.keyboard.type("ove review")  # faster than the list: what is shown still belongs to "m"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Review", exact=False).first).to_be_visible(timeout=SEE)
    await expect(page.locator("#toasts")).to_contain_text("is in Review now", timeout=SEE)
    view = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}")
    stages = {stage["id"]: stage["kind"] for stage in view["stages"]}
    assert stages[view["card"]["stage"]] == "review"
    await page.goto(f"{installation.origin}{workspace.base}/jobs/{workspace.job['id']}")
    await card(page, who.name).get_by_role("link").focus()
    await jump(page, f"{who.name.split()[1]} interview")
    await expect(page.get_by_role("option", name=f"Move {who.name} to Interview")).to_be_visible(timeout=SEE)
    await page.keyboard.press("Enter")
    await expect(inside(page, "Interview", who.name)).to_be_visible(timeout=SEE)
    await page.goto(f"{installation.origin}{workspace.base}/home")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("group", name="Recent").get_by_role("option", name=who.name)).to_be_visible()
    await page.keyboard.press("Escape")
    await jump(page, ">invite")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Invite a colleague")).to_be_visible(timeout=SEE)


@in_chromium
async def test_the_list_of_shortcuts_is_what_works_and_single_keys_can_be_switched_off(
    people: People, workspace: Furnished
) -> None:
    page = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs")
    await page.get_by_role("heading", name="Jobs", exact=True).wait_for()
    await page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Shortcuts")
    await expect(listed.get_by_role("term").filter(has_text="New job")).to_be_visible(timeout=SEE)
    assert await axe(page) == []
    await listed.get_by_role("switch").uncheck()
    await page.keyboard.press("Escape")
    await expect(listed).to_have_count(0)
    # On a keyboard of another script a key is known by its place.
    cyrillic = "init => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init }))"
    await page.evaluate(cyrillic, {"key": "л", "code": "KeyK", "ctrlKey": True})
    await expect(page.get_by_role("combobox", name="Search or jump")).to_be_focused(timeout=SEE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.keyboard.press("?")
    await jump(page, "> short")
    await expect(page.locator("dialog[open]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await listed.get_by_role("switch").check()
    await page.keyboard.press("Escape")
    await expect(listed).to_have_count(0)
    await page.keyboard.press("n")
    await expect(page.get_by_role("dialog", name="New job")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="New job")).not_to_be_visible()
    await page.keyboard.type("gc")
    await page.wait_for_url("**/candidates", wait_until="commit")


@in_chromium
async def test_a_candidate_reads_by_when_they_hear_and_the_board_how_long_that_is(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    ada, base = workspace.ada, workspace.base
    job = await ada("POST", f"{base}/api/jobs", {"title": "Night porter"})
    page = await at(people, ada, "Ada", f"{base}/jobs/{job['id']}/edit")
    await page.get_by_label("Promise to the candidate").select_option("3")
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible(timeout=SEE)
    path = f"{base}/api/jobs/{job['id']}"
    version = (await ada("GET", path))["version"]
    job = await ada("PUT", f"{path}/questions", {"version": version, "questions": [{"text": "Why nights?"}]})
    job = await ada("PUT", f"{path}/state", {"state": "open"})
    assert job["promise_days"] == 3
    who = Candidate(installation.origin)
    public = job["public_url"].removeprefix(installation.origin)
    place = f"/c/a/{await apply(who, public, 'Cleo Nightingale')}"
    for answer in (await who("GET", f"{place}/api/place"))["answers"]:
        await who("PUT", f"{place}/api/questions/{answer['question']['id']}/text", {"text": "The quiet."})
    await who("POST", f"{place}/api/submission", {})
    own = await at(people, who, "Cleo", place)
    promise = own.get_by_text("You will hear from us by").locator("visible=true")
    await expect(promise).to_contain_text(", ", timeout=SEE)
    await page.goto(f"{installation.origin}{base}/jobs/{job['id']}")
    await expect(card(page, "Cleo Nightingale").locator(".due")).to_contain_text("d left", timeout=SEE)
    application = place.rsplit("/", 1)[1]
    await ada("POST", f"{base}/api/applications/{application}/messages", {"body": "We talk on Monday."})
    await expect(promise).to_have_count(0, timeout=SEE)
    await expect(card(page, "Cleo Nightingale").locator(".due")).to_have_count(0, timeout=SEE)
