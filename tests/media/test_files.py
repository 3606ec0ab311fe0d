"""Files as browsers play them: every kind that a recorder makes is sought in, and what is wrong with one is found."""

import asyncio
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from media.synth import make_clip
from media.webm import repair
from tests.e2e.browsers import People
from tests.media.files import CUES, SEGMENT, elements, faults
from tests.media.link import Link, Weather
from tests.media.peers import Running, running
from tests.media.script import Player, Script

SECONDS = 6.0
KINDS = {
    "clean": Script(SECONDS),
    "lossy": Script(SECONDS),
    "growing": Script(SECONDS, grows=3.0),
    "sound": Script(SECONDS),
}
SEEK = """async (name) => {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  const when = (event) => new Promise((done, fail) => {
    video.addEventListener(event, done, { once: true });
    video.addEventListener("error", () => fail(new Error(`${name}: ${video.error?.message}`)), { once: true });
  });
  const ready = when("loadeddata");
  video.src = name;
  document.body.append(video);
  await ready;
  const told = { duration: video.duration, seekable: video.seekable.end(0), at: [], alive: [] };
  for (const share of [0.7, 0.2, 0.9, 0]) {
    const sought = when("seeked");
    video.currentTime = told.duration * share;
    await sought;
    told.at.push(video.currentTime / told.duration - share);
    told.alive.push(video.readyState >= 2);
  }
  const ended = when("ended");
  video.currentTime = told.duration - 0.5;
  await video.play();
  await ended;
  video.remove();
  return told;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder in ranges, which a browser needs to seek."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix != ".webm":
            self.answer(200, b"<!doctype html><title>files</title>", "text/html", {})
            return
        data = path.read_bytes()
        first, _, last = self.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")
        begin, end = int(first), min(int(last or len(data)), len(data) - 1)
        more = {"content-range": f"bytes {begin}-{end}/{len(data)}", "accept-ranges": "bytes"}
        self.answer(206, data[begin : end + 1], "video/webm", more)

    def answer(self, status: int, body: bytes, kind: str, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
async def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each kind, made once."""
    folder = tmp_path_factory.mktemp("files")
    players = {kind: Player(script) for kind, script in KINDS.items()}
    async with running(folder) as here:
        paths = await asyncio.gather(*(_record(here, folder, kind, player) for kind, player in players.items()))
    made = dict(zip(players, paths, strict=True))
    data = made["clean"].read_bytes()  # as after `kill -9`: what had been written by then, and no end
    cut, made["repaired"] = folder / "cut.webm", folder / "repaired.webm"
    begin = data.index(b"\x1f\x43\xb6\x75")
    cut.write_bytes(data[: begin + (len(data) - begin) * 3 // 4])
    await asyncio.to_thread(repair, cut, made["repaired"])
    return made


async def _record(here: Running, folder: Path, kind: str, player: Player) -> Path:
    link = await Link("127.0.0.1", ("127.0.0.1", here.port.number), seed=7).open()
    name, silent = uuid4(), kind == "sound"

    async def exchange(offer: str) -> str:
        return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

    await player.connect(exchange)
    if silent:
        player.hold("video")
    link.weather = Weather(0.1, 3.0, 0.05) if kind == "lossy" else Weather()
    player.roll()
    await player.over.wait()
    await here.settled(name)
    await here.recorder.end(name)
    await player.close()
    link.close()
    return await here.file(name, folder)


@pytest.fixture(scope="module")
def address(files: dict[str, Path]) -> Iterator[str]:
    """Where the files are served."""
    handler = functools.partial(Quiet, directory=str(files["clean"].parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


async def test_browsers_seek_in_every_kind_of_file(people: People, files: dict[str, Path], address: str) -> None:
    page = await people("Ada")
    await page.goto(address)
    for kind, path in files.items():
        told = await page.evaluate(SEEK, path.name)
        print(people.engine, kind, told)
        assert faults(path) == [], kind
        assert abs(told["duration"] - told["seekable"]) < 0.1, (kind, told)
        assert told["duration"] > SECONDS * (0.6 if kind == "repaired" else 0.95), (kind, told)
        assert all(told["alive"]), (kind, told)
        assert all(abs(beside) < 0.02 for beside in told["at"]), (kind, told)


def test_what_is_wrong_with_a_file_is_found(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.webm", tmp_path / "cut.webm"
    make_clip(whole, 3, 4, 160, 90)
    assert faults(whole) == []
    data = whole.read_bytes()
    inside = next((begin, end) for name, begin, end in elements(data) if name == SEGMENT)
    cues, end = next((begin, end) for name, begin, end in elements(data, *inside) if name == CUES)
    head = data.rindex(b"\x1c\x53\xbb\x6b", 0, cues)
    room = cues - head - 1  # bytes for the length of an element that says nothing
    nothing = b"\xec" + (1 << 7 * room | end - cues).to_bytes(room, "big")
    cut.write_bytes(data[:head] + nothing + data[cues:])
    assert any("no cues" in found for found in faults(cut))
    duration = data.index(b"\x44\x89\x88")
    cut.write_bytes(data[: duration + 3] + b"\x40\xe3\x88" + bytes(5) + data[duration + 11 :])  # 40 s
    assert any("says it lasts" in found for found in faults(cut))
    cut.write_bytes(data.replace(b"\x9d\x01\x2a", bytes(3)))  # key frames that do not begin as such
    assert any("cannot be decoded" in found for found in faults(cut))
