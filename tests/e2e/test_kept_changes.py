"""What is changed while something is away: it stays on the screen, arrives once, or goes back with the reason."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Dialog, Locator, Page, Route, WebSocket, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Caller, Candidate, Furnished, candidate, colleague
from tests.e2e.steps import BACK, SEE, at, card, has_focus, inside

UNANSWERED = re.compile(r"\b\d changes? kept")


@pytest.fixture
async def ben(shop: Furnished) -> AsyncIterator[Caller]:
    """A second recruiter of the same workspace."""
    made = await colleague(shop, "Ben Achebe", "recruiter")
    yield made
    await made.client.aclose()


@dataclass
class Heard:
    """What a board's socket was told of one card, each event once, whatever was replayed."""

    card: str
    moves: set[int] = field(default_factory=set)

    def listen(self, socket: WebSocket) -> None:
        """Hand it to `page.on("websocket")`."""
        socket.on("framereceived", self._take)

    def _take(self, frame: str | bytes) -> None:
        said = json.loads(frame)
        payload = said.get("payload") or {}
        if payload.get("type") == "card" and payload["verb"] == "moved" and payload["card"]["id"] == self.card:
            self.moves.add(said["seq"])


@dataclass
class Scene:
    """Ada's and Ben's boards, Ada's page of one candidate, and what the boards hear."""

    who: Candidate
    ada: Page
    ben: Page
    talk: Page
    pill: Locator
    heard: tuple[Heard, Heard]

    async def note(self, words: str) -> None:
        """Ada writes a team note."""
        await self.talk.get_by_label("Write a note for the team").fill(words)
        await self.talk.get_by_label("Write a note for the team").press("Enter")

    async def move(self, key: str = "ArrowRight") -> None:
        """Ada moves the card by one stage."""
        await card(self.ada, self.who.name).get_by_role("link").focus()
        await self.ada.keyboard.press(f"Alt+{key}")

    async def stays_in(self, stage: str) -> None:
        """Both boards show the card there."""
        for page in (self.ada, self.ben):
            await expect(inside(page, stage, self.who.name)).to_be_visible(timeout=BACK)

    async def settled(self) -> None:
        """Nothing waits on any of Ada's pages, and nothing comes again later."""
        for page in (self.ada, self.talk):
            await expect(page.locator(".connection")).to_have_count(0, timeout=BACK)
            await expect(page.locator(".pending")).to_have_count(0, timeout=BACK)
        await asyncio.sleep(3)


async def scene(people: People, house: Fragile, shop: Furnished, ben: Caller) -> Scene:
    """Everybody looks at the board of somebody who has just applied."""
    who = await candidate(house, shop)
    board = f"{house.origin}{shop.base}/jobs/{shop.job['id']}"
    heard = Heard(who.application), Heard(who.application)
    ada = await at(people, shop.ada, "Ada", "/sign-in")
    bens = await at(people, ben, "Ben", "/sign-in")
    for page, ears in zip((ada, bens), heard, strict=True):
        page.on("websocket", ears.listen)
        await page.goto(board)
        await expect(inside(page, "Applied", who.name)).to_be_visible(timeout=SEE)
    talk = await at(people, shop.ada, "Ada", f"{shop.base}/applications/{who.application}")
    await talk.get_by_role("tab", name="Team notes").click()
    return Scene(who, ada, bens, talk, ada.locator(".connection"), heard)


async def arrived_once(scene: Scene, shop: Furnished, words: str) -> None:
    """The note is there and not twice, and each board heard of one move."""
    await scene.settled()
    view = await shop.ada("GET", f"{shop.base}/api/applications/{scene.who.application}")
    assert [note["body"] for note in view["notes"]] == [words]
    assert [len(heard.moves) for heard in scene.heard] == [1, 1]
    await expect(scene.talk.get_by_text(words)).to_have_count(1)


@in_chromium
async def test_the_web_process_is_killed_while_a_card_is_moved_and_a_note_written(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    async with house.without("web"):
        await seen.move()
        await seen.note("Ask about the ferry.")
        await expect(inside(seen.ada, "Video", seen.who.name)).to_be_visible()
        await expect(seen.pill).to_contain_text(UNANSWERED, timeout=SEE)
        await expect(seen.talk.get_by_text("Kept. It is sent")).to_be_visible(timeout=SEE)
        await expect(inside(seen.ada, "Video", seen.who.name)).to_be_visible()  # not taken back meanwhile
    await seen.stays_in("Video")
    await arrived_once(seen, shop, "Ask about the ferry.")


@in_chromium
async def test_postgres_is_away_while_a_card_is_moved_and_a_note_written(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    async with house.without("postgres"):
        await seen.move()
        await seen.note("Strong on the second question.")
        await expect(seen.pill).to_contain_text("kept", timeout=SEE)
        await asyncio.sleep(4)
        await expect(inside(seen.ada, "Video", seen.who.name)).to_be_visible()
    await seen.stays_in("Video")
    await arrived_once(seen, shop, "Strong on the second question.")


@in_chromium
async def test_a_reply_that_is_lost_changes_nothing_twice(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    lost: list[str] = []

    async def lose(route: Route) -> None:
        kind = route.request.url.rsplit("/", 1)[1]
        if kind in lost:
            await route.continue_()
        else:
            lost.append(kind)
            await route.fetch()  # the server has done it
            await route.abort("connectionreset")

    for page in (seen.ada, seen.talk):
        await page.route(re.compile("/(moves|notes)$"), lose)
    await seen.move()
    await seen.note("Once is enough.")
    await seen.stays_in("Video")
    await arrived_once(seen, shop, "Once is enough.")
    assert sorted(lost) == ["moves", "notes"]


@in_chromium
async def test_who_was_first_while_the_network_was_away_is_said(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    async with away(people, "Ada"):
        await seen.move()
        await expect(seen.pill).to_contain_text(UNANSWERED, timeout=SEE)
        await card(seen.ben, seen.who.name).get_by_role("link").focus()
        for stage in ("Video", "Review", "Interview"):
            await seen.ben.keyboard.press("Alt+ArrowRight")
            await has_focus(inside(seen.ben, stage, seen.who.name).get_by_role("link"))
        await expect(seen.ben.locator(".pending")).to_have_count(0, timeout=SEE)  # the server knows it, too
    dialog = seen.ada.get_by_role("dialog", name="Somebody was first")
    await expect(dialog).to_contain_text(f"Ben Achebe moved {seen.who.name} to Interview", timeout=BACK)
    await dialog.get_by_role("button", name="Leave in Interview").click()
    await seen.stays_in("Interview")


@in_chromium
async def test_closing_a_page_with_something_unsent_asks_first(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    seen.ada.on("dialog", stay)
    async with away(people, "Ada"):
        await seen.move()
        await expect(seen.pill).to_contain_text(UNANSWERED, timeout=SEE)
        await seen.ada.close(run_before_unload=True)
        async with asyncio.timeout(10):
            while not asked:
                await asyncio.sleep(0.05)
        assert not seen.ada.is_closed()
    assert asked == ["beforeunload"]
    await seen.stays_in("Video")
    await seen.settled()
    await seen.ada.close(run_before_unload=True)
    async with asyncio.timeout(10):
        while not seen.ada.is_closed():
            await asyncio.sleep(0.05)
    assert asked == ["beforeunload"]


@in_chromium
async def test_what_a_page_did_not_get_through_is_sent_by_the_next_one_of_its_tab(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    await seen.talk.route(re.compile("/notes$"), lambda route: route.abort("connectionreset"))
    await seen.note("Written in a tunnel.")
    await expect(seen.talk.get_by_text("Kept. It is sent")).to_be_visible(timeout=SEE)
    await seen.talk.unroute_all()
    seen.talk.on("dialog", lambda dialog: dialog.accept())
    await seen.talk.goto(f"{house.origin}{shop.base}/jobs")  # the tab goes on elsewhere
    async with asyncio.timeout(20):
        while not (view := await shop.ada("GET", f"{shop.base}/api/applications/{seen.who.application}"))["notes"]:
            await asyncio.sleep(0.2)
    assert [note["body"] for note in view["notes"]] == ["Written in a tunnel."]


@in_chromium
async def test_a_page_that_slept_is_current_when_it_wakes(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    tools = await people.contexts["Ada"].new_cdp_session(seen.ada)
    await tools.send("Page.setWebLifecycleState", {"state": "frozen"})
    await house.kill("web")
    async with asyncio.timeout(40):
        while True:
            with contextlib.suppress(Exception):
                if (await ben.client.get("/health")).is_success:
                    break
            await asyncio.sleep(0.2)
    await expect(seen.ben.locator(".connection")).to_have_count(0, timeout=BACK)
    await card(seen.ben, seen.who.name).get_by_role("link").focus()
    await seen.ben.keyboard.press("Alt+ArrowRight")
    await expect(inside(seen.ben, "Video", seen.who.name)).to_be_visible()
    await tools.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(inside(seen.ada, "Video", seen.who.name)).to_be_visible(timeout=SEE)
    await expect(seen.pill).to_have_count(0, timeout=SEE)


@in_chromium
async def test_twenty_tabs_of_one_browser_all_follow(
    people: People, house: Fragile, shop: Furnished, ben: Caller
) -> None:
    seen = await scene(people, house, shop, ben)
    tabs = [seen.ada, seen.talk]
    for _ in range(18):
        tab = await people("Ada")
        await tab.goto(seen.ada.url, wait_until="domcontentloaded")
        tabs.append(tab)
    await card(seen.ben, seen.who.name).get_by_role("link").focus()
    await seen.ben.keyboard.press("Alt+ArrowRight")
    for tab in tabs:
        if tab is not seen.talk:
            await expect(inside(tab, "Video", seen.who.name)).to_be_visible(timeout=BACK)
    await expect(seen.talk.get_by_role("button", name="Stage: Video")).to_be_visible(timeout=BACK)
    # The twentieth can still change something: sockets take none of the connections that requests need.
    await card(tabs[-1], seen.who.name).get_by_role("link").focus()
    await tabs[-1].keyboard.press("Alt+ArrowRight")
    await seen.stays_in("Review")
    await expect(inside(tabs[5], "Review", seen.who.name)).to_be_visible(timeout=BACK)


@contextlib.asynccontextmanager
async def away(people: People, name: str) -> AsyncIterator[None]:
    """This person's network is gone."""
    await people.contexts[name].set_offline(True)
    try:
        yield
    finally:
        await people.contexts[name].set_offline(False)
