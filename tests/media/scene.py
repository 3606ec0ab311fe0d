"""A page that films a flash and beeps at the same instant, the real WHIP client in it, and eyes and ears for the file.

`Origin` serves page and client on 127.0.0.1 (a secure context) and hands offers on, as the web process does.
`film` runs the page for a while; `perceive` decodes what was recorded and tells when it flashed and when it beeped.
What a starved browser shows or plays late was late: `own_copy` is what the same browser recorded of the same scene
without any network, and `further_apart` tells what our file adds to that.
"""

import http.server
import itertools
import statistics
import subprocess
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import httpx
import numpy as np
from playwright.async_api import Page

from tests.media.link import Link
from tests.media.peers import SECRET, Running
from tests.realtime.browser import node_program

WEB = Path(__file__).resolve().parents[2] / "web"
BUNDLE = """
const said = require("esbuild").buildSync({
  entryPoints: ["src/recording/whip.ts"], bundle: true, write: false, format: "esm", target: "es2022",
});
process.stdout.write(said.outputFiles[0].text);
"""

# A picture that goes white for 0.12 s and a tone that sounds as long, begun in one turn of the page's own loop.
SCENE = """<!doctype html><title>scene</title><canvas width="640" height="360"></canvas>
<script type="module">
import { WhipSession } from "/whip.js";
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const canvas = document.querySelector("canvas");
const brush = canvas.getContext("2d");
let white = false, turn = 0;
const draw = () => {
  brush.fillStyle = white ? "#fff" : "#000";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = "#456";
  brush.fillRect((turn++ * 7) % 600, 320, 40, 40);
};
let loud = () => undefined;
const humming = async () => {
  const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks();
  loud = (on) => (track.enabled = on);
  loud(false);
  return track;
};
const toned = async () => {
  const context = new AudioContext();
  await context.resume();
  const gain = new GainNode(context, { gain: 0 });
  const ears = new MediaStreamAudioDestinationNode(context);
  const tone = new OscillatorNode(context, { frequency: 1000 });
  tone.connect(gain).connect(ears);
  tone.start();
  loud = (on) => (gain.gain.value = on ? 1 : 0);
  return ears.stream.getAudioTracks()[0];
};
window.open_scene = async (mark) => {
  // The fake microphone of Firefox hums without end, that of Chromium beeps when it likes; without a sound card a
  // Firefox has no running AudioContext.
  const track = await (mark === "hum" ? humming() : toned());
  draw();
  setInterval(draw, 33);
  const stream = canvas.captureStream(30);
  stream.addTrack(track);
  window.stream = stream;
  window.flash = async () => {
    white = true;
    draw();
    loud(true);
    await wait(120);
    white = false;
    draw();
    loud(false);
  };
};
// The client keeps its connection to itself; what it sent is asked of the browser's own constructor.
let connection = null;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...options) {
    super(...options);
    connection = this;
  }
};
const frames = async () => {
  let sent = 0;
  (await connection.getStats()).forEach((s) => (sent += s.type === "outbound-rtp" ? (s.framesSent ?? 0) : 0));
  return sent;
};
const silent = { onLost() {}, onFound() {}, onRate() {}, onFit() {} };
// The camera instead of the scene: what a person would send, and how it fared by the browser's own count.
window.shoot = async (ticket, seconds, uplink) => {
  const video = { width: { exact: 1280 }, height: { exact: 720 }, frameRate: 30 };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  const session = new WhipSession({ ticket, video: true, uplink, ...silent });
  await session.connect();
  const begun = performance.now();
  await session.attach(stream);
  const fits = [];
  while (performance.now() - begun < seconds * 1000) {
    await wait(500);
    if (fits.at(-1)?.[1] !== session.fit) fits.push([Math.round((performance.now() - begun) / 100) / 10, session.fit]);
  }
  const told = { fits, lasted: (performance.now() - begun) / 1000 };
  (await connection.getStats()).forEach((s) => {
    if (s.type === "outbound-rtp" && s.kind === "video")
      Object.assign(told, { bytes: s.bytesSent + s.headerBytesSent, limited: s.qualityLimitationReason });
    if (s.type === "candidate-pair" && s.nominated) told.available = s.availableOutgoingBitrate ?? 0;
  });
  await session.stop();
  stream.getTracks().forEach((track) => track.stop());
  return { ...told, encoded: session.encoded };
};
window.film = async (ticket, seconds) => {
  const session = (window.session = new WhipSession({
    ticket, video: true, uplink: 1e7, ...silent,
  }));
  await session.connect();
  const begun = performance.now();
  const pieces = [];
  const kind = { mimeType: "video/webm;codecs=vp8,opus", videoBitsPerSecond: 1500000 };
  const copy = new MediaRecorder(stream, kind);
  copy.ondataavailable = (event) => pieces.push(event.data);
  copy.start(1000);
  await session.attach(stream);
  let flashes = 0;
  while (performance.now() - begun < seconds * 1000 - 400) {
    await wait(600 + 100 * (flashes % 3));
    await flash();
    flashes += 1;
  }
  await wait(Math.max(0, seconds * 1000 - (performance.now() - begun)));
  const lasted = performance.now() - begun;
  const whole = new Promise((done) => (copy.onstop = done));
  copy.stop();
  const sent = await frames();
  await session.stop();
  await whole;
  window.copied = new Blob(pieces);
  return { flashes, lasted: lasted / 1000, frames: sent };
};
window.copy_of_it = () => new Promise((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(",")[1] ?? "");
  reader.readAsDataURL(copied);
});
window.ready = true;
</script>"""


class Origin:
    """Serves the scene; `url` is where. Offers posted to `/whip/{id}` go to the recorder, DELETE ends them."""

    def __init__(self, here: Running, link: Link | None = None, at: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        client = subprocess.run([node_program(), "-e", BUNDLE], cwd=WEB, capture_output=True, check=True).stdout
        pages = {"/": (b"text/html", SCENE.encode()), "/whip.js": (b"text/javascript", client)}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = pages.get(self.path, (b"text/plain", b""))
                self.reply(200 if body else 404, body, kind.decode())

            def do_POST(self) -> None:
                offer = self.rfile.read(int(self.headers["content-length"]))
                reply = self.ask("POST", content=link.hide(offer.decode()).encode() if link else offer)
                answer = link.redirect(reply.text).encode() if link else reply.content
                self.reply(reply.status_code, answer, "application/sdp")

            def do_DELETE(self) -> None:
                reply = self.ask("DELETE")
                self.reply(reply.status_code, reply.content, "application/json")

            def ask(self, method: str, **more: Any) -> httpx.Response:
                headers = {"authorization": f"Bearer {SECRET}", "content-type": "application/sdp"}
                url = f"{here.url}/recordings/{self.path.rpartition('/')[2]}"
                return httpx.request(method, url, headers=headers, timeout=30, **more)

            def reply(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(at, Handler)
        self.url = f"http://{at[0]}:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


async def film(page: Page, origin: Origin, recording: UUID, seconds: float, *, engine: str) -> dict[str, Any]:
    """Films the scene for so long, the page recording a copy of its own meanwhile. Returns what it did."""
    await page.goto(origin.url)
    await page.wait_for_function("window.ready")
    await page.evaluate("(mark) => open_scene(mark)", "hum" if engine == "firefox" else "tone")
    ticket = {"whip_url": f"/whip/{recording}", "ticket": "of the test", "ice_servers": []}
    told: dict[str, Any] = await page.evaluate("([t, s]) => film(t, s)", [ticket, seconds])
    return told


async def own_copy(page: Page, folder: Path) -> Path:
    """What the page recorded of its last film by itself."""
    path = folder / "own_copy.webm"
    path.write_bytes(b64decode(await page.evaluate("copy_of_it()")))
    return path


@dataclass
class Perceived:
    """Times in seconds on the file's own time line; `ends` of the last picture and of the last sound."""

    flashes: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    begins: dict[str, float] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    errors: int = 0

    @property
    def offsets(self) -> list[float]:
        """Picture minus sound, for every flash with a beep near it."""
        pairs = ((flash, min(self.beeps, key=lambda b: abs(b - flash))) for flash in self.flashes if self.beeps)
        return [flash - beep for flash, beep in pairs if abs(flash - beep) < 0.35]

    @property
    def apart(self) -> float:
        """Picture minus sound in the median: a busy page shows single flashes late."""
        return statistics.median(self.offsets)


def further_apart(ours: Perceived, own: Perceived) -> float:
    """Seconds by which picture and sound are further apart in our file than they were for the browser itself.

    A file counts in milliseconds.
    """
    return round(max(ours.apart - max(0.0, own.apart), min(0.0, own.apart) - ours.apart, 0.0), 3)


def perceive(path: Path) -> Perceived:
    """Decodes a whole file."""
    seen = Perceived()
    pictures: list[tuple[float, bool]] = []
    sounds: list[tuple[float, bool]] = []
    with av.open(str(path)) as container:
        for packet in container.demux():
            try:
                frames = packet.decode()
            except av.FFmpegError:
                seen.errors += 1
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    upper = frame.to_ndarray(format="gray")[: frame.height // 2]
                    pictures.append((frame.time or 0.0, float(upper.mean()) > 128))
                elif isinstance(frame, av.AudioFrame):
                    sounds += _loudness(frame)
    for kind, perceived in (("video", pictures), ("audio", sounds)):
        if perceived:
            seen.begins[kind], seen.ends[kind] = perceived[0][0], perceived[-1][0]
    seen.flashes, seen.beeps = _rises(pictures), _rises(sounds)
    return seen


def _loudness(frame: av.AudioFrame) -> list[tuple[float, bool]]:
    """Every two milliseconds: is there a tone?"""
    samples = frame.to_ndarray().astype(np.float64)
    mono = (
        samples.mean(axis=0) if frame.format.is_planar else samples.reshape(-1, len(frame.layout.channels)).mean(axis=1)
    )
    piece = frame.sample_rate // 500
    begin = frame.time or 0.0
    return [
        (begin + at / frame.sample_rate, float(np.abs(mono[at : at + piece]).max()) > 0.1)
        for at in range(0, len(mono) - piece + 1, piece)
    ]


def _rises(perceived: list[tuple[float, bool]], calm: float = 0.2) -> list[float]:
    """When it began, each time after a calm of at least `calm` seconds."""
    found: list[float] = []
    last = -1.0
    for (_, before), (at, now) in itertools.pairwise([(0.0, False), *perceived]):
        if now and not before and at - last > calm:
            found.append(at)
        if now:
            last = at
    return found
