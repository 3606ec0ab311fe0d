"""Bad days: parts that die or hang while people are in the middle of something, and people who come with the wrong
link, the wrong device or no network. They are told in a sentence, and nothing that was acknowledged or said is lost.
"""

import asyncio
import io
import socket
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import av
import httpx
import msgspec
import pytest
from playwright._impl._api_structures import SetCookieParam  # the public module does not export it
from playwright.async_api import Page, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.fragile import Fragile, fragile
from tests.e2e.installation import Caller, Furnished, apply, furnish
from tests.e2e.test_spine import camera, column

SEE = 15_000  # ms within which a page must have understood, on a busy machine
BACK = 45_000  # ms within which everything must have recovered
pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[Fragile]:
    """An installation that nobody else uses, reachable by every address of this machine."""
    async with fragile("--host", "0.0.0.0") as running:  # noqa: S104 - the page on an insecure address is one test
        yield running


@pytest.fixture(scope="module")
async def shop(house: Fragile) -> Furnished:
    """A workspace with an open job of two questions."""
    return await furnish(house)


class Candidate(Caller):
    """Somebody who has applied; `place` is their own address."""

    place = ""
    application = ""
    name = ""

    async def takes(self) -> list[dict[str, Any]]:
        """All takes of all questions."""
        answers = (await self("GET", f"{self.place}/api/place"))["answers"]
        return [take for answer in answers for take in answer["takes"]]


async def candidate(house: Fragile, shop: Furnished) -> Candidate:
    """Apply under a name of one's own."""
    who = Candidate(house.origin)
    who.name = f"Cleo {str(uuid4())[:8]}"
    who.application = await apply(who, shop.public, who.name)
    who.place = f"/c/a/{who.application}"
    return who


async def at(people: People, who: Caller, name: str, path: str, **options: Any) -> Page:
    """A page of somebody who is already known by their cookies."""
    page = await people(name, **options)
    await people.contexts[name].add_cookies(cookies(who))
    await page.goto(str(who.client.base_url.join(path)))
    return page


def cookies(who: Caller, host: str = "") -> list[SetCookieParam]:
    """What somebody's browser holds for our host, or for another name of it."""
    return [{**cookie, "domain": host or who.client.base_url.host} for cookie in who.cookies()]


async def booth(people: People, who: Candidate, name: str = "Cleo") -> Page:
    """The page on which the candidate records."""
    return await at(people, who, name, f"{who.place}/record?way=video", **camera(people))


async def begin_recording(page: Page) -> float:
    """Start now; returns when the red dot was seen."""
    await page.get_by_role("button", name="Start now").click(timeout=30_000)
    await page.get_by_role("button", name="Finish").wait_for(timeout=30_000)
    return time.monotonic()


async def keep(page: Page) -> None:
    """Finish and keep it."""
    await page.get_by_role("button", name="Finish").click()
    await page.get_by_role("button", name="Keep").click(timeout=30_000)


async def kept_film(shop: Furnished, who: Candidate) -> tuple[float, int]:
    """What the team can watch as the first answer: seconds and decoded pictures, every one of them."""
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    reply = await shop.ada.client.get(view["answers"][0]["take"]["url"])
    assert reply.status_code == 200
    pictures, sounds, end = 0, 0, 0.0
    with av.open(io.BytesIO(reply.content), "r") as container:
        for frame in container.decode(video=0):
            pictures += 1
            end = frame.time or end
    with av.open(io.BytesIO(reply.content), "r") as container:
        sounds = sum(frame.samples for frame in container.decode(audio=0))
    assert sounds > 0
    return end, pictures


def card(page: Page, who: Candidate) -> Any:
    return page.locator("[data-card]", has_text=who.name)


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


@in_chromium
async def test_a_recorder_that_is_killed_in_the_middle_of_an_answer(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    cleo = await booth(people, who)
    began = await begin_recording(cleo)
    await expect(card(board, who).get_by_text("Recording answer 1")).to_be_visible(timeout=SEE)
    await asyncio.sleep(1)
    await house.kill("recorder")
    await expect(cleo.get_by_text("The connection to our recorder broke. Keep talking.")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible()
    await asyncio.sleep(1.5)
    await cleo.get_by_role("button", name="Finish").click()
    seconds = time.monotonic() - began
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    await expect(card(board, who).get_by_text("Recording")).to_have_count(0, timeout=BACK)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)  # the whole answer, not what the recorder had of it
    assert pictures > 5 * length
    # The recorder is back by itself, and the next answer is not refused because of what became of the first.
    await begin_recording(cleo)
    await expect(card(board, who).get_by_text("Recording answer 2")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_have_count(0)
    await asyncio.sleep(2)
    await keep(cleo)
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=30_000)


@in_chromium
async def test_without_any_recorder_the_device_records_alone(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    async with house.without("recorder"):
        began = await begin_recording(cleo)
        await asyncio.sleep(3)
        await cleo.get_by_role("button", name="Finish").click()
        seconds = time.monotonic() - began
        await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
        await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, _ = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5


@in_chromium
async def test_another_tab_is_not_refused_because_of_a_dead_recorder(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    await begin_recording(cleo)
    await house.kill("recorder")
    await people.leave("Cleo")  # the browser is gone as well: nobody is recording any more
    async with asyncio.timeout(30):
        while [take["state"] for take in await who.takes()] == ["recording"]:
            await asyncio.sleep(0.2)
    again = await booth(people, who, "Cleo later")
    await expect(
        again.get_by_role("button", name="Start now").or_(again.get_by_role("button", name="Keep"))
    ).to_be_visible(timeout=SEE)
    if await again.get_by_role("button", name="Keep").count():  # what had arrived can be watched, and recorded anew
        await again.get_by_role("button", name="Again").or_(again.get_by_role("button", name="Try again")).click()
    await begin_recording(again)
    await expect(again.get_by_text("Network lost. Keep talking.")).to_have_count(0)


@in_chromium
async def test_the_web_process_is_killed_under_an_open_board(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    await expect(card(board, who)).to_be_visible(timeout=SEE)
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
    await expect(column(board, "Interview").locator("[data-card]", has_text=who.name)).to_be_visible(timeout=BACK)
    await expect(pill).to_have_count(0, timeout=SEE)
    assert await board.evaluate("window.stayed")
    await expect(home.get_by_text("Not sent.")).to_have_count(0, timeout=BACK)
    await said_once(shop, who, "Can I come on Thursday?")


async def said_once(shop: Furnished, who: Candidate, words: str) -> None:
    """A message arrived, and not twice."""
    async with asyncio.timeout(30):
        while True:
            view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
            if [message["body"] for message in view["messages"]].count(words) == 1:
                break
            await asyncio.sleep(0.2)
    await asyncio.sleep(5)  # longer than a repeat waits
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    assert [message["body"] for message in view["messages"]].count(words) == 1


@in_chromium
async def test_ten_seconds_without_postgres(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    talk = await at(people, shop.ada, "Ada too", f"{shop.base}/applications/{who.application}")
    await talk.get_by_role("tab", name="Team notes").click()
    home = await at(people, who, "Cleo", who.place)
    await expect(card(board, who)).to_be_visible(timeout=SEE)
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
        note = talk.get_by_role("textbox").locator("visible=true").last
        await note.fill("Note in the dark")
        await note.press("Enter")
        await expect(talk.get_by_text("Not sent yet.")).to_be_visible(timeout=SEE)
        await card(board, who).get_by_role("link").focus()
        await board.keyboard.press("Alt+ArrowRight")
        await expect(board.locator("#toasts .error")).to_be_visible(timeout=SEE)
        await asyncio.sleep(max(0.0, 10 - (time.monotonic() - began)))
    await answers_again(house)
    await move(shop, who.application, "Interview")
    await expect(column(board, "Interview").locator("[data-card]", has_text=who.name)).to_be_visible(timeout=BACK)
    await expect(home.get_by_text("Not sent.")).to_have_count(0, timeout=BACK)
    await expect(talk.get_by_text("Not sent yet.")).to_have_count(0, timeout=BACK)
    await said_once(shop, who, "Hello in the dark")
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
    await said_once(shop, who, "Still there?")
    await expect(home.get_by_text("Sending")).to_have_count(0, timeout=BACK)
    await expect(home.locator(".message.mine .bubble")).to_have_count(1)


@in_chromium
async def test_ten_seconds_without_valkey(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    home = await at(people, who, "Cleo", who.place)
    await expect(card(board, who)).to_be_visible(timeout=SEE)
    async with house.without("valkey"):
        began = time.monotonic()
        await home.get_by_label("Message to").fill("Sent without the bus")
        await home.get_by_label("Message to").press("Enter")
        await move(shop, who.application, "Interview")
        # The log tells what the bus cannot: a little later, and without a reload.
        await expect(column(board, "Interview").locator("[data-card]", has_text=who.name)).to_be_visible(timeout=SEE)
        await asyncio.sleep(max(0.0, 10 - (time.monotonic() - began)))
    await said_once(shop, who, "Sent without the bus")
    await move(shop, who.application, "Review")
    await expect(column(board, "Review").locator("[data-card]", has_text=who.name)).to_be_visible(timeout=BACK)
    cleo = await booth(people, who, "Cleo on camera")
    async with asyncio.timeout(30):  # the recorder is known again, too
        while not (await who.client.get(f"{who.place}/api/place")).is_success:
            await asyncio.sleep(0.2)
    await begin_recording(cleo)
    await expect(card(board, who).get_by_text("Recording answer 1")).to_be_visible(timeout=BACK)


@in_chromium
async def test_two_tabs_record_the_same_answer(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    first = await booth(people, who)
    second = await booth(people, who)
    await begin_recording(first)
    await second.bring_to_front()
    await expect(second.get_by_text("A recording runs elsewhere")).to_be_visible(timeout=SEE)
    await expect(second.get_by_role("button", name="Start now")).to_have_count(0)
    await expect(second.get_by_role("button", name="Answer in writing instead")).to_be_visible()
    await asyncio.sleep(2)
    await first.bring_to_front()
    await expect(first.get_by_text("Network lost. Keep talking.")).to_have_count(0)
    await keep(first)
    await expect(first.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, _ = await kept_film(shop, who)
    assert length > 2
    assert len(await who.takes()) == 1
    await second.bring_to_front()  # what the first tab recorded shows up here, and can be recorded anew
    await expect(second.get_by_text("Take 1 ·")).to_be_visible(timeout=SEE)
    await second.get_by_role("button", name="Try again, 2 left").click()
    await begin_recording(second)


OFFER_WITHOUT_PICTURE = """async ([base, question]) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const body = JSON.stringify({ kind: 'video' });
    const asked = await fetch(`${base}/api/questions/${question}/takes`, { method: 'POST', headers, body });
    const ticket = await asked.json();
    const connection = new RTCPeerConnection();
    connection.addTransceiver('audio', { direction: 'sendonly' });
    await connection.setLocalDescription();
    const reply = await fetch(ticket.whip_url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${ticket.ticket}` },
        body: connection.localDescription.sdp,
    });
    connection.close();
    return [reply.status, await reply.json()];
}"""


@in_chromium
async def test_an_offer_without_a_picture(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    question = (await who("GET", f"{who.place}/api/place"))["resume"]
    status, told = await cleo.evaluate(OFFER_WITHOUT_PICTURE, [who.place, question])
    assert (status, told["code"]) == (400, "bad_offer")
    assert told["message"].endswith(".")
    await begin_recording(cleo)  # it costs nothing and blocks nothing
    await expect(cleo.get_by_text("Take 1 of 3")).to_be_visible()


@in_chromium
async def test_links_that_lead_nowhere(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    stranger = await people("Stranger")
    await stranger.goto(f"{house.origin}/c/link/{'x' * 43}")
    await stranger.get_by_role("button", name="Open my place").or_(stranger.get_by_label("E-mail")).first.wait_for()
    if await stranger.get_by_role("button", name="Open my place").is_visible():
        await stranger.get_by_role("button", name="Open my place").click()
    await expect(stranger.get_by_text("This link did not open")).to_be_visible(timeout=SEE)
    await expect(stranger.get_by_label("E-mail")).to_be_visible()

    url = (await who("POST", f"{who.place}/api/links", {}))["url"]
    running = msgspec.json.decode((house.data / "running.json").read_bytes())
    database = await asyncpg.connect(running["database_url"])
    await database.execute(
        "UPDATE candidate_link SET expires_at = now() - interval '1 day' WHERE application_id = $1", who.application
    )
    await database.close()
    late = await people("Late")
    await late.goto(url)
    await expect(late.get_by_text("no longer valid")).to_be_visible(timeout=SEE)
    await expect(late.get_by_label("E-mail")).to_be_visible()

    for path in ("/c/jobs/nothing", f"/c/a/{uuid4()}", "/invitations/nothing", "/reset/nothing", "/nowhere"):
        reply = await stranger.goto(house.origin + path)
        assert reply is not None
        lost = reply.url.endswith("/c/lost-link")  # somebody else's place: the way to one's own link
        assert lost or reply.status in {401, 403, 404, 410}, path
        await expect(stranger.get_by_role("heading").first).to_be_visible()
        assert "Traceback" not in await stranger.content()


@in_chromium
async def test_a_member_of_another_workspace(people: People, house: Fragile, shop: Furnished) -> None:
    other = await furnish(house, "Elsewhere")
    dan = await people("Dan")
    await people.contexts["Dan"].add_cookies(cookies(other.ada))
    foreign = (
        f"{shop.base}/jobs/{shop.job['id']}",
        f"{other.base}/jobs/{shop.job['id']}",
        f"{other.base}/applications/{shop.application}",
    )
    for path in foreign:
        reply = await dan.goto(house.origin + path)
        assert reply is not None
        if path.startswith(shop.base):  # this workspace does not know Dan: it offers its own door
            assert dan.url.endswith("/sign-in"), dan.url
        else:
            assert reply.status == 404, path
        await expect(dan.get_by_role("heading").first).to_be_visible()
        assert "Cleo Marchetti" not in await dan.content()


CAMERA_FAILS = """(() => {
    window.cameraFault = %r;
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const names = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) =>
        window.cameraFault && !(window.cameraFault === 'NotFoundError' && !wanted.video)
            ? Promise.reject(new DOMException('', window.cameraFault)) : real(wanted);
    navigator.mediaDevices.enumerateDevices = async () =>
        (await names()).filter((device) => window.cameraFault !== 'NotFoundError' || device.kind !== 'videoinput');
})()"""


@in_chromium
@pytest.mark.parametrize(
    ("fault", "title", "way_out"),
    [
        ("NotAllowedError", "Your browser keeps the camera closed", "Switch Camera and Microphone on"),
        ("NotFoundError", "We found no camera", "Plug it in"),
        ("NotReadableError", "Something else is using your camera", "Close video calls"),
    ],
)
async def test_a_camera_that_does_not_open(
    people: People, house: Fragile, shop: Furnished, fault: str, title: str, way_out: str
) -> None:
    who = await candidate(house, shop)
    cleo = await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_cookies(cookies(who))
    await people.contexts["Cleo"].add_init_script(CAMERA_FAILS % fault)
    for page in ("check", "record?way=video"):
        await cleo.goto(f"{house.origin}{who.place}/{page}")
        await expect(cleo.get_by_role("heading", name=title)).to_be_visible(timeout=SEE)
        await expect(cleo.get_by_text(way_out).first).to_be_visible()
        for other in ("Write instead", "Upload a file"):
            await expect(cleo.get_by_role("button", name=other).first).to_be_visible()
        assert await cleo.get_by_role("button", name="Sound only").count() == (fault == "NotFoundError")
    await cleo.evaluate("window.cameraFault = ''")
    await cleo.get_by_role("button", name="Ask me again").click()
    await expect(cleo.get_by_role("button", name="Start now")).to_be_enabled(timeout=SEE)


@in_chromium
async def test_an_address_without_https(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await people("Cleo", **camera(people))
    address = outward_address()
    await people.contexts["Cleo"].add_cookies(cookies(who, address))
    origin = house.origin.replace("localhost", address)
    await cleo.goto(f"{origin}{who.place}/check")
    await expect(cleo.get_by_role("heading", name="This address keeps the camera closed")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("https://").first).to_be_visible()
    await cleo.get_by_role("button", name="Write instead").click()
    await cleo.get_by_label("Your answer in writing").fill("Then in writing.")
    await cleo.get_by_role("button", name="Save and go on").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)


def outward_address() -> str:
    """This machine's address on its network: browsers hold only loopback for safe without https."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.connect(("192.0.2.1", 9))  # nothing is sent
        return str(trial.getsockname()[0])


@in_chromium
async def test_a_network_that_dies_during_an_answer(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    began = await begin_recording(cleo)
    await asyncio.sleep(1)
    await people.contexts["Cleo"].set_offline(True)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_be_visible(timeout=SEE)
    await asyncio.sleep(2)
    await cleo.get_by_role("button", name="Finish").click()
    seconds = time.monotonic() - began
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Waiting to send")).to_be_visible(timeout=SEE)
    await people.contexts["Cleo"].set_offline(False)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert pictures > 5 * length
