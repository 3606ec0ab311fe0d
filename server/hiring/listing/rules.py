"""What is decided about lists without looking anything up: their order, places in it, and where words are shown."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import msgspec

from server.core.errors import Invalid
from server.hiring.applications.filters import FILTERS, unspaced, wanted_of
from server.hiring.candidates.rules import plain
from server.hiring.listing.columns import COLUMNS, Column, chosen, column_of
from server.hiring.views.listing import Found, FoundIn, ListField

LONGEST_QUERY = 4000
BEFORE, AFTER = 48, 96  # characters shown around a hit
MENTION = re.compile(r"<@[0-9a-f-]{36}>")
OURS = ("q", "sort", "columns")
Query = Mapping[str, Sequence[str]]
Key = str | int | float | None


class Order(NamedTuple):
    """By which column, and whether from the end."""

    column: Column
    down: bool

    @property
    def way(self) -> str:
        """For ORDER BY."""
        return "DESC" if self.down else "ASC"


class Spot(NamedTuple):
    """A place in an order: what the line says in the column, and whose it is."""

    key: Key
    id: UUID


def order_of(query: Query, fields: Sequence[ListField]) -> Order:
    """The order that an address asks for: a column's word, a minus before it from the end. Raises Invalid."""
    word = (query.get("sort") or ["stage"])[0]
    column = column_of(word.removeprefix("-"), fields)
    return Order(column or COLUMNS["stage"], column is not None and word.startswith("-"))


def spot_of(text: str, kind: str) -> Spot | None:
    """A place as a page names it, None for the beginning. Raises Invalid."""
    if not text:
        return None
    try:
        key, row = msgspec.json.decode(text.encode(), type=tuple[Key, UUID])
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise Invalid(fields={"after": "There is no such place in the list."}) from None
    if kind == "float8" and isinstance(key, int):
        key = float(key)
    fits = {"text": str, "int8": int, "float8": float}[kind]
    if key is not None and (
        not isinstance(key, fits) or "\0" in str(key) or (isinstance(key, int) and abs(key) >= 1 << 63)
    ):
        raise Invalid(fields={"after": "The list is sorted in another way now. Reload the page."})
    return Spot(key, row)


def spelled(spot: Spot) -> str:
    """A place as a page names it."""
    return msgspec.json.encode(spot).decode()


def asked_by(text: str) -> dict[str, list[str]]:
    """The words of an address. Raises Invalid when there are too many."""
    if len(text) > LONGEST_QUERY:
        raise Invalid(fields={"query": "That is too much to ask for at once."})
    try:
        return parse_qs(text.replace("\0", ""), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise Invalid(fields={"query": "That is too much to ask for at once."}) from None


def checked(text: str, fields: Sequence[ListField], me: UUID) -> str:
    """An address's words as a view keeps them: what is known, if it can be asked for. Raises Invalid."""
    query = asked_by(text)
    wanted_of(query, me)
    order_of(query, fields)
    chosen(query.get("columns", ()), fields)
    return urlencode(sorted((name, value) for name in {*FILTERS, *OURS} for value in query.get(name, ())))


@functools.lru_cache(4096)
def _folded(letter: str) -> str:
    """One letter as it is searched; punctuation parts words."""
    if letter.isspace() or (letter.isascii() and not letter.isalnum()):
        return " "
    return plain(letter) if not unicodedata.combining(letter) else ""


def _joins(letter: str) -> bool:
    """Whether what stands beside it belongs to the same word."""
    return letter.isalnum() and not unspaced(letter)


def _hit(word: str, text: str) -> tuple[int, int] | None:
    """From where a word begins to where it ends; in scripts without spaces just what is sought, wherever it stands."""
    for found in re.finditer(re.escape(word), text):
        start, end = found.span()
        if unspaced(word) or not _joins(text[max(0, start - 1) : start]):
            while not unspaced(word) and _joins(text[end : end + 1]):
                end += 1
            return start, end
    return None


def shown(where: FoundIn, text: str, words: Sequence[str]) -> Found | None:
    """The part of a text where one of these words begins first, None when none does."""
    text = MENTION.sub("@…", text)
    places = [(folded, at) for at, letter in enumerate(text) for folded in _folded(letter)]
    flat = "".join(letter for letter, _ in places)
    sought = [" ".join("".join(map(_folded, word)).split()) for word in words]
    found = [hit for word in sought if word and (hit := _hit(word, flat))]
    if not found:
        return None
    first, last = min(found)
    start, end = places[first][1], places[last - 1][1] + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    before, after = " ".join(text[:start].split()), " ".join(text[end:].split())
    gap = " " if text[:start][-1:].isspace() else ""
    then = " " if text[end:][:1].isspace() else ""
    return Found(
        where=where,
        before=(f"…{before[-BEFORE:]}" if len(before) > BEFORE else before) + gap,
        hit=text[start:end],
        after=then + (f"{after[:AFTER]}…" if len(after) > AFTER else after),
    )
