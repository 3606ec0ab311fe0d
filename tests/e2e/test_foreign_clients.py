"""A WHIP client that nobody here wrote (npm's `whip-whep`, by an author of RFC 9725) records an answer."""

import subprocess
from pathlib import Path

import pytest

from tests.cast import until
from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Furnished, Installation, candidate
from tests.e2e.steps import at, camera, kept_film
from tests.realtime.browser import node_program

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "tests" / "clients"
BUNDLE = f"""
const said = require("esbuild").buildSync({{
  stdin: {{ contents: 'export {{ WHIPClient }} from "whip-whep/whip.js"', resolveDir: "{CLIENTS}" }},
  bundle: true, write: false, format: "iife", globalName: "foreign", target: "es2022",
}});
process.stdout.write(said.outputFiles[0].text);
"""
# As its documentation has it: a connection with tracks, an address, a token. It offers before it knows of a single
# candidate of its own, and patches them in afterwards, which is answered with 405.
PUBLISH = """async ([ticket, seconds]) => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  const connection = new RTCPeerConnection();
  for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: "sendonly" });
  const connected = new Promise((done, fail) => {
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "connected") done();
      if (connection.connectionState === "failed") fail(new Error("no connection"));
    });
  });
  const client = new foreign.WHIPClient();
  await client.publish(connection, new URL(ticket.whip_url, location.href).href, ticket.ticket);
  await connected;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  await client.stop();
  stream.getTracks().forEach((track) => track.stop());
  return client.resourceURL.href;
}"""
PLAY = """async (url) => {
  const video = document.createElement("video");
  video.muted = true;
  const ended = new Promise((done, fail) => { video.onended = done; video.onerror = () => fail(video.error); });
  video.src = url;
  await video.play();
  await ended;
  return [video.videoWidth, video.videoHeight, video.currentTime];
}"""


@in_chromium
async def test_a_client_that_nobody_here_wrote_records_an_answer(
    people: People, installation: Installation, workspace: Furnished
) -> None:
    if not (CLIENTS / "node_modules").exists():
        pytest.fail("the clients are not installed: `./dev check` or `./dev test` installs them")
    script = subprocess.run([node_program(), "-e", BUNDLE], cwd=ROOT / "web", capture_output=True, check=True).stdout
    who = await candidate(installation, workspace)
    answers = (await who("GET", f"{who.place}/api/place"))["answers"]
    question = answers[0]["question"]["id"]
    page = await at(people, who, "Cleo", who.place, **camera(people))
    await page.evaluate(script.decode())
    ticket = await who("POST", f"{who.place}/api/questions/{question}/takes", {"kind": "video"})
    ended = await page.evaluate(PUBLISH, [ticket, 3])
    assert ended.endswith(ticket["whip_url"])

    async def ready() -> str:
        take = await who("GET", f"{who.place}/api/takes/{ticket['take']}")
        return str(take["url"]) if take["state"] == "ready" else ""

    width, height, seconds = await page.evaluate(PLAY, await until(ready, 30))
    assert width / height == pytest.approx(16 / 9, abs=0.02)
    assert 2 < seconds < 8
    await who("POST", f"{who.place}/api/takes/{ticket['take']}/acceptance", {})
    await who("PUT", f"{who.place}/api/questions/{answers[1]['question']['id']}/text", {"text": "In writing."})
    await who("POST", f"{who.place}/api/submission", {})
    length, pictures = await kept_film(workspace, who)
    assert length > 2
    assert pictures > 15
