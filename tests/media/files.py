"""What every file that a recorder made must be able to do, whichever test made it: decode, be measured, be sought in.

`faults` reads a file as a player would, and its table of cues byte by byte (RFC 8794, RFC 9559), for a demuxer
forgives a file that has none. `running` asks it about all that its recorder finished, when a test is over.
"""

from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from tests.media.peers import watch

SEGMENT, INFO, CUES, CUE, CLUSTER = 0x18538067, 0x1549A966, 0x1C53BB6B, 0xBB, 0x1F43B675
DURATION = 0x4489
APART = 0.1  # seconds between what a header says and where the last frame ends
SPARSE = 15.0  # seconds between two places that can be sought


def elements(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int]]:
    """(id, begin, end) of the elements that follow each other. An unknown size reaches to the end."""
    at, last = begin, len(data) if end is None else end
    while at < last:
        name, at = _number(data, at, keep=True)
        size, at = _number(data, at, keep=False)
        stop = last if size < 0 else min(last, at + size)
        yield name, at, stop
        at = stop


def _number(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """A number of one to eight bytes, and what follows it; -1 for a size that is not known."""
    first = data[at]
    length = 9 - first.bit_length()
    value = int.from_bytes(data[at : at + length], "big")
    mark = 1 << 7 * length
    if keep:
        return value, at + length
    return (-1 if value == 2 * mark - 1 else value - mark), at + length


def faults(path: Path) -> list[str]:
    """What is wrong with a file, in words; an empty list is a pass."""
    found = [*_structure(path.read_bytes())]
    seen = watch(path)
    if seen.errors:
        found.append(f"{seen.errors} frames cannot be decoded")
    if not seen.pictures and not seen.sounds:
        found.append("it holds neither picture nor sound")
    end = max(seen.video_s, seen.audio_s)
    if abs(seen.duration_s - end) > APART:
        found.append(f"it says it lasts {seen.duration_s:.2f} s and ends at {end:.2f} s")
    return [*found, *_seeking(path, end)]


def _structure(data: bytes) -> Iterator[str]:
    parts = list(elements(data))
    segment = next(((begin, end) for name, begin, end in parts if name == SEGMENT), None)
    if segment is None:
        yield "it is no WebM file"
        return
    inside = list(elements(data, *segment))
    cues = [each for name, begin, end in inside if name == CUES for each in elements(data, begin, end)]
    clusters = sum(name == CLUSTER for name, _, _ in inside)
    info = [each for name, begin, end in inside if name == INFO for each in elements(data, begin, end)]
    if DURATION not in {name for name, _, _ in info}:
        yield "it does not say how long it is"
    if not any(name == CUE for name, _, _ in cues):
        yield f"it has {clusters} clusters and no cues"


def _seeking(path: Path, end: float) -> Iterator[str]:
    """To the middle and to the end, as a click on the bar does."""
    with av.open(str(path)) as container:
        stream = next(iter(container.streams.video), None) or container.streams.audio[0]
        begin = _landed(container, stream)  # a camera may open long after the microphone
        for moment in (end / 2, end * 0.9):
            container.seek(round(moment * 1_000_000))
            landed = _landed(container, stream)
            if not moment - SPARSE < landed <= max(begin, moment) + APART:
                yield f"whoever looks for {moment:.2f} s finds {landed:.2f} s"


def _landed(container: InputContainer, stream: VideoStream | AudioStream) -> float:
    """When the next packet is due, in seconds; -1 if there is none."""
    due = (packet.pts * packet.time_base for packet in container.demux(stream) if packet.pts is not None)
    return float(next(due, -1.0))
