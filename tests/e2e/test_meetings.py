"""Meetings in browsers: planned beside a candidate, seen by everybody they concern at once, changed, called off."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar
from playwright.async_api import Route, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, candidate, colleague
from tests.e2e.planning import ARABIC, MORNING, chip, choose, fits, planned, soon
from tests.e2e.steps import SEE, at, has_focus, tab_to

LONG = ("Wolfeschlegelsteinhausenbergerdorff" * 9)[:300]


@pytest.fixture
async def ben(workspace: Furnished) -> Caller:
    """A colleague who only reviews."""
    return await colleague(workspace, f"Ben {uuid4()}", "reviewer")


async def test_a_meeting_is_planned_changed_and_called_off_before_everybody_s_eyes(
    people: People, installation: Installation, workspace: Furnished, ben: Caller
) -> None:
    clock = {"timezone_id": MORNING.key}
    who = await candidate(installation, workspace)
    colleague = (await ben("GET", f"{workspace.base}/api/me"))["name"]
    path = f"{workspace.base}/applications/{who.application}"
    ada = await at(people, workspace.ada, "Ada", path, **clock)
    other = await at(people, workspace.ada, "Ada's other tab", path, **clock)
    home = await at(people, ben, "Ben", f"{workspace.base}/home", **clock)
    place = await at(people, who, "Robin", who.place, accept_downloads=True, **clock)
    await expect(place.get_by_role("heading", name="What happens next")).to_be_visible(timeout=SEE)
    await expect(place.get_by_role("heading", name="Your meeting")).to_have_count(0)

    # Planned: it is in both tabs, on the candidate's page and on the home of whoever takes part.
    await ada.get_by_role("button", name="Plan a meeting").click()
    dialog = ada.get_by_role("dialog", name="Plan a meeting with")
    await dialog.get_by_label("What is it?").fill(ARABIC)
    begins = soon(8)
    await choose(ada, begins)
    await dialog.get_by_role("checkbox", name=colleague).check()
    await dialog.get_by_label("Where?").fill("https://meet.example.org/room")
    assert await axe(ada) == []
    await dialog.get_by_role("button", name="Plan it").click()
    await expect(dialog).to_have_count(0, timeout=SEE)
    for page in (ada, other):
        await expect(chip(page)).to_contain_text(f"{begins:%H:%M}", timeout=SEE)
    tab = ada.get_by_role("tab", name=who.name.split()[0])
    await expect(tab).to_contain_text("1", timeout=SEE)  # it is in the conversation, and news to nobody of the team
    await expect(tab).not_to_contain_text("new")
    line = home.get_by_role("region", name="Today").get_by_role("listitem").filter(has_text=who.name)
    await expect(line).to_contain_text(f"{begins:%H:%M}", timeout=SEE)
    await expect(line).to_contain_text(f"{ARABIC}, with you and Ada")
    await expect(line.get_by_role("link", name=f"Join: {who.name}")).to_have_attribute(
        "href", "https://meet.example.org/room"
    )
    mine = place.get_by_role("region", name="Your meeting")
    await expect(mine).to_contain_text(ARABIC, timeout=SEE)
    await expect(mine).to_contain_text("With Ada and Ben")
    await expect(mine).to_contain_text("UTC")
    await expect(mine.get_by_role("link", name="Join")).to_be_visible()
    await expect(place.get_by_role("log")).to_contain_text(f"A meeting with you: {ARABIC}")
    async with place.expect_download() as downloading:
        await mine.get_by_role("link", name="Add to calendar").click()
    file = Path(await (await downloading.value).path()).read_bytes()
    (event,) = Calendar.from_ical(file).events
    assert (event.start, event.end) == (begins, begins + timedelta(minutes=30))
    await mine.get_by_role("button", name="Ask for another time").click()
    await has_focus(place.get_by_label("Message to"))

    assert await axe(home) == []
    assert await axe(place) == []

    # Changed in the other tab: the first has it at once, and so have the others.
    await chip(other).click()
    panel = other.get_by_role("dialog", name="Meetings with")
    assert await axe(other) == []
    await panel.get_by_role("button", name=f"Change: {ARABIC}").click()
    dialog = other.get_by_role("dialog", name="Change the meeting")
    later = begins + timedelta(days=1)
    await choose(other, later)
    await dialog.get_by_role("button", name="Change", exact=True).click()
    await expect(chip(ada)).to_contain_text("Tomorrow", timeout=SEE)
    await expect(line).to_have_count(0, timeout=SEE)
    await expect(home.get_by_role("region", name="Today")).to_contain_text("Next: Tomorrow")
    await expect(mine).to_contain_text(f"Tomorrow, {later:%H:%M}", timeout=SEE)

    # Called off, after asking.
    await chip(ada).click()
    await ada.get_by_role("button", name=f"Call off: {ARABIC}").click()
    await ada.get_by_role("button", name="Keep it").click()
    await expect(chip(ada)).to_contain_text("Tomorrow")
    await chip(ada).click()
    await ada.get_by_role("button", name=f"Call off: {ARABIC}").click()
    await ada.get_by_role("button", name="Call it off").click()
    for page in (ada, other):
        await expect(chip(page)).to_have_accessible_name("Meetings (none is planned)", timeout=SEE)
    await chip(other).click()
    await expect(panel.get_by_role("listitem")).to_contain_text("Called off")
    await expect(panel.get_by_role("button", name=f"Change: {ARABIC}")).to_have_count(0)
    await expect(home.get_by_role("region", name="Today")).not_to_contain_text("Next:", timeout=SEE)
    await expect(mine).to_have_count(0, timeout=SEE)
    await expect(place.get_by_role("log")).to_contain_text("called off")


async def test_a_meeting_is_planned_with_the_keyboard_alone(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    await planned(workspace, who, soon(100), title="Call before")
    page = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}", timezone_id=MORNING.key
    )
    await expect(chip(page)).to_contain_text("in 2 h", timeout=SEE)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("plan a meet")
    await expect(page.get_by_role("option", name="Plan a meeting")).to_have_attribute(
        "aria-selected", "true", timeout=SEE
    )
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Plan a meeting with")
    await has_focus(dialog.get_by_label("What is it?"))
    await page.keyboard.type("Second talk")
    # What lacks is said, and the cursor is taken there; what overlaps is said too, and stops nobody.
    me = dialog.get_by_role("checkbox", name="Me")
    await tab_to(page, me)
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(dialog).to_contain_text("Choose who takes part.", timeout=SEE)
    await has_focus(me)
    await page.keyboard.press("Space")
    await choose(page, soon(110))
    await expect(dialog.get_by_role("status")).to_contain_text("have “\u2068Call before\u2069”", timeout=SEE)
    await tab_to(page, dialog.get_by_role("button", name="Plan it"))
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0, timeout=SEE)
    await expect(page.locator("#toasts")).to_contain_text("The meeting is planned", timeout=SEE)
    await expect(chip(page)).to_contain_text("+1", timeout=SEE)
    # The panel by keys: opened, left by Escape, the focus comes back.
    await tab_to(page, chip(page), most=90)
    await page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Meetings with")
    await tab_to(page, panel.get_by_role("button", name="Change: Second talk"))
    await page.keyboard.press("Escape")
    await has_focus(chip(page))


@in_chromium
async def test_whoever_changes_what_somebody_else_has_changed_is_told_first(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    meeting = await planned(workspace, who, soon(90))
    page = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}", timezone_id=MORNING.key
    )
    await chip(page).click()
    await page.get_by_role("button", name="Change: Interview").click()
    dialog = page.get_by_role("dialog", name="Change the meeting")
    await dialog.get_by_label("What is it?").fill("Mine")
    members = [one["id"] for one in meeting["members"]]
    body = {name: meeting[name] for name in ("starts_at", "minutes", "zone", "place", "version")}
    theirs = body | {"title": "Theirs", "members": members}
    await workspace.ada("PUT", f"{workspace.base}/api/meetings/{meeting['id']}", theirs)
    await expect(chip(page)).to_have_attribute("title", "Theirs", timeout=SEE)
    await dialog.get_by_role("button", name="Change", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("changed this meeting meanwhile", timeout=SEE)
    await expect(dialog.get_by_label("What is it?")).to_have_value("Mine")
    await dialog.get_by_role("button", name="Change", exact=True).click()
    await expect(chip(page)).to_have_attribute("title", "Mine", timeout=SEE)


@in_chromium
async def test_whoever_sends_without_an_answer_is_told_what_became_of_it(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    for hour in range(1, 6):
        await planned(workspace, who, soon(60 * 24 * 9 + hour), minutes=60)
    page = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}", timezone_id=MORNING.key
    )
    await page.keyboard.press("Control+k")
    await page.keyboard.type("plan a meet")
    await page.get_by_role("option", name="Plan a meeting").click()
    dialog = page.get_by_role("dialog", name="Plan a meeting with")
    await choose(page, soon(60 * 24 * 9))
    await expect(dialog.get_by_role("status")).to_contain_text("And 2 more meetings then.", timeout=SEE)

    # It does not arrive: whoever sends by keys stays where they can send again.
    send = dialog.get_by_role("button", name="Plan it")
    await page.context.set_offline(True)
    await send.focus()
    await page.keyboard.press("Space")
    await expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached", timeout=SEE)
    await has_focus(send)
    await page.context.set_offline(False)

    # It arrives and the answer is lost: what is written by then is another one, and not planned beside it.
    sent = "**/api/applications/*/meetings"

    async def lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route(sent, lost)
    await send.click()
    await expect(chip(page)).to_contain_text("+5", timeout=SEE)
    await page.unroute(sent)
    await dialog.get_by_label("What is it?").fill("Another one")
    await send.click()
    await expect(dialog.get_by_role("alert")).to_contain_text("is planned. Close this, and change", timeout=SEE)
    await expect(chip(page)).to_contain_text("+5")

    # Closed before it is known that it failed: that is said all the same.
    await page.route(sent, lambda route: route.abort())
    await dialog.evaluate("dialog => { dialog.querySelector('form').requestSubmit(); dialog.close(); }")
    await expect(page.locator("#toasts")).to_contain_text("cannot be reached", timeout=SEE)


@in_chromium
@pytest.mark.parametrize("size", [(1440, 900), NARROW, (360, 740)])
async def test_meetings_fit_and_are_fit_for_everybody(
    people: People, installation: Installation, workspace: Furnished, size: tuple[int, int]
) -> None:
    ada, base = workspace.ada, workspace.base
    who = await candidate(installation, workspace)
    view = await ada("GET", f"{base}/api/applications/{who.application}")
    profile = await ada("GET", f"{base}/api/candidates/{view['card']['candidate']}")
    named = {"name": LONG, "version": profile["version"]}
    await ada("PATCH", f"{base}/api/candidates/{view['card']['candidate']}", named)
    await planned(workspace, who, soon(3), title=ARABIC, place=f"Ring twice. {'x' * 400} https://meet.example.org/room")
    await planned(workspace, who, soon(60 * 24 * 3), title="W" * 120)
    look: dict[str, Any] = {"size": size, "timezone_id": MORNING.key}
    for path, drawn in ((f"{base}/home", ".agenda li"), (f"{base}/home?show=meetings", ".agenda li")):
        page = await at(people, ada, "Ada", path, **look)
        await page.locator(drawn).first.wait_for(timeout=SEE)
        await fits(page)
    page = await at(people, ada, "Ada", f"{base}/applications/{who.application}", **look)
    await expect(chip(page)).to_contain_text("in ", timeout=SEE)
    await fits(page)
    await chip(page).click()
    await page.get_by_role("dialog", name="Meetings with").wait_for()
    await fits(page)
    await page.get_by_role("button", name=f"Change: {ARABIC}").click()
    await page.get_by_role("dialog", name="Change the meeting").wait_for()
    await fits(page)
    place = await at(people, who, "Robin", who.place, **look)
    if size[0] < 960:
        await place.get_by_role("button", name="Next", exact=True).click()
    await place.get_by_role("region", name="Your meetings").wait_for(timeout=SEE)
    await fits(place)


@in_chromium
async def test_home_does_not_jump_when_a_meeting_comes(
    people: People, installation: Installation, workspace: Furnished, ben: Caller
) -> None:
    who = await candidate(installation, workspace)
    await who("POST", f"{who.place}/api/messages", {"body": "Is it remote?"})
    member = (await ben("GET", f"{workspace.base}/api/me"))["id"]
    home = await at(people, ben, "Ben", f"{workspace.base}/home", timezone_id=MORNING.key)
    day = home.get_by_role("region", name="Today")
    await expect(day).to_contain_text("No meetings today", timeout=SEE)
    await home.evaluate("""() => {
        window.shifts = 0;
        new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })
            .observe({ type: "layout-shift" });
    }""")
    await planned(workspace, who, soon(4), members=[member])
    await expect(day.get_by_role("listitem")).to_contain_text(who.name, timeout=SEE)
    await home.wait_for_timeout(300)  # shifts are told of after a frame
    assert await home.evaluate("window.shifts") == 0
