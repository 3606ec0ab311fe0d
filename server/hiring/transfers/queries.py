"""What can be read about imports."""

from typing import Any
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.jobs.queries import row_of
from server.hiring.transfers.headers import COLUMNS, bare
from server.hiring.transfers.reading import ENCODINGS, Found
from server.hiring.transfers.rules import Own, Workspace, headed, missing
from server.hiring.views.people import Person
from server.hiring.views.transfers import Fault, ImportColumn, ImportPage, ImportRow, ImportView, OwnField

OTHERS = 10  # that the page lists
_ROW = """
SELECT i.id, i.job_id, m.id, m.name, m.colour, i.name, i.state, i.version, i.rows, i.done, i.created, i.updated,
       i.unchanged, i.failed, i.refusal, i.created_at, i.ended_at
FROM candidate_import i JOIN member m ON m.id = i.member_id
"""


def _row(*c: Any) -> ImportRow:
    return ImportRow(
        id=c[0],
        job=c[1],
        by=Person(id=c[2], name=c[3], colour=c[4]),
        name=c[5],
        state=c[6],
        version=c[7],
        rows=c[8],
        done=c[9],
        created=c[10],
        updated=c[11],
        unchanged=c[12],
        failed=c[13],
        refusal=c[14],
        created_at=c[15],
        ended_at=c[16],
    )


async def row(imported: UUID) -> ImportRow:
    """How far an import is. Raises NotFound."""
    found = await db.row(_row, _ROW + "WHERE i.id = $1", imported)
    if found is None:
        raise NotFound
    return found


async def view(workspace: UUID, imported: UUID) -> ImportView:
    """An import of this workspace with all that its page shows. Raises NotFound."""
    more = await db.record(
        "SELECT found, columns, faults, stage_id, source FROM candidate_import WHERE id = $1 AND workspace_id = $2",
        imported,
        workspace,
    )
    if more is None:
        raise NotFound
    found = msgspec.json.decode(more["found"], type=Found) if more["found"] else Found(kind="")
    columns = msgspec.json.decode(more["columns"] or "[]", type=list[str])
    return ImportView(
        row=await row(imported),
        kind=found.kind,
        encoding=found.encoding,
        sure=found.sure,
        delimiter=found.delimiter,
        sheets=found.sheets,
        sheet=found.sheet,
        header=found.header,
        columns=[
            ImportColumn(name=name, field=field, cells=[row[at] if at < len(row) else "" for row in found.sample])
            for at, (name, field) in enumerate(zip(found.names, columns, strict=False))
        ],
        stage=more["stage_id"],
        source=more["source"],
        faults=msgspec.json.decode(more["faults"], type=list[Fault]),
        missing=missing(columns) if columns else "",
    )


# What concerns a member: what runs, then what they bring themselves, then whatever ended last. A file that a colleague
# still looks at is nobody else's business, and one that was put away nobody's.
_CURRENT = """
SELECT i.id FROM candidate_import i WHERE i.job_id = $1
AND (i.state = 'running' OR i.state = 'done' OR i.member_id = $2 OR i.done > 0)
ORDER BY i.state = 'running' DESC, (i.member_id = $2 AND i.ended_at IS NULL) DESC, i.id DESC LIMIT 1
"""
_OTHERS = "WHERE i.job_id = $1 AND i.id IS DISTINCT FROM $2 AND (i.ended_at IS NULL OR i.done > 0 OR i.state = 'done') "


async def page(asking: Asking, job: UUID) -> ImportPage:
    """The imports of a job as one member needs them, one of them in full, in one snapshot. Raises NotFound."""
    async with db.snapshot():
        await row_of(asking.workspace, job)
        current: UUID | None = await db.value(_CURRENT, job, asking.id)
        others = await db.rows(_row, f"{_ROW}{_OTHERS}ORDER BY i.id DESC LIMIT $3", job, current, OTHERS)
        epoch, positions = await live.positions(live.job(job), live.workspace(asking.workspace))
        return ImportPage(
            current=await view(asking.workspace, current) if current else None,
            others=others,
            fields=[OwnField(key=own.key, name=own.name) for own in await fields_of(asking.workspace)],
            encodings=list(ENCODINGS),
            epoch=epoch,
            positions=positions,
        )


async def place_of(workspace: UUID, job: UUID) -> Workspace:
    """What the rows of a file for this job are checked against."""
    tags = await db.rows(str, "SELECT folded FROM tag WHERE workspace_id = $1", workspace)
    return Workspace(
        stages=await stages_of(job),
        fields={own.key: own for own in await fields_of(workspace)},
        tags=frozenset(tags),
        merged=frozenset(await db.rows(str, "SELECT folded FROM merged_tag WHERE workspace_id = $1", workspace)),
    )


async def fields_of(workspace: UUID) -> list[Own]:
    """The workspace's own fields in order, each with its name in files."""
    found = await db.rows(
        lambda *c: Own(id=c[0], name=c[1], kind=c[2], choices=list(c[3] or ())),
        "SELECT id, name, kind, choices FROM custom_field WHERE workspace_id = $1 ORDER BY position, id",
        workspace,
    )
    return headed(found, COLUMNS)


async def stages_of(job: UUID) -> dict[str, UUID]:
    """The stages of a job by the bare form of their names; of two that are alike the first."""
    found: dict[str, UUID] = {}
    for name, stage in await db.rows(
        lambda *c: c, "SELECT name, id FROM stage WHERE job_id = $1 ORDER BY position", job
    ):
        found.setdefault(bare(name), stage)
    return found
