"""A job's candidates as a file: CSV, XLSX or JSON, written to the local disk some hundred at a time, then sent.

The database is let go before the first byte leaves, however slowly somebody reads. In CSV a text that a spreadsheet
would calculate gets an apostrophe before it, as OWASP advises, which an import takes away again.
"""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server.core import db, runtime
from server.core.access import Asking
from server.core.errors import NotFound
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.transfers.events import CandidatesExported
from server.hiring.transfers.headers import COLUMNS, OWN_AT
from server.hiring.transfers.queries import fields_of
from server.hiring.transfers.rules import Own, apostrophes, join, unformula
from server.hiring.views.transfers import ExportFormat

AT_ONCE = 500
CHUNK = 64 << 10
_ROWS = """
SELECT c.name, c.email, c.phone, c.location, c.headline, c.links,
       ARRAY(SELECT t.name FROM candidate_tag x JOIN tag t ON t.id = x.tag_id
             WHERE x.candidate_id = coalesce(c.merged_into, c.id)
             ORDER BY t.folded),
       ARRAY(SELECT coalesce(v.value, '') FROM unnest($3::uuid[]) WITH ORDINALITY AS f (id, n)
             LEFT JOIN field_value v ON v.field_id = f.id AND v.candidate_id = coalesce(c.merged_into, c.id)
             ORDER BY f.n), a.source, s.name, a.progress, a.answers,
       a.created_at, a.changed_at, a.consent_at, $2 || a.id
FROM application a JOIN candidate c ON c.id = a.candidate_id JOIN stage s ON s.id = a.stage_id
WHERE a.job_id = $1 ORDER BY s.position, a.rank, a.id
"""
Batches = AsyncIterator[list[db.Record]]


async def export(asking: Asking, job: UUID, kind: ExportFormat, key: str | None) -> tuple[Path, str]:
    """Write the file and the record of it. Returns where it is, and the job's title. Raises NotFound."""
    asking.require("transfer")
    title = await db.value("SELECT title FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace)
    if title is None:
        raise NotFound
    fields = await fields_of(asking.workspace)
    base = f"{runtime.here().settings.origin}/w/{asking.slug}/applications/"
    rows = batches(_ROWS, job, base, [own.id for own in fields])
    return await written(asking, job, kind, lambda path: WRITERS[kind](path, fields, rows), key), title


async def written(
    asking: Asking, job: UUID, kind: ExportFormat, write: Callable[[Path], Awaitable[int]], key: str | None
) -> Path:
    """Have a file written, which tells how many rows it has, and the record of it. Returns where it is."""
    path = runtime.here().storage.scratch / f"{uuid7()}.export"
    try:
        rows = await write(path)
        async with db.transaction():
            await append(
                CandidatesExported(
                    workspace=asking.workspace,
                    actor=asking.actor,
                    subject=f"job:{job}",
                    job=job,
                    format=kind,
                    rows=rows,
                ),
                key=key,
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


async def batches(sql: str, *values: object) -> Batches:
    """The rows of a query, as of one moment."""
    async with db.pool().acquire() as c, c.transaction(isolation="repeatable_read", readonly=True):
        cursor = await c.cursor(sql, *values)
        while found := await cursor.fetch(AT_ONCE):
            yield found


async def send(path: Path) -> AsyncIterator[bytes]:
    """The file's bytes; it is deleted afterwards."""
    try:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _header(fields: Sequence[Own]) -> list[str]:
    return [*COLUMNS[:OWN_AT], *(own.header for own in fields), *COLUMNS[OWN_AT:]]


def _flat(record: db.Record) -> list[Any]:
    """A row of a table: links and tags in one cell each, fields of the workspace's own in cells of their own."""
    return _cells([*record[:OWN_AT], *record[OWN_AT], *record[OWN_AT + 1 :]])


def _cells(values: Iterable[Any]) -> list[Any]:
    return [
        join(value) if isinstance(value, list)
        else value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime)
        else "" if value is None
        else value
        for value in values
    ]  # fmt: skip


def _csv(path: Path, fields: Sequence[Own], batches: Batches) -> Awaitable[int]:
    return write_csv(path, _header(fields), batches, _flat)


async def write_csv(
    path: Path, titles: Sequence[str], batches: Batches, flat: Callable[[db.Record], list[Any]] = _cells
) -> int:
    """Write rows as CSV in which a spreadsheet calculates nothing; how many they are."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([unformula(title) for title in titles])
        async for batch in batches:
            count += len(batch)
            text = io.StringIO(newline="")
            csv.writer(text).writerows([unformula(value) for value in flat(record)] for record in batch)
            await asyncio.to_thread(file.write, text.getvalue())
    return count


_KEYS = [name.lower().replace("-", "").replace(" ", "_") for name in COLUMNS]
_KEYS.insert(OWN_AT, "fields")


def _object(record: db.Record, names: Sequence[str]) -> dict[str, Any]:
    found = dict(zip(_KEYS, record, strict=True))
    return found | {"fields": {name: value for name, value in zip(names, record[OWN_AT], strict=True) if value}}


async def _json(path: Path, fields: Sequence[Own], batches: Batches) -> int:
    count, names = 0, [own.header for own in fields]
    with path.open("wb") as file:
        file.write(b"[")
        async for batch in batches:
            lines = [msgspec.json.encode(_object(record, names)) for record in batch]
            await asyncio.to_thread(file.write, (b",\n" if count else b"\n") + b",\n".join(lines))
            count += len(batch)
        file.write(b"\n]\n")
    return count


async def _xlsx(path: Path, fields: Sequence[Own], batches: Batches) -> int:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.hiring.transfers.sheet", str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin is not None
    count = 0
    try:
        child.stdin.write(msgspec.json.encode(_header(fields)) + b"\n")
        async for batch in batches:
            count += len(batch)
            child.stdin.write(
                b"".join(
                    msgspec.json.encode([apostrophes(value) for value in _flat(record)]) + b"\n" for record in batch
                )
            )
            await child.stdin.drain()
        child.stdin.close()
        if await child.wait() != 0:
            msg = "the workbook was not written"
            raise RuntimeError(msg)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return count


WRITERS: dict[ExportFormat, Callable[[Path, Sequence[Own], Batches], Awaitable[int]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
