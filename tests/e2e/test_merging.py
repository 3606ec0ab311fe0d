"""Two profiles of one person: found, compared, made one, with what they brought themselves and how it is tagged."""

from pathlib import Path
from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at
from tests.server.test_profiles import PDF


@in_chromium
async def test_two_profiles_become_one_and_two_again_while_somebody_looks_on(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    one, twin = await candidate(installation, workspace), f"Robin {str(uuid4())[:8]}"
    for name, data in (("cv.pdf", PDF), ("cv.exe", b"MZ"), ("letter.txt", b"Dear team")):
        (tmp_path / name).write_bytes(data)
    place = await people("Twin")
    await place.goto(f"{installation.origin}{workspace.public}/apply?source=Meetup")
    await place.get_by_label("Your name").fill(twin)
    await place.get_by_label("E-mail").fill(f"{uuid4()}@example.org")
    await place.get_by_label("I agree that").check()
    await place.get_by_label("CV or another file").set_input_files(tmp_path / "cv.exe")
    await place.get_by_role("button", name="Apply").click()
    await expect(place.get_by_role("alert").filter(has_text="Send a PDF")).to_be_visible()
    await place.get_by_label("CV or another file").set_input_files(tmp_path / "cv.pdf")
    await place.get_by_role("button", name="Apply").click()
    step = await place.get_by_role("link", name="Go on").get_attribute("href", timeout=SEE)
    await place.goto(f"{installation.origin}{str(step).removesuffix('/check')}")
    await place.locator("gr-own-files input[type=file]").set_input_files(tmp_path / "letter.txt")
    for name in ("cv.pdf", "letter.txt"):
        await expect(place.get_by_role("link", name=name)).to_be_visible(timeout=SEE)
    assert await axe(place) == []

    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{one.application}")
    await ada.get_by_role("link", name=one.name).click()
    await expect(ada.get_by_role("navigation", name="Candidates of this stage")).to_be_visible(timeout=SEE)
    again = await people("Ada again")
    await people.contexts["Ada again"].add_cookies(workspace.ada.cookies())
    await again.goto(ada.url)

    listed = await people("Ada with a list")
    await people.contexts["Ada with a list"].add_cookies(workspace.ada.cookies())
    await listed.goto(f"{installation.origin}{workspace.base}/jobs/{workspace.job['id']}/list?sort=-name&q=Robin")
    names = sorted((one.name, twin), reverse=True)
    await listed.get_by_role("link", name=names[0]).click()
    await listed.get_by_role("link", name=names[0]).click()
    following = listed.get_by_role("navigation", name="Candidates of the list")
    await following.get_by_role("link", name=f"Next person: {names[1]}").click()
    await expect(listed.get_by_role("heading", name=names[1])).to_be_visible(timeout=SEE)

    await ada.get_by_role("button", name="More for this profile").click()
    await ada.get_by_role("menuitem", name="Merge with another profile").click()
    await ada.get_by_role("searchbox").fill(twin)
    await ada.get_by_role("button", name=twin).click()
    dialog = ada.get_by_role("dialog", name="Are these one person?")
    await expect(dialog.get_by_text("cv.pdf")).to_be_visible()
    assert await axe(ada) == []
    await dialog.get_by_role("button", name="Merge into").click()
    for page in (ada, again):
        await expect(page.get_by_role("heading", name="Merged from")).to_be_visible(timeout=SEE)
        await page.locator(".filelist .line", has_text="cv.pdf").click()
        await expect(page.get_by_role("img", name="Page 1 of cv.pdf")).to_be_visible(timeout=SEE)

    await ada.get_by_label("Add a tag").fill("Silver")
    await ada.get_by_label("Add a tag").press("Enter")
    await ada.get_by_label("Add a tag").fill("Bronze")
    await ada.get_by_label("Add a tag").press("Enter")
    await expect(again.locator(".taglist").get_by_text("Bronze")).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="Manage the tags of the workspace").click()
    await ada.get_by_label("Name of the tag Silver").fill("<b>Gold</b> نص")
    await ada.get_by_label("Name of the tag Silver").press("Enter")
    await expect(again.locator(".taglist").get_by_text("<b>Gold</b> نص")).to_be_visible(timeout=SEE)
    assert await axe(ada) == []
    await ada.get_by_role("button", name="Merge the tag Bronze into another").click()
    await ada.get_by_role("menuitem", name="<b>Gold</b> نص").click()
    asked = ada.get_by_role("dialog", name="Merge Bronze into <b>Gold</b> نص?")
    await expect(asked).to_contain_text(
        "1 person has Bronze, 1 has <b>Gold</b> نص, 1 of them both. Afterwards 1 person has"
    )
    assert await axe(ada) == []
    await asked.get_by_role("button", name="Merge", exact=True).click()
    await expect(again.locator(".taglist").get_by_text("Bronze")).to_have_count(0, timeout=SEE)
    await ada.keyboard.press("Escape")

    await expect(again.get_by_text("Meetup")).to_be_visible()
    await ada.get_by_role("button", name="Change where they came from").first.click()
    await ada.get_by_label("Source").fill("A friend of Rae")
    await ada.get_by_role("button", name="Save").click()
    await expect(again.get_by_text("A friend of Rae")).to_be_visible(timeout=SEE)

    await ada.get_by_role("button", name=f"Undo the merge of {twin}").click()
    await ada.get_by_role("button", name="Undo the merge", exact=True).click()
    await expect(again.get_by_role("heading", name="Merged from")).to_have_count(0, timeout=SEE)
    await expect(again.get_by_role("img", name="Page 1 of cv.pdf")).to_have_count(0)
    await expect(place.get_by_role("link", name="cv.pdf")).to_be_visible()
    await place.get_by_role("button", name="Take back cv.pdf").click()
    await place.get_by_role("button", name="Take it back").click()
    await expect(place.get_by_role("link", name="cv.pdf")).to_have_count(0, timeout=SEE)
