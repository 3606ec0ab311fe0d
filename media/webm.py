"""WebM files of VP8 and Opus, written and repaired without decoding a frame.

A `Writer` lives as long as one recording. It owns one named thread, in which everything that can block (opening,
muxing, fsync) happens, so that the event loop that reads packets never waits for a disk; `close` is awaited.
Clusters are closed every second, so a file cut by `kill -9` lacks at most its last two seconds, and `repair` gives
it back its duration and cues in milliseconds.
"""

import asyncio
import contextlib
import io
import os
import queue
import threading
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import av.logging

from media.reorder import dimensions
from media.timeline import Placed

av.logging.set_level(av.logging.FATAL)  # libav complains about the bitstream filter of every VP8 file; harmless

MILLISECOND = Fraction(1, 1000)
OPTIONS = {
    "cluster_time_limit": "1000",  # milliseconds: what a killed process can lose
    "flush_packets": "1",
    "reserve_index_space": "32768",  # bytes at the front for the cues, so that a browser seeks without reading the end
}
AUDIO_PACKET = 20  # milliseconds
BACKLOG = 64 << 20  # bytes waiting for a disk before the recording is given up
MEDIA_TYPE = "video/webm"


class DamagedError(ValueError):
    """A file in which no frame can be found."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a file holds; `frames` are video frames, width and height those of its first picture (0 without video)."""

    duration_ms: int = 0
    bytes: int = 0
    width: int = 0
    height: int = 0
    audio: bool = False
    video: bool = False
    frames: int = 0


class Writer:
    """Writes one file: `start` once, `write` often, `close` at the end. `error` says why it has stopped writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error = ""
        self.bytes = 0
        self.frames = 0
        self.sounds = 0
        self.end_ms = 0
        self.size = (0, 0)
        self._loop = asyncio.get_running_loop()
        self._orders: queue.SimpleQueue[list[Placed] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._thread: threading.Thread | None = None
        self._kinds: set[str] = set()
        self._streams: dict[str, Any] = {}

    @property
    def started(self) -> bool:
        return self._thread is not None

    def start(self, kinds: set[str], size: tuple[int, int]) -> None:
        """Opens the file. `size` is the picture's (0, 0 without video)."""
        self._kinds, self.size = kinds, size
        self._thread = threading.Thread(target=self._run, name=f"webm-{self.path.stem}", daemon=True)
        self._thread.start()

    def write(self, frames: list[Placed]) -> None:
        """Hands frames to the thread, in the order in which they are to stand in the file."""
        if not frames or self.error:
            return
        size = sum(len(placed.frame.data) for placed in frames)
        if self._waiting + size > BACKLOG:
            self.error = "the disk is too slow"
            return
        self._waiting += size
        self.bytes += size
        self._orders.put(frames)

    async def close(self) -> None:
        """Finishes the file and waits until it is on the disk."""
        if self._thread is None:
            return
        self._orders.put(None)
        await asyncio.shield(self._closed)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # disk full, folder gone: the recording ends, the process goes on
            self.error = self.error or f"{type(error).__name__}: {error}"
        with contextlib.suppress(RuntimeError):  # the loop is gone: the process is being torn down
            self._loop.call_soon_threadsafe(self._done)

    def _done(self) -> None:
        if not self._closed.done():
            self._closed.set_result(None)

    def _work(self) -> None:
        with av.open(str(self.path), "w", format="webm", options=OPTIONS) as container:
            if "video" in self._kinds:
                width, height = self.size
                self._streams["video"] = container.add_mux_stream("vp8", width=width, height=height)
            if "audio" in self._kinds:
                self._streams["audio"] = container.add_stream_from_template(opus_template())
            for stream in self._streams.values():
                stream.time_base = MILLISECOND
            container.start_encoding()
            while (frames := self._orders.get()) is not None:
                for placed in frames:
                    self._mux(container, placed)
        sync(self.path)

    def _mux(self, container: Any, placed: Placed) -> None:
        data = placed.frame.data
        self._waiting -= len(data)
        packet = av.Packet(data)
        packet.stream = self._streams[placed.kind]
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = placed.at
        packet.is_keyframe = placed.frame.key
        if placed.kind == "audio":
            packet.duration = AUDIO_PACKET
            self.sounds += 1
            self.end_ms = max(self.end_ms, placed.at + AUDIO_PACKET)
        else:
            self.frames += 1
            self.end_ms = max(self.end_ms, placed.at)
        container.mux_one(packet)


def first_size(frames: list[Placed]) -> tuple[int, int]:
    """Width and height of the first key frame in `frames`, or (0, 0)."""
    key = next((placed for placed in frames if placed.kind == "video" and placed.frame.key), None)
    return (0, 0) if key is None else dimensions(key.frame.data)


def repair(source: Path, target: Path) -> Measures:
    """Copies every readable frame of a cut file into a new one with duration and cues, and syncs it.

    Tracks without a frame are left out. Raises DamagedError when there is nothing to be read.
    """
    try:
        with av.open(str(source)) as damaged:
            packets = _readable(damaged)
            used = {packet.stream.index for packet in packets}
            if not packets:
                raise DamagedError("no frame can be read")
            with av.open(str(target), "w", format="webm", options=OPTIONS) as container:
                streams = {s.index: container.add_stream_from_template(s) for s in damaged.streams if s.index in used}
                last: dict[int, int] = {}
                for packet in packets:
                    index = packet.stream.index
                    if packet.dts <= last.get(index, packet.dts - 1):
                        continue
                    last[index] = packet.dts
                    packet.stream = streams[index]
                    container.mux_one(packet)
    except av.FFmpegError as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    sync(target)
    return measure(target)


def measure(path: Path) -> Measures:
    """Reads a file through without decoding. Raises DamagedError for what libav cannot open."""
    try:
        with av.open(str(path)) as container:
            video = next(iter(container.streams.video), None)
            end, frames, sounds = 0.0, 0, 0
            for packet in _readable(container):
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                frames += packet.stream is video
                sounds += packet.stream.type == "audio"
            return Measures(
                duration_ms=round(end * 1000),
                bytes=path.stat().st_size,
                width=video.codec_context.width if video else 0,
                height=video.codec_context.height if video else 0,
                audio=sounds > 0,
                video=frames > 0,
                frames=frames,
            )
    except av.FFmpegError as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error


def sync(path: Path) -> None:
    """Writes a file and its folder's entry through to the disk."""
    for target in (path, path.parent):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@cache
def opus_template() -> Any:
    """An Opus stream to copy the header from; a mux-only stream has no way to be given one."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48000)
        stream.layout = "stereo"
        frame = av.AudioFrame(format="flt", layout="stereo", samples=960)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 48000
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    buffer.seek(0)
    _keep.append(av.open(buffer))
    return _keep[0].streams.audio[0]


_keep: list[Any] = []  # the template's container must outlive it


def _readable(container: Any) -> list[Any]:
    """All packets up to the end or the damage, whichever comes first."""
    packets: list[Any] = []
    with contextlib.suppress(av.FFmpegError):
        packets.extend(packet for packet in container.demux() if packet.dts is not None and packet.size)
    return packets
