"""Small things that are only noticed when they are missing."""

import asyncio
import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply, candidate
from tests.e2e.steps import SEE, at, begin_recording, booth, card, inside

pytestmark = pytest.mark.timeout(150)


@in_chromium
async def test_declining_asks_for_a_message_first(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    decline = ada.get_by_role("button", name="Decline")
    dialog = ada.get_by_role("dialog", name=re.compile("^Decline"))
    words = dialog.get_by_label("Message to Robin")

    await decline.click()
    await expect(words).to_be_focused()
    await expect(words).to_have_value(re.compile("^Hello Robin, thank you"))
    assert await axe(ada) == []
    await ada.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()

    await decline.click()
    await words.fill("  ")
    await dialog.get_by_role("button", name="Send and decline").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Write a message, or decline without one.")
    await expect(words).to_be_focused()
    view = await who("GET", f"{who.place}/api/place")
    assert (view["messages"], view["stage"]) == ([], "Applied"), "nothing has happened yet"

    await words.fill("Hello Robin, it was close. Thank you.")
    await dialog.get_by_role("button", name="Send and decline").click()
    await expect(dialog).to_be_hidden()
    board = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}")
    await expect(inside(board, "Declined", who.name)).to_be_visible(timeout=SEE)
    view = await who("GET", f"{who.place}/api/place")
    assert [message["body"] for message in view["messages"]] == ["Hello Robin, it was close. Thank you."]


@in_chromium
async def test_a_draft_is_deleted_after_asking(people: People, workspace: Furnished) -> None:
    job = await workspace.ada("POST", f"{workspace.base}/api/jobs", {"title": "Never mind"})
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{job['id']}/edit")
    delete = ada.get_by_role("button", name="Delete draft")
    await delete.click()
    dialog = ada.get_by_role("dialog", name="Delete this draft?")
    await dialog.get_by_role("button", name="Cancel").click()
    await delete.click()
    await dialog.get_by_role("button", name="Delete draft").click()
    await expect(ada).to_have_url(re.compile("/jobs$"))
    await expect(ada.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    await expect(ada.get_by_text("Never mind")).to_have_count(0)
    await ada.goto(f"{ada.url}/{workspace.job['id']}/edit")
    await expect(ada.get_by_role("button", name="Close job")).to_be_visible()
    await expect(delete).to_have_count(0)


@in_chromium
async def test_a_lost_link_comes_by_mail_and_tells_nobody_who_applied(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    email = (await who("GET", f"{who.place}/api/place"))["email"]
    await mailed(installation, email, 1)
    cleo = await people("Cleo", size=NARROW)
    said = []
    for address in ("nobody@example.org", email):
        await cleo.goto(f"{installation.origin}/c/lost-link")
        await cleo.get_by_role("button", name="Mail me a new link").click()
        await expect(cleo.get_by_role("alert").first).to_contain_text("the e-mail address you applied with")
        await cleo.get_by_label("The e-mail address you applied with").fill(address)
        await cleo.get_by_role("button", name="Mail me a new link").click()
        done = cleo.get_by_role("status").filter(has_text="Look into your mail")
        await expect(done).to_be_focused()
        said.append(await done.inner_text())
    assert said[0] == said[1]
    assert await axe(cleo) == []
    link = (await mailed(installation, email, 2))[-1]
    await cleo.goto(link)
    await cleo.wait_for_url(re.compile(re.escape(who.place)))
    await expect(cleo.get_by_text("Your turn: the questions").first).to_be_visible(timeout=SEE)


async def mailed(installation: Installation, address: str, count: int) -> list[str]:
    """The personal links in the outbox for somebody, oldest first, as soon as there are so many."""

    def found() -> list[str]:
        paths = sorted(Path(installation.data, "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime)
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
        texts = [str(mail.get_content()) for mail in mails if mail["To"] == address]
        return [link for text in texts for link in re.findall(r"http\S+/c/link/\S+", text)]

    async with asyncio.timeout(30):
        while len(links := await asyncio.to_thread(found)) < count:
            await asyncio.sleep(0.2)
    return links


INITIALS = {
    "Ana Šimić-Đorđević": "AŠ",
    "zoë ångström": "ZÅ",
    "Madonna": "M",
    "渡辺 健二": "渡",
    "نور الدين رحماني": "ن",
    "Ludwig van (Lou) Beethoven": "LB",
}


@in_chromium
async def test_candidates_without_a_picture_have_initials(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    for name in INITIALS:
        await apply(Caller(installation.origin), workspace.public, name)
    board = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}")
    await card(board, "Madonna").wait_for()
    seen = {name: await card(board, name).locator(".initials").inner_text() for name in INITIALS}
    assert seen == INITIALS


@in_chromium
async def test_what_was_recorded_before_a_reload_is_saved_and_then_watched(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo = await booth(people, who, size=NARROW)
    await begin_recording(cleo)
    await asyncio.sleep(1.5)
    slow = True

    async def as_if_the_recorder_still_wrote(route: Route) -> None:
        reply = await route.fetch()
        body = await reply.text()
        if slow:
            body = re.sub('"state":"(processing|ready|interrupted)"', '"state":"recording"', body)
        await route.fulfill(response=reply, body=body)

    for address in ("record*", "api/place"):
        await cleo.route(f"**{who.place}/{address}", as_if_the_recorder_still_wrote)
    await cleo.reload()
    await expect(cleo.get_by_text("We are saving what you recorded")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("A few seconds, then you can watch it")).to_be_visible()
    await expect(cleo.get_by_role("button", name="Start now")).to_have_count(0)
    assert await axe(cleo) == []
    slow = False
    await expect(cleo.get_by_role("heading", name="Happy with this one?")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Keep").click(timeout=SEE)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    (take,) = await who.takes()
    assert take["kind"] == "video"
