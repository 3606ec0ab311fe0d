"""Web, Postgres or Valkey away for a while: open pages say so and go on, and nothing acknowledged is lost."""

import asyncio
import time

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Candidate, Furnished, candidate
from tests.e2e.steps import BACK, SEE, at, begin_recording, booth, card, inside

KEPT = "sent when the connection is back"


@pytest.fixture(autouse=True)
async def recovered(house: Fragile) -> None:
    """Each begins with everything there, whatever became of the one before."""
    await answers_again(house)


async def move(shop: Furnished, application: str, stage: str) -> None:
    """Another recruiter moves a card, as soon as the server lets them."""
    board = await shop.ada("GET", f"{shop.base}/api/jobs/{shop.job['id']}/board")
    found = next(c for c in board["cards"] if c["id"] == application)
    to = next(s for s in board["stages"] if s["name"] == stage)
    body = {"stage": to["id"], "before": None, "version": found["version"]}
    await shop.ada("POST", f"{shop.base}/api/applications/{application}/moves", body)


async def answers_again(house: Fragile) -> None:
    """Wait until pages that need the database are served."""
    async with httpx.AsyncClient(base_url=house.origin) as client, asyncio.timeout(30):
        while True:
            try:
                if (await client.get("/health")).is_success and (await client.get("/sign-in")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def moved(shop: Furnished, application: str, stage: str) -> None:
    """Wait until a card is in a stage for everybody."""
    async with asyncio.timeout(BACK / 1000):
        while True:
            board = await shop.ada("GET", f"{shop.base}/api/jobs/{shop.job['id']}/board")
            to = next(s["id"] for s in board["stages"] if s["name"] == stage)
            if next(c["stage"] for c in board["cards"] if c["id"] == application) == to:
                return
            await asyncio.sleep(0.2)


async def said_once(shop: Furnished, who: Candidate, home: Page, words: str) -> None:
    """A message has arrived, not twice, and the page that sent it has nothing left to repeat."""
    unsent = home.get_by_text("Not sent.").or_(home.get_by_text("Sending"))
    await expect(unsent).to_have_count(0, timeout=BACK)
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    assert [message["body"] for message in view["messages"]].count(words) == 1


@in_chromium
async def test_the_web_process_is_killed_under_an_open_board(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    await expect(card(board, who.name)).to_be_visible(timeout=SEE)
    await board.evaluate("window.stayed = true")
    home = await at(people, who, "Cleo", who.place)
    pill = board.locator(".connection")
    async with house.without("web"):
        await expect(pill).to_contain_text("Reconnecting", timeout=SEE)
        await expect(home.get_by_text("Reconnecting.")).to_be_visible(timeout=SEE)
        await home.get_by_label("Message to").fill("Can I come on Thursday?")
        await home.get_by_label("Message to").press("Enter")
        await expect(home.get_by_text("Not sent.")).to_be_visible(timeout=SEE)
    await answers_again(house)
    await move(shop, who.application, "Interview")
    await expect(inside(board, "Interview", who.name)).to_be_visible(timeout=BACK)
    await expect(pill).to_have_count(0, timeout=SEE)
    assert await board.evaluate("window.stayed")
    await said_once(shop, who, home, "Can I come on Thursday?")


@in_chromium
async def test_ten_seconds_without_postgres(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    talk = await at(people, shop.ada, "Ada too", f"{shop.base}/applications/{who.application}")
    await talk.get_by_role("tab", name="Team notes").click()
    home = await at(people, who, "Cleo", who.place)
    await expect(card(board, who.name)).to_be_visible(timeout=SEE)
    newcomer = await people("Newcomer")
    async with house.without("postgres"):
        began = time.monotonic()
        reply = await newcomer.goto(house.origin + shop.public)
        assert reply is not None
        assert reply.status == 503
        await expect(newcomer.get_by_role("heading").first).to_be_visible()
        assert "Traceback" not in await newcomer.content()
        await home.get_by_label("Message to").fill("Hello in the dark")
        await home.get_by_label("Message to").press("Enter")
        await expect(home.get_by_text("Not sent.")).to_be_visible(timeout=SEE)
        note = talk.get_by_label("Write a note for the team")
        await note.fill("Note in the dark")
        await note.press("Enter")
        await expect(talk.get_by_text(KEPT)).to_be_visible(timeout=SEE)
        await card(board, who.name).get_by_role("link").focus()
        await board.keyboard.press("Alt+ArrowRight")
        await expect(inside(board, "Video", who.name)).to_be_visible()
        await expect(board.locator(".connection")).to_contain_text("1 change kept", timeout=SEE)
        await asyncio.sleep(max(0.0, 10 - (time.monotonic() - began)))
    await answers_again(house)
    await moved(shop, who.application, "Video")
    await move(shop, who.application, "Interview")
    await expect(inside(board, "Interview", who.name)).to_be_visible(timeout=BACK)
    await expect(board.locator(".connection")).to_have_count(0, timeout=BACK)
    await expect(talk.get_by_text(KEPT)).to_have_count(0, timeout=BACK)
    await said_once(shop, who, home, "Hello in the dark")
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    assert [line["body"] for line in view["notes"]] == ["Note in the dark"]
    await newcomer.reload()
    await expect(newcomer.get_by_role("heading", name="Product engineer")).to_be_visible(timeout=SEE)


@in_chromium
async def test_postgres_that_hangs_holds_a_message_up_and_does_not_lose_it(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who = await candidate(house, shop)
    home = await at(people, who, "Cleo", who.place)
    async with house.frozen("postgres"):
        await home.get_by_label("Message to").fill("Still there?")
        await home.get_by_label("Message to").press("Enter")
        await expect(home.get_by_text("Sending").or_(home.get_by_text("Not sent.")).first).to_be_visible(timeout=SEE)
        await asyncio.sleep(6)
    await said_once(shop, who, home, "Still there?")
    await asyncio.sleep(5)  # a repeat may have been on its way when the first answer came
    await said_once(shop, who, home, "Still there?")
    await expect(home.locator(".message.mine .bubble")).to_have_count(1)


@in_chromium
async def test_ten_seconds_without_valkey(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    home = await at(people, who, "Cleo", who.place)
    await expect(card(board, who.name)).to_be_visible(timeout=SEE)
    async with house.without("valkey"):
        began = time.monotonic()
        await home.get_by_label("Message to").fill("Sent without the bus")
        await home.get_by_label("Message to").press("Enter")
        await move(shop, who.application, "Interview")
        # The log tells what the bus cannot: a little later, and without a reload.
        await expect(inside(board, "Interview", who.name)).to_be_visible(timeout=SEE)
        await asyncio.sleep(max(0.0, 10 - (time.monotonic() - began)))
    await said_once(shop, who, home, "Sent without the bus")
    await move(shop, who.application, "Review")
    await expect(inside(board, "Review", who.name)).to_be_visible(timeout=BACK)
    cleo = await booth(people, who, "Cleo on camera")
    await house.can_record()  # until then the device would record alone
    await begin_recording(cleo)
    await expect(card(board, who.name).get_by_text("Recording answer 1")).to_be_visible(timeout=BACK)
