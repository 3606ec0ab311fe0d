"""A real Chromium with a fake camera, through the real listener."""

import asyncio
import http.server
import threading
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from media.ports import advertised
from tests.e2e import engines
from tests.e2e.browsers import in_chromium
from tests.media.peers import SECRET, Running, running, watch

PAGE = """async ([url, secret, id, seconds, kill]) => {
  const stream = await navigator.mediaDevices.getUserMedia(
    {audio: true, video: {width: {exact: 1280}, height: {exact: 720}, frameRate: 30}})
  const pc = window.pc = new RTCPeerConnection()
  stream.getAudioTracks().forEach(track => pc.addTrack(track, stream))
  const track = stream.getVideoTracks()[0]
  track.contentHint = 'motion'
  pc.addTransceiver(track, {direction: 'sendonly', streams: [stream], sendEncodings: [{maxBitrate: 2e6}]})
  const sender = pc.getSenders().find(s => s.track === track)
  const parameters = sender.getParameters()
  parameters.degradationPreference = 'maintain-resolution'
  await sender.setParameters(parameters)
  await pc.setLocalDescription()
  await new Promise(done => {
    if (pc.iceGatheringState === 'complete') done()
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done()
    setTimeout(done, 2000)
  })
  const reply = await fetch('/whip', {method: 'POST', body: pc.localDescription.sdp})
  if (reply.status !== 201) throw new Error(await reply.text())
  const begin = performance.now()
  await pc.setRemoteDescription({type: 'answer', sdp: await reply.text()})
  await new Promise((done, fail) => {
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'connected') done()
      if (pc.connectionState === 'failed') fail(new Error('failed'))
    }
    setTimeout(() => fail(new Error(pc.iceConnectionState)), 15000)
  })
  const connected = performance.now() - begin
  await new Promise(done => setTimeout(done, seconds * 1000))
  const told = {connected, bitrate: 0, pair: ''}
  const stats = await pc.getStats()
  stats.forEach(s => {
    if (s.type === 'candidate-pair' && s.nominated) {
      told.bitrate = s.availableOutgoingBitrate
      told.pair = stats.get(s.localCandidateId).address + ' -> ' + stats.get(s.remoteCandidateId).address
    }
  })
  return told
}"""
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream=fps=30",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
)


class Origin:
    """A page on 127.0.0.1 (a secure context) that hands offers on, as the web process does."""

    def __init__(self, here: Running, recording: str) -> None:
        import httpx

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(200, b"<!doctype html><title>recorder</title>")

            def do_POST(self) -> None:
                offer = self.rfile.read(int(self.headers["content-length"]))
                reply = httpx.post(
                    f"{here.url}/recordings/{recording}",
                    content=offer,
                    headers={"authorization": f"Bearer {SECRET}", "content-type": "application/sdp"},
                    timeout=20,
                )
                self.reply(reply.status_code, reply.content)

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", "text/html" if status == 200 else "application/sdp")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


async def record(folder: Path, seconds: float, advertise: tuple[str, ...]):
    import uuid

    recording = uuid.uuid4()
    async with running(folder, advertise=advertise) as here, async_playwright() as playwright:
        origin = Origin(here, str(recording))
        # A machine without a network: Chromium then has no candidates at all unless told otherwise.
        alone = ["--allow-loopback-in-peer-connection"] if advertised("", "greenroom.example") == ("127.0.0.1",) else []
        browser = await playwright.chromium.launch(executable_path=engines.installed("chromium"), args=[*FLAGS, *alone])
        try:
            page = await browser.new_page()
            await page.goto(origin.url)
            told = await page.evaluate(PAGE, [here.url, SECRET, str(recording), seconds, False])
            manifest = await here.recorder.end(recording)
        finally:
            await browser.close()
            origin.server.shutdown()
        path = await here.file(recording, folder)
    return told, manifest, path


@in_chromium
@pytest.mark.parametrize("advertise", ["host", "loopback"])
async def test_chromium_records_at_camera_resolution(tmp_path: Path, advertise: str) -> None:
    addresses = advertised("", "greenroom.example") if advertise == "host" else ("127.0.0.1",)
    seconds = 6 if advertise == "host" else 2
    told, manifest, path = await record(tmp_path, seconds, addresses)
    seen = await asyncio.to_thread(watch, path)
    print(told, manifest, seen.pictures, seen.longest_gap_s, seen.video_s, seen.audio_s)
    assert manifest.outcome == "complete"
    assert seen.errors == 0
    assert seen.sizes == [(1280, 720)]
    assert seen.pictures == manifest.frames > seconds * 12
    assert abs(seen.video_s - seen.audio_s) < 0.5
    assert abs(seen.duration_s - seconds) < 0.7
