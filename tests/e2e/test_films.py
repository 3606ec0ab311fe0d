"""What is made of a film, where people meet it: the copy for other browsers, captions, and what nobody would hear."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Page, Route, expect

from media.synth import make_clip
from tests.e2e.browsers import People, axe, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, candidate
from tests.e2e.steps import BACK, SEE, at, camera
from tests.media.films import make_film
from tests.media.scene import WEB
from tests.realtime.browser import node_program

# A browser that plays MP4 only, as Safari once was.
WITHOUT_WEBM = """() => {
    const plays = HTMLMediaElement.prototype.canPlayType;
    HTMLMediaElement.prototype.canPlayType = function (type) {
        return /webm/.test(type) ? '' : plays.call(this, type);
    };
}"""
WATCHED = """async (video) => {
    video.muted = true;
    await new Promise((done) => { if (video.readyState > 0) done(); else video.onloadedmetadata = done; });
    const to = video.duration - 1;
    video.currentTime = to;
    await new Promise((done) => { if (!video.seeking) done(); else video.onseeked = done; });
    const from = video.currentTime;
    await video.play();
    await new Promise((done) => { video.ontimeupdate = () => video.currentTime > from + 0.2 && done(); });
    video.pause();
    return { src: new URL(video.currentSrc).pathname, seconds: video.duration, from, to, width: video.videoWidth };
}"""


async def send(who: Candidate, film: Path) -> dict[str, Any]:
    """Answers the first question with a film."""
    question = (await who("GET", f"{who.place}/api/place"))["answers"][0]["question"]["id"]
    headers = {"content-type": "video/webm", "idempotency-key": str(uuid4())}
    path = f"{who.place}/api/questions/{question}/file"
    reply = await who.client.post(path, content=film.read_bytes(), headers=headers)
    assert reply.is_success, reply.text
    return reply.json()["takes"][-1]


async def prepared(who: Candidate) -> dict[str, Any]:
    """Their film, once everything is made of it."""
    async with asyncio.timeout(BACK / 1000):
        while True:
            (take,) = await who.takes()
            if take["movie"] == "ready":
                return take
            await asyncio.sleep(0.2)


async def opened(people: People, shop: Furnished, who: Candidate, name: str = "Ada") -> Page:
    return await at(people, shop.ada, name, f"{shop.base}/applications/{who.application}")


@in_chromium
async def test_a_browser_without_webm_plays_the_copy(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    who = await candidate(installation, workspace)
    make_clip(tmp_path / "film.webm", 7, 4, 320, 180)
    await send(who, tmp_path / "film.webm")
    ada = await opened(people, workspace, who)
    seen = await ada.locator("gr-player video").evaluate(WATCHED)
    assert seen["src"].endswith("/video")  # what was recorded plays, and goes on playing when there is a copy
    await prepared(who)
    assert await ada.locator("gr-player video").evaluate("video => video.currentSrc.endsWith('/video')")
    await people.contexts["Ada"].add_init_script(f"({WITHOUT_WEBM})()")
    await ada.reload()
    seen = await ada.locator("gr-player video").evaluate(WATCHED)
    assert seen["src"].endswith("/mp4")
    assert abs(seen["seconds"] - 4) < 0.1
    assert abs(seen["from"] - seen["to"]) < 0.1
    assert seen["width"] == 320


@in_chromium
async def test_captions_are_written_in_the_player_and_reach_everybody(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    who = await candidate(installation, workspace)
    make_clip(tmp_path / "film.webm", 9, 6, 320, 180)
    await send(who, tmp_path / "film.webm")
    await prepared(who)
    ada, again = await opened(people, workspace, who), await opened(people, workspace, who, "Ada elsewhere")
    await ada.get_by_role("button", name="Write captions").click()
    await expect(ada.get_by_label("Words of line 1")).to_be_focused(timeout=SEE)
    await ada.keyboard.type("I stopped guessing <b>and</b> wrote a recorder")
    await ada.keyboard.press("Enter")
    await ada.get_by_label("Beginning of line 2").fill("0:03")
    await ada.get_by_label("End of line 2").fill("5.5")
    await ada.get_by_label("Words of line 2").fill("It replayed their keystrokes")
    await ada.get_by_label("End of line 1").fill("0:03,0")  # the next begins there, and is then the one that is said
    await ada.get_by_label("Words of line 1").press("Control+Enter")
    line = again.get_by_role("button", name="It replayed their keystrokes")
    await expect(line).to_be_visible(timeout=SEE)  # live, in another tab
    await line.click()
    await expect(again.locator(".subtitle")).to_have_text("It replayed their keystrokes", timeout=SEE)
    await expect(line).to_have_attribute("aria-current", "true")
    assert await axe(again) == []
    await again.locator(".player").get_by_role("button", name="Captions").click()
    await expect(again.locator(".subtitle")).to_have_count(0)
    await again.keyboard.press("s")
    await expect(again.locator(".subtitle")).to_have_count(1)
    await again.get_by_role("button", name="I stopped guessing").click()
    await expect(again.locator(".subtitle")).to_have_text("I stopped guessing <b>and</b> wrote a recorder")
    cleo = await at(people, who, "Cleo", f"{who.place}#answers")
    await cleo.get_by_role("button", name="Watch").first.click()
    await cleo.locator("gr-playback video").evaluate("video => { video.currentTime = 4; }")
    await expect(cleo.locator("gr-playback .subtitle")).to_have_text("It replayed their keystrokes", timeout=SEE)


@in_chromium
async def test_who_edits_what_somebody_else_has_changed_is_told(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    who = await candidate(installation, workspace)
    make_clip(tmp_path / "film.webm", 9, 3, 320, 180)
    await send(who, tmp_path / "film.webm")
    take = await prepared(who)
    ada = await opened(people, workspace, who)
    await ada.get_by_label("Upload a .vtt file").set_input_files(
        {"name": "a.vtt", "mimeType": "text/vtt", "buffer": b"no captions"}
    )
    await expect(ada.get_by_text("its first line must be WEBVTT")).to_be_visible(timeout=SEE)  # where it was chosen
    await ada.get_by_label("Upload a .vtt file").set_input_files(
        {"name": "a.vtt", "mimeType": "text/vtt", "buffer": b"WEBVTT\n\n00:00.500 --> 00:02.000\nFrom a file\n"}
    )
    await expect(ada.get_by_role("button", name="From a file")).to_be_visible(timeout=SEE)
    await ada.get_by_role("button", name="Edit captions").click()
    await ada.get_by_label("Words of line 1").fill("Mine")
    body = {"version": 1, "cues": [{"start_ms": 0, "end_ms": 900, "text": "Theirs"}]}
    await workspace.ada("PUT", f"{workspace.base}/api/recordings/{take['recording']}/captions", body)
    await expect(ada.get_by_text("Somebody else changed these captions meanwhile")).to_be_visible(timeout=SEE)
    await expect(ada.get_by_label("Words of line 1")).to_have_value("Mine")
    await ada.get_by_role("button", name="Show theirs").click()
    await expect(ada.get_by_label("Words of line 1")).to_have_value("Theirs", timeout=SEE)
    await ada.get_by_label("Words of line 1").press("Escape")
    await expect(ada.get_by_role("button", name="Theirs")).to_be_visible(timeout=SEE)

    # What could not be read is not told as if there was nothing.
    captions = ada.locator("gr-captions")
    await ada.route("**/api/recordings/*/captions", lambda route: route.abort())
    await ada.reload()
    await expect(captions.get_by_role("alert")).to_contain_text("cannot be reached", timeout=SEE)
    await expect(captions.get_by_text("No captions yet")).to_have_count(0)
    await expect(captions.get_by_role("button")).to_have_text(["Try again"])
    await ada.unroute("**/api/recordings/*/captions")
    await captions.get_by_role("button", name="Try again").click()
    await expect(ada.get_by_role("button", name="Theirs")).to_be_visible(timeout=SEE)
    await expect(captions.get_by_role("alert")).to_have_count(0)

    async def late(route: Route) -> None:
        await asyncio.sleep(2)
        await route.continue_()

    await ada.route("**/api/recordings/*/captions", late)
    await ada.reload()
    await expect(ada.locator("gr-captions [aria-busy=true]")).to_be_visible(timeout=SEE)
    await expect(ada.get_by_text("No captions yet")).to_have_count(0)
    await expect(ada.get_by_role("button", name="Theirs")).to_be_visible(timeout=SEE)


@in_chromium
async def test_who_cannot_be_heard_or_seen_is_told(
    people: People, installation: Installation, workspace: Furnished, tmp_path: Path
) -> None:
    who = await candidate(installation, workspace)
    make_film(tmp_path / "film.webm", 2, light=0, offset=99, mute=(0, 9))
    await send(who, tmp_path / "film.webm")
    take = await prepared(who)
    assert sorted(take["warnings"]) == ["black", "silent"]
    cleo = await at(people, who, "Cleo", f"{who.place}#answers")
    await expect(cleo.get_by_text("We could not hear you")).to_be_visible(timeout=SEE)
    ada = await opened(people, workspace, who)
    await expect(ada.get_by_text("Nobody is heard in this recording.")).to_be_visible(timeout=SEE)


@in_chromium
async def test_a_job_video_warns_who_made_it_and_shows_its_captions(people: People, workspace: Furnished) -> None:
    path = f"{workspace.base}/jobs/{workspace.job['id']}/edit"
    ada = await at(people, workspace.ada, "Ada", path, **camera(people))
    await ada.get_by_role("button", name="Record job video").click()
    start = ada.get_by_role("button", name="Start recording")
    await expect(start).to_be_enabled(timeout=30_000)
    await ada.locator("gr-recorder video.self").evaluate("v => { v.srcObject.getAudioTracks()[0].enabled = false; }")
    await start.click()
    finish = ada.get_by_role("button", name="Finish")
    await finish.wait_for(timeout=30_000)
    await asyncio.sleep(1)
    await finish.click()
    await expect(ada.get_by_text("There is no voice on this recording.")).to_be_visible(timeout=30_000)
    await ada.get_by_role("button", name="Use this one").click()
    await ada.get_by_role("button", name="Write captions").click(timeout=30_000)
    await ada.get_by_label("Words of line 1").fill("Hello from the team")
    await ada.get_by_label("Words of line 1").press("Control+Enter")
    await expect(ada.get_by_role("button", name="Hello from the team")).to_be_visible(timeout=SEE)


BUNDLE = """
const said = require("esbuild").buildSync({
  entryPoints: ["src/recording/senses.ts"], bundle: true, write: false, format: "esm", target: "es2022",
});
process.stdout.write(said.outputFiles[0].text);
"""
# The senses of the page that records, before a canvas and a tone instead of a camera and a microphone.
SENSED = """async ([colour, gain]) => {
    const { Senses } = await import('/senses.js');
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const brush = canvas.getContext('2d');
    let turn = 0;
    const painting = setInterval(() => {
        brush.fillStyle = turn++ % 2 ? colour : '#000';
        brush.fillRect(0, 0, 320, 180);
        brush.fillStyle = colour;
        brush.fillRect(0, 20, 320, 160);
    }, 33);
    const context = new AudioContext();
    const ears = context.createMediaStreamDestination();
    const tone = new OscillatorNode(context, { frequency: 300 });
    tone.connect(new GainNode(context, { gain })).connect(ears);
    tone.start();
    const stream = canvas.captureStream(30);
    stream.addTrack(ears.stream.getAudioTracks()[0]);
    const senses = new Senses();
    senses.start(stream);
    const looks = () => senses.warnings.length;
    for (let last = -1, calm = 0; calm < 25; calm = looks() === last ? calm + 1 : 0) {
        last = looks();
        await new Promise((done) => setTimeout(done, 100));
    }
    const found = [senses.warnings, senses.soFar];
    senses.stop();
    clearInterval(painting);
    await context.close();
    return found;
}"""


@in_chromium
async def test_the_page_that_records_hears_and_sees(people: People) -> None:
    code = subprocess.run([node_program(), "-e", BUNDLE], cwd=WEB, capture_output=True, check=True).stdout.decode()
    page = await people("Cleo")
    await page.route("http://127.0.0.1:9/", lambda route: route.fulfill(content_type="text/html", body="<p>Hello"))
    await page.route(
        "http://127.0.0.1:9/senses.js", lambda route: route.fulfill(content_type="text/javascript", body=code)
    )
    await page.goto("http://127.0.0.1:9/")
    for colour, gain, expected in [
        ("#777", 0.3, []),
        ("#777", 0.0005, ["silent"]),
        ("#040404", 0.3, ["black"]),
        ("#040404", 0, ["silent", "black"]),
    ]:
        found, so_far = await page.evaluate(SENSED, [colour, gain])
        assert found == expected, (colour, gain)
        assert so_far == [], "nobody is interrupted in the first seconds"
