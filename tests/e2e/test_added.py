"""Somebody whom the team added: what they read first, and what they agree to. And the files that a candidate brings."""

import re

from playwright.async_api import Page, expect

from tests.e2e.browsers import NARROW, WIDE, People, axe
from tests.e2e.installation import Candidate, Furnished, Installation, candidate
from tests.e2e.steps import SEE, at, has_focus, mailed, tab_to

JOB = "Museum engineer"


async def added(installation: Installation, shop: Furnished) -> tuple[str, str]:
    """Ada adds somebody whom she knows from one job to another: the place there, and the link that they are mailed."""
    who = await candidate(installation, shop)
    known = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    job = await shop.ada("POST", f"{shop.base}/api/jobs", {"title": JOB})
    questions = {"version": job["version"], "questions": [{"text": "What would you show first?"}]}
    await shop.ada("PUT", f"{shop.base}/api/jobs/{job['id']}/questions", questions)
    await shop.ada("PUT", f"{shop.base}/api/jobs/{job['id']}/state", {"state": "open"})
    person = f"{shop.base}/api/candidates/{known['card']['candidate']}"
    await mailed(installation, known["email"], 1)
    await shop.ada("POST", f"{person}/applications", {"job": job["id"], "mail": True})
    board = await shop.ada("GET", f"{shop.base}/api/jobs/{job['id']}/board")
    return f"/c/a/{board['cards'][0]['id']}", (await mailed(installation, known["email"], 2))[-1]


async def test_whom_the_team_added_reads_first_and_agrees(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    place, link = await added(installation, workspace)
    robin = await people("Robin", size=NARROW)
    await robin.goto(link)
    await robin.wait_for_url(f"**{place}/consent")
    await expect(robin.get_by_role("heading", name="Before you begin")).to_be_visible(timeout=SEE)
    await expect(robin.get_by_text(f"Northlight has added you to {JOB}")).to_be_visible()
    await expect(robin.get_by_role("heading", name="Privacy in plain words")).to_be_visible()
    assert await axe(robin) == []

    agree = robin.get_by_role("button", name="Agree and go on")
    tick = robin.get_by_role("checkbox", name="I agree that Northlight keeps my application")
    await expect(tick).not_to_be_checked()
    await agree.click()  # agreeing is a tick of one's own
    await expect(robin.get_by_role("alert").first).to_contain_text("Please agree first")
    await has_focus(tick)
    assert await axe(robin) == []

    await robin.get_by_role("link", name="Not now").click()
    await robin.wait_for_url(re.compile(f"{place}/?$"))
    await expect(robin.get_by_text("Before you answer").first).to_be_visible(timeout=SEE)
    await robin.get_by_role("button", name="Next").click()
    await told_how_they_came(robin)
    await expect(robin.get_by_text("My files")).to_have_count(0)
    await robin.get_by_role("button", name="Talk").click()
    await robin.get_by_role("textbox", name="Message to Northlight").fill("Who are you?")
    await robin.get_by_role("button", name="Send").click()
    await expect(robin.get_by_text("Who are you?").first).to_be_visible(timeout=SEE)
    for path in ("check", "record"):  # nothing is recorded before
        await robin.goto(f"{installation.origin}{place}/{path}")
        await robin.wait_for_url(f"**{place}/consent")

    await tab_to(robin, tick)
    await robin.keyboard.press("Space")
    await expect(robin.get_by_role("alert")).to_have_count(0)
    await tab_to(robin, agree)
    await robin.keyboard.press("Enter")
    await robin.wait_for_url(re.compile(f"{place}/?$"))
    await expect(robin.get_by_text("Your turn: the questions").first).to_be_visible(timeout=SEE)
    await robin.get_by_role("button", name="Answers").click()
    await expect(robin.get_by_role("heading", name="My files")).to_be_visible()
    await robin.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await told_how_they_came(robin)  # they have agreed, and have still not applied
    assert await axe(robin) == []


async def told_how_they_came(page: Page) -> None:
    """What is true, and nothing else."""
    first = page.locator("#next li").first
    await expect(first).to_have_text(re.compile(f"Northlight.s team added you\\s+for {JOB}"))
    await expect(page.get_by_text("You applied")).to_have_count(0)


async def test_files_are_brought_and_taken_back_until_the_hand_in(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    robin = await at(people, who, "Robin", who.place, size=NARROW)
    await expect(robin.get_by_role("button", name="Answers")).to_be_visible(timeout=SEE)
    await robin.get_by_role("button", name="Answers").click()
    mine = robin.locator("#files-of-mine")
    await expect(mine.get_by_text("A CV is welcome and not needed")).to_be_visible()
    await tab_to(robin, mine.locator("input"))  # what is only for readers does not move the page under its masthead
    assert await robin.evaluate("document.scrollingElement.scrollHeight - innerHeight") == 0
    assert await mine.locator("label").evaluate("label => getComputedStyle(label).outlineStyle") == "solid"

    await bring(robin, "cv.exe", b"MZ")
    await expect(mine.get_by_role("alert")).to_contain_text("Send a PDF, a Word file (.docx), a picture or plain text.")
    await bring(robin, "empty.txt", b"")
    await expect(mine.get_by_role("alert")).to_contain_text("This file is empty.")
    await bring(robin, "really a program.pdf", b"MZ\x90\x00\x03\x00")  # what it is its bytes say
    await expect(mine.get_by_role("alert")).not_to_contain_text("empty", timeout=SEE)
    await expect(mine.get_by_role("listitem")).to_have_count(0)
    assert await axe(robin) == []

    words = b"# Work\n\nThe ferry timetable, and why it was late.\n" * 40
    await bring(robin, "Über Robin, 履歴.md", words)
    file = mine.get_by_role("listitem")
    await expect(file).to_have_count(1, timeout=SEE)
    await expect(file).to_contain_text("Über Robin, 履歴.md2 kB")
    await expect(mine.get_by_role("alert")).to_have_count(0)
    async with robin.expect_download() as saved:
        await file.get_by_role("link").click()
    assert (await (await saved.value).path()).read_bytes() == words
    await bring(robin, "by mistake.txt", b"Not this one")
    await expect(file).to_have_count(2, timeout=SEE)
    assert await axe(robin) == []

    take_back = mine.get_by_role("button", name="Take back by mistake.txt")
    await take_back.click()
    dialog = robin.get_by_role("dialog", name="Take this file back?")
    await expect(dialog).to_contain_text("by mistake.txt is deleted, and the team does not see it any more.")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(file).to_have_count(2)
    await take_back.click()
    await dialog.get_by_role("button", name="Take it back").click()
    await expect(file).to_have_count(1, timeout=SEE)

    await hand_in(who)
    await expect(mine.get_by_text("You have handed in, so your files stay with the team.")).to_be_visible(timeout=SEE)
    await expect(mine.get_by_role("button", name=re.compile("^Take back"))).to_have_count(0)
    await bring(robin, "a later thought.txt", b"And this")
    await expect(file).to_have_count(2, timeout=SEE)
    await robin.reload()
    await robin.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await expect(file).to_have_count(2)
    assert await axe(robin) == []


async def bring(page: Page, name: str, data: bytes) -> None:
    """Choose a file."""
    await page.locator("#files-of-mine input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


async def hand_in(who: Candidate) -> None:
    """Everything in writing."""
    for answer in (await who("GET", f"{who.place}/api/place"))["answers"]:
        await who("PUT", f"{who.place}/api/questions/{answer['question']['id']}/text", {"text": "A ferry timetable."})
    await who("POST", f"{who.place}/api/submission", {})
