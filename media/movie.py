"""The MP4 copy of a film (H.264 and AAC, index in front), for browsers that cannot play what was recorded.

`make` starts one child per film and waits for it: niced, with one thread, so that it never takes a recorder's turn, and
with limits, for a stranger's file is decoded. The child tells how far it is about once a second and ends with
whoever started it, also by `kill -9`. Run as `python -m media.movie SOURCE TARGET` this module is that
child. The copy has one size whatever the source does, silence where the source has no sound, and the source's times.
"""

import asyncio
import contextlib
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.logging
import numpy as np

from media.reorder import dimensions

av.logging.set_level(av.logging.FATAL)

LONGEST_SIDE = 1280  # pixels: what the recorder takes; larger files are made smaller
CLOCK = 90_000  # ticks of a second of picture
CLOSEST = CLOCK // 45  # ticks between two pictures: cameras of 60 pictures a second become 30
RATE = 48_000  # samples of a second
GAP = RATE // 100  # samples: what lost packets leave is at least 20 ms, what timestamps round is at most 1 ms
QUALITY = {"preset": "veryfast", "crf": "23"}  # a fifth of a core for 720p (measured), and no block is seen
KEY_FRAMES = "60"  # pictures between two places to seek to
SOUND_BITS = 96_000
TOLD_EVERY = 1.0  # seconds
STALLED = 600.0  # seconds without a word
MEMORY = 3 << 30  # bytes of address space
CPU_SECONDS = 3600
NICE = 19
NOTHING = 3  # the child's exit status for a film in which there is nothing to see or to hear,
FITS = 4  # and for one that needs no copy


class NoMovieError(ValueError):
    """Nothing in the file can be decoded; another time neither."""


class MovieError(RuntimeError):
    """The copy was not made, by a process that died or did not go on: another time it may be."""


async def make(source: Path, target: Path, progress: Callable[[int], Awaitable[None]]) -> bool:
    """Writes the copy; False for a file that needs none. `progress` is told the percent done, at most once a second.

    Raises NoMovieError, MovieError. Cancelled, it ends the child.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "media.movie",
        str(source),
        str(target),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert child.stdout is not None
    try:
        while line := await asyncio.wait_for(child.stdout.readline(), STALLED):
            await progress(int(line))
        await child.wait()
    except TimeoutError as error:
        raise MovieError("the child says nothing any more") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if child.returncode == NOTHING:
        raise NoMovieError("there is nothing to see or to hear in the file")
    if child.returncode not in {0, FITS}:
        raise MovieError(f"the child ended with status {child.returncode}")
    return child.returncode == 0


# In the child


def fits(path: Path) -> bool:
    """Whether a file is such a film already, so that it needs no copy. Raises av.FFmpegError."""
    with av.open(str(path)) as container:
        video = next(iter(container.streams.video), None)
        audio = next(iter(container.streams.audio), None)
        if "mp4" not in container.format.name or not container.duration:
            return False
        plain = video is None or (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        return plain and (audio is None or audio.codec_context.name == "aac")


class _Picture:
    """Every picture in one size, with bars where its shape is another."""

    def __init__(self, output: Any, width: int, height: int) -> None:
        self._stream = output.add_stream("libx264", rate=30, options=QUALITY | {"g": KEY_FRAMES})
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, CLOCK)
        self._stream.codec_context.thread_count = 1
        self._output = output
        self._size = width, height
        self._graph: tuple[tuple[object, ...], av.filter.Graph] | None = None
        self._last: int | None = None

    def take(self, frame: av.VideoFrame, at: float) -> None:
        """One picture, `at` seconds. The first is shown from the very beginning."""
        tick = round(at * CLOCK) if self._last is not None else 0
        if self._last is not None and tick - self._last < CLOSEST:
            return
        fitted = self._fit(frame)
        fitted.pts, fitted.time_base, fitted.pict_type = tick, Fraction(1, CLOCK), 0
        self._last = tick
        self._output.mux(self._stream.encode(fitted))

    def end(self) -> None:
        self._output.mux(self._stream.encode(None))

    def _fit(self, frame: av.VideoFrame) -> av.VideoFrame:
        shape = frame.width, frame.height, frame.format.name, frame.rotation
        if self._graph is None or self._graph[0] != shape:
            self._graph = shape, _fitting(frame, *self._size)
        graph = self._graph[1]
        frame.pts = None  # the filter would wait for a time that grows
        graph.push(frame)
        fitted = graph.pull()
        assert isinstance(fitted, av.VideoFrame)
        return fitted


def _fitting(frame: av.VideoFrame, width: int, height: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    nodes = [
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, CLOCK))
    ]
    nodes += [graph.add("transpose", turn) for turn in TURNS.get(frame.rotation % 360, ())]
    nodes.append(graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2"))
    nodes.append(graph.add("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2"))
    nodes += [graph.add("setsar", "1"), graph.add("format", "yuv420p"), graph.add("buffersink")]
    graph.link_nodes(*nodes).configure()
    return graph


TURNS = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}  # a frame says how far it lies to the left


class _Sound:
    """The sound from the beginning on, without a gap: where the source has none it is silent."""

    def __init__(self, output: Any, layout: str) -> None:
        self._stream = output.add_stream("aac", rate=RATE)
        self._stream.layout, self._stream.bit_rate = layout, SOUND_BITS
        self._output = output
        self._layout = layout
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=RATE)
        self._samples = 0  # so far

    def take(self, frame: av.AudioFrame, shift: float) -> None:
        """What was heard from `frame.time - shift` seconds on; what is there already is left out."""
        for part in self._resampler.resample(frame):
            heard = part.to_ndarray().astype(np.float32, copy=False)
            begin = round(((part.time or 0.0) - shift) * RATE)
            if begin - self._samples > GAP:
                self._write(np.zeros((heard.shape[0], begin - self._samples), np.float32))
            elif self._samples - begin > GAP:
                heard = heard[:, self._samples - begin :]
            self._write(heard)

    def end(self) -> None:
        self._output.mux(self._stream.encode(None))

    def _write(self, samples: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        for at in range(0, samples.shape[1], RATE):  # an hour of silence is not one frame
            piece = np.ascontiguousarray(samples[:, at : at + RATE])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
            self._samples += piece.shape[1]
            self._output.mux(self._stream.encode(frame))


def convert(source: Path, target: Path, tell: Callable[[int], None]) -> None:
    """The same in this process. Raises NoMovieError, and what `tell` raises."""
    with av.open(str(source)) as film, av.open(str(target), "w", "mp4", options={"movflags": "+faststart"}) as copy:
        video = next(iter(film.streams.video), None)
        audio = next(iter(film.streams.audio), None)
        picture = _Picture(copy, *_size_of(source, video)) if video is not None else None
        sound = _Sound(copy, "mono" if audio.codec_context.channels == 1 else "stereo") if audio is not None else None
        if picture is None and sound is None:
            raise NoMovieError("no audio or video track")
        begin = 0.0 if "webm" in film.format.name else (film.start_time or 0) / 1e6
        length = (film.duration or 0) / 1e6
        seen = heard = 0
        for frame in _frames(film, [stream for stream in (video, audio) if stream is not None]):
            at = max(0.0, (frame.time or 0.0) - begin)
            if isinstance(frame, av.VideoFrame) and picture is not None:
                picture.take(frame, at)
                seen += 1
            elif isinstance(frame, av.AudioFrame) and sound is not None:
                sound.take(frame, begin)
                heard += 1
            tell(min(99, int(100 * at / length)) if length else 0)
        if not seen and not heard:
            raise NoMovieError("no frame can be decoded")
        for track, found in ((picture, seen), (sound, heard)):
            if track is not None and found:
                track.end()


def _frames(film: Any, streams: list[Any]) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """Everything that can be decoded; what is damaged in between is left out."""
    for stream in streams:
        stream.codec_context.thread_count = 1
    packets = film.demux(streams)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            return  # the file is cut here
        with contextlib.suppress(av.FFmpegError):
            yield from packet.decode()


def _size_of(source: Path, video: Any) -> tuple[int, int]:
    """The largest picture in the file, upright, within LONGEST_SIDE; even."""
    sizes = {(video.codec_context.width, video.codec_context.height)}
    if video.codec_context.name == "vp8":
        sizes |= _sizes(source)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    if _lies(source):
        width, height = height, width
    scale = min(1.0, LONGEST_SIDE / max(width, height, 1))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _sizes(source: Path) -> set[tuple[int, int]]:
    """The sizes that a VP8 film has, as its key frames say without being decoded."""
    with av.open(str(source)) as film:
        found = set()
        with contextlib.suppress(av.FFmpegError):
            for packet in film.demux(video=0):
                if packet.is_keyframe and packet.size >= 10:
                    found.add(dimensions(bytes(packet)))
    return found - {(0, 0)}


def _lies(source: Path) -> bool:
    with av.open(str(source)) as film, contextlib.suppress(av.FFmpegError, StopIteration):
        return next(film.decode(video=0)).rotation % 180 == 90
    return False


def _telling() -> Callable[[int], None]:
    """Writes the percent to standard output, now and then. Exits when nobody waits for the film any more."""
    parent, last = os.getppid(), 0.0

    def tell(percent: int) -> None:
        nonlocal last
        if os.getppid() != parent:
            os._exit(1)  # at once: half a film must not get its index
        if time.monotonic() - last >= TOLD_EVERY:
            last = time.monotonic()
            print(percent, flush=True)

    return tell


if __name__ == "__main__":
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        if fits(Path(sys.argv[1])):
            sys.exit(FITS)
        convert(Path(sys.argv[1]), Path(sys.argv[2]), _telling())
    except (NoMovieError, av.error.InvalidDataError, av.error.DecoderNotFoundError):  # not: a full disk
        sys.exit(NOTHING)
