"""What can be read about applications: cards, and the board they make."""

from typing import Any
from uuid import UUID

from server.core import db, live
from server.core.errors import NotFound
from server.hiring.jobs import queries as jobs
from server.hiring.views.applications import Board, Card
from server.hiring.workspaces import queries as workspaces

CARD = """
SELECT a.id, a.job_id, a.candidate_id, c.name, c.email, a.stage_id, a.rank, a.version,
       CASE WHEN a.answering > 0 THEN 'recording' ELSE a.progress END, a.answering, a.answers,
       (SELECT count(*) FROM question q WHERE q.job_id = a.job_id AND q.retired_at IS NULL),
       a.answers_ms, CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       a.notes, a.messages, a.waiting, a.opened_at IS NOT NULL, a.created_at, a.changed_at
FROM application a JOIN candidate c ON c.id = a.candidate_id JOIN workspace w ON w.id = a.workspace_id
"""


def card_of(*c: Any) -> Card:
    """From the columns of CARD."""
    return Card(
        id=c[0],
        job=c[1],
        candidate=c[2],
        name=c[3],
        line=c[4],
        stage=c[5],
        rank=c[6],
        version=c[7],
        progress=c[8],
        answering=c[9],
        answers=c[10],
        questions=c[11],
        answers_ms=c[12],
        poster=c[13],
        notes=c[14],
        messages=c[15],
        waiting=c[16],
        opened=c[17],
        created_at=c[18],
        changed_at=c[19],
    )


async def card(application: UUID) -> Card:
    """One card. Raises NotFound."""
    found = await db.row(card_of, CARD + "WHERE a.id = $1", application)
    if found is None:
        raise NotFound
    return found


async def board(workspace: UUID, job: UUID) -> Board:
    """A job's board and the positions it was read at, in one snapshot."""
    async with db.snapshot():
        row = await jobs.row_of(workspace, job)
        cards = await db.rows(card_of, CARD + "WHERE a.job_id = $1 ORDER BY a.rank, a.id", job)
        epoch, positions = await live.positions(live.job(job))
        return Board(
            job=row,
            stages=[stage for stage, _ in row.counts],
            cards=cards,
            people=await workspaces.people(workspace),
            epoch=epoch,
            positions=positions,
        )


async def in_workspace(workspace: UUID, application: UUID) -> UUID:
    """The job of an application of this workspace. Raises NotFound for everything else."""
    job: UUID | None = await db.value(
        "SELECT job_id FROM application WHERE id = $1 AND workspace_id = $2", application, workspace
    )
    if job is None:
        raise NotFound
    return job


async def neighbours(application: UUID) -> tuple[UUID | None, UUID | None, int, int]:
    """(previous, next, place from 1, places) within the application's stage, in board order."""
    found = await db.record(
        "SELECT previous, next, place, places FROM ("
        "SELECT id, lag(id) OVER w AS previous, lead(id) OVER w AS next, row_number() OVER w AS place, "
        "count(*) OVER () AS places FROM application "
        "WHERE stage_id = (SELECT stage_id FROM application WHERE id = $1) WINDOW w AS (ORDER BY rank, id)) x "
        "WHERE id = $1",
        application,
    )
    if found is None:
        raise NotFound
    return found["previous"], found["next"], found["place"], found["places"]
