"""What the columns of a file are, and what a row says: pure functions."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from uuid import UUID

import msgspec

from server.core.errors import Invalid
from server.core.words import clean
from server.hiring.transfers.headers import HEADERS
from server.hiring.views.transfers import Fault, Field
from server.hiring.workspaces.rules import check_email, check_name, fold

LONGEST: Mapping[Field, int] = {"phone": 60, "location": 300, "headline": 300, "source": 120}
MOST_LINKS = 10
SHOWN_FAULTS = 500
ONCE: frozenset[Field] = frozenset(
    {"name", "first_name", "last_name", "email", "phone", "location", "headline", "source", "stage"}
)
_CALLED: Mapping[Field, str] = {"phone": "The phone number", "location": "The place", "headline": "The headline",
                                "source": "The source"}  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row that can be imported; `row` as people count them, the header included."""

    row: int
    name: str
    email: str
    folded: str
    phone: str = ""
    location: str = ""
    headline: str = ""
    links: list[str] = []
    source: str = ""
    stage: UUID | None = None


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of a file, read as its mapping says. `faults` are all there are."""

    lines: list[Line]
    faults: list[Fault]


class Unfit(ValueError):  # noqa: N818 - it is an answer, not an accident
    """A row that cannot be imported; the message is for people."""


def bare(text: str) -> str:
    """A header or a stage's name in the form in which two are compared: letters and digits without their marks."""
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in flat if unicodedata.category(c)[0] in "LN")


_FIELDS: dict[str, Field] = {bare(name): field for field, names in HEADERS.items() for name in names}


CALCULATED = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # how texts begin that a spreadsheet would calculate


def unformula(value: object) -> object:
    """A value for a cell of CSV: a text that a spreadsheet would calculate begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(CALCULATED) else value


def _unquoted(text: str) -> str:
    """Takes away what `unformula` put there, and what spreadsheets put before telephone numbers."""
    return text[1:] if text.startswith("'") and text[1:].startswith(CALCULATED) else text


def guess(names: Sequence[str], sample: Sequence[Sequence[str]]) -> list[Field]:
    """What each column probably is: by its header, and e-mail addresses by what stands below."""
    guessed: list[Field] = [_FIELDS.get(bare(name), "") for name in names]
    for at, field in enumerate(guessed):
        if field in ONCE and field in guessed[:at]:
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


def check_columns(columns: Sequence[Field], width: int) -> list[Field]:
    """The mapping. Raises Invalid when it does not fit the file."""
    if len(columns) != width:
        raise Invalid(fields={"columns": "The file has another number of columns now. Reload the page."})
    for field in ONCE:
        if list(columns).count(field) > 1:
            raise Invalid(fields={"columns": "Only links may come from several columns."})
    return list(columns)


def missing(columns: Sequence[Field]) -> str:
    """What must still be mapped before anything can be imported; empty: nothing."""
    if "email" not in columns:
        return "Say which column holds the e-mail addresses."
    if not {"name", "first_name", "last_name"} & set(columns):
        return "Say which column holds the names."
    return ""


def check(rows: Sequence[Sequence[str]], columns: Sequence[Field], stages: Mapping[str, UUID], first: int) -> Checked:
    """Every row as a line or a fault; of several with one address the first counts. `first`: the first row's number."""
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, first):
        try:
            line = interpret(row, columns, stages, number)
        except Unfit as error:
            faults.append(Fault(row=number, message=str(error)))
            continue
        if line.folded in seen:
            words = f"The same e-mail address as in row {seen[line.folded]}: only the first counts."
            faults.append(Fault(row=number, message=words))
            continue
        seen[line.folded] = number
        lines.append(line)
    return Checked(lines=lines, faults=faults)


def interpret(row: Sequence[str], columns: Sequence[Field], stages: Mapping[str, UUID], number: int) -> Line:
    """What one row says. Raises Unfit."""
    cells: dict[Field, str] = {}
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
        stage=_stage(cells.get("stage", ""), stages),
    )


def _email(text: str) -> str:
    address = parseaddr(text)[1] if "<" in text else text.removeprefix("mailto:")
    if not address:
        raise Unfit("There is no e-mail address in this row, and without one nobody can be written to.")
    try:
        return check_email(address)
    except Invalid as error:
        raise Unfit(f"“{_cut(text)}” does not look like an e-mail address.") from error


def _name(cells: Mapping[Field, str]) -> str:
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
    for word in re.split(r"[\s,;|]+", clean(cell)):
        address = word if "://" in word else f"https://{word}"
        if re.fullmatch(r"https?://[^\s<>\"'@]+\.[^\s<>\"']+", address) and len(address) <= 500:
            found.append(address)
        elif word:
            raise Unfit(f"“{_cut(word)}” is no web address.")
    return found


def _stage(text: str, stages: Mapping[str, UUID]) -> UUID | None:
    if not text:
        return None
    if bare(text) not in stages:
        raise Unfit(f"This job has no stage “{_cut(text)}”.")
    return stages[bare(text)]


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
