"""WebM files of VP8 and Opus, written and repaired without decoding a frame.

A `Writer` lives as long as one recording. Everything that can block (opening, muxing, fsync) happens in a few threads
that all writers of a process share, so that the event loop that reads packets never waits for a disk; a writer is in
one of them at a time, ten times a second, with what has gathered since; `close` is awaited. Clusters are closed every
half second, so a file cut by `kill -9` lacks what was written to it in the last 0.6 s, and `repair` gives it back its
duration and cues in milliseconds.
"""

import asyncio
import contextlib
import errno
import io
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
CLUSTER = 500  # milliseconds: what a killed process loses of what was written
OPTIONS = {
    "cluster_time_limit": str(CLUSTER),
    "flush_packets": "1",
    # Bytes at the front for the cues, so that a browser seeks without reading the end: enough for 25 minutes of sound,
    # which has one per cluster. A file that needs more cannot be finished.
    "reserve_index_space": "65536",
}
AUDIO_PACKET = 20  # milliseconds
BACKLOG = 64 << 20  # bytes waiting for a disk before the recording is given up
THREADS = 4  # for all files of a process; one file that waits for its disk does not hold up the others
GATHER = 0.1  # seconds
MEDIA_TYPE = "video/webm"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
    """Writes one file: `start` once, `write` often, `close` at the end. `error` says why it has stopped writing.

    `sought`: whether anybody will ever play it as it is.
    """

    def __init__(self, path: Path, *, sought: bool = True) -> None:
        self.path = path
        self._options = OPTIONS if sought else OPTIONS | {"reserve_index_space": "0"}
        self.error = ""
        self.frames = 0
        self.sounds = 0
        self.end_ms = 0
        self.size = (0, 0)
        self._loop = asyncio.get_running_loop()
        self._orders: deque[Placed] = deque()
        self._taken = 0  # bytes handed in; counted on the loop
        self._muxed = 0  # bytes of them in the file; counted in the thread
        self._turn: asyncio.Task[None] | None = None
        self._kinds: set[str] = set()
        self._streams: dict[str, Any] = {}
        self._container: Any = None

    @property
    def bytes(self) -> int:
        """Bytes of media so far."""
        return self._taken

    @property
    def started(self) -> bool:
        return bool(self._kinds)

    def start(self, kinds: set[str], size: tuple[int, int]) -> None:
        """Opens the file, soon. `size` is the picture's (0, 0 without video)."""
        self._kinds, self.size = kinds, size
        self._begin()

    def write(self, frames: list[Placed]) -> None:
        """Takes frames, in the order in which they are to stand in the file."""
        if not frames or self.error:
            return
        size = sum(len(placed.frame.data) for placed in frames)
        if self._taken - self._muxed + size > BACKLOG:
            self.error = "the disk is too slow"
            return
        self._taken += size
        self._orders.extend(frames)
        self._begin()

    async def close(self) -> None:
        """Finishes the file and waits until it is on the disk."""
        if not self.started:
            return
        await self._rest()
        await asyncio.shield(self._loop.run_in_executor(_threads(), self._guarded, self._finish))

    async def discard(self) -> None:
        """Ends it and removes its file."""
        self._orders.clear()
        await self._rest()
        await self._loop.run_in_executor(_threads(), self._guarded, self._abandon)

    async def _rest(self) -> None:
        """Until no thread works for it."""
        while self._turn is not None and not self._turn.done():
            await asyncio.shield(self._turn)

    def _begin(self) -> None:
        if self._turn is None or self._turn.done():
            self._turn = self._loop.create_task(self._work_soon())

    async def _work_soon(self) -> None:
        """One turn in a thread, and another while more has come meanwhile."""
        while True:
            await self._loop.run_in_executor(_threads(), self._guarded, self._work)
            await asyncio.sleep(GATHER)
            if not self._orders or self.error:
                return

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # disk full, folder gone: the recording ends, the process goes on
            self.error = self.error or f"{type(error).__name__}: {error}"

    def _work(self) -> None:
        if self._container is None:
            self._open()
        while self._orders:
            self._mux(self._container, self._orders.popleft())

    def _finish(self) -> None:
        try:
            if not self.error:
                self._work()
        finally:
            if self._container is not None:
                self._container.close()
        sync(self.path)

    def _abandon(self) -> None:
        self.path.unlink(missing_ok=True)
        if self._container is not None:
            self._container.close()

    def _open(self) -> None:
        self._container = container = av.open(str(self.path), "w", format="webm", options=self._options)
        if "video" in self._kinds:
            width, height = self.size
            self._streams["video"] = container.add_mux_stream("vp8", width=width, height=height)
        if "audio" in self._kinds:
            self._streams["audio"] = container.add_stream_from_template(opus_template())
        for stream in self._streams.values():
            stream.time_base = MILLISECOND
        container.start_encoding()

    def _mux(self, container: Any, placed: Placed) -> None:
        data = placed.frame.data
        self._muxed += len(data)
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


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="webm")


def first_size(frames: list[Placed]) -> tuple[int, int]:
    """Width and height of the first key frame in `frames`, or (0, 0)."""
    key = next((placed for placed in frames if placed.kind == "video" and placed.frame.key), None)
    return (0, 0) if key is None else dimensions(key.frame.data)


def repair(source: Path, target: Path) -> Measures:
    """Copies every readable frame of a cut file into a new one with duration and cues, and syncs it.

    Tracks without a frame are left out. Raises DamagedError when there is nothing to be read, and OSError when there is
    no room for the copy; then nothing of it stays.
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
        sync(target)
    except (av.FFmpegError, OSError) as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise OSError(error.errno, os.strerror(error.errno)) from error
        raise DamagedError(f"{type(error).__name__}: {error}") from error
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
