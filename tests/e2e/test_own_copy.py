"""The copy that the candidate's own device keeps of an answer: found again, sent, and as long as what was said."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Dialog, Page, Route, expect

from tests.e2e.browsers import NARROW, People, in_chromium, in_firefox
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Candidate, Furnished, candidate
from tests.e2e.steps import BACK, SEE, begin_recording, booth, camera, finish, kept_film

# What a network does that lets no UDP through: the answer's addresses lead nowhere, and nobody comes from outside.
WITHOUT_UDP = """() => {
    const nowhere = (sdp) => sdp.replace(/^(a=candidate:\\S+ \\d+ \\S+ \\d+) \\S+/gm, '$1 192.0.2.1');
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (told) {
        return set.call(this, { type: told.type, sdp: nowhere(told.sdp) });
    };
    const ask = window.fetch;
    window.fetch = (where, options) => ask(where, String(where).includes('/whip/') && options?.body
        ? { ...options, body: options.body.replace(/^a=candidate:.*\\r\\n/gm, '') } : options);
}"""
COPIES = """async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('copies', { create: true });
    const names = [];
    for await (const name of folder.keys()) names.push(name);
    return names.length;
}"""

HOLD = """async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('copies');
    const ids = new Set();
    for await (const name of folder.keys()) ids.add(name.split('.')[0]);
    const gone = new Promise(free => { window.free = free; });
    for (const id of ids)
        await new Promise(held => navigator.locks.request(`greenroom.copy.${id}`, () => { held(); return gone; }));
    return ids.size;
}"""


async def left(page: Page) -> int:
    """The files that are still on the device."""
    found: int = await page.evaluate(COPIES)
    return found


async def nothing_left(page: Page) -> None:
    """What the server has whole does not stay on the device."""
    async with asyncio.timeout(BACK / 1000):
        while await left(page) > 0:
            await asyncio.sleep(0.2)


async def go(dialog: Dialog) -> None:
    """Leave the page all the same."""
    await dialog.accept()


async def spoken(page: Page, end: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Seconds since the red dot by the page's own clock, just before it is ended, and at most until it had ended."""
    seconds: float = await page.evaluate("(performance.now() - wallClock.begun) / 1000")
    began = time.monotonic()
    await end()
    return seconds, seconds + time.monotonic() - began


async def blocked(people: People) -> None:
    """Cleo's network lets no UDP through."""
    first = await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script(f"({WITHOUT_UDP})()")
    await first.close()


async def without_files(route: Route) -> None:
    """A browser, or a private window, that has no private file system."""
    reply = await route.fetch()
    await route.fulfill(response=reply, body="navigator.storage.getDirectory = undefined;" + await reply.text())


async def cleo_at(people: People, who: Candidate) -> Page:
    """The booth, which may be left at any time."""
    page = await booth(people, who)
    page.on("dialog", go)
    return page


async def cut_off(people: People, who: Candidate) -> Page:
    """Their page in the middle of an answer, when it has seen that the network is gone."""
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await people.contexts["Cleo"].set_offline(True)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_be_visible(timeout=SEE)
    return cleo


@in_firefox  # Chromium's files on the device are found again below, and `test_lost_recordings.py` kills its recorder
async def test_a_recorder_is_killed_and_the_page_reloaded(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await asyncio.sleep(2)
    await house.kill("recorder")
    await expect(cleo.get_by_text("The connection to our recorder broke. Keep talking.")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible(timeout=SEE)
    await asyncio.sleep(3)
    least, most = await spoken(cleo, cleo.reload)
    await expect(cleo.get_by_text("Happy with this one?")).to_be_visible(timeout=BACK)  # they decide, not the device
    await expect(cleo.get_by_text("Safe: you may close this page")).to_be_visible(timeout=BACK)
    await nothing_left(cleo)
    assert (await who("GET", f"{who.place}/api/place"))["answers"][0]["kind"] is None
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    length, pictures = await kept_film(shop, who)
    assert least - 3 < length < most + 0.5, (length, least, most)
    assert pictures > 5 * length
    assert len(await who.takes()) == 1


@in_chromium  # Firefox cannot be taken off the network from outside
async def test_the_network_is_gone_until_the_next_visit(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await asyncio.sleep(1)
    await people.contexts["Cleo"].set_offline(True)
    await expect(cleo.get_by_text("Network lost. Keep talking.")).to_be_visible(timeout=SEE)
    await asyncio.sleep(3)
    seconds = await finish(cleo)
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Waiting to send")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible()
    await expect(cleo.get_by_text("Open your personal link again later")).to_be_visible()
    await cleo.close()
    await people.contexts["Cleo"].set_offline(False)
    sending = asyncio.Event()

    async def wait(route: Route) -> None:
        await sending.wait()
        await route.continue_()

    await people.contexts["Cleo"].route("**/uploads", wait)
    closing = await people("Cleo")  # a page that is closed and not gone yet
    await closing.goto(f"{house.origin}/robots.txt")
    assert await closing.evaluate(HOLD) == 1
    home = await people("Cleo")
    await home.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await home.goto(str(who.client.base_url.join(who.place)))
    await expect(home.get_by_role("heading").first).to_be_visible(timeout=SEE)
    await asyncio.sleep(1)
    await expect(home.get_by_text("Saved on this device")).to_have_count(0)
    await closing.evaluate("free()")
    await expect(home.get_by_text("Saved on this device").first).to_be_visible(timeout=SEE)
    await closing.close()
    await home.close()
    again = await cleo_at(people, who)  # sent without being asked, and kept as it was decided
    await expect(again.get_by_text("The rest of it is on its way")).to_be_visible(timeout=SEE)
    sending.set()
    await expect(again.get_by_text("Question 2 of 2")).to_be_visible(timeout=BACK)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert pictures > 5 * length
    await nothing_left(again)


@in_chromium
async def test_what_is_written_while_an_older_copy_is_sent_stays(
    people: People, house: Fragile, shop: Furnished
) -> None:
    who = await candidate(house, shop)
    cleo = await cut_off(people, who)
    await asyncio.sleep(1)
    await finish(cleo)
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Waiting to send")).to_be_visible(timeout=SEE)
    await cleo.close()
    await people.contexts["Cleo"].set_offline(False)
    sending = asyncio.Event()

    async def wait(route: Route) -> None:
        await sending.wait()
        await route.continue_()

    await people.contexts["Cleo"].route("**/uploads", wait)
    again = await cleo_at(people, who)
    await expect(again.get_by_text("The rest of it is on its way")).to_be_visible(timeout=SEE)
    await again.locator("#help").click()
    await again.get_by_role("button", name="Answer in writing Counts the same").click()
    await again.get_by_role("textbox").fill("A ferry timetable.")
    await again.get_by_role("button", name="Save and go on").click()
    await expect(again.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    sending.set()
    await nothing_left(again)  # the server has it, to be watched and chosen
    (first, _) = (await who("GET", f"{who.place}/api/place"))["answers"]
    assert (first["kind"], first["text"]) == ("text", "A ferry timetable.")
    assert [take["state"] for take in first["takes"]] == ["ready"]


@in_chromium
async def test_their_page_says_at_once_what_only_this_device_has(
    people: People, house: Fragile, shop: Furnished
) -> None:
    """For seconds the server believes that it still records what is on the device, and nothing is sent."""
    who = await candidate(house, shop)
    cleo = await cut_off(people, who)
    await asyncio.sleep(2)
    await cleo.close()
    await people.contexts["Cleo"].set_offline(False)
    believes = True

    async def as_if_it_still_recorded(route: Route) -> None:
        reply = await route.fetch()
        body = await reply.text()
        if believes:
            body = re.sub('"state":"(processing|ready|interrupted)"', '"state":"recording"', body)
        await route.fulfill(response=reply, body=body)

    home = await people("Cleo")
    await home.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    for address in (who.place, f"{who.place}/api/place"):
        await home.route(f"**{address}", as_if_it_still_recorded)
    await home.goto(str(who.client.base_url.join(who.place)))
    said = home.get_by_role("status").filter(has_text="Saved on this device").first
    await expect(said).to_contain_text("We check how much of it has reached us", timeout=SEE)
    await expect(said).to_contain_text("Question 1")
    believes = False
    # The recorder gives them up after half a minute, then the copy is sent. Which of the two films is better, and so
    # whether the copy goes at once, depends on how much of the machine the browser had.
    await expect(home.get_by_text("Safe: you may close this page").first).to_be_visible(timeout=2 * BACK)
    await expect(said).to_have_count(0)


@in_chromium
async def test_udp_is_blocked(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    await blocked(people)
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await expect(cleo.get_by_text("Our recorder is out of reach.").first).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("connection to our recorder broke")).to_have_count(0)  # it never stood
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible(timeout=SEE)
    await asyncio.sleep(3)
    seconds = await finish(cleo)
    await expect(cleo.get_by_text("Take 1 ·")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Play").first.click()  # the copy can be watched before anything was sent
    await expect(cleo.get_by_role("button", name="Pause")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=BACK)
    length, pictures = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert pictures > 5 * length


@in_chromium  # the other engine's tools cannot change what a worker is given
async def test_a_browser_without_a_file_system(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    await blocked(people)
    await people.contexts["Cleo"].route("**/static/shelf-*.js", without_files)
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible(timeout=SEE)
    await asyncio.sleep(3)
    least, most = await spoken(cleo, cleo.close)
    again = await cleo_at(people, who)
    await again.get_by_role("button", name="Keep").click(timeout=BACK)
    await expect(again.get_by_text("Question 2 of 2")).to_be_visible(timeout=BACK)
    length, _ = await kept_film(shop, who)
    assert least - 3 < length < most + 0.5, (length, least, most)
    assert await left(again) == 0  # it lay in the database


@in_chromium
async def test_nowhere_to_keep_a_copy(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    await blocked(people)
    await people.contexts["Cleo"].route("**/static/shelf-*.js", lambda route: route.abort())
    cleo = await cleo_at(people, who)
    await begin_recording(cleo)
    await expect(cleo.get_by_text("Kept in this page only: leave it open").first).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Saved on this device")).to_have_count(0)
    await asyncio.sleep(2)
    seconds = await finish(cleo)
    await expect(cleo.get_by_text("Nobody has seen it yet.")).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("It stays safe")).to_have_count(0)
    full = {"code": "quota_exceeded", "message": "There is no room left."}
    await cleo.route("**/uploads", lambda route: route.fulfill(status=429, json=full))
    await cleo.get_by_role("button", name="Keep").click(timeout=30_000)
    await expect(cleo.get_by_text("There is no room left.")).to_be_visible(timeout=SEE)  # and it is not tried for ever
    await cleo.unroute("**/uploads")
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=BACK)
    length, _ = await kept_film(shop, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
