"""What the worker does with imports: read and check the file, write it batch by batch, and tidy up after it.

A batch is one transaction with its counts: a worker that dies goes on where the last one ended. Locks are taken in one
order, the import, then the job, then candidates by address. Boards are told once per batch.
"""

import asyncio
import itertools
from uuid import UUID

import msgspec

from server.core import db, live, runtime, tasks
from server.core.events import append
from server.hiring.transfers import queries
from server.hiring.transfers.actions import tell
from server.hiring.transfers.events import ImportEnded
from server.hiring.transfers.reading import Found, Options, Unreadable, read_aside
from server.hiring.transfers.rules import SHOWN_FAULTS, Checked, Workspace, check, guess
from server.hiring.transfers.writing import write
from server.hiring.views.payloads import ImportChanged, JobChanged

BATCH = 500  # rows in one transaction
UNREAD = ("reading", "refused")  # states in which a file may still be read as its options say
NOT_READ = "Something went wrong on our side while this file was read. Put it away and bring it again."
NOT_BEGUN = "Something went wrong on our side, and nobody was imported. Put the file away and bring it again."
STOPPED = "Something went wrong on our side."
_WOULD_BE = """
SELECT count(*) FILTER (WHERE a.id IS NULL), count(a.id) FROM unnest($1::text[]) AS given (folded)
LEFT JOIN candidate c ON c.workspace_id = $2 AND c.folded = given.folded
LEFT JOIN application a ON a.candidate_id = c.id AND a.job_id = $3
"""


# Reading


async def read_import(payload: bytes) -> None:
    """Read a file as its options say, guess or keep what its columns are, and say what would become of its rows."""
    imported, version = msgspec.json.decode(payload, type=tuple[UUID, int])
    row = await db.record("SELECT * FROM candidate_import WHERE id = $1", imported)
    if row is None or row["version"] != version or row["state"] not in UNREAD:
        return
    try:
        found = await _read(imported, msgspec.json.decode(row["options"], type=Options))
    except Unreadable as error:
        await _settle(imported, version, "refused", str(error))
        return
    columns = msgspec.json.decode(row["columns"], type=list[str]) if row["columns"] else []
    place = await queries.place_of(row["workspace_id"], row["job_id"])
    if len(columns) != len(found.names):
        columns = guess(found.names, found.sample, place.fields.values())
    checked = await _check(row, place, columns)
    would = await db.record(_WOULD_BE, [line.folded for line in checked.lines], row["workspace_id"], row["job_id"])
    assert would is not None
    async with db.transaction():
        mine = await db.value(
            "UPDATE candidate_import SET found = $3, columns = $4, faults = $5, rows = $6, created = $7, updated = $8, "
            "failed = $9 WHERE id = $1 AND version = $2 RETURNING id",
            imported,
            version,
            msgspec.json.encode(found).decode(),
            msgspec.json.encode(columns).decode(),
            msgspec.json.encode(checked.faults[:SHOWN_FAULTS]).decode(),
            found.rows,
            would[0],
            would[1],
            len(checked.faults),
        )
        if mine is not None:
            await _settle(imported, version, "ready", "")


async def _settle(imported: UUID, version: int, state: str, refusal: str) -> None:
    async with db.transaction():
        if await db.value(
            "UPDATE candidate_import SET state = $3, refusal = $4 WHERE id = $1 AND version = $2 AND state = ANY($5) "
            "RETURNING id",
            imported,
            version,
            state,
            refusal,
            UNREAD,
        ):
            await tell(await queries.row(imported))


async def read_given_up(payload: bytes) -> None:
    """Nobody waits for it any more; it is read all the same when somebody puts the task back into the queue."""
    imported, version = msgspec.json.decode(payload, type=tuple[UUID, int])
    await _settle(imported, version, "refused", NOT_READ)


async def _read(imported: UUID, options: Options) -> Found:
    """Read the file in a child; its rows are stored beside it. Raises Unreadable."""
    storage = runtime.here().storage
    source, target = storage.scratch / f"{imported}.table", storage.scratch / f"{imported}.rows"
    try:
        await storage.fetch(f"{imported}/file", source)
        found = await read_aside(source, target, options)
        await storage.put(f"{imported}/rows", target)
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
    return found


async def _check(row: db.Record, place: Workspace, columns: list[str]) -> Checked:
    lines = (await runtime.here().storage.get(f"{row['id']}/rows")).splitlines()

    def work() -> Checked:
        rows = [msgspec.json.decode(line, type=tuple[int, list[str]]) for line in lines]
        return check(rows, columns, place)

    return await asyncio.to_thread(work)


# Writing


async def run_import(payload: bytes) -> None:
    """Write batch after batch until all is done, or somebody cancelled."""
    imported = msgspec.json.decode(payload, type=UUID)
    row = await db.record("SELECT * FROM candidate_import WHERE id = $1", imported)
    if row is None or row["state"] != "running":
        return
    found = msgspec.json.decode(row["found"], type=Found)
    place = await queries.place_of(row["workspace_id"], row["job_id"])
    checked = await _check(row, place, msgspec.json.decode(row["columns"], type=list[str]))
    lines = {line.row: line for line in checked.lines}
    for start in itertools.count(row["done"], BATCH):
        batch = [lines[number] for number in checked.numbers[start : start + BATCH] if number in lines]
        if not await _batch(imported, start, batch, found.rows):
            return


async def _batch(imported: UUID, start: int, lines: list, rows: int) -> bool:  # type: ignore[type-arg]
    """One batch from row `start` on; whether there are more."""
    end = min(start + BATCH, rows)
    async with db.transaction():
        row = await db.record("SELECT * FROM candidate_import WHERE id = $1 FOR NO KEY UPDATE", imported)
        if row is None or row["state"] != "running" or row["done"] != start:
            return False
        outcome = await write(row, lines)
        last = end >= rows
        await db.execute(
            "UPDATE candidate_import SET done = $2, created = created + $3, updated = updated + $4, "
            "unchanged = unchanged + $5, failed = failed + $6, state = CASE WHEN $7 THEN 'done' ELSE state END, "
            "version = version + CASE WHEN $7 THEN 1 ELSE 0 END, ended_at = CASE WHEN $7 THEN now() END WHERE id = $1",
            imported,
            end,
            outcome.created,
            outcome.updated,
            len(lines) - outcome.created - outcome.updated,
            end - start - len(lines),
            last,
        )
        told = await queries.row(imported)
        deliveries = [*outcome.deliveries, live.Delivery(live.job(told.job), ImportChanged(row=told))]
        if outcome.created or outcome.updated:
            deliveries += [
                live.Delivery(live.job(told.job), JobChanged(job=told.job)),
                live.Delivery(live.workspace(row["workspace_id"]), JobChanged(job=told.job)),
            ]
        await live.deliver(db.current(), deliveries)
        if last:
            await tasks.enqueue("end_import", msgspec.json.encode((imported, True, f"member:{row['member_id']}")))
    return not last


async def run_given_up(payload: bytes) -> None:
    """Refused if nobody is in yet. Else who is in stays, and the rest is called off."""
    imported = msgspec.json.decode(payload, type=UUID)
    async with db.transaction():
        row = await db.record("SELECT * FROM candidate_import WHERE id = $1 FOR NO KEY UPDATE", imported)
        if row is None or row["state"] != "running":
            return
        begun = row["done"] > 0
        await db.execute(
            "UPDATE candidate_import SET state = $2, refusal = $3, version = version + 1, "
            "ended_at = CASE WHEN $4 THEN now() END WHERE id = $1",
            imported,
            "cancelled" if begun else "refused",
            STOPPED if begun else NOT_BEGUN,
            begun,
        )
        if begun:
            await tasks.enqueue("end_import", msgspec.json.encode((imported, True, f"member:{row['member_id']}")))
        await tell(await queries.row(imported))


# Ending


async def end_import(payload: bytes) -> None:
    """After the last batch: one line in the record for all of them, and the file is deleted."""
    imported, ran, actor = msgspec.json.decode(payload, type=tuple[UUID, bool, str])
    async with db.transaction():
        row = await db.record("SELECT * FROM candidate_import WHERE id = $1 FOR NO KEY UPDATE", imported)
        if row is None:
            return
        told = await db.value("SELECT 1 FROM event WHERE subject = $1 AND kind = 'import_ended'", f"import:{imported}")
        if ran and not told:
            await append(
                ImportEnded(
                    workspace=row["workspace_id"],
                    actor=actor,
                    subject=f"import:{imported}",
                    imported=imported,
                    job=row["job_id"],
                    created=row["created"],
                    updated=row["updated"],
                    unchanged=row["unchanged"],
                    failed=row["failed"],
                    cancelled=row["state"] == "cancelled",
                )
            )
    await forget_files(imported)


async def forget_files(imported: UUID) -> None:
    """Delete the file and its rows."""
    await runtime.here().storage.delete_all(imported)


async def expire_imports() -> None:
    """Delete what was never let in after a week, and the words of faults after a month."""
    for imported in await db.rows(
        lambda found: found,
        "DELETE FROM candidate_import WHERE state IN ('reading', 'ready', 'refused') "
        "AND created_at < now() - interval '7 days' RETURNING id",
    ):
        await forget_files(imported)
    await db.execute(
        "UPDATE candidate_import SET faults = '[]', found = NULL, columns = NULL "
        "WHERE ended_at < now() - interval '30 days' AND found IS NOT NULL"
    )


tasks.register("read_import", read_import, read_given_up)
tasks.register("run_import", run_import, run_given_up)
tasks.register("end_import", end_import)
tasks.schedule("expire_imports", "23 4 * * *", expire_imports)
