"""A person's profile: what one of the team writes down, another sees as it happens."""

from pathlib import Path

from playwright.async_api import expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at
from tests.server.test_profiles import PDF


@in_chromium
async def test_two_keep_a_profile_together(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    who = await candidate(installation, workspace)
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    await ada.get_by_role("link", name=who.name).click()
    again = await people("Ada again")
    await people.contexts["Ada again"].add_cookies(workspace.ada.cookies())
    await again.goto(ada.url)

    await ada.get_by_role("button", name="Edit", exact=True).click()
    await ada.get_by_label("Phone").fill("+49 30 555 0142")
    await ada.get_by_label("Links, one per line").fill("javascript:alert(1)")
    await ada.get_by_role("button", name="Save").click()
    await expect(ada.get_by_role("alert")).to_contain_text("does not look like a web address")
    await ada.get_by_label("Links, one per line").fill("github.com/robin")
    await ada.get_by_role("button", name="Save").click()
    await expect(again.get_by_role("link", name="github.com/robin")).to_be_visible(timeout=SEE)

    await ada.get_by_label("Add a tag").fill("<b>Rich</b> text")
    await ada.get_by_label("Add a tag").press("Enter")
    await expect(again.get_by_text("<b>Rich</b> text").first).to_be_visible(timeout=SEE)

    (tmp_path / "cv.pdf").write_bytes(PDF)
    await ada.locator(".files input[type=file]").set_input_files(tmp_path / "cv.pdf")
    await expect(again.get_by_role("img", name="Page 1 of cv.pdf")).to_be_visible(timeout=SEE)
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/notes", {"body": "Ask again"})
    await expect(again.get_by_text("Ask again")).to_be_visible(timeout=SEE)
    assert await axe(ada) == []


@in_chromium
async def test_two_who_edit_particulars_at_once_lose_nothing(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    view = await workspace.ada("GET", f"{workspace.base}/api/applications/{who.application}")
    person = f"{workspace.base}/api/candidates/{view['card']['candidate']}"
    ada = await at(people, workspace.ada, "Ada", person.replace("/api", ""))
    await ada.get_by_role("button", name="Edit", exact=True).click()
    dialog = ada.get_by_role("dialog", name="Contact and particulars")
    await dialog.get_by_label("Place").fill("Lyon")
    version = (await workspace.ada("GET", person))["version"]
    await workspace.ada("PATCH", person, {"version": version, "headline": "Meanwhile", "location": "Paris"})
    save = dialog.get_by_role("button", name="Save")
    await expect(ada.get_by_text("Meanwhile · Paris")).to_be_visible(timeout=SEE)
    await save.click()
    await expect(dialog.get_by_text("Somebody wrote “Paris” meanwhile. Save again to replace it.")).to_be_visible()
    await save.click()
    await expect(dialog).to_be_hidden()
    now = await workspace.ada("GET", person)
    assert (now["headline"], now["location"]) == ("Meanwhile", "Lyon")
