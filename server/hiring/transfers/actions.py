"""What members do with imports: bring a file, say what its columns are, let it in, cancel."""

from http import HTTPStatus
from uuid import UUID

import msgspec

from server.core import db, live, runtime, tasks
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.core.words import clean
from server.hiring.transfers import queries
from server.hiring.transfers.events import ImportStarted
from server.hiring.transfers.reading import DELIMITERS, ENCODINGS, Found, Options
from server.hiring.transfers.rules import check_columns, missing
from server.hiring.views.base import View
from server.hiring.views.payloads import ImportChanged
from server.hiring.views.transfers import ImportRow, ImportView

OPEN = ("reading", "ready", "refused")  # nothing has been written yet


class ImportRunning(Refusal):
    """Another file is being let into the same job."""

    code = "import_running"
    status = HTTPStatus.CONFLICT
    message = "Another import into this job is running. Wait until it has ended, or cancel it."


class Mapping(View, frozen=True, kw_only=True):
    """What the columns are and how the file is read, as decided when looking at `version`. None: as it looks best."""

    version: int
    columns: list[str] | None = None
    stage: UUID | None = None
    source: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: int | None = None
    header: bool | None = None


class Start(View, frozen=True, kw_only=True):
    """The version of the mapping that was looked at."""

    version: int


async def tell(row: ImportRow) -> None:
    """Everybody who looks at the job sees how far it is."""
    await live.deliver(db.current(), [live.Delivery(live.job(row.job), ImportChanged(row=row))])


async def bring(asking: Asking, job: UUID, name: str, data: bytes) -> ImportView:
    """Keep a file and have the worker read it; nothing of it is a candidate yet. Raises NotFound."""
    asking.require("transfer")
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
        raise NotFound
    imported = uuid7()
    await runtime.here().storage.put(f"{imported}/file", data)
    await db.execute(
        "INSERT INTO candidate_import (id, workspace_id, job_id, member_id, name, state, source) "
        "VALUES ($1, $2, $3, $4, $5, 'reading', 'Import')",
        imported,
        asking.workspace,
        job,
        asking.id,
        clean(name)[:300] or "candidates",
    )
    await _read(imported, 1)
    await tell(await queries.row(imported))
    return await queries.view(asking.workspace, imported)


async def _read(imported: UUID, version: int) -> None:
    await tasks.enqueue("read_import", msgspec.json.encode((imported, version)))


async def _lock(asking: Asking, imported: UUID, version: int | None = None) -> db.Record:
    """The import, locked. Raises NotFound, and Conflict when somebody changed it since `version`."""
    asking.require("transfer")
    found = await db.record(
        "SELECT * FROM candidate_import WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE",
        imported,
        asking.workspace,
    )
    if found is None:
        raise NotFound
    if version is not None and found["version"] != version:
        raise Conflict
    return found


async def map_columns(asking: Asking, imported: UUID, mapping: Mapping) -> ImportView:
    """Say what the columns are, or how the file is to be read; the worker looks at it again."""
    found = await _lock(asking, imported, mapping.version)
    if found["state"] not in OPEN:
        raise Conflict
    source = " ".join(clean(mapping.source).split())
    if len(source) > 120:
        raise Invalid(fields={"source": "At most 120 characters, please."})
    if mapping.stage is not None and not await db.value(
        "SELECT 1 FROM stage WHERE id = $1 AND job_id = $2", mapping.stage, found["job_id"]
    ):
        raise NotFound
    columns = mapping.columns
    if columns is not None:
        width = len(msgspec.json.decode(found["found"], type=Found).names) if found["found"] else 0
        fields = {own.key for own in await queries.fields_of(asking.workspace)}
        columns = check_columns(columns, width, fields)
        if "tags" in columns or fields & set(columns):
            asking.require("edit_people")
    await db.execute(
        "UPDATE candidate_import SET options = $2, columns = $3, stage_id = $4, source = $5, state = 'reading', "
        "version = version + 1, refusal = '' WHERE id = $1",
        imported,
        msgspec.json.encode(_options(mapping)).decode(),
        None if columns is None else msgspec.json.encode(columns).decode(),
        mapping.stage,
        source,
    )
    await _read(imported, mapping.version + 1)
    await tell(await queries.row(imported))
    return await queries.view(asking.workspace, imported)


def _options(mapping: Mapping) -> Options:
    if mapping.encoding is not None and mapping.encoding not in ENCODINGS:
        raise Invalid(fields={"encoding": "Choose one of the encodings in the list."})
    if mapping.delimiter is not None and mapping.delimiter not in DELIMITERS:
        raise Invalid(fields={"delimiter": "Choose one of the separators in the list."})
    if mapping.sheet is not None and not 0 <= mapping.sheet < 1000:
        raise Invalid(fields={"sheet": "Choose one of the sheets in the list."})
    return Options(encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=mapping.sheet, header=mapping.header)


async def start(asking: Asking, imported: UUID, wanted: Start, key: str | None) -> ImportView:
    """Let the file in: from now on batches are written, until all is done or somebody cancels."""
    found = await _lock(asking, imported, wanted.version)
    if found["state"] != "ready":
        raise Conflict
    if words := missing(msgspec.json.decode(found["columns"], type=list[str])):
        raise Invalid(fields={"columns": words})
    await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", found["job_id"])
    if await db.value("SELECT 1 FROM candidate_import WHERE job_id = $1 AND state = 'running'", found["job_id"]):
        raise ImportRunning
    await db.execute(
        "UPDATE candidate_import SET state = 'running', version = version + 1, done = 0, created = 0, updated = 0, "
        "unchanged = 0, failed = 0 WHERE id = $1",
        imported,
    )
    await tasks.enqueue("run_import", msgspec.json.encode(imported))
    row = await queries.row(imported)
    await append(
        ImportStarted(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"job:{row.job}",
            imported=imported,
            job=row.job,
            rows=row.rows,
        ),
        [live.Delivery(live.job(row.job), ImportChanged(row=row))],
        key=key,
    )
    return await queries.view(asking.workspace, imported)


async def cancel(asking: Asking, imported: UUID) -> ImportView:
    """Stop before the next batch; who is in stays. An import that has not begun is put away with its file."""
    found = await _lock(asking, imported)
    if found["state"] in {*OPEN, "running"}:
        await db.execute(
            "UPDATE candidate_import SET state = 'cancelled', version = version + 1, ended_at = now() WHERE id = $1",
            imported,
        )
        await tasks.enqueue("end_import", msgspec.json.encode((imported, found["state"] == "running", asking.actor)))
        await tell(await queries.row(imported))
    return await queries.view(asking.workspace, imported)
