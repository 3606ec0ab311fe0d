"""Where the line is poor or the camera fails there is a next best way, and what was lost comes by itself later."""

import asyncio
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Page, Route, expect

from tests.e2e.browsers import NARROW, People, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, candidate
from tests.e2e.large_camera import browser  # noqa: F401 - a fixture
from tests.e2e.steps import BACK, SEE, at, begin_recording, booth, camera, finish, kept_film
from tests.e2e.test_own_copy import nothing_left
from tests.media.link import Far, Link
from tests.media.sender import NACK

# What the browser believes of its link is what the test says.
CARRIES = """() => {
    const ask = RTCPeerConnection.prototype.getStats;
    RTCPeerConnection.prototype.getStats = async function (...words) {
        const told = new Map();
        (await ask.apply(this, words)).forEach((report, id) => {
            const known = window.carries && report.type === 'candidate-pair';
            told.set(id, known ? { ...report, availableOutgoingBitrate: window.carries } : report);
        });
        return told;
    };
}"""
# A MediaRecorder that can end as one does whose encoder failed.
BREAKS_OFF = """(() => {
    window.MediaRecorder = class extends MediaRecorder {
        start(...words) {
            super.start(...words);
            window.breakOff = () => super.stop();
        }
    };
})()"""
VOICE, RESENT = 111, 97  # Chromium's payload types of sound, and of video that is sent again, as its offer says
FEEDBACK = 205  # type of an RTCP packet with feedback (RFC 4585), in the clear as its format is
LOST = 4  # packets of the picture, for good: few, for a starved sender soon stops the copy to spare its picture


async def carries(page: Page, bits: int) -> None:
    """From now on the link carries so much."""
    await page.evaluate(f"window.carries = {bits}")


async def uplink(session: CDPSession, bytes_per_second: int) -> None:
    """How quickly the page's own requests go out; -1 for as quickly as they can."""
    told = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    await session.send("Network.emulateNetworkConditions", told)


async def recording_of(shop: Furnished, who: Candidate) -> tuple[str, bool]:
    """The recording that is the first answer, and whether it lacks something."""
    view = await shop.ada("GET", f"{shop.base}/api/applications/{who.application}")
    take = view["answers"][0]["take"]
    return take["recording"], take["damaged"]


async def replaced(shop: Furnished, who: Candidate, recording: str) -> None:
    """The browser's own copy has taken its place."""
    async with asyncio.timeout(BACK / 1000):
        while (await recording_of(shop, who)) in {(recording, True), (recording, False)}:
            await asyncio.sleep(0.2)
    assert (await recording_of(shop, who))[1] is False


@in_chromium
async def test_a_line_too_slow_for_a_picture_carries_the_voice_alone(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    first = await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script(f"({CARRIES})()")
    await first.close()
    cleo = await booth(people, who)
    await begin_recording(cleo)
    await carries(cleo, 60_000)
    slow = cleo.get_by_text("Your network is too slow for the picture. Your voice goes on.")
    await expect(slow).to_be_visible(timeout=30_000)
    await expect(cleo.get_by_text("The picture is recorded on this device, and sent afterwards.")).to_be_visible()
    await expect(cleo.get_by_text("Saved on this device").first).to_be_visible()
    await asyncio.sleep(2)
    await carries(cleo, 500_000)
    quicker = cleo.get_by_text("Your network is quicker again.", exact=True)
    await expect(quicker).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Send the picture again").click()
    await expect(quicker).to_have_count(0)
    await asyncio.sleep(1)
    seconds = await finish(cleo)
    await expect(cleo.get_by_text("Sent when you keep it")).to_be_visible(timeout=30_000)
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    recording, _ = await recording_of(workspace, who)
    await replaced(workspace, who, recording)
    length, pictures = await kept_film(workspace, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    assert pictures > 5 * length  # no hole in it
    await nothing_left(cleo)


class Forgetful(Link):
    """A way on which one packet of the picture in twenty is lost until `LOST` are; no request to send it again arrives.

    How long that takes is the sender's pace: one that is starved sends so few packets that a time would lose none.
    """

    raining = False
    count = 0
    lost = 0

    def towards_recorder(self, data: bytes, sender: tuple[str, int]) -> None:
        kind = data[1] & 0x7F
        picture = data[0] >= 128 and not 64 <= kind <= 95 and kind not in {VOICE, RESENT}  # media, and no report
        if self.raining and picture and self.lost < LOST:
            self.count += 1
            if self.count % 20 == 0:
                self.lost += 1
                return
        super().towards_recorder(data, sender)

    def towards_sender(self, data: bytes, far: Far) -> None:
        if not (self.raining and data[0] & 0x9F == 0x80 | NACK and data[1] == FEEDBACK):
            super().towards_sender(data, far)

    async def dry(self) -> None:
        """Until it has rained enough."""
        async with asyncio.timeout(BACK / 1000):
            while self.lost < LOST:
                await asyncio.sleep(0.05)


class Detour:
    """Leads the media of a page over a link of ours."""

    def __init__(self) -> None:
        self.link: Forgetful | None = None

    async def __call__(self, route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        hidden = "\r\n".join(
            line for line in (route.request.post_data or "").split("\r\n") if not line.startswith("a=candidate")
        )
        reply = await route.fetch(post_data=hidden)
        answer = await reply.text()
        words = next(line for line in answer.split("\r\n") if line.startswith("a=candidate")).split(" ")
        self.link = Forgetful(words[4], (words[4], int(words[5])))
        await self.link.open()
        await route.fulfill(response=reply, body=self.link.redirect(answer))


@in_chromium
async def test_what_was_lost_on_the_way_follows_by_itself(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo, detour = await booth(people, who), Detour()
    await cleo.route("**/whip/*", detour)
    await begin_recording(cleo)
    assert detour.link is not None
    detour.link.raining = True
    await detour.link.dry()
    await asyncio.sleep(1)
    seconds = await finish(cleo)
    await expect(cleo.get_by_text("Sent when you keep it")).to_be_visible(timeout=30_000)
    (take,) = await who.takes()
    assert (take["state"], take["damaged"]) == ("ready", True)
    session = await cleo.context.new_cdp_session(cleo)
    await uplink(session, 8_000)
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)  # nobody waits for it
    await cleo.get_by_role("button", name="Answer in writing instead").click()
    await cleo.get_by_role("textbox").fill("A ferry timetable.")
    await cleo.get_by_role("button", name="Save and send all answers").click()
    # Only handing in does: the team may look a moment later, and then nothing more is taken.
    await expect(cleo.get_by_role("heading", name="Sending the best picture")).to_be_visible(timeout=SEE)
    assert (await who("GET", f"{who.place}/api/place"))["submitted_at"] is None
    await uplink(session, -1)
    await expect(cleo.get_by_role("heading", name="Thank you")).to_be_visible(timeout=BACK)
    await replaced(workspace, who, take["recording"])
    length, _ = await kept_film(workspace, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    await nothing_left(cleo)
    detour.link.close()


@in_chromium
async def test_a_phone_goes_on_where_the_computer_has_no_camera(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo = await people("Cleo")
    await people.contexts["Cleo"].add_cookies(who.cookies())
    await cleo.add_init_script("delete MediaDevices.prototype.getUserMedia")
    await cleo.goto(str(who.client.base_url.join(f"{who.place}/check")))
    await cleo.get_by_role("button", name="Use my phone").click()
    code = cleo.get_by_role("img", name="QR code with a link for your phone")
    await expect(code).to_be_visible(timeout=SEE)
    url = await cleo.get_by_label("The link for your phone").input_value()
    phone = await people("Phone", size=NARROW, **camera(people))
    await phone.goto(url)
    await expect(phone).to_have_url(str(who.client.base_url.join(f"{who.place}/check")), timeout=SEE)
    await expect(phone.get_by_role("link", name="Continue to question 1")).to_be_visible(timeout=SEE)
    other = await people("Somebody else")
    await other.goto(url)
    await expect(other.get_by_role("heading", name="This link has ended")).to_be_visible(timeout=SEE)
    assert urlsplit(url).path.startswith("/c/link/")


@in_chromium
async def test_a_slow_way_up_is_told_before_the_red_dot(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    cleo = await at(people, who, "Cleo", who.place, **camera(people))  # where nothing is measured meanwhile
    await cleo.evaluate("sessionStorage.setItem('greenroom.uplink', '120000')")
    await cleo.goto(str(who.client.base_url.join(f"{who.place}/record?way=video")))
    await expect(cleo.get_by_text("Your network is very slow")).to_be_visible(timeout=SEE)
    await cleo.get_by_role("button", name="Sound only").click()
    await expect(cleo.get_by_text("Your network is very slow")).to_have_count(0)
    await expect(cleo.get_by_role("button", name="Start now")).to_be_enabled(timeout=SEE)
    await cleo.get_by_role("button", name="Answer in writing instead").click()
    await cleo.get_by_role("textbox").fill("A ferry time", timeout=SEE)
    await cleo.close()  # by mistake: what was typed is found again
    again = await people("Cleo")
    await again.goto(str(who.client.base_url.join(f"{who.place}/record?way=text")))
    await expect(again.get_by_role("textbox")).to_have_value("A ferry time", timeout=SEE)


@in_chromium
async def test_who_records_without_a_copy_is_not_told_that_there_is_one(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    who = await candidate(installation, workspace)
    await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script("delete window.MediaRecorder")
    cleo = await booth(people, who)
    await begin_recording(cleo)
    await expect(cleo.get_by_text("This device keeps no copy").first).to_be_visible(timeout=SEE)
    await people.contexts["Cleo"].set_offline(True)
    lost = cleo.get_by_text("The connection broke, and this device keeps no copy", exact=True)
    await expect(lost).to_be_visible(timeout=SEE)
    await expect(cleo.get_by_text("Keep talking")).to_have_count(0)


@in_chromium
async def test_a_copy_that_breaks_off_is_not_called_saved(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    """Its browser cannot go on with it: what the recorder has is the take, and the half copy is not taken for it."""
    who = await candidate(installation, workspace)
    await people("Cleo", **camera(people))
    await people.contexts["Cleo"].add_init_script(BREAKS_OFF)
    cleo = await booth(people, who)
    await begin_recording(cleo)
    saved = cleo.get_by_text("Saved on this device")
    await expect(saved.first).to_be_visible(timeout=SEE)
    await cleo.evaluate("breakOff()")
    await expect(cleo.get_by_text("This device keeps no copy").first).to_be_visible(timeout=SEE)
    await expect(saved).to_have_count(0)
    await asyncio.sleep(4)  # what the copy lacks is more than two films may differ by
    seconds = await finish(cleo)
    await expect(cleo.get_by_text("Safe: you may close this page")).to_be_visible(timeout=BACK)
    (take,) = await who.takes()
    assert take["recording"] in (await cleo.locator("gr-playback video").get_attribute("src") or "")
    await cleo.get_by_role("button", name="Keep").click()
    await expect(cleo.get_by_text("Question 2 of 2")).to_be_visible(timeout=SEE)
    length, _ = await kept_film(workspace, who)
    assert abs(length - seconds) < 1.5, (length, seconds)
    await nothing_left(cleo)
