"""What is made of a finished recording in the worker.

A poster (JPEG), the loudness over time (JSON) and with it whether anybody is heard, whether anything is seen, the MP4.

Each works on the stored file under a key, may be repeated, and may be killed: nothing is stored before it is whole, and
what lies on the local disk is swept away. A recording without video has no poster, one without sound no peaks.

Whoever sent the file may be a stranger, so no worker decodes it: a child does, one per piece of work, with limits of
memory and of processor time. Run as `python -m media.processing WORK ARGUMENT...` this module is that child.
"""

import asyncio
import contextlib
import itertools
import resource
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import msgspec
import numpy as np

from media import movie, senses
from media.scratch import workplace
from media.storage import Storage

POSTER_AT = 0.5  # seconds; the first pictures of a camera are dark
POSTER_WIDTH = 640  # pixels
PEAKS_PER_SECOND = senses.TENTHS
LOUDEST = 255
LOOK_WIDTH, LOOK_HEIGHT = 160, 90  # pixels that are counted
MEMORY = 2 << 30  # bytes of address space of a child
CPU_SECONDS = 900  # of a child: hours of a black film take some minutes


class ProcessingError(RuntimeError):
    """The child that looked into a file did not come to its end: another time it may."""


async def make_poster(storage: Storage, recording_id: UUID, key: str) -> str:
    """Returns the poster's key; empty when there is no picture."""
    async with workplace(storage.scratch) as folder:
        await storage.fetch(key, folder / "source")
        if not await _aside("poster", folder / "source", folder / "poster.jpg"):
            return ""
        return await _store(storage, recording_id, folder / "poster.jpg")


async def listen(storage: Storage, recording_id: UUID, key: str) -> tuple[str, bool]:
    """Returns the key of the peaks (empty without sound), and whether the recording is silent."""
    async with workplace(storage.scratch) as folder:
        await storage.fetch(key, folder / "source")
        levels: list[float] | None = await _aside("peaks", folder / "source", folder / "peaks.json")
        if levels is None:
            return "", True
        return await _store(storage, recording_id, folder / "peaks.json"), senses.is_silent(levels)


async def look(storage: Storage, key: str, seconds: float) -> bool:
    """Whether the picture is black, of a film of about so many seconds."""
    async with workplace(storage.scratch) as folder:
        await storage.fetch(key, folder / "source")
        return bool(await _aside("black", folder / "source", seconds))


async def make_movie(storage: Storage, recording_id: UUID, key: str, progress: Callable[[int], Awaitable[None]]) -> str:
    """Returns the key of the MP4 copy: `key` itself when it is one. Raises movie.NoMovieError, movie.MovieError."""
    async with workplace(storage.scratch) as folder:
        source, copy = folder / "source", folder / "video.copy.mp4"
        await storage.fetch(key, source)
        if not await movie.make(source, copy, progress):
            return key
        return await _store(storage, recording_id, copy)


async def _store(storage: Storage, recording_id: UUID, path: Path) -> str:
    key = f"{recording_id}/{path.name}"
    await storage.put(key, path)
    return key


async def _aside(work: str, *arguments: object) -> Any:
    """What a child says of a file; `work` is one of WORKS. Raises ProcessingError."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        work,
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        told, _ = await child.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if child.returncode != 0:
        raise ProcessingError(f"{work}: the child ended with status {child.returncode}")
    return msgspec.json.decode(told)


# In the child


def poster(source: Path, target: Path) -> bool:
    """Writes a picture from early in the video as JPEG; False when there is none."""
    picture = None
    with av.open(str(source)) as container:
        if not container.streams.video:
            return False
        with contextlib.suppress(av.FFmpegError):  # what has been seen up to the damage will do
            for frame in itertools.islice(container.decode(video=0), 300):
                picture = frame
                if frame.time >= POSTER_AT:
                    break
    if picture is None:
        return False
    width = min(POSTER_WIDTH, picture.width) // 2 * 2
    height = max(2, round(picture.height * width / picture.width / 2) * 2)
    small = picture.reformat(width, height, "yuvj420p")
    small.pts = None
    with av.open(str(target), "w", format="image2", options={"update": "1"}) as image:
        stream = image.add_stream("mjpeg", rate=1, options={"qmin": "3", "qmax": "6"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        image.mux(stream.encode(small))
        image.mux(stream.encode(None))
    return True


@dataclass(slots=True)
class _Tenth:
    """What was heard in a tenth of a second."""

    loudest: float = 0.0
    squares: float = 0.0
    samples: int = 0


@dataclass(slots=True)
class _Ear:
    tenths: dict[int, _Tenth] = field(default_factory=dict)

    def hear(self, part: av.AudioFrame) -> None:
        samples = np.abs(part.to_ndarray().reshape(-1))
        begin = part.time or 0.0
        slots = ((begin + np.arange(samples.size) / part.sample_rate) * PEAKS_PER_SECOND).astype(int)
        for slot in np.unique(slots):
            heard = samples[slots == slot]
            tenth = self.tenths.setdefault(int(slot), _Tenth())
            tenth.loudest = max(tenth.loudest, float(heard.max()))
            tenth.squares += float(np.square(heard, dtype=np.float64).sum())
            tenth.samples += heard.size

    def all(self) -> list[_Tenth]:
        """From the beginning on; where nothing came it was silent."""
        return [self.tenths.get(slot, _Tenth()) for slot in range(max(self.tenths, default=-1) + 1)]


def peaks(source: Path, target: Path) -> list[float] | None:
    """Writes `{"rate": 10, "peaks": [0..255, ...]}`, the loudest sample of each tenth; None without sound.

    Returns how loud each tenth was as a whole, in dBFS.
    """
    ear = _Ear()
    with av.open(str(source)) as container:
        if not container.streams.audio:
            return None
        resampler = av.AudioResampler(format="flt", layout="mono", rate=16000)
        with contextlib.suppress(av.FFmpegError):
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    ear.hear(part)
    tenths = ear.all()
    values = [min(LOUDEST, round(tenth.loudest * LOUDEST)) for tenth in tenths]
    target.write_bytes(msgspec.json.encode({"rate": PEAKS_PER_SECOND, "peaks": values}))
    return [senses.decibels(tenth.squares / max(1, tenth.samples)) for tenth in tenths]


def is_black(source: Path, seconds: float) -> bool:
    """Whether the picture of a film is black; stops as soon as enough has been seen. False without video."""
    black = seen = 0
    expected = seconds * senses.LOOKS_PER_SECOND
    with av.open(str(source)) as container:
        if not container.streams.video:
            return False
        container.streams.video[0].codec_context.thread_count = 1
        with contextlib.suppress(av.FFmpegError):
            for frame in container.decode(video=0):
                if (frame.time or 0.0) * senses.LOOKS_PER_SECOND < seen:
                    continue
                seen += 1
                small = frame.reformat(LOOK_WIDTH, LOOK_HEIGHT, "gray")
                black += senses.is_black(small.to_ndarray().astype(np.uint8, copy=False))
                if not senses.may_be_black(black, seen, expected):
                    return False
    return seen > 0 and senses.may_be_black(black, seen, seen)


WORKS: dict[str, Callable[..., object]] = {
    "poster": lambda source, target: poster(Path(source), Path(target)),
    "peaks": lambda source, target: peaks(Path(source), Path(target)),
    "black": lambda source, seconds: is_black(Path(source), float(seconds)),
}

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.buffer.write(msgspec.json.encode(WORKS[sys.argv[1]](*sys.argv[2:])))
