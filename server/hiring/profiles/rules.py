"""What may stand in a profile: pure functions."""

import datetime as dt
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from http import HTTPStatus
from io import BytesIO

from server.core.errors import Invalid, Refusal
from server.core.words import clean
from server.hiring.candidates.rules import plain
from server.hiring.profiles.paper import text_of
from server.hiring.views.profiles import FieldKind, FileKind
from server.hiring.workspaces.rules import COLOURS

LONGEST = {"phone": 60, "location": 300, "headline": 300}
MOST_LINKS = 10
MOST_TAGS = 20
MOST_WORDS = 500  # tags of a workspace
MOST_FIELDS = 40
MOST_CHOICES = 50
MOST_FILES = 30  # of one person
MOST_OWN_FILES = 5  # that a candidate brings to one application
LARGEST_FILE = 15 << 20
MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)  # fmt: skip

ENDINGS: Mapping[FileKind, tuple[str, ...]] = {
    "pdf": ("pdf",), "docx": ("docx",), "png": ("png",), "jpeg": ("jpg", "jpeg"), "webp": ("webp",), "gif": ("gif",),
    "text": ("txt", "text", "md", "csv"),
}  # fmt: skip
NO_TEXT = frozenset(map(chr, (*range(9), *range(14, 32))))  # characters that no text has


class FieldTaken(Refusal):
    """A second field of one name: in a list, a file or a filter nobody could tell them apart."""

    code = "field_taken"
    status = HTTPStatus.CONFLICT


class HandedIn(Refusal):
    """A candidate's file after they have handed in: the team may have read it."""

    code = "handed_in"
    status = HTTPStatus.CONFLICT
    message = "You have handed in, so this file stays. Write to the team when it should not."


class NoRoomForFiles(Refusal):
    """The disk is nearly full."""

    code = "storage_low"
    status = HTTPStatus.INSUFFICIENT_STORAGE
    message = "We cannot take files right now. Come back later: your place is kept."


class UnknownFile(Refusal):
    """Bytes of a kind that has no place in a profile."""

    code = "unsupported_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = "Send a PDF, a Word file (.docx), a picture or plain text."


def short(field: str, text: str) -> str:
    """One line of a profile. Raises Invalid."""
    line = " ".join(clean(text).split())
    if len(line) > LONGEST[field]:
        raise Invalid(fields={field: f"At most {LONGEST[field]} characters, please."})
    return line


def check_link(text: str, field: str = "links") -> str:
    """A web address; nothing but http and https ever becomes a link. Raises Invalid."""
    word = clean(text)
    address = word if "://" in word else f"https://{word}"
    if len(address) > 500 or not re.fullmatch(r"https?://[^\s<>\"'@]+\.[^\s<>\"']+", address):
        raise Invalid(fields={field: "That does not look like a web address."})
    return address


def check_links(links: Sequence[str]) -> list[str]:
    """Web addresses, each once. Raises Invalid."""
    found = list(dict.fromkeys(check_link(link) for link in links if clean(link)))
    if len(found) > MOST_LINKS:
        raise Invalid(fields={"links": f"At most {MOST_LINKS} links, please."})
    return found


def check_word(text: str, field: str, longest: int) -> str:
    """The name of a tag, a field or a choice. Raises Invalid."""
    line = " ".join(clean(text).split())
    if not line:
        raise Invalid(fields={field: "Please fill this in."})
    if len(line) > longest:
        raise Invalid(fields={field: f"At most {longest} characters, please."})
    return line


def check_field(text: str, names: Sequence[str]) -> str:
    """The name of a new field beside those that there are. Raises Invalid, FieldTaken."""
    name = check_word(text, "name", 60)
    folded = plain(name) or name
    for other in names:
        if (plain(other) or other) == folded:
            said = f"There is a field “{other}” already. Use that one, or choose another name."
            raise FieldTaken(said, fields={"name": said})
    return name


def check_tags(names: Sequence[str], field: str = "tags") -> dict[str, str]:
    """Names of tags by the form in which two are compared. Raises Invalid."""
    found: dict[str, str] = {}
    for name in names[: MOST_TAGS + 1]:
        line = check_word(name, field, 40)
        found.setdefault(plain(line)[:40] or line, line)
    if len(names) > MOST_TAGS:
        raise Invalid(fields={field: f"At most {MOST_TAGS} tags on one person, please."})
    return found


def colour_of_tag(folded: str) -> int:
    """The colour of a new tag: always the same for the same word."""
    return sum(folded.encode()) % COLOURS + 1


def check_value(kind: FieldKind, choices: Sequence[str], value: str) -> str:
    """What a field may say, in the form in which it is kept; empty: nothing. Raises Invalid."""
    text = clean(value)
    if not text:
        return ""
    if len(text) > 2000:
        raise Invalid(fields={"value": "At most 2,000 characters, please."})
    if kind == "number":
        return _number(text)
    if kind == "date":
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise Invalid(fields={"value": "Write a date as 2026-11-28."}) from error
    if kind == "choice" and text not in choices:
        raise Invalid(fields={"value": "Choose one from the list."})
    return check_link(text, "value") if kind == "link" else text


def _number(text: str) -> str:
    try:
        number = float(_plain_number("".join(c for c in text if not c.isspace() and c not in "'\u2019")))
    except ValueError as error:
        raise Invalid(fields={"value": "Write a number."}) from error
    if not math.isfinite(number) or abs(number) >= 1e15:
        raise Invalid(fields={"value": "Write a number."})
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _plain_number(bare: str) -> str:
    """The number with a point at most: of two kinds of separators the last is the point, groups of three are groups."""
    for point, group in (".,", ",."):
        if re.fullmatch(rf"[-+]?\d{{1,3}}(\{group}\d{{3}})+\{point}\d*", bare):
            return bare.replace(group, "").replace(point, ".")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+|[-+]?[1-9]\d{0,2}(\.\d{3}){2,}", bare):
        return re.sub("[,.]", "", bare)
    return bare.replace(",", ".")


def similar(one: str, other: str) -> bool:
    """Whether two plain names may be one person's: a word of both, or nearly the same letters."""
    words = {word for word in re.split(r"[^\w]+", one) if len(word) > 2}
    if words & {word for word in re.split(r"[^\w]+", other) if len(word) > 2}:
        return True
    return SequenceMatcher(None, one[:300], other[:300]).ratio() >= 0.7


def kind_of(data: bytes) -> FileKind:
    """What a file is by its bytes, whatever it is called. Raises UnknownFile."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"PK"):
        return _archive(data)
    try:
        text = text_of(data)
    except UnicodeError as error:
        raise UnknownFile from error
    if text.lstrip()[:1] in {"", "<"} or not NO_TEXT.isdisjoint(text):
        raise UnknownFile
    return "text"


def name_on_disk(name: str, kind: FileKind) -> str:
    """What a file is called where it is saved: it ends as what it is, whatever whoever sent it called it."""
    plain_ = "".join("_" if c in '"\\/:*?<>|;' or not c.isprintable() else c for c in name).strip(". ") or "file"
    stem, dot, ending = plain_.rpartition(".")
    if dot and ending.lower() in ENDINGS[kind]:
        return f"{stem[:120]}.{ending}"
    return f"{plain_[:120]}.{ENDINGS[kind][0]}"


def _archive(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnknownFile from error
    if "word/document.xml" not in names:
        raise UnknownFile
    return "docx"
