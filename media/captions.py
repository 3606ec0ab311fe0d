"""Captions as WebVTT (W3C), read strictly and written plainly: cues of plain text with their times.

Pure. What a file carries beside that (styles, regions, notes, places, markup) is left out, so that no cue can be
anything but words to whoever shows it; a name in `<v Name>` stays as "Name: ". What `parse` has returned comes back
from `parse(write(...))` as it was.
"""

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, Protocol

import msgspec

LARGEST = 512 * 1024  # bytes: an hour of talk is a tenth of that
MOST_CUES = 3000
LONGEST = 500  # characters of a cue: more than a screen holds
LAST = 6 * 3600 * 1000  # milliseconds; recordings are shorter

# Where captions come from; a `Transcriber` makes the automatic ones.
Source = Literal["written", "uploaded", "automatic"]

_TIME = r"(?:([0-9]{2,9}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
# No part of these runs past the next "<": what a stranger left open would be read again from every one of them.
_VOICE = re.compile(r"<v(?:\.[^ \t<>]*)?[ \t]([^<>]+)>")
_TAG = re.compile(r"</?[a-zA-Z0-9:.][^<>]*>|</>")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Cue(msgspec.Struct, frozen=True):
    """Words, and from when to when they are said, in milliseconds."""

    start_ms: int
    end_ms: int
    text: str


class Transcriber(Protocol):
    """Listens to a recording and writes down what is said. None is shipped; `tests/server/test_captions.py` has one."""

    async def transcribe(self, film: Path) -> list[Cue]:
        """The cues of a local file of any kind that browsers record, in order; none where nobody speaks.

        It may take as long as it likes, and is cancelled when its worker stops: blocking work belongs into a process
        or a thread of its own. Raises CaptionsError, with a sentence for people, for what it cannot listen to.
        """
        ...


class CaptionsError(ValueError):
    """The captions cannot be used; the message says why, in a sentence for people."""


def parse(data: bytes) -> list[Cue]:
    """The cues of a WebVTT file, in order. Raises CaptionsError."""
    if len(data) > LARGEST:
        raise CaptionsError(f"The file is larger than {LARGEST // 1024} KB. Captions of one recording are smaller.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptionsError("The file is not UTF-8 text. Save it as UTF-8 and send it again.") from error
    if "\0" in text:
        raise CaptionsError("The file is not UTF-8 text. Save it as UTF-8 and send it again.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise CaptionsError("This is no WebVTT file: its first line must be WEBVTT.")
    return check(_cues(lines))


def _cues(lines: list[str]) -> Iterator[Cue]:
    """Block by block, after the header's own; `number` counts lines as editors do."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(lines, start=1):
        if line.strip(" \t"):
            blocks[-1].append((number, line))
        elif blocks[-1]:
            blocks.append([])
    for block in blocks[1:]:
        if not block or re.match(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)", block[0][1]):
            continue
        at = 0 if "-->" in block[0][1] else 1
        if at >= len(block):
            raise CaptionsError(f"Line {block[0][0]}: a time such as 00:01.000 --> 00:04.000 is missing here.")
        number, timing = block[at]
        match = _TIMING.fullmatch(timing.strip())
        if match is None:
            raise CaptionsError(f"Line {number}: write the time as 00:01.000 --> 00:04.000.")
        begin, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
        if end <= begin:
            raise CaptionsError(f"Line {number}: this cue ends before it begins.")
        yield Cue(begin, end, _words("\n".join(line for _, line in block[at + 1 :])))


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _words(payload: str) -> str:
    """What is read aloud of a cue: without markup, entities as the characters they stand for."""
    return html.unescape(_TAG.sub("", _VOICE.sub(lambda found: f"{found[1].strip()}: ", payload)))


def check(cues: Iterable[Cue]) -> list[Cue]:
    """The cues as they are kept: by time, their text clean, empty ones left out. Raises CaptionsError."""
    kept = []
    for cue in cues:
        text = _clean(cue.text)
        if not 0 <= cue.start_ms < cue.end_ms:
            raise CaptionsError(f"The cue at {clock(cue.start_ms)} ends before it begins.")
        if cue.end_ms > LAST:
            raise CaptionsError("A cue ends more than six hours after the beginning. No recording is that long.")
        if len(text) > LONGEST:
            raise CaptionsError(
                f"The cue at {clock(cue.start_ms)} is longer than {LONGEST} characters. Make two of it."
            )
        if text:
            kept.append(Cue(cue.start_ms, cue.end_ms, text))
    if len(kept) > MOST_CUES:
        raise CaptionsError(f"These are more than {MOST_CUES} cues. Make fewer and longer ones.")
    return sorted(kept, key=lambda cue: (cue.start_ms, cue.end_ms))


def _clean(text: str) -> str:
    lines = (_UNSEEN.sub("", line).replace("\t", " ").strip() for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def write(cues: Iterable[Cue]) -> str:
    """A WebVTT file of these cues."""
    blocks = ["WEBVTT"]
    for cue in cues:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def clock(milliseconds: int) -> str:
    """A time as WebVTT writes it, such as 01:02.500."""
    seconds, rest = divmod(max(0, milliseconds), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def plain(cues: Iterable[Cue]) -> str:
    """All that is said, for searching."""
    return "\n".join(cue.text for cue in cues)
