"""Meetings as time goes on while a page is open, and times that clocks show twice or never."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.planning import chip, choose, planned
from tests.e2e.steps import SEE, at

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def evening(zone: ZoneInfo = BERLIN) -> datetime:
    """Ten to midnight, on the day after tomorrow."""
    return (datetime.now(zone) + timedelta(days=2)).replace(hour=23, minute=50, second=0, microsecond=0)


def clocks_change(zone: ZoneInfo, *, forward: bool) -> datetime:
    """Midnight before clocks are put forward, or back, within a year."""
    day = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(365):
        day, before = day + timedelta(days=1), day
        was, now = before.utcoffset(), day.utcoffset()
        assert was is not None
        assert now is not None
        if now != was and (now > was) == forward:
            return before
    raise AssertionError(zone)


async def then(page: Page, now: datetime) -> None:
    """The page again, as it is at another time."""
    await page.clock.install(time=now)
    await page.reload()


@in_chromium
async def test_a_meeting_over_midnight_is_among_today_s_until_it_ends(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    begins = evening()
    await planned(workspace, who, begins)
    home = await at(people, workspace.ada, "Ada", f"{workspace.base}/home", timezone_id=BERLIN.key)
    await then(home, begins + timedelta(minutes=15))
    day = home.get_by_role("region", name="Today")
    await expect(day.get_by_role("link", name=f"Join: {who.name}")).to_be_visible(timeout=SEE)
    listed = await at(
        people, workspace.ada, "Ada's other tab", f"{workspace.base}/home?show=meetings", timezone_id=BERLIN.key
    )
    await then(listed, begins + timedelta(minutes=15))
    since = listed.get_by_role("region", name="Yesterday")
    await expect(since.get_by_role("link", name=f"Join: {who.name}")).to_be_visible(timeout=SEE)

    # It ends while the page is open.
    await home.clock.fast_forward(20 * 60 * 1000)
    await expect(day).to_contain_text("No meetings today", timeout=SEE)


@in_chromium
async def test_whoever_comes_back_to_a_page_sees_what_is_so_by_now(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    begins = evening()
    await planned(workspace, who, begins)
    place = await at(people, who, "Robin", who.place, timezone_id=BERLIN.key)
    await then(place, begins - timedelta(hours=2))
    mine = place.get_by_role("region", name="Your meeting")
    await expect(mine).to_contain_text("in 2 h", timeout=SEE)
    await place.clock.pause_at(begins - timedelta(minutes=60))
    await place.clock.set_fixed_time(begins - timedelta(minutes=4))
    await place.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(mine).to_contain_text("in 4 min")
    await place.clock.set_fixed_time(begins + timedelta(minutes=31))
    await place.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(mine).to_have_count(0)


async def changed(page: Page, title: str, **fields: str) -> Any:
    """What the dialog sends when nothing else is touched."""
    await chip(page).click()
    await page.get_by_role("button", name="Change: ").click()
    dialog = page.get_by_role("dialog", name="Change the meeting")
    await dialog.get_by_label("What is it?").fill(title)
    for label, value in fields.items():
        await dialog.get_by_label(label).select_option(value)
    async with page.expect_response(lambda reply: reply.request.method == "PUT") as answering:
        await dialog.get_by_role("button", name="Change", exact=True).click()
    answer = await (await answering.value).json()
    await expect(dialog).to_have_count(0, timeout=SEE)
    return answer


@in_chromium
async def test_what_nobody_touched_stays_when_a_colleague_elsewhere_changes_the_rest(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    """Zone, lines of an address, and the second time at which a clock shows half past one."""
    who = await candidate(installation, workspace)
    second = (clocks_change(NEW_YORK, forward=False) + timedelta(hours=1, minutes=30)).replace(fold=1)
    address = "Greenroom B.V.\nKeizersgracht 1\nAmsterdam"
    made = await planned(workspace, who, second.astimezone(UTC), zone=BERLIN.key, place=address)
    page = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}", timezone_id=NEW_YORK.key
    )
    await expect(chip(page)).to_contain_text("01:30", timeout=SEE)
    after = await changed(page, "On site", Length="8 h")
    assert (after["starts_at"], after["zone"], after["place"]) == (made["starts_at"], BERLIN.key, address)
    assert (after["title"], after["minutes"]) == ("On site", 480)
    await chip(page).click()
    shown = page.get_by_role("dialog", name="Meetings with").get_by_text("Keizersgracht")
    assert (await shown.inner_text()).splitlines() == address.splitlines()


@in_chromium
async def test_a_time_that_no_clock_shows_is_said_to_be_none(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    page = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}", timezone_id=NEW_YORK.key
    )
    await page.get_by_role("button", name="Plan a meeting").click()
    dialog = page.get_by_role("dialog", name="Plan a meeting with")
    day = clocks_change(NEW_YORK, forward=True)
    await choose(page, day.replace(hour=2, minute=30))
    place = dialog.get_by_label("Where?")
    await place.fill("Keizersgracht 1")
    await place.press("Shift+Enter")
    await place.press_sequentially("Amsterdam")
    await place.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("Clocks are put forward then", timeout=SEE)
    await choose(page, day.replace(hour=3, minute=30))
    async with page.expect_response(lambda reply: reply.request.method == "POST") as answering:
        await place.press("Enter")
    assert (await (await answering.value).json())["place"] == "Keizersgracht 1\nAmsterdam"


@in_chromium
async def test_a_long_day_shows_what_is_about_now(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    noon = evening().replace(hour=12, minute=0) + timedelta(days=5)  # a day of its own
    for hour in range(-5, 8):
        await planned(workspace, who, noon + timedelta(hours=hour), title=f"T{hour}")
    home = await at(people, workspace.ada, "Ada", f"{workspace.base}/home", timezone_id=BERLIN.key)
    await then(home, noon + timedelta(minutes=10))
    day = home.get_by_role("region", name="Today")
    lines = day.get_by_role("listitem")
    await expect(lines.first).to_contain_text("T-1", timeout=SEE)
    await expect(lines).to_have_count(8)
    await expect(lines.nth(1).get_by_role("link", name=f"Join: {who.name}")).to_be_visible()
    await expect(day.get_by_role("link", name="See all")).to_be_visible()
    # No gap between a short title and who takes part.
    await expect(lines.nth(1).locator(".about")).to_have_text(re.compile(r"^\s*T0, \S"))
    # After the last one the end of the day stays.
    await home.clock.fast_forward(9 * 60 * 60 * 1000)
    await expect(lines.last).to_contain_text("T7", timeout=SEE)
    await expect(lines).to_have_count(8)
