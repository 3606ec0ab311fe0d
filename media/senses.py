"""Whether a film can be heard and seen at all: rules over loudness and brightness, and where their numbers are from.

A warning is for what a person would hear and see as nothing: a muted microphone, a closed shutter. A soft voice or an
evening light gets none. `web/src/recording/senses.ts` judges the same while it is recorded.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

Warning = Literal["silent", "black"]  # noqa: A001 - the domain's word

TENTHS = 10  # of a second: one level each
# A muted or unplugged microphone is digital silence to -65 dBFS of hiss; a quiet voice at arm's length is about -42,
# and browsers' automatic gain lifts that further (measured with the check page's meter).
VOICE_DB = -50.0
VOICED_SHARE = 0.02  # of the recording; who thinks aloud is silent most of the time, but not for 98 % of it
FEWEST_VOICED = 2  # tenths: a click of the mouse is one
LOOKS_PER_SECOND = 2
# As the filter `blackdetect` of FFmpeg has it: a pixel below a tenth of the brightness, and 98 of 100 of them.
DARK = 0.1 * 255
DARK_PIXELS = 0.98
LIT_SHARE = 0.1  # of the pictures looked at may be lit: a shutter that is opened sooner was noticed by itself


def decibels(mean_square: float) -> float:
    """Of full scale; silence is -100."""
    return max(-100.0, 10 * math.log10(mean_square)) if mean_square > 0 else -100.0


def is_silent(levels: Sequence[float]) -> bool:
    """Nobody is heard; `levels` are dBFS, one per tenth of a second."""
    voiced = sum(level > VOICE_DB for level in levels)
    return voiced < max(FEWEST_VOICED, VOICED_SHARE * len(levels))


def is_black(grey: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bool:
    """Nothing is seen on a picture; 0 is black and 255 white."""
    return float((grey < DARK).mean()) >= DARK_PIXELS


def may_be_black(black: int, seen: int, all_pictures: float) -> bool:
    """Whether a film can still turn out black after `seen` of about so many pictures; at its end: whether it is."""
    return seen - black <= LIT_SHARE * max(all_pictures, seen)
