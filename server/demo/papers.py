"""CVs of the demo's candidates: drawn as PDF from lines of the script, and read as the worker reads everybody's.

They are our own files, so that they are read in this process instead of a child for each.
"""

import asyncio
from collections.abc import Iterator
from ctypes import c_ushort
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from server.core import db
from server.demo.founding import Troupe
from server.hiring.profiles import files, paper
from server.hiring.views.profiles import FileKind

WIDTH, HEIGHT = 595, 842  # A4 in points
EDGE = 52
INK, SOFT, ACCENT = (28, 30, 38), (96, 100, 114), (36, 96, 190)


class _Look(NamedTuple):
    """How a line is set; `before` and `after` it there is so much room, in points."""

    font: bytes
    size: float
    colour: tuple[int, int, int]
    before: float
    after: float


NAME = _Look(b"Helvetica-Bold", 28, INK, 0, 12)
HEADING = _Look(b"Helvetica-Bold", 12, ACCENT, 26, 9)
LINE = _Look(b"Helvetica", 11.5, INK, 0, 8)
FIRST = _Look(b"Helvetica", 11.5, SOFT, 0, 7)


def draw(name: str, text: str) -> bytes:
    """One page. The standard fonts know western letters only."""
    import pypdfium2  # noqa: PLC0415 - a tenth of a second, for the demo alone
    from pypdfium2 import raw  # noqa: PLC0415 - as above

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(WIDTH, HEIGHT)
    y: float = HEIGHT - EDGE
    for words, look in _lines(name, text):
        y -= look.before + look.size
        piece: Any = raw.FPDFPageObj_NewTextObj(document.raw, look.font, look.size)
        raw.FPDFText_SetText(piece, (c_ushort * (len(words) + 1))(*map(ord, words)))
        raw.FPDFPageObj_SetFillColor(piece, *look.colour, 255)
        raw.FPDFPageObj_Transform(piece, 1, 0, 0, 1, EDGE, y)
        raw.FPDFPage_InsertObject(page.raw, piece)
        y -= look.after
    page.gen_content()
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _lines(name: str, text: str) -> Iterator[tuple[str, _Look]]:
    yield name, NAME
    look = FIRST  # the headline and how to reach them
    for line in text.strip().splitlines():
        if line.startswith("# "):
            look = LINE
            yield line[2:], HEADING
        elif line:
            yield line, look


async def read_new(troupe: Troupe, began: datetime) -> None:
    """Read what was brought before the demo began and is not read yet."""
    for file in await db.rows(
        lambda c: c,
        "SELECT id FROM candidate_file WHERE workspace_id = $1 AND state = 'new' AND created_at < $2 ORDER BY id DESC",
        troupe.workspace,
        began,
    ):
        await files.read(file, _read_here)


async def _read_here(source: Path, folder: Path, kind: FileKind) -> bool:
    await asyncio.to_thread(paper.read, source, folder, kind)
    return True
