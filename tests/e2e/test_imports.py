"""Candidates from lists as people have them: seen before anything happens, watched by two, and on the board after."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Furnished
from tests.e2e.steps import SEE, at
from tests.server.lists import bomb, workbook

WIDE = 200  # columns


def files(folder: Path) -> list[Path]:
    """Three that make trouble: of the West with semicolons and bad rows, a workbook with far too much, and a bomb."""
    west = "Vorname;Nachname;E-Mail\nJürgen;Groß;juergen@list.example\nNo;Mail;\n<b>Bold</b>;=1+1;bold@list.example\n"
    (folder / "west.csv").write_bytes(west.encode("windows-1252"))
    heads: list[object] = ["Imię i nazwisko", "E-mail", *(f"Extra {number}" for number in range(WIDE - 2))]
    long = "نور " + "x" * 296
    (folder / "wide.xlsx").write_bytes(workbook(tuple(heads), (long, "noor@list.example", "=1+1"), ("🫥", "none")))
    (folder / "bomb.xlsx").write_bytes(bomb())
    return [folder / name for name in ("west.csv", "wide.xlsx", "bomb.xlsx")]


async def answered_late(route: Route) -> None:
    reply = await route.fetch()
    await asyncio.sleep(4)
    await route.fulfill(response=reply)


async def bring(page: Page, file: Path) -> None:
    await page.locator("input[type=file]").set_input_files(file)


@in_chromium
async def test_three_nasty_files(people: People, workspace: Furnished, tmp_path: Path) -> None:
    west, wide, bad = files(tmp_path)
    job = await workspace.ada("POST", f"{workspace.base}/api/jobs", {"title": "Support lead"})
    board = f"{workspace.base}/jobs/{job['id']}"
    ada = await at(people, workspace.ada, "Ada", board)
    await ada.get_by_role("button", name="More for this job").click()
    await ada.get_by_role("menuitem", name="Import from a list").click()
    watching = await at(people, workspace.ada, "Ada again", f"{board}/import")

    await bring(ada, west)
    await expect(ada.get_by_text("2 new candidates, 1 row left out")).to_be_visible(timeout=SEE)
    await expect(ada.get_by_label("Encoding (a guess)")).to_have_value("windows-1252")
    await expect(ada.get_by_text("There is no e-mail address in this row")).to_be_visible()
    await expect(ada.get_by_role("cell", name="<b>Bold</b>")).to_be_visible()
    assert await axe(ada) == []
    await ada.get_by_role("button", name="Import 2 candidates").click()
    for page in (ada, watching):
        await expect(page.get_by_text("2 candidates added, 1 row left out").first).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="Import another file").click()

    await bring(ada, wide)
    await expect(ada.get_by_text("1 new candidate, 1 row left out")).to_be_visible(timeout=SEE)
    await expect(ada.get_by_role("columnheader")).to_have_count(12)
    await ada.get_by_role("button", name=re.compile("188 more columns")).click()
    await expect(ada.get_by_role("columnheader")).to_have_count(WIDE)
    await ada.get_by_label("What the column Extra 0 is").select_option("Headline")
    await expect(ada.get_by_text("1 new candidate, 1 row left out")).to_be_visible(timeout=SEE)
    # It is done before its request is answered: the next file waits for that, and is not forgotten.
    await ada.route("**/start", answered_late)
    await ada.get_by_role("button", name="Import 1 candidate").click()
    await expect(ada.get_by_text("1 candidate added")).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="Import another file").click()

    await bring(ada, bad)
    await expect(ada.get_by_role("alert")).to_contain_text("unpacks to far more", timeout=SEE)
    await ada.get_by_role("button", name="Put the file away").click()
    await expect(ada.get_by_text("Drop a list here, or choose one")).to_be_visible(timeout=SEE)

    await ada.get_by_role("link", name="Back to the board").click()
    for name in ("Jürgen Groß", "<b>Bold</b> =1+1", "نور"):
        await expect(ada.locator("[data-card]", has_text=name)).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="More for this job").click()
    async with ada.expect_download() as download:
        await ada.get_by_role("menuitem", name="Export as Excel").click()
    assert (await download.value).suggested_filename == "support-lead-candidates.xlsx"
