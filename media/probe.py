"""What is in a file that a stranger sent: looked at in a process of its own, with limits, for a parser may be attacked.

`probe` starts one child per file and waits for it; run as `python -m media.probe FILE` this module is that child.
"""

import asyncio
import contextlib
import resource
import sys
from pathlib import Path
from typing import Any

import av
import msgspec

from media.webm import DamagedError, repair

SECONDS = 30.0
MEMORY = 2 << 30  # bytes of address space
WEBM = {"vp8", "vp9", "av1", "opus", "vorbis"}
NO_MEDIA = 65  # how the child says so (EX_DATAERR); Python itself ends with 1, whatever went wrong in it


class Probe(msgspec.Struct, frozen=True):
    """`mime` is by content, not by name. Width and height are 0 without video."""

    mime: str
    duration_ms: int
    bytes: int
    width: int
    height: int
    audio: bool
    video: bool
    frames: int


class NotMediaError(ValueError):
    """The file is neither audio nor video that can be read."""


class TooSlowError(NotMediaError):
    """It could not be read in time, with so little memory, or on such a disk: another time it may be."""


async def probe(path: Path) -> Probe:
    """Reads a file through without decoding all of it. Raises NotMediaError, TooSlowError.

    A WebM without duration and cues, as browsers' MediaRecorder writes it, is made seekable in place.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "media.probe",
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            told, _ = await child.communicate()
    except TimeoutError as error:
        raise TooSlowError("the file takes too long to read") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if child.returncode == NO_MEDIA:
        raise NotMediaError("the file is neither audio nor video")
    if child.returncode != 0:
        raise TooSlowError("the file could not be read to its end")
    return msgspec.json.decode(told, type=Probe)


def examine(path: Path) -> Probe:
    """The same in this process. Raises NotMediaError or av.FFmpegError."""
    with av.open(str(path)) as container:
        video = next(iter(container.streams.video), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise NotMediaError("no audio or video track")
        if video is not None:
            next(iter(container.decode(video)))  # a picture comes out of it
            container.seek(0)
        end, frames = 0.0, 0
        for packet in container.demux():
            if packet.pts is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                frames += packet.stream is video
        name, webm = container.format.name, is_webm(container)
    kind = "video" if video is not None else "audio"
    subtype = "webm" if webm else "mp4" if "mp4" in name else name.split(",")[0]
    size = path.stat().st_size
    width, height = (video.codec_context.width, video.codec_context.height) if video is not None else (0, 0)
    return Probe(
        f"{kind}/{subtype}", round(end * 1000), size, width, height, audio is not None, video is not None, frames
    )


def is_webm(container: Any) -> bool:
    """What libav calls "matroska,webm" is WebM with WebM's own codecs alone; what OBS writes, for one, is Matroska."""
    tracks = [*container.streams.video, *container.streams.audio]
    return "webm" in container.format.name and all(t.codec_context.codec.canonical_name in WEBM for t in tracks)


def settle(path: Path) -> None:
    """Writes a WebM that nobody can seek anew, with duration and cues; leaves every other file as it is."""
    with av.open(str(path)) as container:
        if container.duration is not None or not is_webm(container):
            return
    whole = path.with_suffix(".whole")
    repair(path, whole)
    whole.replace(path)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))
    try:
        settle(Path(sys.argv[1]))
        sys.stdout.buffer.write(msgspec.json.encode(examine(Path(sys.argv[1]))))
    except (NotMediaError, DamagedError, av.FFmpegError, StopIteration):
        sys.exit(NO_MEDIA)
