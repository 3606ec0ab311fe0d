"""People with the wrong link, in the wrong workspace, or whose camera stays closed: a sentence and a way out."""

import re
import socket
from uuid import uuid4

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Furnished, candidate, furnish
from tests.e2e.steps import SEE, camera


@in_chromium
async def test_links_that_lead_nowhere(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    stranger = await people("Stranger")
    await stranger.goto(f"{house.origin}/c/link/{'x' * 43}")
    await stranger.get_by_role("button", name="Open my place").or_(stranger.get_by_label("E-mail")).first.wait_for()
    if await stranger.get_by_role("button", name="Open my place").is_visible():
        await stranger.get_by_role("button", name="Open my place").click()
    await ended(stranger)

    url = (await who("POST", f"{who.place}/api/links", {}))["url"]
    database = await asyncpg.connect(house.services().database_url)
    await database.execute(
        "UPDATE candidate_link SET expires_at = now() - interval '1 day' WHERE application_id = $1", who.application
    )
    await database.close()
    late = await people("Late")
    await late.goto(url)
    await ended(late)

    for path in ("/c/jobs/nothing", f"/c/a/{uuid4()}", "/invitations/nothing", "/reset/nothing", "/nowhere"):
        reply = await stranger.goto(house.origin + path)
        assert reply is not None
        lost = reply.url.endswith("/c/lost-link")  # somebody else's place: the way to one's own link
        assert lost or reply.status in {401, 403, 404, 410}, path
        await expect(stranger.get_by_role("heading").first).to_be_visible()
        assert "Traceback" not in await stranger.content()


async def ended(page: Page) -> None:
    """The page of a link that ended says so once, and what to do now."""
    await expect(page.get_by_role("heading", name="This link has ended")).to_be_visible(timeout=SEE)
    await expect(page.get_by_text("Have a new one mailed to you")).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_be_visible()
    await expect(page.get_by_role("button", name="Open my place")).to_have_count(0)
    said = await page.locator("main").inner_text()
    assert len(re.findall("has ended|did not open|no longer valid|Get a new link", said)) == 1, said
    assert await axe(page) == []


@in_chromium
async def test_a_member_of_another_workspace(people: People, house: Fragile, shop: Furnished) -> None:
    other = await furnish(house, "Elsewhere")
    dan = await people("Dan")
    await people.contexts["Dan"].add_cookies(other.ada.cookies())
    foreign = (
        f"{shop.base}/jobs/{shop.job['id']}",
        f"{other.base}/jobs/{shop.job['id']}",
        f"{other.base}/applications/{shop.application}",
    )
    for path in foreign:
        reply = await dan.goto(house.origin + path)
        assert reply is not None
        if path.startswith(shop.base):  # this workspace does not know Dan: it offers its own door
            assert dan.url == f"{house.origin}/sign-in?then={path}"
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
    await people.contexts["Cleo"].add_cookies(who.cookies())
    await people.contexts["Cleo"].add_init_script(CAMERA_FAILS % fault)
    for page in ("check", "record?way=video"):
        await cleo.goto(f"{house.origin}{who.place}/{page}")
        await expect(cleo.get_by_role("heading", name=title)).to_be_visible(timeout=SEE)
        await expect(cleo.get_by_text(way_out).first).to_be_visible()
        for other in ("Write instead", "Upload a file"):
            await expect(cleo.get_by_role("button", name=other).first).to_be_visible()
        assert await cleo.get_by_role("button", name="Sound only").count() == (fault != "NotAllowedError")
    await cleo.evaluate("window.cameraFault = ''")
    await cleo.get_by_role("button", name="Ask me again").click()
    await expect(cleo.get_by_role("button", name="Start now")).to_be_enabled(timeout=SEE)


@in_chromium
@pytest.mark.parametrize("fault", ["NotFoundError", "NotReadableError", "UnknownError"])
async def test_nobody_is_asked_to_unplug_the_camera_of_a_phone(
    people: People, house: Fragile, shop: Furnished, fault: str
) -> None:
    who = await candidate(house, shop)
    cleo = await people("Cleo", size=NARROW, has_touch=True, **camera(people))
    await people.contexts["Cleo"].add_cookies(who.cookies())
    await people.contexts["Cleo"].add_init_script(CAMERA_FAILS % fault)
    await cleo.goto(f"{house.origin}{who.place}/check")
    await expect(cleo.get_by_role("button", name="Ask me again")).to_be_visible(timeout=SEE)
    words = (await cleo.get_by_role("main").inner_text()).lower()
    assert not [word for word in ("plug", "laptop", "computer", "shutter") if word in words], words


@in_chromium
async def test_an_address_without_https(people: People, house: Fragile, shop: Furnished) -> None:
    who = await candidate(house, shop)
    cleo = await people("Cleo", **camera(people))
    address = outward_address()
    await people.contexts["Cleo"].add_cookies(who.cookies(address))
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
