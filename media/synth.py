"""Demo clips: a drawn person who talks. Nobody real is in them, and nothing is downloaded.

`make_clip` draws (media/portrait.py), invents a voice out of harmonics and formants, moves the mouth with it, and
encodes both into a WebM like those the recorder writes. It blocks for about a second per eight seconds of clip: run
it in the worker.
"""

import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.drawing import Floats
from media.portrait import Portrait, Pose
from media.webm import OPTIONS, sync

FRAMES = 25  # per second
RATE = 16000  # samples per second of the voice
HARMONICS = 28
VOWELS = (  # formants in Hz, and how far the mouth opens
    ((730, 1090, 2440), 1.0),  # a
    ((530, 1840, 2480), 0.7),  # e
    ((290, 2250, 2900), 0.35),  # i
    ((570, 850, 2410), 0.75),  # o
    ((320, 880, 2240), 0.4),  # u
    ((500, 1500, 2500), 0.55),  # the one in "the"
)
MOUTHS = 5


@dataclass(slots=True)
class _Voice:
    sound: Floats  # RATE samples per second, -1 to 1
    mouth: Floats  # FRAMES values per second, 0 to 1


def make_clip(
    path: Path, seed: int, seconds: float, width: int = 640, height: int = 360, *, heard: bool = True, seen: bool = True
) -> None:
    """Writes a VP8/Opus WebM with cues and duration; the same seed gives the same person and voice.

    Width and height are in pixels and even. The file is synced. Not `heard`: as with a muted microphone; not `seen`: as
    with a closed shutter.
    """
    chance = random.Random(seed)
    voice = _speak(chance, seconds)
    portrait = Portrait(seed, width, height)
    poses = _act(chance, voice.mouth)
    sound = voice.sound if heard else np.zeros_like(voice.sound)
    dark = np.zeros((height, width, 3), np.uint8)
    with av.open(str(path), "w", format="webm", options=OPTIONS) as container:
        video = container.add_stream(
            "libvpx",
            rate=FRAMES,
            options={"deadline": "realtime", "cpu-used": "8", "g": "50", "crf": "12"},
        )
        video.bit_rate = 900_000
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("libopus", rate=48000, options={"b": "32k"})
        audio.layout = "mono"
        sounds = _sound_frames(sound)
        for number, pose in enumerate(poses):
            frame = av.VideoFrame.from_ndarray(portrait.picture(pose) if seen else dark, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAMES)
            container.mux(video.encode(frame))
            for sound in sounds:
                container.mux(audio.encode(sound))
                if sound.pts / 48000 > number / FRAMES:
                    break
        for sound in sounds:
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    sync(path)


def _sound_frames(sound: Floats) -> Any:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=48000)
    position = 0
    for start in range(0, len(sound), RATE // 50):
        frame = av.AudioFrame.from_ndarray(sound[np.newaxis, start : start + RATE // 50], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for part in resampler.resample(frame):
            part.pts, part.time_base = position, Fraction(1, 48000)
            position += part.samples
            yield part


def _speak(chance: random.Random, seconds: float) -> _Voice:
    """Phrases of syllables with pauses between them; pitch falls over a phrase and rises now and then."""
    count = int(seconds * RATE)
    loudness, breath, opening = (np.zeros(count, np.float32) for _ in range(3))
    formants = np.zeros((3, count), np.float32) + np.array([[500], [1500], [2500]], np.float32)
    base = chance.choice((105.0, 125.0, 190.0, 215.0))
    pitch = np.full(count, base, np.float32)
    at = 0.25
    while at < seconds - 0.5:
        syllables = chance.randint(4, 9)
        lift = chance.uniform(0.05, 0.25)
        for place in range(syllables):
            length = chance.uniform(0.13, 0.24) * (1.35 if place == syllables - 1 else 1)
            begin, end = int(at * RATE), min(count, int((at + length) * RATE))
            if end - begin < RATE // 20 or at + length > seconds - 0.25:
                break
            shape = np.sin(np.linspace(0, np.pi, end - begin)) ** 0.6
            (sounds, wide), stress = chance.choice(VOWELS), chance.uniform(0.55, 1.0)
            formants[:, begin:end] = np.array(sounds, np.float32)[:, None]
            loudness[begin:end] = shape * stress
            opening[begin:end] = shape * wide * (0.6 + 0.4 * stress)
            pitch[begin:end] = base * (1 + lift * (1 - place / syllables) + 0.05 * shape * stress)
            if chance.random() < 0.45:
                breath[max(0, begin - RATE // 25) : begin + RATE // 40] = chance.uniform(0.03, 0.09)
            at += length
        at += chance.uniform(0.25, 0.6)
    sound = _sing(pitch, loudness, formants)
    noise = np.random.default_rng(chance.randrange(1 << 30)).standard_normal(count).astype(np.float32)
    sound += np.diff(noise, prepend=0).astype(np.float32) * _smooth(breath, 160)
    sound *= 0.5 / max(0.01, float(np.abs(sound).max()))
    middles = ((np.arange(int(seconds * FRAMES)) + 0.5) / FRAMES * RATE).astype(int).clip(0, count - 1)
    return _Voice(sound.astype(np.float32), _smooth(opening, RATE // 30)[middles])


def _sing(pitch: Floats, loudness: Floats, formants: Floats) -> Floats:
    """Harmonics of the pitch, each as loud as the formants let it through."""
    pitch = _smooth(pitch, RATE // 25)
    pitch *= 1 + 0.012 * np.sin(2 * np.pi * 5.2 * np.arange(pitch.size) / RATE)
    formants = np.stack([_smooth(row, RATE // 40) for row in formants])
    phase = np.cumsum(2 * np.pi * pitch / RATE)
    sound = np.zeros(pitch.size, np.float32)
    for harmonic in range(1, HARMONICS + 1):
        frequency = pitch * harmonic
        through = sum(
            weight / (1 + ((frequency - row) / width) ** 2)
            for row, weight, width in zip(formants, (1.0, 0.5, 0.25), (90, 120, 180), strict=True)
        )
        sound += (through + 0.02) / harmonic**0.6 * np.sin(harmonic * phase) * (frequency < RATE * 0.45)
    voiced: Floats = (sound * _smooth(loudness, 160)).astype(np.float32)
    return voiced


def _smooth(values: Floats, window: int) -> Floats:
    """A moving mean of `window` samples, of the same length."""
    padded = np.pad(values.astype(np.float64), (window // 2, window - window // 2), mode="edge").cumsum()
    mean: Floats = ((padded[window:] - padded[:-window]) / window).astype(np.float32)
    return mean


def _act(chance: random.Random, mouth: Floats) -> list[Pose]:
    """A pose per frame: the mouth follows the voice, the eyes blink, the head sways and nods on loud syllables."""
    poses: list[Pose] = []
    blink = chance.randint(20, 60)
    sway, nod = chance.uniform(0, 6), 0.0
    for number, wide in enumerate(mouth):
        since = number - blink
        eyes = 2 if since < 0 else (1, 0, 0, 1)[since] if since < 4 else 2
        if since >= 4:
            blink = number + chance.randint(45, 110)
        nod += (float(wide) - nod) * 0.15
        time = number / FRAMES
        poses.append(
            Pose(
                mouth=round(float(wide) * MOUTHS),
                eyes=eyes,
                brows=int(nod > 0.5),
                x=round(6 * np.sin(time * 0.9 + sway)),
                y=round(3 * np.sin(time * 1.3) + 6 * nod),
            )
        )
    return poses
