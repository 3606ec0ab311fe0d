"""Reads a file of rows aside: `python -m server.hiring.transfers.reading SOURCE TARGET OPTIONS` is a child of its own.

A stranger's file is never parsed by a process that does anything else: the child has limits of memory and of processor
time. It writes each row that is not empty to TARGET, as JSON: its number, as people count them, and its texts; and one
JSON object, the `Found`, to standard output. What it cannot read it refuses with a sentence. Archives are weighed by
what they say they unpack to before any of it is unpacked; Python's zipfile never reads more of a member than that.
"""

import asyncio
import contextlib
import csv
import datetime as dt
import io
import itertools
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from server.hiring.transfers.headers import FIELDS, bare

LARGEST = 20 << 20  # bytes of a file
MOST_ROWS = 20_000
MOST_COLUMNS = 400
LONGEST_CELL = 20_000
SAMPLE = 12  # rows that are shown before anything happens
UNPACKED = 200 << 20  # bytes of a whole archive
TEXTS = 48 << 20  # bytes of its shared texts, which are held in memory
MOST_MEMBERS = 2_000
ABOVE = 10  # rows that may stand above the names of the columns: a title, a date
EMPTY = 2_000  # empty rows one after the other: the rest of the sheet is empty as well
SECONDS = 60
MEMORY = 1 << 30
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "windows-1252", "utf-16", "windows-1250", "windows-1251", "iso-8859-15", "mac-roman",
             "shift_jis", "gb18030", "euc-kr")  # fmt: skip
FAULTY = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
)  # what Excel calculated wrongly
SEPARATOR = re.compile(r'"?sep=(.)"?(\r\n|\r|\n)', re.IGNORECASE)  # Excel's own first line, which it hides
END = "\0"  # no text that is read holds one
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Row = tuple[int, list[str]]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody wants the file read; None: as it looks best."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: int | None = None
    header: bool | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the file turned out to be. `sure`: the encoding follows from the bytes, and is no guess."""

    kind: str = "csv"
    encoding: str = ""
    sure: bool = True
    delimiter: str = ""
    sheets: list[str] = []
    sheet: int = 0
    header: bool = True
    names: list[str] = []
    sample: list[list[str]] = []
    rows: int = 0


class Unreadable(Exception):  # noqa: N818 - as the refusal that it becomes
    """No table can be read from the file; the message is for people."""


# In the worker


async def read_aside(source: Path, target: Path, options: Options) -> Found:
    """Read in a child. Raises Unreadable."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(source), str(target), msgspec.json.encode(options).decode(),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(child.communicate(), 3 * SECONDS)
    except TimeoutError as error:
        raise Unreadable(TOO_MUCH) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    if child.returncode != 0:
        raise Unreadable(TOO_MUCH)
    answer = msgspec.json.decode(said, type=dict[str, msgspec.Raw])
    if "refused" in answer:
        raise Unreadable(msgspec.json.decode(answer["refused"], type=str))
    return msgspec.json.decode(said, type=Found)


TOO_MUCH = "This file takes too long or too much room to read. Save the sheet as CSV, or divide it."


NO_TABLE = "This is not a table: it holds bytes that no text has. Save the sheet as CSV or XLSX."


# In the child


def main(arguments: list[str]) -> int:
    """Read SOURCE as OPTIONS say, write TARGET, and print what was found."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    source, target, options = arguments
    try:
        found = read(Path(source), Path(target), msgspec.json.decode(options, type=Options))
    except Unreadable as error:
        sys.stdout.buffer.write(msgspec.json.encode({"refused": str(error)}))
    except MemoryError:
        sys.stdout.buffer.write(msgspec.json.encode({"refused": TOO_MUCH}))
    else:
        sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


def read(source: Path, target: Path, options: Options) -> Found:
    """The whole file, row by row, into `target`. Raises Unreadable."""
    data = source.read_bytes()
    if not data.strip():
        raise Unreadable("This file is empty.")
    if data.startswith(OLD_EXCEL):
        raise Unreadable("This is an old Excel file, or one with a password. Save it as .xlsx without one, or as CSV.")
    if data.startswith(b"PK"):
        return _write(*_sheet(source, options), target, options)
    return _write(*_text(data, options), target, options)


def _write(rows: Iterable[Row], found: Found, target: Path, options: Options) -> Found:
    """Rows without what is empty at their ends, and their number; the first one may be the header."""
    rows = _from_names(iter(rows)) if options.header is not False else iter(rows)
    top = next(rows, None)
    if top is None:
        raise Unreadable("There are no rows in this file.")
    first = top[1]
    header = options.header if options.header is not None else not any("@" in cell for cell in first)
    body = rows if header else itertools.chain([top], rows)
    sample: list[list[str]] = []
    width, count = len(first), 0
    with target.open("wb") as out:
        for number, row in body:
            count += 1
            if count > MOST_ROWS:
                raise Unreadable(f"This file has more than {MOST_ROWS:,} rows. Divide it into several files.")
            width = max(width, len(row))
            if len(sample) < SAMPLE:
                sample.append([cell[:200] for cell in row])
            out.write(msgspec.json.encode((number, row)) + b"\n")
    if not count:
        raise Unreadable("There is only a header in this file, and no row below it.")
    names = [first[at].strip()[:200] if header and at < len(first) else "" for at in range(width)]
    return msgspec.structs.replace(
        found, header=header, sample=sample, rows=count,
        names=[name or f"Column {at}" for at, name in enumerate(names, 1)],
    )  # fmt: skip


def _from_names(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows without what stands above the names of the columns, where we know two of these."""
    top = list(itertools.islice(rows, ABOVE))
    start = next(
        (at for at, (_, row) in enumerate(top) if len({FIELDS.get(bare(cell)) for cell in row} - {None}) > 1), 0
    )
    return itertools.chain(top[start:], rows)


def _fits(row: list[str], number: int) -> list[str]:
    """The row without empty cells at its end. Raises Unreadable when it cannot belong to a table of people."""
    while row and not row[-1].strip():
        row.pop()
    if len(row) > MOST_COLUMNS:
        raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns. Is the right separator chosen?")
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise Unreadable(f"A cell in row {number} is longer than {LONGEST_CELL:,} characters.")
    return row


# Text


def _text(data: bytes, options: Options) -> tuple[Iterator[Row], Found]:
    encoding, sure = (options.encoding, True) if options.encoding else encoding_of(data)
    if encoding not in ENCODINGS:
        raise Unreadable("That encoding is not known here.")
    if encoding != "utf-16" and b"\0" in data:
        raise Unreadable(NO_TABLE)
    codec = "utf-8-sig" if encoding == "utf-8" else _utf16(data) if encoding == "utf-16" else encoding
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        raise Unreadable(f"This file is not written in {encoding}. Choose another encoding.") from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise Unreadable(NO_TABLE)
    said = SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    delimiter = options.delimiter or (said[1] if said and said[1] in DELIMITERS else delimiter_of(text))
    found = Found(kind="csv", encoding=encoding, sure=sure, delimiter=delimiter)
    return _records(text, delimiter), found


def encoding_of(data: bytes) -> tuple[str, bool]:
    """How text is written, and whether that is certain: byte order marks, then what is valid UTF-8, then the West."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _zeros(data) > 0.2:
        return "utf-16", True
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "windows-1252", False
    return "utf-8", True


def _zeros(data: bytes) -> float:
    """How much of the beginning is zero: about half of every second byte where text of the West is UTF-16."""
    head = data[:4096]
    return head.count(0) / len(head)


def _utf16(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-16-be" if data[0:4096:2].count(0) > data[1:4096:2].count(0) else "utf-16-le"


def delimiter_of(text: str) -> str:
    """What parts the cells: what gives the most columns in the same number on the most of the first lines."""
    head = text[:65_536]

    def fitness(delimiter: str) -> tuple[int, int]:
        rows = [row for row in itertools.islice(_rows(head, delimiter), 30) if row]
        widths = [len(row) for row in rows[:-1] or rows]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=fitness)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """All rows, and END as one of its own, unless a cell was never closed and holds it."""
    csv.field_size_limit(LARGEST)
    return csv.reader(itertools.chain(io.StringIO(text, newline=""), [END]), delimiter=delimiter)


def _records(text: str, delimiter: str) -> Iterator[Row]:
    number = 0
    try:
        for number, row in enumerate(_rows(text, delimiter), 1):
            if row == [END]:
                return
            if row and row[-1].endswith(END):
                raise Unreadable(f"A quotation mark opens a cell in row {number}, and none closes it.")
            if fitting := _fits(row, number):
                yield number, fitting
    except csv.Error as error:
        raise Unreadable(f"The file cannot be read from row {number + 1} on. Is a quotation mark missing?") from error


# Sheets


def _sheet(source: Path, options: Options) -> tuple[Iterator[Row], Found]:
    import openpyxl  # noqa: PLC0415 - takes a while, and text does not need it

    _weigh(source)
    try:
        book = openpyxl.load_workbook(source.open("rb"), read_only=True, data_only=True, keep_links=False)
        names = [sheet.title for sheet in book.worksheets]
    except Exception as error:  # whatever a broken or hostile file does to the library
        raise Unreadable("This Excel file is broken, or is none. Save it again, or as CSV.") from error
    number = options.sheet or 0
    if not 0 <= number < len(names):
        raise Unreadable("There is no such sheet in this file.")
    return _cells(book.worksheets[number]), Found(kind="xlsx", sheets=names, sheet=number)


def _weigh(source: Path) -> None:
    """Refuse an archive that is no workbook or unpacks to more than a table of people would."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("This Excel file is broken. Save it again, or as CSV.") from error
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable("This is not an Excel file. Save the table as .xlsx or CSV.")
    texts = sum(member.file_size for member in members if not member.filename.startswith("xl/worksheets/"))
    if (
        len(members) > MOST_MEMBERS
        or len(names) < len(members)
        or sum(member.file_size for member in members) > UNPACKED
        or texts > TEXTS
    ):
        raise Unreadable("This Excel file unpacks to far more than a table of people. Save the one sheet as CSV.")


def _cells(sheet: Any) -> Iterator[Row]:
    """Rows of a sheet as texts; formulas by the values that were stored with them."""
    empty = number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), 1):
            cells = _fits([_shown(cell) for cell in row], number)
            empty = 0 if cells else empty + 1
            if cells:
                yield number, cells
            elif empty > EMPTY:
                return
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # as above
        raise Unreadable(f"The sheet cannot be read from row {number + 1} on. Save it again, or as CSV.") from error


def _shown(cell: object) -> str:
    """A cell as people see it: whole numbers without a point, days without midnight; nothing where Excel failed."""
    if cell is None or cell in FAULTY:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "minutes")
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
