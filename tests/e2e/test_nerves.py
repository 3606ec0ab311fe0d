"""A nervous candidate: reloads in the middle, loses the page to the phone, chooses a film that is far too long."""

import asyncio
from pathlib import Path

from playwright.async_api import Request, Route, expect

from tests.e2e.browsers import NARROW, People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import BACK, SEE, at, begin_recording, booth, camera, finish
from tests.e2e.test_own_copy import go


@in_chromium
async def test_what_was_typed_outlives_a_reload(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    cleo = await people("Cleo", size=NARROW)
    await cleo.goto(f"{installation.origin}{workspace.public}")
    await cleo.get_by_label("Your name").fill("Cleo Marchetti")
    await cleo.get_by_label("E-mail").fill("cleo.marchetti@example.org")
    await cleo.reload()
    await expect(cleo.get_by_label("Your name")).to_have_value("Cleo Marchetti", timeout=SEE)
    await expect(cleo.get_by_label("E-mail")).to_have_value("cleo.marchetti@example.org")
    await cleo.get_by_label("I agree").check()
    await cleo.get_by_role("button", name="Apply and check my camera").click()
    await expect(cleo.get_by_role("heading", name="You have applied")).to_be_visible(timeout=SEE)
    await cleo.reload()
    await expect(cleo.get_by_label("Your name")).to_have_value("", timeout=SEE)  # the next one is somebody else's


@in_chromium
async def test_a_reload_in_the_second_take_leads_to_the_second(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    """Who is shown the first, asked whether they are happy with this one, takes it for what they have just said."""
    who = await candidate(installation, workspace)
    cleo = await booth(people, who)
    cleo.on("dialog", go)
    await begin_recording(cleo)
    await asyncio.sleep(1)
    await finish(cleo)
    await expect(cleo.get_by_text("Safe: you may close this page")).to_be_visible(timeout=BACK)
    await cleo.get_by_role("button", name="Again, 2 left").click()
    await begin_recording(cleo)
    await asyncio.sleep(2)
    await cleo.reload()
    await expect(cleo.get_by_text("Happy with this one?")).to_be_visible(timeout=BACK)
    await expect(cleo.get_by_text("Take 2 ·")).to_be_visible()
    await expect(cleo.get_by_role("button", name="Watch take 1")).to_be_visible(timeout=SEE)
    await cleo.goto(f"{installation.origin}{who.place}")
    waiting = cleo.get_by_text("Question 1: recorded, not decided").filter(visible=True)
    await expect(waiting).to_be_visible(timeout=SEE)
    await cleo.get_by_role("link", name="Watch").click()
    await expect(cleo.get_by_text("Take 2 ·")).to_be_visible(timeout=SEE)


@in_chromium
async def test_a_reload_in_the_countdown_holds_nobody_up(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script(
        "RTCPeerConnection.prototype.setLocalDescription = () => new Promise(() => {})"
    )  # so that a recorder is not asked yet
    cleo = await booth(people, who)
    async with cleo.expect_response("**/takes"):
        await cleo.get_by_role("button", name="Start now").click(timeout=SEE)
    await expect(cleo.get_by_role("button", name="Not yet")).to_be_visible()
    assert [take["state"] for take in await who.takes()] == ["recording"]
    await cleo.reload()
    await expect(cleo.get_by_role("button", name="Start now")).to_be_enabled(timeout=SEE)
    assert await who.takes() == []


@in_chromium
async def test_a_wait_for_a_slow_server_is_not_without_a_word(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo = await booth(people, who)
    answered = asyncio.Event()

    async def slowly(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    for path in ("**/acceptance", "**/text"):
        await cleo.route(path, slowly)
    await begin_recording(cleo)
    await asyncio.sleep(1)
    await finish(cleo)
    await expect(cleo.get_by_text("Safe: you may close this page")).to_be_visible(timeout=BACK)
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("This takes longer than usual. Leave this page open")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("you may close this page")).to_have_count(0)
    answered.set()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Answer in writing instead").click()
    await cleo.get_by_role("textbox").fill("A ferry timetable.")
    answered.clear()
    await cleo.get_by_role("button", name="Save and send all answers").click()
    await expect(cleo.get_by_text("This takes longer than usual. What you wrote is kept")).to_be_visible(timeout=SEE)
    answered.set()
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SEE)


@in_chromium
async def test_a_film_that_is_too_large_is_not_sent_at_all(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    """Hundreds of megabytes are an hour of somebody's evening, and the server would say no in the end."""
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(420 * 1024**2)
    who = await candidate(installation, workspace)
    cleo = await at(people, who, "Cleo", f"{who.place}/record?way=file", size=NARROW)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/file"):
            sent.append(request.url)

    cleo.on("request", note)
    await cleo.get_by_label("Choose a video or sound file").set_input_files(film)
    await expect(cleo.get_by_text("we take up to 400 MB")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_role("button", name="Send this file")).to_be_disabled()
    assert not sent
