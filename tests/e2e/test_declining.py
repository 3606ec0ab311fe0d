"""Declining, one or several: what they are told is asked, each is told by name, and words that did not go are kept."""

import asyncio
import re
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, apply, candidate
from tests.e2e.steps import SEE, at, inside


def tick(page: Page, who: Candidate) -> Locator:
    return page.locator("tr[data-row]", has_text=who.name).get_by_role("checkbox")


async def told(who: Candidate) -> list[str]:
    return [message["body"] for message in (await who("GET", f"{who.place}/api/place"))["messages"]]


@in_chromium
async def test_nobody_of_several_is_left_in_silence(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    gone, sam, robin = [await candidate(installation, workspace) for _ in range(3)]
    job = f"{workspace.base}/jobs/{workspace.job['id']}"
    place = {"stage": workspace.job["stages"][-1]["id"], "version": 10_000}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{gone.application}/moves", place)
    ada = await at(people, workspace.ada, "Ada", f"{job}/list?sort=-added")
    ben = await at(people, workspace.ada, "Ben", job)
    for who in (gone, sam, robin):
        await tick(ada, who).check(timeout=SEE)
    bar = ada.get_by_role("toolbar", name="Selected candidates")
    dialog = ada.get_by_role("dialog", name="Decline 2 candidates?")
    words, preview = dialog.get_by_role("textbox", name="Message"), dialog.get_by_role("region", name="Preview")

    # Who thinks better of it has chosen them still, and nobody has heard anything.
    await bar.get_by_role("button", name="Decline").click()
    await expect(words).to_be_focused(timeout=SEE)
    await expect(dialog).to_contain_text("Both get it")
    await expect(dialog).to_contain_text("1 candidate you chose was declined before")
    assert await axe(ada) == []
    await ada.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert await ada.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    await ada.set_viewport_size({"width": 1440, "height": 900})
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(bar).to_contain_text("3 selected")
    assert [await told(who) for who in (gone, sam, robin)] == [[], [], []]

    await bar.get_by_role("button", name="Decline").click()
    await expect(preview).to_contain_text("Hello Robin, thank you for your interest")
    await words.fill("Dear {salary}")
    await dialog.get_by_role("button", name="Send to 2 and decline").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no {salary}.")
    await words.fill("Hello {name}, it was close.")
    await expect(preview).to_contain_text("Hello Robin ")
    await dialog.get_by_role("button", name="Send to 2 and decline").click()
    await expect(dialog).to_be_hidden()
    for who in (sam, robin):
        await expect(inside(ben, "Declined", who.name)).to_be_visible(timeout=SEE)
        assert await told(who) == [f"Hello {who.name}, it was close."]
    assert await told(gone) == []
    await ada.keyboard.press("z")
    for who in (sam, robin):
        await expect(inside(ben, "Applied", who.name)).to_be_visible(timeout=SEE)
    await expect(inside(ben, "Declined", gone.name)).to_be_visible()


@in_chromium
async def test_what_was_written_is_there_when_somebody_else_was_first(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    robin, sam = [await candidate(installation, workspace) for _ in range(2)]
    base, job = workspace.base, f"{workspace.base}/jobs/{workspace.job['id']}"
    ada = await at(people, workspace.ada, "Ada", f"{job}/list?sort=-added")
    gate = asyncio.Event()

    async def hold(route: Any) -> None:
        await gate.wait()
        await route.continue_()

    async def somebody_moves(who: Candidate, stage: int) -> None:
        version = (await workspace.ada("GET", f"{base}/api/applications/{who.application}"))["card"]["version"]
        move = {"stage": workspace.job["stages"][stage]["id"], "version": version}
        await workspace.ada("POST", f"{base}/api/applications/{who.application}/moves", move)

    await ada.route("**/declines", hold)
    bar = ada.get_by_role("toolbar", name="Selected candidates")
    for who in (robin, sam):
        await tick(ada, who).check(timeout=SEE)
    await bar.get_by_role("button", name="Decline").click()
    both = ada.get_by_role("dialog", name="Decline 2 candidates?")
    await both.get_by_role("textbox", name="Message").fill("Dear {name}, it was close.")
    async with ada.expect_request("**/declines"):
        await both.get_by_role("button", name="Send to 2 and decline").click()
    await somebody_moves(robin, 3)
    gate.set()
    await expect(ada.locator("#toasts")).to_contain_text(f"moved {robin.name} to Interview", timeout=SEE)
    assert [await told(who) for who in (robin, sam)] == [[], [f"Dear {sam.name}, it was close."]]

    # Alone this time, with the same words as they are read; and again somebody else is first.
    one = ada.get_by_role("dialog", name=f"Decline {robin.name}?")
    words = one.get_by_role("textbox", name="Message")
    gate.clear()
    await tick(ada, robin).check()
    await bar.get_by_role("button", name="Decline").click()
    await expect(words).to_have_value(f"Dear {robin.name}, it was close.")
    await words.fill("It was very close.")
    async with ada.expect_request("**/declines"):
        await one.get_by_role("button", name="Send and decline").click()
    await somebody_moves(robin, 4)
    gate.set()
    await ada.get_by_role("dialog", name="Somebody was first").get_by_role("button", name="Move to Declined").click()
    await expect(words).to_have_value("It was very close.", timeout=SEE)
    async with ada.expect_response("**/declines"):
        await one.get_by_role("button", name="Send and decline").click()
    assert await told(robin) == ["It was very close."]


@in_chromium
async def test_what_is_taken_back_on_its_way_does_not_go_and_what_had_arrived_is_said(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    robin, sam, kim = [await candidate(installation, workspace) for _ in range(3)]
    job = f"{workspace.base}/jobs/{workspace.job['id']}"
    ada = await at(people, workspace.ada, "Ada", f"{job}/list?sort=-added")
    ben = await at(people, workspace.ada, "Ben", job)
    bar, toasts = ada.get_by_role("toolbar", name="Selected candidates"), ada.locator("#toasts")
    dialog = ada.get_by_role("dialog", name=re.compile("^Decline"))
    away, sent = re.compile("/(declines|moves)$"), re.compile("Send (to 2 )?and decline")
    await expect(inside(ben, "Applied", robin.name)).to_be_visible(timeout=SEE)

    async def lost(*whom: Candidate) -> None:
        """Decline them with a message, of which nothing is heard; then take it back."""
        for who in whom:
            await tick(ada, who).check(timeout=SEE)
        await bar.get_by_role("button", name="Decline").click()
        await dialog.get_by_role("textbox").first.fill("It was close.")
        async with ada.expect_event("requestfailed"):
            await dialog.get_by_role("button", name=sent).click()
        await ada.keyboard.press("z")

    await ada.route(away, lambda route: route.abort())
    await lost(robin)
    await expect(toasts).to_contain_text(f"is back in Applied. Your message to {robin.name} may have gone")
    await ada.unroute(away)
    await expect(toasts).to_contain_text(f"is back in Applied. Your message to {robin.name} did not go", timeout=SEE)
    assert await told(robin) == []

    tries: list[str] = []

    async def swallow(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            await route.fetch()  # the server has done it
        await route.abort("connectionreset")

    await ada.route(away, swallow)
    await lost(sam, kim)
    await expect(toasts).to_contain_text("are back where they were. Your message may have gone")
    for who in (sam, kim):
        await expect(inside(ben, "Declined", who.name)).to_be_visible(timeout=SEE)
    await ada.unroute(away)
    await expect(toasts.get_by_text("Your message had gone before")).to_be_visible(timeout=SEE)
    for who in (sam, kim):
        await expect(inside(ben, "Applied", who.name)).to_be_visible(timeout=SEE)
        assert await told(who) == ["It was close."]

    # Both are somewhere else by the time: there is nothing to take back.
    for who in (sam, kim):
        await tick(ada, who).check(timeout=SEE)
    await bar.get_by_role("button", name="Decline").click()
    await expect(dialog).to_be_visible(timeout=SEE)
    offer = {"stage": workspace.job["stages"][4]["id"], "version": 10_000}
    for who in (sam, kim):
        await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", offer)
    await dialog.get_by_role("button", name="Decline without a message").click()
    for who in (sam, kim):
        await expect(toasts).to_contain_text(f"moved {who.name} to Offer", timeout=SEE)
    await ada.keyboard.press("z")
    await expect(ada.get_by_text("There is nothing to undo.")).to_be_attached()


@in_chromium
async def test_a_long_name_is_written_out_to_who_has_it(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = Candidate(installation.origin)
    application = await apply(who, workspace.public, "Wolfeschlegelsteinhausenbergerdorff Ng")
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{application}")
    await ada.get_by_role("button", name="Decline").click(timeout=SEE)
    words = ada.get_by_role("dialog").get_by_role("textbox")
    await expect(words).to_have_value(re.compile("^Hello Wolfeschlegelsteinhausenbergerdorff,"), timeout=SEE)
