"""Small things that are only noticed when they are missing."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply, candidate
from tests.e2e.steps import SEE, at, begin_recording, booth, card, inside, mailed


@in_chromium
async def test_declining_asks_for_a_message_first(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    decline = ada.get_by_role("button", name="Decline")
    dialog = ada.get_by_role("dialog", name=re.compile("^Decline"))
    words = dialog.get_by_label("Message to Robin")
    await ada.route("**/meetings?*", lambda route: route.abort())  # what is planned cannot be looked up

    await decline.dblclick()
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

    await dialog.get_by_role("button", name="Templates").click()
    await ada.get_by_role("option", name="Not this time").click(timeout=SEE)
    await expect(words).to_have_value(re.compile("^Hello Robin,\n\nthank you for your interest in Senior"))
    await words.fill("Hello Robin, it was close. Thank you.")
    await dialog.get_by_role("button", name="Send and decline").click()
    await expect(dialog).to_be_hidden()
    await expect(ada.locator("#toasts")).to_have_text(
        f"{who.name} is in Declined now", timeout=SEE
    )  # nothing was planned
    board = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs/{workspace.job['id']}")
    await expect(inside(board, "Declined", who.name)).to_be_visible(timeout=SEE)
    view = await who("GET", f"{who.place}/api/place")
    assert [message["body"] for message in view["messages"]] == ["Hello Robin, it was close. Thank you."]


@in_chromium
async def test_whom_a_colleague_moves_first_is_not_told_that_they_are_declined(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{who.application}")
    # Pressed twice at once, or held, "Advance" was meant once.
    advance = ada.get_by_role("button", name=re.compile("^Advance"))
    await advance.dblclick()
    await expect(ada.locator(".stagepick")).to_contain_text("Video", timeout=SEE)
    await advance.focus()
    for _ in range(4):
        await ada.keyboard.down("Enter")
    await ada.keyboard.up("Enter")
    await expect(ada.locator(".stagepick")).to_contain_text("Review", timeout=SEE)
    await ada.wait_for_load_state("networkidle")
    await expect(ada.locator(".stagepick")).to_contain_text("Review")

    await ada.get_by_role("button", name="Decline").click()
    dialog = ada.get_by_role("dialog", name=re.compile("^Decline"))
    await expect(dialog.get_by_label("Message to Robin")).to_be_focused()
    offer = {"stage": workspace.job["stages"][4]["id"], "version": 10_000}
    await workspace.ada("POST", f"{workspace.base}/api/applications/{who.application}/moves", offer)
    await dialog.get_by_role("button", name="Send and decline").click()
    await expect(ada.get_by_text(re.compile("moved Robin .* to Offer"))).to_be_visible(timeout=SEE)
    await expect(ada.locator(".stagepick")).to_contain_text("Offer", timeout=SEE)
    view = await who("GET", f"{who.place}/api/place")
    assert view["messages"] == []


@in_chromium
async def test_a_note_that_is_refused_says_why(people: People, workspace: Furnished) -> None:
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/applications/{workspace.application}")
    words = ada.get_by_label("Write a note for the team")
    await words.fill("Somebody who left: <@00000000-0000-0000-0000-000000000000>")
    await words.press("Enter")
    await expect(ada.get_by_text("Somebody whom you mention is not in this workspace any more.")).to_be_visible()


@in_chromium
async def test_words_are_kept_and_a_message_begins_with_them(people: People, workspace: Furnished) -> None:
    base, own = workspace.base, f"{workspace.base}/api/message-templates"
    ada = await at(people, workspace.ada, "Ada", f"{base}/applications/{workspace.application}")
    await ada.get_by_role("tab", name="Cleo").click()
    words = ada.get_by_label("Write to Cleo")
    await ada.get_by_role("button", name="Templates").click()
    menu = ada.get_by_role("dialog", name="Templates")
    await expect(menu.get_by_role("option")).to_have_count(5, timeout=SEE)

    desk = await at(people, workspace.ada, "Ada at her words", f"{base}/templates")
    await desk.get_by_role("button", name="New template").click()
    dialog = desk.get_by_role("dialog", name="New template")
    name, text = dialog.get_by_label("Name", exact=True), dialog.get_by_label("Message", exact=True)
    await name.fill("not this TIME")
    await text.fill("Hello {frist_name}")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no {frist_name}. Choose among {first_name},")
    await expect(text).to_be_focused()
    await text.fill("Hello {first_name}, park behind {workspace}. {sender}")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_have_text(re.compile("^Another template has this name already"))
    assert await axe(desk) == []
    await name.fill("Parking")
    await dialog.get_by_role("button", name="Save").click()
    await expect(desk.get_by_role("button", name="Edit Parking")).to_be_visible(timeout=SEE)

    await expect(menu.get_by_role("option")).to_have_count(6, timeout=SEE)  # it is there while the menu is open
    assert await axe(ada) == []
    await menu.get_by_label("Find a template").fill("park")
    await ada.keyboard.press("Enter")
    await expect(words).to_be_focused()
    await expect(words).to_have_value("Hello Cleo, park behind Northlight. Ada Okafor")
    await ada.keyboard.type(" Bring a coat.")
    await ada.get_by_role("button", name="Templates").click()
    await menu.get_by_role("option", name="Still deciding").click()
    await expect(words).to_have_value(re.compile("Ada Okafor Bring a coat.\n\nHello Cleo,\n\nwe have not forgotten"))

    # Somebody else changes it while it is written, and then deletes it: nothing is overwritten or lost unseen.
    await desk.get_by_role("button", name="Edit Parking").click()
    dialog = desk.get_by_role("dialog", name="Edit template")
    text = dialog.get_by_label("Message", exact=True)
    await text.fill("Mine")
    (kept,) = [one for one in (await workspace.ada("GET", own))["templates"] if one["name"] == "Parking"]
    await workspace.ada("PATCH", f"{own}/{kept['id']}", {"version": 1, "text": "Theirs"})
    await dialog.get_by_role("button", name="Use theirs").click(timeout=SEE)
    await expect(text).to_have_value("Theirs")
    await text.fill("Mine")
    await workspace.ada("DELETE", f"{own}/{kept['id']}")
    await dialog.get_by_role("button", name="Keep as a new one").click(timeout=SEE)
    await expect(dialog).to_be_hidden(timeout=SEE)
    await desk.get_by_role("button", name="Delete Parking").click()
    await desk.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(desk.get_by_role("button", name=re.compile("^Edit "))).to_have_count(5, timeout=SEE)


@in_chromium
async def test_what_was_written_to_one_is_kept_for_others(people: People, workspace: Furnished) -> None:
    base, own = workspace.base, f"{workspace.base}/api/message-templates"
    ada = await at(people, workspace.ada, "Ada", f"{base}/applications/{workspace.application}")
    await ada.get_by_role("tab", name="Cleo").click()
    words, menu = ada.get_by_label("Write to Cleo"), ada.get_by_role("dialog", name="Templates")
    keep = menu.get_by_role("button", name="Keep what you wrote as a template")
    await words.fill("")
    await ada.get_by_role("button", name="Templates").click()
    await expect(menu.get_by_role("option").first).to_be_visible(timeout=SEE)
    await expect(keep).to_have_count(0)
    await ada.keyboard.press("Escape")
    await words.fill("Hello Cleo, bring a coat to Northlight. Ada Okafor")
    await ada.get_by_role("button", name="Templates").click()
    await keep.click()
    dialog = ada.get_by_role("dialog", name="New template")
    await expect(dialog.get_by_label("Message", exact=True)).to_have_value(
        "Hello {first_name}, bring a coat to {workspace}. {sender}", timeout=SEE
    )
    assert await axe(ada) == []
    await dialog.get_by_label("Name", exact=True).fill("A coat")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden(timeout=SEE)
    await expect(ada.locator("#toasts")).to_contain_text("Kept A coat")
    await expect(words).to_be_focused()
    await expect(words).to_have_value("Hello Cleo, bring a coat to Northlight. Ada Okafor")
    (kept,) = [one for one in (await workspace.ada("GET", own))["templates"] if one["name"] == "A coat"]
    assert kept["text"] == "Hello {first_name}, bring a coat to {workspace}. {sender}"
    await words.fill("")
    await workspace.ada("DELETE", f"{own}/{kept['id']}")


@in_chromium
async def test_a_draft_is_deleted_after_asking(people: People, workspace: Furnished) -> None:
    job = await workspace.ada("POST", f"{workspace.base}/api/jobs", {"title": "Never mind"})
    board = await at(people, workspace.ada, "Ada at the board", f"{workspace.base}/jobs/{job['id']}")
    await expect(board.get_by_role("region", name="Applied")).to_contain_text("The job is a draft", timeout=SEE)
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
        await expect(cleo.get_by_role("alert").first).to_contain_text("the e-mail address of your application")
        await cleo.get_by_label("The e-mail address of your application").fill(address)
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
    question = (await who("GET", f"{who.place}/api/place"))["answers"][0]["question"]["id"]
    await cleo.goto(str(who.client.base_url.join(f"{who.place}/record?question={question}")))
    await begin_recording(cleo)  # answered again, and left before it was kept
    await asyncio.sleep(1)
    await cleo.reload()
    await expect(cleo.get_by_role("heading", name="Happy with this one?")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Take 2 ·")).to_be_visible()
    await cleo.get_by_role("button", name="Keep").click(timeout=SEE)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    (first, second) = (await who("GET", f"{who.place}/api/place"))["answers"]
    assert (first["accepted"], second["kind"]) == (first["takes"][1]["id"], None)


@in_chromium
async def test_nothing_is_handed_in_by_opening_a_page(
    people: People, workspace: Furnished, installation: Installation
) -> None:
    who = await candidate(installation, workspace)
    for answer in (await who("GET", f"{who.place}/api/place"))["answers"]:
        await who("PUT", f"{who.place}/api/questions/{answer['question']['id']}/text", {"text": "A ferry timetable."})
    cleo = await at(people, who, "Cleo", f"{who.place}/record?way=video", size=NARROW)
    await expect(cleo.get_by_role("heading", name="Everything is answered")).to_be_visible(timeout=SEE)
    assert await axe(cleo) == []
    assert (await who("GET", f"{who.place}/api/place"))["submitted_at"] is None
    await cleo.get_by_role("button", name="Send all answers").click()
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SEE)


@in_chromium
async def test_a_list_of_jobs_that_is_empty_asks_for_fewer_letters_only_where_some_were_typed(
    people: People, workspace: Furnished
) -> None:
    ada = await at(people, workspace.ada, "Ada", f"{workspace.base}/jobs")
    await ada.get_by_role("button", name="Closed").click(timeout=SEE)
    await expect(ada.get_by_text("No job is closed")).to_be_visible()
    await expect(ada.get_by_text("Try fewer letters.")).to_have_count(0)
    await ada.get_by_role("searchbox", name="Find a job").fill("zzz")
    await expect(ada.get_by_text("Try fewer letters.")).to_be_visible()
