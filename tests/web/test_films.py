"""What a page decides about films: which file to play, how times of captions are written, what gets a warning."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media import senses
from tests.realtime.browser import node_program

SCRIPT = Path(__file__).with_name("films.ts")
WEBM, MP4 = "video/webm", "video/mp4"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """`ask("time", text="1:02")` puts one question and returns the answer."""
    words = [node_program(), "--experimental-strip-types", "--no-warnings", str(SCRIPT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def put(what: str, **more: Any) -> Any:
            stdin.write(json.dumps({"ask": what, **more}) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield put
        stdin.close()


def film(src: str = "video", mime: str = WEBM, mp4: str = "copy") -> dict[str, str]:
    return {"src": src, "mime": mime, "mp4": mp4}


@pytest.mark.parametrize(
    ("given", "plays", "order"),
    [
        (film(), [WEBM, MP4], ["video", "copy"]),
        (film(), [MP4], ["copy"]),
        (film(mp4=""), [MP4], []),
        (film(), [WEBM], ["video"]),
        (film(mime=MP4), [WEBM, MP4], ["copy", "video"]),  # it may be anything under that type
        (film(mime=MP4, mp4=""), [WEBM, MP4], ["video"]),
        (film(mime="video/matroska"), [WEBM, MP4], ["copy"]),
        (film(mime="", mp4=""), [], ["video"]),  # of this page
        (film(src="", mp4=""), [WEBM, MP4], []),
    ],
)
def test_which_files_a_browser_tries(ask: Ask, given: dict[str, str], plays: list[str], order: list[str]) -> None:
    assert ask("sources", film=given, plays=plays) == order


def test_what_plays_goes_on_playing(ask: Ask) -> None:
    both = [WEBM, MP4]
    assert ask("choice", films=[film(mp4=""), film(), "fails", "fails"], plays=both) == ["video", "video", "copy", ""]
    assert ask("choice", films=[film(mime=MP4, mp4=""), film(mime=MP4)], plays=both) == ["video", "video"]
    assert ask("choice", films=[film(mp4=""), film()], plays=[MP4]) == ["", "copy"], "it begins when there is a copy"
    assert ask("choice", films=[film(), "fails", film(src="other")], plays=[WEBM]) == ["video", "", "other"]


def test_why_nothing_plays(ask: Ask) -> None:
    assert "prepared: 40 %" in ask("words", movie="waiting", percent=40)
    assert "cannot play" in ask("words", movie="failed", percent=0)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0:00", 0), ("1:02.5", 62_500), (" 62,25 ", 62_250), ("1:00:00", 3_600_000), ("90", 90_000),
        ("1:75", None), ("", None), ("soon", None), ("-1", None), ("1:2:3:4", None),
    ],
)  # fmt: skip
def test_times_as_people_write_them(ask: Ask, text: str, ms: int | None) -> None:
    assert ask("time", text=text) == ms


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 5 * 3600 * 1000))
def test_a_time_that_was_written_is_read_again(ask: Ask, ms: int) -> None:
    assert ask("time", text=ask("written", ms=ms)) == ms


def test_a_new_line_fits_between_the_others(ask: Ask) -> None:
    cues = [{"start_ms": 4000, "end_ms": 5000, "text": "b"}, {"start_ms": 0, "end_ms": 1000, "text": "a"}]
    told = ask("cues", cues=cues, ms=2340, length=60_000)
    assert (told["next"]["start_ms"], told["next"]["end_ms"]) == (2300, 4000)
    assert [cue["text"] for cue in told["ordered"]] == ["a", "b"]
    assert told["at"] == -1
    assert ask("cues", cues=cues, ms=4500, length=5000)["at"] == 0
    last = ask("cues", cues=cues, ms=9900, length=10_000)["next"]
    assert last["start_ms"] < last["end_ms"] <= 10_400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.floats(-100, 0), min_size=1, max_size=60), st.lists(st.integers(0, 255), max_size=30))
def test_page_and_server_judge_alike(ask: Ask, levels: list[float], looks: list[int]) -> None:
    black = sum(brightness < senses.DARK for brightness in looks)
    expected = ["silent"] if senses.is_silent(levels) else []
    expected += ["black"] if looks and senses.may_be_black(black, len(looks), len(looks)) else []
    assert ask("impression", levels=levels, looks=looks) == expected
