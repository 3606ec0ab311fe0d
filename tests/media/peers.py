"""Senders and a running recorder for the tests of media/: real aiortc peers, the real private listener."""

import asyncio
import contextlib
import fractions
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import httpx
import numpy as np
import uvicorn
from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import MediaStreamError

from media.manifest import Manifest
from media.ports import Port
from media.recorder import Recorder, RecorderConfig, create_app
from media.storage import Storage

SECRET = "the shared secret of the tests"


class Camera(VideoStreamTrack):
    """A moving picture, 25 frames a second, stamped with the wall clock of its making."""

    def __init__(self, width: int = 320, height: int = 240) -> None:
        super().__init__()
        self.size = (width, height)
        self.noise = False  # hard to encode: the file grows fast
        self.sent = 0
        self._start = 0.0

    async def recv(self) -> av.VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self.sent / 25 - time.monotonic()))
        width, height = self.size
        picture = np.full((height, width, 3), 40, np.uint8)
        at = self.sent * 5 % (width - 40)
        picture[40:80, at : at + 40] = (200, 120, 40)
        if self.noise:
            picture[::2] = np.random.default_rng(self.sent).integers(0, 255, picture[::2].shape, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = round((time.monotonic() - self._start) * 90000)
        frame.time_base = fractions.Fraction(1, 90000)
        self.sent += 1
        return frame


class Microphone(AudioStreamTrack):
    """A steady tone."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self._begin = 0.0

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._begin = self._begin or time.monotonic()
        await asyncio.sleep(max(0.0, self._begin + self._at / 48000 - time.monotonic()))
        tone = (np.sin(np.arange(self._at, self._at + 960) * 0.05) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = 48000
        frame.pts = self._at
        frame.time_base = fractions.Fraction(1, 48000)
        self._at += 960
        return frame


class Publisher:
    """One sending peer. `stop` says DELETE first, as the page does; `vanish` says nothing."""

    def __init__(self, url: str, recording: UUID | None = None, *, video: bool = True, audio: bool = True) -> None:
        self.url = url
        self.id = recording or uuid4()
        self.camera = Camera()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        if video:
            self.peer.addTrack(self.camera)
        if audio:
            self.peer.addTrack(Microphone())
        self.reply: httpx.Response | None = None

    async def post(self, kind: str = "video", **query: str) -> httpx.Response:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        async with client() as http:
            self.reply = await http.post(
                f"{self.url}/recordings/{self.id}",
                params={"kind": kind, **query},
                content=self.peer.localDescription.sdp,
                headers={"content-type": "application/sdp"},
            )
        return self.reply

    async def start(self, kind: str = "video", **query: str) -> None:
        reply = await self.post(kind, **query)
        assert reply.status_code == 201, reply.text
        await self.peer.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))

    async def film(self, seconds: float) -> None:
        """Waits until so much has been filmed (which begins with the connection)."""
        async with asyncio.timeout(30 + seconds):
            while self.camera.sent < seconds * 25:
                await asyncio.sleep(0.02)

    async def stop(self) -> Manifest:
        import msgspec

        async with client() as http:
            reply = await http.delete(f"{self.url}/recordings/{self.id}")
        await self.peer.close()
        assert reply.status_code == 200, reply.text
        return msgspec.json.decode(reply.content, type=Manifest)

    async def vanish(self) -> None:
        """As a killed browser does: no farewell on any layer."""
        connection = self.peer.getSenders()[0].transport.transport._connection
        for protocol in connection._protocols:
            protocol.transport.abort()


def client(secret: str = SECRET) -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"authorization": f"Bearer {secret}"}, timeout=30)


@dataclass
class Running:
    """A recorder behind its listener, and what it told."""

    url: str
    recorder: Recorder
    storage: Storage
    started: list[Manifest] = field(default_factory=list)
    finished: dict[UUID, Manifest] = field(default_factory=dict)
    silences: list[tuple[UUID, bool, float]] = field(default_factory=list)  # and how long nothing had come by then
    refuse: int = 0  # how many tellings of an end are to fail,
    deaf: int = 0  # and of a start

    @property
    def port(self) -> Port:
        assert self.recorder.port is not None
        return self.recorder.port

    async def settled(self, recording: UUID) -> None:
        """Until nothing has come for a while: on a full machine all of it is late, sender, link and recorder."""
        tracks = self.recorder.recordings[recording].receiver.tracks.values()
        before = -1
        while (now := sum(track.buffer.statistics.packets for track in tracks)) != before:
            before = now
            await asyncio.sleep(0.7)

    async def told(self, recording: UUID, seconds: float = 20) -> Manifest:
        async with asyncio.timeout(seconds):
            while recording not in self.finished:
                await asyncio.sleep(0.02)
        return self.finished[recording]

    async def file(self, recording: UUID, folder: Path) -> Path:
        manifest = await self.told(recording)
        path = folder / f"{recording}.webm"
        await self.storage.fetch(manifest.key, path)
        return path


@contextlib.asynccontextmanager
async def running(folder: Path, storage: Storage | None = None, **limits: Any) -> AsyncIterator[Running]:
    """A recorder for one test; every file that it finished is looked at when the test is over."""
    storage = storage or Storage.open("", folder)
    config = RecorderConfig(node="one", secret=SECRET, spool=folder / "spool", storage=storage, **limits)

    async def on_started(manifest: Manifest) -> None:
        if here.deaf:
            here.deaf -= 1
            raise ConnectionError("the database is away")
        here.started.append(manifest)

    async def on_finished(manifest: Manifest) -> None:
        if here.refuse:
            here.refuse -= 1
            raise ConnectionError("the database is away")
        here.finished[manifest.id] = manifest

    async def on_silence(manifest: Manifest, silent: bool) -> None:
        since = time.monotonic() - here.recorder.recordings[manifest.id].receiver.last_media
        here.silences.append((manifest.id, silent, since))

    app = create_app(config, on_started, on_finished, on_silence)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    here = Running("", app.state.recorder, storage)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if serving.done():
            serving.result()
    here.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield here
    finally:
        server.should_exit = True
        await serving
    await _inspect(here, folder)


async def _inspect(here: Running, folder: Path) -> None:
    from tests.media.files import faults

    for manifest in here.finished.values():
        if manifest.key:
            path = folder / f"{manifest.id}.inspected.webm"
            await here.storage.fetch(manifest.key, path)
            assert not (found := await asyncio.to_thread(faults, path)), (manifest, found)


@dataclass
class Watched:
    """What a decoder sees: frames, errors, length of each track in seconds, longest gap between pictures."""

    pictures: int = 0
    sounds: int = 0
    errors: int = 0
    video_s: float = 0.0
    audio_s: float = 0.0
    longest_gap_s: float = 0.0
    duration_s: float = 0.0
    sizes: list[tuple[int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def watch(path: Path) -> Watched:
    """Decodes a whole file."""
    seen = Watched()
    with av.open(str(path)) as container:
        seen.duration_s = (container.duration or 0) / 1e6
        last = None
        for packet in container.demux():
            try:
                frames = packet.decode()
            except av.FFmpegError:
                seen.errors += 1
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    seen.pictures += 1
                    seen.video_s = frame.time
                    seen.times.append(frame.time)
                    if last is not None:
                        seen.longest_gap_s = max(seen.longest_gap_s, frame.time - last)
                    last = frame.time
                    if not seen.sizes or seen.sizes[-1] != (frame.width, frame.height):
                        seen.sizes.append((frame.width, frame.height))
                elif isinstance(frame, av.AudioFrame):
                    seen.sounds += 1
                    seen.audio_s = (frame.time or 0) + frame.samples / frame.sample_rate
    return seen
