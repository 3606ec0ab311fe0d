"""Flash and beep at known moments, sent with exact clocks: what a recording makes of them owes nothing to a browser.

A `Script` is a list of what a sender sends when: pictures that go white for 0.13 s and, from the very same moment, a
tone, encoded beforehand. `Player` sends it, with the sender reports that a browser would send, which are exact here.
A microphone may be off for a while, in both ways that a page has: its packets go on and hold silence
(`enabled = false`), or there are none and its clock stands still meanwhile (`replaceTrack(null)`).
"""

import asyncio
import fractions
import math
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import av
import numpy as np

from media.sound import PACKET
from tests.media.sender import Film, Sender, both_clocks, cut_up, until

RATE = 30  # pictures a second
KEY_FRAME_EVERY = RATE  # pictures
FLASH = 4  # pictures
EVERY = 0.8  # seconds from flash to flash
FIRST = 0.5
REPORTS = {"video": (0.4, 1.0), "audio": (2.3, 4.5)}  # seconds: the first, and from one to the next, as Chromium's
SMALL, LARGE = (160, 120), (320, 240)


@dataclass(frozen=True)
class Span:
    """A part of the time, in seconds."""

    begin: float
    end: float

    def holds(self, moment: float) -> bool:
        return self.begin <= moment < self.end

    def passed(self, moment: float) -> float:
        """How much of it is over."""
        return max(0.0, min(moment, self.end) - self.begin)


NEVER = Span(math.inf, math.inf)


@dataclass(frozen=True, order=True)
class Shot:
    """What is sent at `at` seconds; `clock` is the track's own time then."""

    at: float
    kind: str
    clock: float = field(compare=False)
    payloads: list[bytes] = field(compare=False)


@dataclass(frozen=True)
class Script:
    """`muted`: the microphone is disabled. `unplugged`: it is replaced by nothing. `grows`: the picture is larger."""

    seconds: float
    muted: Span = NEVER
    unplugged: Span = NEVER
    grows: float = math.inf

    @property
    def flashes(self) -> list[float]:
        """When it flashes and, unless the microphone is off, beeps."""
        number = int((self.seconds - FIRST - 0.3) / EVERY) + 1
        return [round(FIRST + EVERY * place, 3) for place in range(number)]

    @property
    def beeps(self) -> list[float]:
        return [at for at in self.flashes if not self.off(at)]

    def off(self, moment: float) -> bool:
        return self.muted.holds(moment) or self.unplugged.holds(moment)

    def clock(self, kind: str, moment: float) -> float:
        """A track's own time: the sound's stands still while its microphone is replaced by nothing."""
        return moment - (self.unplugged.passed(moment) if kind == "audio" else 0.0)

    def shots(self) -> list[Shot]:
        """Everything, in the order in which it is sent."""
        film = _film(self.seconds, tuple(self.flashes), self.grows)
        tones = _tones(self.seconds, tuple(self.beeps))
        pictures = (Shot(n / RATE, "video", n / RATE, cut_up(data, n)) for n, data in enumerate(film))
        sounds = (
            Shot(n / 50, "audio", self.clock("audio", n / 50), [data])
            for n, data in enumerate(tones)
            if not self.unplugged.holds(n / 50)
        )
        return sorted([*pictures, *sounds])


@cache
def _film(seconds: float, flashes: tuple[float, ...], grows: float) -> list[bytes]:
    """VP8, with a key frame every second and wherever the size changes."""
    white = {round(at * RATE) + more for at in flashes for more in range(FLASH)}
    larger, end = round(min(grows, seconds) * RATE), round(seconds * RATE)
    return [*_shoot(SMALL, range(larger), white), *_shoot(LARGE, range(larger, end), white)]


def _shoot(size: tuple[int, int], places: Iterable[int], white: set[int]) -> Iterator[bytes]:
    width, height = size
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.bit_rate, encoder.time_base = 150_000, fractions.Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": str(KEY_FRAME_EVERY)}
    for number, place in enumerate(places):
        picture = np.full((height, width, 3), 255 if place in white else 0, np.uint8)
        at = place * 7 % (width - 20)
        picture[-20:, at : at + 20] = 90  # something moves, as it does before a camera
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, encoder.time_base
        yield from (bytes(packet) for packet in encoder.encode(frame))
    if encoder.is_open:
        yield from (bytes(packet) for packet in encoder.encode(None))


@cache
def _tones(seconds: float, beeps: tuple[float, ...]) -> list[bytes]:
    """Opus, 20 ms each."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "flt"
    encoder.bit_rate = 32000
    wave = np.zeros(round(seconds * 50) * PACKET, np.float32)
    for begin in (round(at * 48000) for at in beeps):
        wave[begin : begin + FLASH * 48000 // RATE] = 0.5
    wave *= np.sin(2 * np.pi * 1000 * np.arange(len(wave)) / 48000).astype(np.float32)
    packets: list[bytes] = []
    for begin in range(0, len(wave), PACKET):
        both = wave[begin : begin + PACKET].repeat(2)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(both, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, begin, fractions.Fraction(1, 48000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


class Player(Sender):
    """Sends a script, once. `over` is set when all of it has been sent.

    Pictures of the first `held` seconds leave at their end, all at once, as if they had been asked for again. `late`:
    by how many seconds something left later than it should, at most; then the machine had no time for us.
    """

    def __init__(self, script: Script, held: float = 0.0) -> None:
        super().__init__(Film([], [], RATE))
        self.script = script
        self.held = held
        self.over = asyncio.Event()
        self.now = 0.0  # seconds of the script that have been sent
        self.late = 0.0
        self._shots = sorted(script.shots(), key=lambda shot: (self._leaves(shot), shot))

    def roll(self) -> None:
        began = time.monotonic()
        reports = (self._report(kind, began) for kind in REPORTS)
        self._running = [asyncio.create_task(work) for work in (self._play(began), *reports)]

    def hold(self, kind: str) -> None:
        """Sends nothing of this kind."""
        self._shots = [shot for shot in self._shots if shot.kind != kind]

    async def _play(self, began: float) -> None:
        for shot in self._shots:
            await until(began + self._leaves(shot))
            self.late = max(self.late, time.monotonic() - began - self._leaves(shot))
            self.now = shot.at
            rate = self._streams[shot.kind].rate
            for place, payload in enumerate(shot.payloads):
                last = shot.kind == "video" and place == len(shot.payloads) - 1
                self._send(shot.kind, payload, round(shot.clock * rate), last)
            self.frames += shot.kind == "video"
            self.sounds += shot.kind == "audio"
        self.over.set()

    def _leaves(self, shot: Shot) -> float:
        return max(shot.at, self.held) if shot.kind == "video" else shot.at

    async def _report(self, kind: str, began: float) -> None:
        """Sender reports of one track, exact whenever they leave. A track that sends nothing tells where it would be.

        That is what Chromium does, and so a report may speak of a clock that stands still as if it ran.
        """
        first, every = REPORTS[kind]
        number, stream = 0, self._streams[kind]
        while True:
            await until(began + first + number * every)
            wall, now = both_clocks()
            since = now - began
            paused = self.script.unplugged.holds(since)
            told = round((since if paused else self.script.clock(kind, since)) * stream.rate)
            parts = int(wall), int(wall % 1 * 2**32), told & 0xFFFFFFFF, stream.sent, stream.octets
            await self._transport._send_rtp(struct.pack("!BBHIIIIII", 0x80, 200, 6, stream.ssrc, *parts))
            number += 1
