"""WebVTT: what is written is read again, what others write is understood, what is none is refused in words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import captions
from media.captions import CaptionsError, Cue, check, parse, write

TIMES = st.tuples(st.integers(0, captions.LAST - 1), st.integers(1, 60_000))
CUES = st.lists(
    st.builds(lambda at, text: Cue(at[0], min(captions.LAST, at[0] + at[1]), text), TIMES, st.text(max_size=60)),
    max_size=20,
)


@given(CUES)
def test_what_is_written_is_read_again(cues: list[Cue]) -> None:
    kept = check(cues)
    assert parse(write(kept).encode()) == kept
    assert check(kept) == kept


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(data: bytes) -> None:
    for head in (b"", b"WEBVTT\n\n", b"WEBVTT\n\n00:00.000 --> 00:01.000\n"):
        try:
            found = parse(head + data)
        except CaptionsError as error:
            assert str(error).endswith(".")  # noqa: PT017 - most inputs are refused, and say why
        else:
            assert check(found) == found


def test_what_others_write_is_understood() -> None:
    data = (
        "\ufeffWEBVTT - made elsewhere\r\nKind: captions\r\n\r\n"
        "STYLE\r\n::cue { color: red }\r\n\r\nNOTE a note\r\nof two lines\r\n\r\nREGION\r\nid:x\r\n\r\n"
        "1\r\n00:01.000 --> 00:02.500 line:0 align:start\r\n<v.loud Ada Lovelace>Hello,</v> <b>world</b>\r\n\r\n"
        "00:00:00.200 --> 00:00:00.900\r\nfirst &amp; <00:00:00.500>foremost\r\nin two lines\r\n\r\n\r\n"
        "intro\r\n100:00.000 --> 100:01.000\r\n\r\n01:00:00.000 --> 01:00:01.000\r\n1 < 2 &lt;b&gt;"
    )
    with pytest.raises(CaptionsError, match="Line 23"):
        parse(data.encode())  # minutes end at 59
    assert parse(data.replace("100:0", "10:0").encode()) == [
        Cue(200, 900, "first & foremost\nin two lines"),
        Cue(1000, 2500, "Ada Lovelace: Hello, world"),
        Cue(3_600_000, 3_601_000, "1 < 2 <b>"),
    ]


@pytest.mark.parametrize(
    "bad",
    ["<script>alert(1)</script>Hi", '<img src=x onerror="alert(1)">Hi', "<c.x><i>Hi</i></c>", "H\u202ei\x07", "<v>Hi"],
)
def test_no_cue_is_anything_but_words(bad: str) -> None:
    (cue,) = parse(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{bad}\n".encode())
    assert cue.text in {"alert(1)Hi", "Hi"}
    (again,) = parse(write([Cue(0, 1000, bad)]).encode())
    assert again.text == check([Cue(0, 1000, bad)])[0].text
    assert "<" not in write([Cue(0, 1000, bad)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "first line must be WEBVTT"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nSubRip", "first line must be WEBVTT"),
        (b"WEBVTTX\n\n", "first line must be WEBVTT"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\nGrüße".encode("latin-1"), "not UTF-8"),
        ("WEBVTT\n".encode("utf-16"), "not UTF-8"),
        (b"WEBVTT\n\n\0", "not UTF-8"),
        (b"WEBVTT\n\nonly words", "Line 3"),
        (b"WEBVTT\n\n00:01 --> 00:02\nx", "Line 3"),
        (b"WEBVTT\n\nid\n00:00.000-->00:01.000\nx", "Line 4"),
        (b"WEBVTT\n\n" + b"9" * 5000 + b":00:00.000 --> 00:01.000\nx", "Line 3"),
        (b"WEBVTT\n\n00:02.000 --> 00:02.000\nx", "before it begins"),
        (b"WEBVTT\n\n07:00:00.000 --> 07:00:01.000\nx", "six hours"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"x" * 501, "500 characters"),
        (b"WEBVTT\n\n" + b"00:00.000 --> 00:01.000\nx\n\n" * 3001, "3000 cues"),
        (b"WEBVTT\n\nNOTE " + b"x" * captions.LARGEST, "larger than 512 KB"),
    ],
)
def test_what_is_no_captions_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(CaptionsError, match=words) as refused:
        parse(data)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("open_end", ["<v ", "<v.", "<v <", "<v" + " " * 2000, "<c", "</"])
def test_no_file_keeps_its_reader_busy(open_end: str) -> None:
    """Captions are read where everybody's requests are answered: what nobody closes is read once."""
    assert _effort(open_end) < 100 * (_effort("words ") + 0.001)


def _effort(repeated: str) -> float:
    text = "WEBVTT\n\n00:00.000 --> 00:01.000\n" + (repeated * 20_000)[:60_000]
    began = time.process_time()
    with pytest.raises(CaptionsError, match="500 characters"):
        parse(text.encode())
    return time.process_time() - began
