"""The way that everything else hangs on: from an empty installation to two recruiters watching an answer together."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.browsers import People
from tests.e2e.installation import PASSWORD, Installation
from tests.e2e.large_camera import browser  # noqa: F401 - a fixture
from tests.e2e.steps import begin_recording, camera, card, column, finish, inside

QUESTIONS = ("What did you build that people relied on?", "Tell us about a fault you chased for far too long.")
CLEO = "Cleo Marchetti"
SECONDS = 6.5
GAP = 0.15  # seconds without sound or picture that are worth telling when a file is not as it should be
SEE = 20_000  # ms within which a live change must have arrived on a busy machine


@pytest.mark.browser
async def test_from_setup_to_the_conversation(people: People, installation: Installation) -> None:
    ada = await people("Ada")
    board = await set_up_and_open_job(ada, await installation.setup_link())
    public = await public_link(ada)
    ben = await invited(ada, people, board)
    await asyncio.gather(ada.goto(board), ben.goto(board))
    await expect(ada.get_by_text("Ben Castellano").first).to_be_attached(timeout=SEE)  # who else is on this board

    cleo = await people("Cleo", **camera(people))
    await apply(cleo, public)
    for page in (ada, ben):
        await expect(card(page, CLEO)).to_be_visible(timeout=SEE)

    before = set(installation.recordings())
    lengths, size = await answer_everything(cleo, lambda: sees_recording(ada, ben))
    for page in (ada, ben):
        await expect(inside(page, "Review", CLEO)).to_be_visible(timeout=SEE)
        toast = page.get_by_role("status").get_by_text("Cleo Marchetti sent 2 answers")
        await expect(toast.first).to_be_attached(timeout=SEE)
    takes = [path for path in installation.recordings() if path not in before]
    assert len(takes) == len(QUESTIONS)
    for path, seconds in zip(takes, lengths, strict=True):
        check_file(path, seconds, size)

    await drag(ada, card(ada, CLEO), column(ada, "Interview"))
    await expect(inside(ben, "Interview", CLEO)).to_be_visible(timeout=SEE)
    await expect(ben.get_by_role("status").get_by_text("Ada moved")).to_be_visible(timeout=SEE)

    await asyncio.gather(*(page.get_by_role("link", name="Cleo Marchetti").first.click() for page in (ada, ben)))
    await watches_and_seeks(ben, lengths[0], ada)
    await talk(ada, ben, cleo)


async def set_up_and_open_job(ada: Page, link: str) -> str:
    """First run, then a job with two questions, opened. Returns the board's address."""
    await ada.goto(link)
    await ada.get_by_label("Workspace").fill("Northlight")
    await ada.get_by_label("Your name").fill("Ada Okafor")
    await ada.get_by_label("E-mail").fill(f"ada-{time.time_ns()}@example.org")
    await ada.get_by_label("Password").first.fill(PASSWORD)
    await ada.get_by_role("button", name="Create workspace").click()
    await ada.wait_for_url("**/jobs")
    await ada.get_by_role("button", name="New job").first.click()
    await ada.get_by_label("Title").fill("Product engineer")
    await ada.get_by_role("button", name="Create draft").click()
    await ada.wait_for_url("**/edit")
    for question in QUESTIONS:
        await ada.get_by_role("button", name="Add question").click()
        await ada.get_by_role("textbox", name="Question").last.fill(question)
    await expect(ada.get_by_text("Saved", exact=False).first).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="Open job").click()
    await expect(ada.get_by_role("button", name="Copy candidate link")).to_be_visible(timeout=SEE)
    return ada.url.removesuffix("/edit")


async def public_link(ada: Page) -> str:
    """The address candidates use, from the editor's own data."""
    address: str = await ada.evaluate("JSON.parse(document.getElementById('data').textContent).public_url")
    return address


async def invited(ada: Page, people: People, board: str) -> Page:
    """Ben joins by the link that Ada makes on the people page."""
    await ada.goto(board.split("/jobs/", maxsplit=1)[0] + "/people")
    await ada.get_by_role("button", name="Invite").first.click()
    dialog = ada.get_by_role("dialog")
    await dialog.get_by_label("E-mail").fill(f"ben-{time.time_ns()}@example.org")
    await dialog.get_by_label("Role").select_option("recruiter")
    await dialog.get_by_role("button", name="Invite").click()
    link = await dialog.get_by_label("Invitation link").input_value()
    ben = await people("Ben")
    await ben.goto(link)
    await ben.get_by_label("Your name").fill("Ben Castellano")
    await ben.get_by_label("Password").first.fill(PASSWORD)
    await ben.locator("form button.primary").click()
    await ben.wait_for_url("**/home")
    return ben


async def apply(cleo: Page, public: str) -> None:
    """From the public page to the camera check."""
    await cleo.goto(public)
    await cleo.get_by_label("Name", exact=False).first.fill("Cleo Marchetti")
    await cleo.get_by_label("E-mail").first.fill(f"cleo-{time.time_ns()}@example.org")
    consent = cleo.get_by_role("checkbox")
    await expect(consent).not_to_be_checked()
    await consent.check()
    await cleo.locator("form button[type=submit]").first.click()
    assert "/c/link/" in await cleo.get_by_label("Your personal link").input_value()
    await cleo.get_by_text("Go on to the camera check").click()
    await cleo.wait_for_url("**/check")


async def answer_everything(cleo: Page, watch: Callable[[], Awaitable[None]]) -> tuple[list[float], tuple[int, int]]:
    """Check, record and keep an answer to each question. Returns their lengths in seconds and the camera's size."""
    await cleo.get_by_text("Continue to question 1").click(timeout=30_000)
    await cleo.wait_for_url("**/record*")
    lengths = []
    size = (0, 0)
    for number in range(1, len(QUESTIONS) + 1):
        await begin_recording(cleo)
        begun = time.monotonic()
        if number == 1:
            await watch()
            width, height = await cleo.evaluate(
                "() => { const v = document.querySelector('video'); return [v.videoWidth, v.videoHeight] }"
            )
            size = (width, height)
        await asyncio.sleep(max(0.0, SECONDS - (time.monotonic() - begun)))
        lengths.append(await finish(cleo))
        await cleo.get_by_role("button", name="Keep").click(timeout=25_000)
    await expect(cleo.get_by_text("safe", exact=False).first).to_be_visible(timeout=30_000)
    return lengths, size


async def sees_recording(*boards: Page) -> None:
    """Every board says what is being recorded."""
    for page in boards:
        await expect(page.get_by_text("Recording answer 1")).to_be_visible(timeout=SEE)


async def drag(page: Page, what: Locator, to: Locator) -> None:
    """By mouse, as a hand does it."""
    start, end = await what.bounding_box(), await to.bounding_box()
    assert start is not None
    assert end is not None
    await page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 14)
    await page.mouse.down()
    await page.mouse.move(start["x"] + start["width"] / 2 + 20, start["y"] + 30, steps=4)
    await page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 90, steps=12)
    await page.mouse.up()


def check_file(path: Path, seconds: float, size: tuple[int, int]) -> None:
    """Every frame decodes, both tracks are there and as long as the recording was, at the camera's size at once."""
    gaps: list[tuple[str, float, float]] = []
    begins: dict[str, float] = {}
    ends: dict[str, float] = {}
    first: tuple[int, int] | None = None
    frames = 0
    with av.open(str(path)) as container:
        assert container.duration is not None
        length = container.duration / 1e6
        for packet in container.demux():
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                at = frame.time or 0.0
                begins.setdefault(packet.stream.type, at)
                if at - ends.get(packet.stream.type, at) > GAP:
                    gaps.append((packet.stream.type, round(ends[packet.stream.type], 2), round(at, 2)))
                ends[packet.stream.type] = max(ends.get(packet.stream.type, 0.0), at)
                if isinstance(frame, av.VideoFrame):
                    first = first or (frame.width, frame.height)
                    frames += 1
    assert set(ends) == {"audio", "video"}
    assert abs(ends["audio"] - ends["video"]) <= 0.5, (ends, begins, gaps)
    assert abs(length - seconds) <= 0.5, (length, seconds)
    assert first == size
    assert frames > 6 * 8, frames


async def watches_and_seeks(page: Page, seconds: float, colleague: Page) -> None:
    """The first answer, of so many seconds, plays, as a colleague sees, and jumps to where one wants to be."""
    await page.locator("video").first.wait_for(state="attached", timeout=20_000)
    await page.evaluate("document.querySelector('video').muted = true")
    await page.get_by_role("button", name="Play").click()
    await expect(colleague.get_by_title(re.compile(r", watching answer 1 at 0:0\d"))).to_be_attached(timeout=SEE)
    reached = await page.evaluate(
        """async () => {
            const video = document.querySelector('video');
            if (video.readyState < 1) await new Promise(done => video.addEventListener('loadedmetadata', done));
            video.muted = true;
            await video.play();
            await new Promise(done => video.addEventListener('timeupdate', () => video.currentTime > 0.4 && done()));
            const sought = new Promise(done => video.addEventListener('seeked', done, { once: true }));
            video.currentTime = video.duration * 0.7;
            await sought;
            video.pause();
            return [video.currentTime, video.duration];
        }"""
    )
    assert abs(reached[0] - 0.7 * reached[1]) < 0.5
    assert abs(reached[1] - seconds) <= 0.5


async def talk(ada: Page, ben: Page, cleo: Page) -> None:
    """A note for the team and a message for the candidate, live; the candidate gets the one and never the other."""
    await cleo.goto(cleo.url.split("/record")[0])
    note = "She explains it to people who do not build software."
    await ada.get_by_role("tab", name="Team notes").click()
    await write(ada, note, [ben], "Ada Okafor")
    await expect(ben.get_by_role("log").get_by_text(note)).to_be_visible(timeout=SEE)

    for page in (ada, ben):
        await page.get_by_role("tab", name="Cleo").click()
    message = "Thank you, Cleo. Would Thursday suit you?"
    await write(ada, message, [ben, cleo], "Ada Okafor")
    for page in (ben, cleo):
        await expect(page.get_by_role("log").get_by_text(message)).to_be_visible(timeout=SEE)
    reply = "Thursday is fine. Any time after ten."
    await write(cleo, reply, [ada], "Cleo Marchetti")
    for page in (ada, ben):
        await expect(page.get_by_role("log").get_by_text(reply)).to_be_visible(timeout=SEE)

    await expect(cleo.get_by_text(note)).to_have_count(0)
    place = await cleo.evaluate("async () => (await fetch(location.pathname + '/api/place')).text()")
    assert message in place
    assert note not in place


async def write(page: Page, words: str, watchers: list[Page], name: str) -> None:
    """Type like a person, so that others see it, then send."""
    box = page.locator("gr-thread, gr-talking").get_by_role("textbox").locator("visible=true").last
    await box.click()
    await box.press_sequentially(words[:12], delay=40)
    for watcher in watchers:
        await expect(watcher.get_by_text(re.compile(f"{name.split(maxsplit=1)[0]}.* is typing"))).to_be_visible(
            timeout=SEE
        )
    await box.press_sequentially(words[12:], delay=2)
    await page.get_by_role("button", name="Send").locator("visible=true").last.click()
