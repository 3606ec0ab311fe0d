"""What gets a warning and what does not: films without sound or light, and ordinary ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media import senses
from media.processing import is_black, peaks
from media.synth import make_clip
from tests.media.films import make_film


def judged(path: Path, seconds: float) -> set[str]:
    levels = peaks(path, path.with_suffix(".json"))
    found = {"silent"} if levels is None or senses.is_silent(levels) else set()
    return found | ({"black"} if is_black(path, seconds) else set())


@pytest.mark.parametrize(
    ("film", "warnings"),
    [
        ({}, set()),
        ({"loud": 0.01}, set()),  # -43 dBFS at its loudest: a soft voice
        ({"light": 0.12}, set()),  # an evening without a lamp
        ({"loud": 0.0005}, {"silent"}),  # -69 dBFS: the hiss of an open line
        ({"mute": (0, 9)}, {"silent"}),
        ({"sound": False}, {"silent"}),
        ({"light": 0.0, "offset": 99}, {"black"}),
        ({"light": 0.03, "offset": 99, "mute": (0, 9)}, {"silent", "black"}),
    ],
)
def test_only_what_nobody_would_hear_or_see_gets_a_warning(
    tmp_path: Path, film: dict[str, Any], warnings: set[str]
) -> None:
    make_film(tmp_path / "film.webm", 4, **film)
    assert judged(tmp_path / "film.webm", 4) == warnings


def test_a_person_who_speaks_gets_none(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.webm", 3, 4, 320, 180)
    assert judged(tmp_path / "clip.webm", 4) == set()
    make_clip(tmp_path / "neither.webm", 3, 2, 160, 90, heard=False, seen=False)
    assert judged(tmp_path / "neither.webm", 2) == {"silent", "black"}


def test_the_rules_at_their_edges() -> None:
    assert senses.decibels(0) == -100
    assert senses.decibels(1) == 0
    assert senses.is_silent([])
    assert senses.is_silent([-20.0] + [-90.0] * 20), "one click is no voice"
    assert not senses.is_silent([-20.0] * 2 + [-90.0] * 20)
    assert senses.is_silent([-49.0] * 10 + [-90.0] * 600), "ten tenths in a minute"
    night = np.full((90, 160), 12, np.uint8)
    assert senses.is_black(night)
    night[:30, :16] = 200  # a screen at the edge, 3 %
    assert not senses.is_black(night)
    assert senses.may_be_black(18, 20, 20)
    assert not senses.may_be_black(17, 20, 20), "a shutter that was opened"
    assert senses.may_be_black(0, 2, 60), "it may get dark yet"
