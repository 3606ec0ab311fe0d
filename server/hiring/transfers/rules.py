"""What the columns of a file are, and what a row says: pure functions."""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from email.utils import parseaddr
from typing import get_args
from uuid import UUID

import msgspec

from server.core.errors import Invalid
from server.core.words import clean
from server.hiring.profiles.rules import MOST_WORDS, check_tags, check_value
from server.hiring.transfers.headers import FIELDS, bare
from server.hiring.views.profiles import FieldKind
from server.hiring.views.transfers import Fault, Field
from server.hiring.workspaces.rules import check_email, check_name, fold

LONGEST: Mapping[Field, int] = {"phone": 60, "location": 300, "headline": 300, "source": 120}
MOST_LINKS = 10
SHOWN_FAULTS = 500
SEVERAL = frozenset({"", "link"})  # everything else comes from one column
KNOWN: frozenset[str] = frozenset(get_args(Field))
_CALLED: Mapping[Field, str] = {"phone": "The phone number", "location": "The place", "headline": "The headline",
                                "source": "The source"}  # fmt: skip


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the workspace's own: what a file calls it (`header`), and what it can hold."""

    id: UUID
    name: str
    kind: FieldKind
    choices: list[str]
    header: str = ""

    @property
    def key(self) -> str:
        """How a mapping names it."""
        return f"field:{self.id}"


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What rows are checked against: the job's stages by name, fields by key, tags in comparable form.

    `merged`: names that tags had which became part of others; they mean those.
    """

    stages: Mapping[str, UUID]
    fields: Mapping[str, Own]
    tags: frozenset[str]
    merged: frozenset[str] = frozenset()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row that can be imported; `row` as people count them, the header included. `tags` by their comparable form."""

    row: int
    name: str
    email: str
    folded: str
    phone: str = ""
    location: str = ""
    headline: str = ""
    links: list[str] = []
    tags: dict[str, str] = {}
    values: dict[UUID, str] = {}
    source: str = ""
    stage: UUID | None = None


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of a file, by their `numbers`, read as its mapping says. `faults` are all there are."""

    numbers: list[int]
    lines: list[Line]
    faults: list[Fault]


class Unfit(ValueError):  # noqa: N818 - it is an answer, not an accident
    """A row that cannot be imported; the message is for people."""


_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"  # how texts begin that a spreadsheet would calculate
# Where cells begin: ours, and those that a spreadsheet makes of a text when semicolons or tabs part cells for it.
_BEGINS = re.compile(rf"(\A(?='*[{_SIGNS}\t\r\n])|[;\t\r\n]\"*(?='*[{_SIGNS}]))")
_QUOTED = re.compile(rf"(\A(?='+[{_SIGNS}\t\r\n])|[;\t\r\n]\"*(?='+[{_SIGNS}]))'")


def unformula(value: object) -> object:
    """A value for a cell of CSV: wherever a spreadsheet could begin to calculate, an apostrophe stands before it."""
    return _BEGINS.sub(r"\1'", value) if isinstance(value, str) else value


def apostrophes(value: object) -> object:
    """One apostrophe more where it looks as if `unformula` had put one: an import takes one away."""
    return _QUOTED.sub(r"\1''", value) if isinstance(value, str) else value


def _unquoted(text: str) -> str:
    """Takes away what `unformula` put there, and what spreadsheets put before telephone numbers."""
    return _QUOTED.sub(r"\1", text)


def headed(fields: Sequence[Own], taken: Sequence[str]) -> list[Own]:
    """The fields with the names under which they go into files and are known again, none like another column's."""
    seen = {bare(name) or name for name in taken}
    found = []
    for field in fields:
        more = (f"{field.name} (field {at})" for at in itertools.count(2))
        tries = itertools.chain((field.name, f"{field.name} (field)"), more)
        header = next(name for name in tries if (bare(name) or name) not in seen and bare(name) not in FIELDS)
        seen.add(bare(header) or header)
        found.append(msgspec.structs.replace(field, header=header))
    return found


def guess(names: Sequence[str], sample: Sequence[Sequence[str]], fields: Iterable[Own] = ()) -> list[str]:
    """What each column probably is: by its header, and e-mail addresses by what stands below."""
    own = {bare(field.header) or field.header: field.key for field in fields}
    guessed: list[str] = [FIELDS.get(bare(name)) or own.get(bare(name) or name, "") for name in names]
    for at, field in enumerate(guessed):
        if field not in SEVERAL and field in guessed[:at]:
            guessed[at] = ""
    if "email" not in guessed:
        for at in range(len(names)):
            cells = [row[at] for row in sample if at < len(row) and row[at].strip()]
            if cells and not guessed[at] and sum("@" in cell for cell in cells) * 5 >= len(cells) * 4:
                guessed[at] = "email"
                break
    if "name" in guessed and {"first_name", "last_name"} <= set(guessed):
        guessed[guessed.index("name")] = ""
    return guessed


def check_columns(columns: Sequence[str], width: int, fields: Collection[str]) -> list[str]:
    """The mapping. Raises Invalid when it does not fit the file, or names a field that is none of `fields`."""
    if len(columns) != width:
        raise Invalid(fields={"columns": "The file has another number of columns now. Reload the page."})
    for field in set(columns) - SEVERAL:
        if field not in KNOWN and field not in fields:
            raise Invalid(fields={"columns": "One of the fields is gone. Reload the page."})
        if list(columns).count(field) > 1:
            raise Invalid(fields={"columns": "Only links may come from several columns."})
    return list(columns)


def missing(columns: Sequence[str]) -> str:
    """What must still be mapped before anything can be imported; empty: nothing."""
    if "email" not in columns:
        return "Say which column holds the e-mail addresses."
    if not {"name", "first_name", "last_name"} & set(columns):
        return "Say which column holds the names."
    return ""


def check(rows: Sequence[tuple[int, Sequence[str]]], columns: Sequence[str], place: Workspace) -> Checked:
    """Every row, with its number, as a line or a fault; of several with one address the first counts."""
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    tags = set(place.tags)
    for number, row in rows:
        try:
            line = interpret(row, columns, place, number)
        except Unfit as error:
            faults.append(Fault(row=number, message=str(error)))
            continue
        if line.folded in seen:
            words = f"The same e-mail address as in row {seen[line.folded]}: only the first counts."
            faults.append(Fault(row=number, message=words))
            continue
        if (new := line.tags.keys() - tags - place.merged) and len(tags) + len(new) > MOST_WORDS:
            words = f"A workspace has at most {MOST_WORDS} different tags, and this row would add to them."
            faults.append(Fault(row=number, message=words))
            continue
        seen[line.folded] = number
        tags |= new
        lines.append(line)
    return Checked(numbers=[number for number, _ in rows], lines=lines, faults=faults)


def interpret(row: Sequence[str], columns: Sequence[str], place: Workspace, number: int) -> Line:
    """What one row says. Raises Unfit."""
    cells: dict[str, str] = {}
    links: list[str] = []
    for field, cell in zip(columns, row, strict=False):
        if field == "link":
            links += _links(_unquoted(cell))
        elif field:
            cells[field] = _unquoted(clean(cell))
    email = _email(cells.get("email", ""))
    plain: dict[Field, str] = {field: _short(field, cells.get(field, "")) for field in LONGEST}
    return Line(
        row=number,
        name=_name(cells),
        email=email,
        folded=fold(email),
        phone=plain["phone"],
        location=plain["location"],
        headline=plain["headline"],
        source=plain["source"],
        links=list(dict.fromkeys(links))[:MOST_LINKS],
        tags=_tags(cells.get("tags", "")),
        values={own.id: value for key, own in place.fields.items() if (value := _value(own, cells.get(key, "")))},
        stage=_stage(cells.get("stage", ""), place.stages),
    )


def _email(text: str) -> str:
    address = parseaddr(text)[1] if "<" in text else text.removeprefix("mailto:")
    if not address:
        raise Unfit("There is no e-mail address in this row, and without one nobody can be written to.")
    try:
        return check_email(address)
    except Invalid as error:
        raise Unfit(f"“{_cut(text)}” does not look like an e-mail address.") from error


def _name(cells: Mapping[str, str]) -> str:
    text = cells.get("name") or " ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))
    if not text:
        raise Unfit("There is no name in this row.")
    try:
        return check_name(text)
    except Invalid as error:
        raise Unfit("The name is longer than 300 characters.") from error


def _short(field: Field, text: str) -> str:
    line = " ".join(text.split())
    if len(line) > LONGEST[field]:
        raise Unfit(f"{_CALLED[field]} is longer than {LONGEST[field]} characters.")
    return line


def _links(cell: str) -> list[str]:
    """Web addresses; nothing but http and https ever becomes a link."""
    found = []
    for word in _words(clean(cell), r"\s,;|"):
        address = word if "://" in word else f"https://{word}"
        if re.fullmatch(r"https?://[^\s<>\"'@]+\.[^\s<>\"']+", address) and len(address) <= 500:
            found.append(address)
        else:
            raise Unfit(f"“{_cut(word)}” is no web address.")
    return found


def join(words: Sequence[str]) -> str:
    """Several words in one cell; what would come apart again is quoted."""
    return ", ".join(
        f'"{word.replace(chr(34), chr(34) * 2)}"' if re.search(r'[,;|"]', word) else word for word in words
    )


def _words(cell: str, between: str) -> list[str]:
    """What `join` put together, or people separated by any of these characters."""
    found = re.findall(rf'"((?:[^"]|"")*)"|([^{between}"]+)', cell)
    words = [(quoted.replace('""', '"') if quoted else plain_).strip() for quoted, plain_ in found]
    return [word for word in words if word]


def _tags(cell: str) -> dict[str, str]:
    try:
        return check_tags(_words(cell, ",;|\n"))
    except Invalid as error:
        raise Unfit(f"Tags: {_said(error)}") from error


def _value(own: Own, cell: str) -> str:
    try:
        return check_value(own.kind, own.choices, cell)
    except Invalid as error:
        raise Unfit(f"{_cut(own.name)}: {_said(error)} The file says “{_cut(cell)}”.") from error


def _said(error: Invalid) -> str:
    return next(iter(error.fields.values()), error.message)


def _stage(text: str, stages: Mapping[str, UUID]) -> UUID | None:
    if not text:
        return None
    if bare(text) not in stages:
        raise Unfit(f"This job has no stage “{_cut(text)}”.")
    return stages[bare(text)]


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
