"""The list in a browser: sorted, searched, edited and moved in, live with a colleague; a view of it kept and shared."""

import csv
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import SEE, at


def line(page: Page, name: str) -> Locator:
    """Somebody's line."""
    return page.locator("tr[data-row]", has_text=name)


@in_chromium
async def test_two_work_in_a_list_and_share_a_view(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    base, call = workspace.base, workspace.ada
    who, other = [await candidate(installation, workspace) for _ in range(2)]
    field = (await call("POST", f"{base}/api/fields", {"name": "Notice", "kind": "text"}))["id"]
    note = {"body": f"Talked of <b>hydrofoils</b> with {who.name}"}
    await call("POST", f"{base}/api/applications/{who.application}/notes", note)

    # By address: filter, order and columns; the words that were looked for are shown where they stand.
    address = f"{base}/jobs/{workspace.job['id']}/list?columns=stage,owner,tags,field:{field}&q=hydrofoil"
    ada = await at(people, call, "Ada", address)
    again = await at(people, call, "Ada again", f"{base}/jobs/{workspace.job['id']}/list?sort=-added")
    await expect(ada.locator("tr[data-row]")).to_have_count(1, timeout=SEE)
    await expect(line(ada, who.name).locator("mark")).to_have_text("hydrofoils")
    await expect(line(ada, who.name)).to_contain_text("In a note Talked of <b>hydrofoils</b>")
    assert await axe(ada) == []
    await expect(again.locator("tr[data-row]").first).to_contain_text(other.name, timeout=SEE)

    # By keyboard: to the stage, to a field, to the tags; the colleague sees all of it.
    await ada.keyboard.press("/")
    await ada.keyboard.press("Enter")
    await ada.keyboard.press("ArrowRight")
    await ada.keyboard.press("Enter")
    await ada.get_by_role("menuitemradio", name="Interview").click()
    await expect(line(again, who.name)).to_contain_text("Interview", timeout=SEE)
    await ada.keyboard.press("End")
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_label("Notice", exact=True)).to_be_focused()
    await ada.keyboard.type("Never")
    await ada.keyboard.press("Escape")
    await ada.keyboard.press("Enter")
    await ada.keyboard.type("=6 weeks")
    await ada.keyboard.press("Enter")
    await expect(line(ada, who.name)).to_contain_text("=6 weeks")
    await expect(line(ada, who.name)).not_to_contain_text("Never")
    await ada.keyboard.press("ArrowLeft")
    await ada.keyboard.press("Enter")
    await ada.get_by_label("Find or add a tag").fill("<i>Foils</i>")
    await ada.keyboard.press("Enter")
    await expect(line(again, who.name).locator(".tag")).to_have_text("<i>Foils</i>", timeout=SEE)
    await ada.keyboard.press("Escape")
    await ada.keyboard.press("z")
    await expect(line(again, who.name)).not_to_contain_text("Interview", timeout=SEE)

    # What is shown, as a file that calculates nothing.
    async with ada.expect_download() as downloading:
        await ada.get_by_role("button", name="What is shown as CSV").click()
    await (await downloading.value).save_as(tmp_path / "list.csv")
    rows = list(csv.reader((tmp_path / "list.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Name", "Stage", "Owner", "Tags", "Notice"]
    assert [(row[0], row[3], row[4]) for row in rows[1:]] == [(who.name, "<i>Foils</i>", "'=6 weeks")]

    # A view of it, shared: it is there in the colleague's tab, which opens it, and follows its being renamed.
    await ada.get_by_role("button", name="Keep or change this view").click()
    await ada.get_by_role("menuitem", name="Keep as a new view").click()
    await ada.get_by_label("Name", exact=True).fill("<b>Foils</b>")
    await ada.get_by_label("Everybody in the workspace sees it").check()
    await ada.get_by_role("button", name="Save", exact=True).click()
    kept = again.get_by_role("link", name="<b>Foils</b>")
    await kept.click(timeout=SEE)
    await expect(again.locator("tr[data-row]")).to_have_count(1, timeout=SEE)
    await expect(again.get_by_role("columnheader", name="Notice")).to_be_visible()
    assert "q=hydrofoil" in again.url
    await ada.get_by_role("button", name="Candidate", exact=True).click()
    await expect(ada.get_by_text("changed", exact=True)).to_be_attached()
    await ada.get_by_role("button", name="Keep or change this view").click()
    await ada.get_by_role("menuitem", name="Rename").click()
    await ada.get_by_label("Name", exact=True).fill("Sailors")
    await ada.get_by_role("button", name="Save", exact=True).click()
    await expect(again.get_by_role("link", name="Sailors")).to_be_visible(timeout=SEE)

    # Several at once, by the board's own bar.
    await again.get_by_role("link", name="Everyone").click()
    await again.get_by_role("checkbox", name=f"Select {who.name}").check(timeout=SEE)
    await again.get_by_role("checkbox", name=f"Select {other.name}").check()
    await again.get_by_role("button", name="Move", exact=False).first.click()
    await again.get_by_role("menuitem", name="Interview").click()
    await expect(line(again, other.name)).to_contain_text("Interview", timeout=SEE)
    await expect(line(ada, who.name)).to_contain_text("Interview", timeout=SEE)

    # Columns are chosen and put in order by keyboard, and it all fits a phone.
    await again.get_by_role("button", name="Columns").click()
    await again.get_by_role("checkbox", name="Waiting").focus()
    for _ in range(2):
        await again.keyboard.press("Alt+ArrowUp")
    await expect(again.get_by_role("columnheader").nth(2)).to_have_text("Waiting")
    await again.keyboard.press("Space")
    await expect(again.get_by_role("columnheader", name="Waiting")).to_have_count(0)
    await again.keyboard.press("Escape")
    await again.set_viewport_size({"width": 390, "height": 844})
    assert await again.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert await axe(again) == []

    # The board says it on its cards, in the place of the line below the name: nothing moves when it comes.
    await again.set_viewport_size({"width": 1440, "height": 900})
    await again.goto(again.url.split("/list")[0])
    card = again.locator("li.person", has_text=who.name)
    before = await card.bounding_box()
    await again.get_by_label("Find a candidate").fill("hydrof")
    await expect(card.locator("mark")).to_have_text("hydrofoils", timeout=SEE)
    await expect(card.locator(".foundin")).to_contain_text("In a note: …alked of <b>hydrofoils</b>")
    after = await card.bounding_box()
    assert (before and before["height"]) == (after and after["height"])
    await again.get_by_label("Find a candidate").fill("")
    await expect(again.locator("li.person mark")).to_have_count(0)
    await expect(card.locator(".line")).to_contain_text("@")


@in_chromium
async def test_tags_are_counted_and_found_by_what_they_were_once_called(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    base, call = workspace.base, workspace.ada
    who = await candidate(installation, workspace)
    person = (await call("GET", f"{base}/api/applications/{who.application}"))["card"]["candidate"]
    own = f"{base}/api/candidates/{person}/tags"
    worn = ["Aeroplanes", "Bicycles", "Canoes", "Dinghies", "Emus"]
    await call("PUT", own, {"tags": [*worn, "Kayaks", "Rowing boats"]})
    ids = {tag["name"]: tag["id"] for tag in await call("GET", f"{base}/api/tags")}
    await call("POST", f"{base}/api/tags/{ids['Kayaks']}/merges", {"into": ids["Rowing boats"]})
    await call("PUT", own, {"tags": worn})

    ada = await at(people, call, "Ada", f"{base}/jobs/{workspace.job['id']}/list?columns=tags&q={who.name}")
    tags = line(ada, who.name).locator(".tag")
    await expect(tags).to_have_text(worn[:2], timeout=SEE)
    await expect(line(ada, who.name).locator("[title='Canoes, Dinghies, Emus']")).to_contain_text("+3")
    assert await axe(ada) == []
    await tags.first.click()
    panel = ada.get_by_role("dialog", name="Tags of")
    await ada.get_by_label("Find or add a tag").fill("kayak")
    await expect(panel.get_by_role("button")).to_have_text(["Rowing boats"])
    await ada.get_by_label("Find or add a tag").fill("Kayaks")
    await ada.keyboard.press("Enter")
    await expect(panel.get_by_role("button", name="Rowing boats")).to_have_attribute("aria-pressed", "true")
    await expect(line(ada, who.name).locator("[title='Canoes, Dinghies, Emus, Rowing boats']")).to_contain_text("+4")
    await ada.keyboard.press("Escape")
    for _ in range(50):
        names = [tag["name"] for tag in (await call("GET", f"{base}/api/candidates/{person}"))["tags"]]
        if len(names) > len(worn):
            break
        await ada.wait_for_timeout(100)
    assert names == [*worn, "Rowing boats"]

    # In the list of everybody as well.
    await ada.goto(f"{installation.origin}{base}/candidates?q={who.name}")
    await expect(ada.locator(".persons [title='Dinghies, Emus, Rowing boats']")).to_contain_text("+3", timeout=SEE)
