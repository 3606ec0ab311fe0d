"""Films for the tests, made of numbers: flashes and beeps at known times, holes, mutes, changes of size, darkness."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

FRAMES = 30
RATE = 48_000
BLINK = 0.12  # seconds that a flash and its beep last
Span = tuple[float, float]
Sizes = tuple[tuple[float, tuple[int, int]], ...]  # from which second on


def make_film(
    path: Path,
    seconds: float,
    *,
    offset: float = 0.0,
    sizes: Sizes = ((0.0, (320, 180)),),
    lost: Span = (0, 0),
    late: float = 0.0,
    mute: Span = (0, 0),
    loud: float = 0.4,
    light: float = 0.3,
    sound: bool = True,
    picture: bool = True,
) -> None:
    """A WebM (VP8, Opus) that beeps at every half second of `beats` and flashes `offset` seconds later.

    Nothing of the sound arrives in `lost`, nothing of the picture before `late`; in `mute` it is silent. `loud` is the
    beep's amplitude, `light` how bright it is between the flashes (0 black, 1 white).
    """
    with av.open(str(path), "w", format="webm") as container:
        packets: list[Any] = []
        if picture:
            video = container.add_stream("libvpx", rate=FRAMES)
            video.width, video.height, video.pix_fmt = *sizes[0][1], "yuv420p"
        if sound:
            audio = container.add_stream("libopus", rate=RATE)
            audio.layout = "mono"
            packets += [
                p for p in _sound(audio, seconds, mute, loud) if not lost[0] <= float(p.pts * p.time_base) < lost[1]
            ]
        if picture:
            packets += list(_pictures(video, seconds, offset, sizes, light, late))
        for packet in sorted(packets, key=lambda packet: packet.pts * packet.time_base):
            container.mux_one(packet)


def beats(seconds: float) -> list[float]:
    """When it beeps."""
    return [second + 0.5 for second in range(int(seconds)) if second + 0.5 + BLINK < seconds]


def _sound(stream: Any, seconds: float, mute: Span, loud: float) -> Iterator[Any]:
    times = np.arange(int(seconds * RATE)) / RATE
    tone = (loud * np.sin(2 * np.pi * 1000 * times)).astype(np.float32)
    on = np.zeros(tone.shape, bool)
    for beat in beats(seconds):
        on |= (times >= beat) & (times < beat + BLINK)
    tone[~on | ((times >= mute[0]) & (times < mute[1]))] = 0
    for at in range(0, tone.size, 960):
        piece = np.zeros((1, 960), np.float32)
        piece[0, : tone[at : at + 960].size] = tone[at : at + 960]
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _pictures(stream: Any, seconds: float, offset: float, sizes: Sizes, light: float, late: float) -> Iterator[Any]:
    spans = [*sizes, (seconds, (0, 0))]
    for (begin, (width, height)), (end, _) in itertools.pairwise(spans):
        encoder = av.CodecContext.create("libvpx", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        encoder.time_base, encoder.options = Fraction(1, 1000), {"deadline": "realtime", "cpu-used": "8"}
        for number in range(round(begin * FRAMES), round(end * FRAMES)):
            at = number / FRAMES
            if at < late:
                continue
            white = any(beat + offset <= at < beat + offset + BLINK for beat in beats(seconds))
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            picture[:height] = 16 + 219 * (1.0 if white else light)
            if light > 0.1:
                picture[height * 5 // 6 : height, : (number * 7) % width] = 180
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = round(at * 1000), Fraction(1, 1000)
            yield from _of(stream, encoder.encode(frame))
        yield from _of(stream, encoder.encode(None))


def _of(stream: Any, packets: list[Any]) -> Iterator[Any]:
    for packet in packets:
        packet.stream = stream
        packet.time_base = Fraction(1, 1000)
        yield packet
