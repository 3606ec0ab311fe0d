"""Imports of candidates from a file, as the team sees them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.people import Person

Field = Literal[
    "", "name", "first_name", "last_name", "email", "phone", "location", "headline", "link", "tags", "source", "stage"
]
ImportState = Literal["reading", "ready", "refused", "running", "done", "cancelled"]
ExportFormat = Literal["csv", "xlsx", "json"]


class ImportRow(View, frozen=True, kw_only=True):
    """How far an import is: of `rows`, `done` were looked at and became new, changed, unchanged or failed ones.

    While it is "ready" the same counts say what would become of them. `refusal` says why a file is
    refused, or why an import ended early that nobody stopped.
    """

    id: UUID
    job: UUID
    by: Person
    name: str
    state: ImportState
    version: int
    rows: int
    done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    refusal: str
    created_at: datetime
    ended_at: datetime | None


class ImportColumn(View, frozen=True, kw_only=True):
    """A column of the file, what it is taken for, and what stands in its first rows.

    `field` is a Field (empty: left out), or the key of one of the workspace's own.
    """

    name: str
    field: str
    cells: list[str]


class OwnField(View, frozen=True, kw_only=True):
    """A field of the workspace's own that a column can be taken for."""

    key: str
    name: str


class Fault(View, frozen=True, kw_only=True):
    """Why a row cannot be imported; `row` as a spreadsheet counts them."""

    row: int
    message: str


class ImportView(View, frozen=True, kw_only=True):
    """An import with all that its page shows. `faults` are the first of them, `missing` what must still be mapped.

    `kind` is csv or xlsx, empty until the file was read; `sure`: the encoding follows from the bytes.
    """

    row: ImportRow
    kind: str
    encoding: str
    sure: bool
    delimiter: str
    sheets: list[str]
    sheet: int
    header: bool
    columns: list[ImportColumn]
    stage: UUID | None
    source: str
    faults: list[Fault]
    missing: str


class ImportPage(View, frozen=True, kw_only=True):
    """The page: what runs, what the member brings, or what ended last; and the newest of the `others`.

    Those without `ended_at` are files that somebody still looks at.
    """

    current: ImportView | None
    others: list[ImportRow]
    fields: list[OwnField]
    encodings: list[str]
    epoch: str
    positions: dict[str, int]
