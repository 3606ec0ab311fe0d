"""What people do on the pages again and again, and where things are on them."""

import asyncio
import io
import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.async_api import Locator, Page

from tests.e2e.browsers import People
from tests.e2e.installation import Caller, Candidate, Furnished, Installation

SEE = 30_000  # ms within which a page must show what has happened, on a busy machine
BACK = 90_000  # ms within which everything must have recovered
WALL_CLOCK = """() => {
    window.wallClock = { begun: 0, ended: 0 };
    const finish = () => [...document.querySelectorAll('button')].find(b => b.textContent.trim() === 'Finish');
    new MutationObserver((_, watching) => {
        if (!finish()) return;
        wallClock.begun = performance.now();
        finish().addEventListener('click', () => { wallClock.ended = performance.now() }, { once: true });
        watching.disconnect();
    }).observe(document.body, { childList: true, subtree: true });
}"""  # when the red dot was there and when Finish was pressed, by the page's own clock


def camera(people: People) -> dict[str, Any]:
    """What lets this engine use its fake camera."""
    return {"permissions": ["camera", "microphone"]} if people.engine == "chromium" else {}


async def at(people: People, who: Caller, name: str, path: str, **options: Any) -> Page:
    """A page of somebody who is already known by their cookies."""
    page = await people(name, **options)
    await people.contexts[name].add_cookies(who.cookies())
    await page.goto(str(who.client.base_url.join(path)))
    return page


def card(page: Page | Locator, name: str) -> Locator:
    """Somebody's card on the board."""
    return page.locator("[data-card]", has_text=name)


def column(page: Page, stage: str) -> Locator:
    """A stage of the board."""
    return page.get_by_role("region", name=stage)


def inside(page: Page, stage: str, name: str) -> Locator:
    """Somebody's card, if it is in that stage."""
    return card(column(page, stage), name)


async def booth(people: People, who: Candidate, name: str = "Cleo", **options: Any) -> Page:
    """The page on which the candidate records."""
    return await at(people, who, name, f"{who.place}/record?way=video", **camera(people), **options)


async def begin_recording(page: Page) -> None:
    """Start now, until the red dot is seen."""
    start = page.get_by_role("button", name="Start now")
    await start.wait_for(timeout=30_000)
    await page.wait_for_timeout(450)  # sooner after the last click, at the same place, it would be half of a double one
    await page.evaluate(WALL_CLOCK)
    await start.click(timeout=30_000)
    await page.get_by_role("button", name="Finish").wait_for(timeout=30_000)


async def finish(page: Page) -> float:
    """Press Finish; the seconds since the red dot, by the page's own clock, for a test's may be late."""
    await page.get_by_role("button", name="Finish").click()
    seconds: float = await page.evaluate("(wallClock.ended - wallClock.begun) / 1000")
    return seconds


async def keep(page: Page) -> None:
    """Finish and keep it."""
    await finish(page)
    await page.get_by_role("button", name="Keep").click(timeout=30_000)


async def tab_to(page: Page, aim: Locator, most: int = 60, key: str = "Tab") -> None:
    """Press Tab until the aim has the focus, as somebody without a mouse."""
    await aim.wait_for(timeout=30_000)
    for _ in range(most):
        if await aim.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press(key)
    focused = await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    pytest.fail(f"Tab never reached {aim}; it is at {focused}")


async def has_focus(aim: Locator) -> None:
    """Within its page: of several windows, a browser gives the focus to one."""
    await aim.wait_for(timeout=30_000)
    async with asyncio.timeout(30):
        while not await aim.evaluate("element => element === document.activeElement"):
            await asyncio.sleep(0.05)


async def kept_film(shop: Furnished, who: Candidate) -> tuple[float, int]:
    """What the team can watch as the first answer: seconds and decoded pictures, every one of them.

    A copy that has arrived is looked into before it takes the place of what the recorder had.
    """
    async with asyncio.timeout(BACK / 1000):
        while True:
            view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
            take = view["answers"][0]["take"]
            if take and take["state"] == "ready":
                break
            await asyncio.sleep(0.2)
    reply = await shop.ada.client.get(take["url"])
    assert reply.status_code == 200
    pictures, end = 0, 0.0
    with av.open(io.BytesIO(reply.content), "r") as container:
        for frame in container.decode(video=0):
            pictures += 1
            end = frame.time or end
    with av.open(io.BytesIO(reply.content), "r") as container:
        sounds = sum(frame.samples for frame in container.decode(audio=0))
    assert sounds > 0
    return end, pictures


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
