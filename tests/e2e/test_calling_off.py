"""Whoever is declined has no meetings left, or everybody sees that they are still planned."""

import asyncio
import re
from datetime import timedelta

from playwright.async_api import Route, expect

from tests.e2e.browsers import NARROW, People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.planning import ARABIC, MORNING, chip, fits, planned, soon
from tests.e2e.steps import SEE, at


@in_chromium
async def test_nobody_waits_for_who_was_declined(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    clock = {"timezone_id": MORNING.key}
    who = await candidate(installation, workspace)
    begins = soon(30)
    await planned(workspace, who, begins, title="First call")
    await planned(workspace, who, begins + timedelta(days=1), title=ARABIC)
    path = f"{workspace.base}/applications/{who.application}"
    ada = await at(people, workspace.ada, "Ada", path, **clock)
    home = await at(people, workspace.ada, "Ada at home", f"{workspace.base}/home?show=meetings", **clock)
    decline = ada.get_by_role("button", name="Decline", exact=True)
    dialog = ada.get_by_role("dialog", name=f"Decline {who.name}?")
    tick = dialog.get_by_role("checkbox", name="Call off 2 meetings")
    await decline.click(timeout=SEE)
    await expect(tick).to_be_checked(timeout=SEE)
    await expect(dialog.get_by_role("listitem").first).to_contain_text("First call")
    await expect(dialog.get_by_role("listitem").first).to_contain_text(f"{begins:%H:%M} to ")
    await fits(ada)

    # Who keeps them is reminded of them, and so is everybody who takes part.
    await tick.uncheck()
    await dialog.get_by_role("button", name="Decline without a message").click()
    undo = ada.locator("#toasts").get_by_role("button", name="Undo")
    await undo.focus()  # who has the focus there has all the time they need
    await expect(chip(ada)).to_have_accessible_name(re.compile("declined, but still planned"), timeout=SEE)
    lines = home.get_by_role("listitem").filter(has_text="Declined, but still planned")
    await expect(lines).to_have_count(2, timeout=SEE)
    await fits(home)
    await lines.first.get_by_role("button", name=f"Call off: First call, {who.name}").click()
    await home.get_by_role("button", name="Call it off").click()
    await expect(lines).to_have_count(1, timeout=SEE)

    # Taken back and declined once more, with the other one called off.
    await undo.click()
    await expect(lines).to_have_count(0, timeout=SEE)
    await expect(chip(ada)).not_to_have_accessible_name(re.compile("declined"), timeout=SEE)
    await decline.click()
    await expect(dialog.get_by_role("checkbox", name="Call off the meeting")).to_be_checked(timeout=SEE)
    await dialog.get_by_role("button", name="Send and decline").click()
    await expect(ada.locator("#toasts")).to_contain_text("What was planned is called off", timeout=SEE)
    await expect(chip(ada)).to_have_accessible_name("Meetings (none is planned)", timeout=SEE)
    told = [one["body"] for one in (await who("GET", f"{who.place}/api/place"))["messages"]]
    assert told[-1].startswith(f"Your meeting is called off: {ARABIC}")
    assert told[-2].startswith(f"Hello {who.name.split()[0]}, thank you")

    # What was read earlier and comes later does not take its place.
    gate = asyncio.Event()
    read: list[int] = []

    async def late(route: Route) -> None:
        reply = await route.fetch()
        read.append(reply.status)
        if len(read) == 1:
            await gate.wait()
        await route.fulfill(response=reply)

    await ada.route("**/applications/*/meetings", late)
    async with ada.expect_request("**/applications/*/meetings"):
        await ada.reload()
    async with asyncio.timeout(30):
        while not read:
            await asyncio.sleep(0.05)
    await planned(workspace, who, begins + timedelta(days=2), title="Another")
    place = {"stage": workspace.job["stages"][0]["id"], "version": 10_000}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", place)
    await expect(chip(ada)).to_contain_text("Another", timeout=SEE)
    async with asyncio.timeout(30):
        while len(read) < 2:
            await asyncio.sleep(0.05)
    async with ada.expect_response("**/applications/*/meetings"):
        gate.set()
    await ada.wait_for_timeout(300)
    await expect(chip(ada)).to_contain_text("Another")


@in_chromium
async def test_many_are_declined_with_their_meetings_and_come_back_without(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    clock = {"timezone_id": MORNING.key}
    who, other = [await candidate(installation, workspace) for _ in range(2)]
    await planned(workspace, who, soon(30), title="First call")
    ada = await at(
        people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}/list?sort=-added", **clock
    )
    for one in (who, other):
        await ada.locator("tr[data-row]", has_text=one.name).get_by_role("checkbox").check(timeout=SEE)
    await ada.get_by_role("toolbar", name="Selected candidates").get_by_role("button", name="Decline").click()
    dialog = ada.get_by_role("dialog", name="Decline 2 candidates?")
    await expect(dialog.get_by_role("checkbox", name="Call off the meeting")).to_be_checked(timeout=SEE)
    await expect(dialog.get_by_role("listitem")).to_contain_text(who.name)
    for look in ((1440, 900), NARROW):
        await ada.set_viewport_size({"width": look[0], "height": look[1]})
        await fits(ada)
    await ada.set_viewport_size({"width": 1440, "height": 900})
    await dialog.get_by_role("button", name="Send to 2 and decline").click()
    toasts = ada.locator("#toasts")
    await expect(toasts).to_contain_text("Moved 2 candidates to Declined", timeout=SEE)
    await ada.keyboard.press("z")
    await expect(toasts).to_contain_text("2 candidates are back where they were. What was called off stays so")
    meetings = f"{workspace.base}/api/applications/{who.application}/meetings"
    assert [one["state"] for one in await workspace.ada("GET", meetings)] == ["called_off"]

    # Declined again by taking back how they came back: nobody asks, so what is planned by then is said.
    moved = {"stage": workspace.job["stages"][-1]["id"], "version": 10_000}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", moved)
    second = await planned(workspace, who, soon(60), title="Second call")
    await planned(workspace, who, soon(120), title="Third call")
    await workspace.ada(
        "POST",
        f"{workspace.base}/api/applications/{who.application}/moves",
        moved | {"stage": workspace.job["stages"][2]["id"]},
    )
    await ada.goto(str(workspace.ada.client.base_url.join(f"{workspace.base}/jobs/{workspace.job['id']}")))
    await ada.get_by_role("button", name="Activity").click(timeout=SEE)
    panel = ada.get_by_role("dialog", name="Activity")
    await panel.get_by_role("button", name="Undo").first.click(timeout=SEE)
    reminded = toasts.filter(has_text="2 meetings with candidates who are declined are still planned")
    await expect(reminded).to_be_visible(timeout=SEE)
    # One that a colleague has changed since, knowing that, keeps the other from nothing.
    members = [one["id"] for one in second["members"]]
    theirs = {name: second[name] for name in ("starts_at", "minutes", "zone", "place", "version")}
    theirs |= {"title": "A last word", "members": members}
    await workspace.ada("PUT", f"{workspace.base}/api/meetings/{second['id']}", theirs)
    await reminded.get_by_role("button", name="Call off").click()
    await expect(toasts).to_contain_text("Called off: 1 meeting", timeout=SEE)
    await expect(toasts).to_contain_text("Not called off: 1 meeting", timeout=SEE)
    found = {one["title"]: one["state"] for one in await workspace.ada("GET", meetings)}
    assert found == {"First call": "called_off", "A last word": "planned", "Third call": "called_off"}
