"""A recorder, a network or a second tab gets in the way of an answer: what was said is kept, and people are told."""

import asyncio
import contextlib

import pytest
from playwright.async_api import Error, Route, expect

from tests.bench.report import Goal
from tests.e2e.browsers import People, in_chromium
from tests.e2e.conftest import ROOM
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Furnished, candidate
from tests.e2e.speaker import speaker
from tests.e2e.steps import BACK, SEE, at, begin_recording, booth, camera, card, finish, keep, kept_film

BROKE = "The connection to our recorder broke. Keep talking."
NOTICE = """(words) => {
    const began = performance.now();
    window.noticed = new Promise(done => {
        const look = () => document.body.innerText.includes(words)
            ? done((performance.now() - began) / 1000) : setTimeout(look, 20);
        look();
    });
}"""  # seconds from now until the page says so


@in_chromium
async def test_a_recorder_that_is_killed_in_the_middle_of_an_answer(
    people: People, house: Fragile, shop: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    who = await candidate(house, shop)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    cleo = await booth(people, who)
    await begin_recording(cleo)
    await expect(card(board, who.name).get_by_text("Recording answer 1")).to_be_visible(timeout=SEE)
    await asyncio.sleep(1)
    before = await house.recorders()
    await cleo.evaluate(NOTICE, BROKE)
    await house.kill("recorder")
    await expect(cleo.get_by_text(BROKE)).to_be_visible(timeout=SEE)
    with capsys.disabled():
        print("\n" + str(Goal("dead recorder noticed by the page", await cleo.evaluate("noticed"), "s", 3)))
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible()
    await asyncio.sleep(1.5)
    seconds = await finish(cleo)
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    await expect(card(board, who.name).get_by_text("Recording")).to_have_count(0, timeout=BACK)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)  # the whole answer, not what the recorder had of it
    assert pictures > 5 * length
    async with asyncio.timeout(BACK / 1000):
        while await house.recorders() <= before:
            await asyncio.sleep(0.1)
    # The recorder is back by itself, and the next answer is not refused because of what became of the first.
    await begin_recording(cleo)
    await expect(card(board, who.name).get_by_text("Recording answer 2")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_have_count(0)
    await asyncio.sleep(2)
    await keep(cleo)
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=30_000)


@in_chromium
async def test_a_film_that_broke_off_without_a_copy_is_not_called_whole(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who = await candidate(house, shop)
    first = await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script("delete window.MediaRecorder")
    await first.close()
    cleo = await booth(people, who)
    await house.can_record()
    await begin_recording(cleo)
    await asyncio.sleep(3)
    await house.kill("recorder")
    await expect(cleo.get_by_text("The connection broke, and this device keeps no copy").first).to_be_visible(
        timeout=SEE
    )
    await finish(cleo)
    await expect(cleo.get_by_text("This recording broke off")).to_be_visible(timeout=BACK)
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Answer in writing instead").click()
    await cleo.get_by_role("textbox").fill("A ferry timetable.")
    await cleo.get_by_role("button", name="Save and send all answers").click()
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Both answers arrived. You may close this page.")).to_be_visible()


@in_chromium
async def test_without_any_recorder_the_device_records_alone(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    async with house.without("recorder"):
        await begin_recording(cleo)
        await asyncio.sleep(3)
        seconds = await finish(cleo)
        await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
        await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, _ = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5


@in_chromium
async def test_when_every_recorder_is_full_the_device_records_alone(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who, others = await candidate(house, shop), [await speaker(house, shop) for _ in range(ROOM)]
    cleo = await booth(people, who)
    await cleo.get_by_role("button", name="Start now").wait_for(timeout=30_000)
    await house.can_record()  # the test before left it killed, and it starts again in its own time
    for other in others:  # connected, and silent: room is taken
        assert await other.reach()
    async with cleo.expect_response("**/takes") as asked:
        await begin_recording(cleo)
    refused = await asked.value
    assert (refused.status, (await refused.json())["code"]) == (503, "recorders_busy")
    await expect(cleo.get_by_text("All recorders are busy. This device records alone.")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("The connection to our recorder broke")).to_have_count(0)
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible(timeout=SEE)
    await asyncio.sleep(2)
    seconds = await finish(cleo)
    await asyncio.gather(*(other.hang_up() for other in others))
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, _ = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)


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
async def test_two_tabs_record_the_same_answer(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    first = await booth(people, who)
    second = await booth(people, who)
    await begin_recording(first)
    await second.bring_to_front()
    await expect(second.get_by_text("A recording runs elsewhere")).to_be_visible(timeout=SEE)
    await expect(second.get_by_role("button", name="Start now")).to_have_count(0)
    await expect(second.get_by_role("button", name="Answer in writing instead")).to_be_visible()
    kept = asyncio.Event()

    async def late(route: Route) -> None:
        await kept.wait()
        with contextlib.suppress(Error):  # asked for once more meanwhile
            await route.continue_()

    await second.route("**/api/place", late)  # it hears nothing of the end until all has been decided
    await asyncio.sleep(2)
    await first.bring_to_front()
    await expect(first.get_by_text("Network lost. Keep talking.")).to_have_count(0)
    seconds = await finish(first)
    await first.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(first.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, _ = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert len(await who.takes()) == 1
    kept.set()
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
async def test_a_network_that_dies_during_an_answer(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await booth(people, who)
    await begin_recording(cleo)
    await asyncio.sleep(1)
    await people.contexts["Cleo"].set_offline(True)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_be_visible(timeout=SEE)
    await asyncio.sleep(2)
    seconds = await finish(cleo)
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Waiting to send")).to_be_visible(timeout=SEE)
    await people.contexts["Cleo"].set_offline(False)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=30_000)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert pictures > 5 * length
