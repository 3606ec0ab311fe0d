"""What can be read about jobs."""

from typing import Any
from uuid import UUID

import msgspec

from server.core import db, runtime
from server.core.errors import NotFound
from server.hiring.jobs.rules import minutes, render
from server.hiring.views.jobs import (
    CriterionView,
    FilmView,
    JobLine,
    JobRow,
    JobView,
    OpenJob,
    PublicJob,
    QuestionView,
    StageView,
)

_ROW = """
SELECT j.id, j.title, j.location, j.remote, j.state, j.colour,
       (SELECT count(*) FROM question q WHERE q.job_id = j.id AND q.retired_at IS NULL),
       j.video IS NOT NULL, j.created_at, j.closed_at, j.version,
       (SELECT count(*) FROM application a WHERE a.job_id = j.id AND a.submitted_at IS NOT NULL AND a.opened_at IS NULL)
FROM job j
"""
# Who waits is whom home lists, here counted by job.
_WAITING = """
SELECT job_id, count(*), count(*) FILTER (WHERE due < now()), min(due) FILTER (WHERE due >= now()) FROM (
    SELECT job_id, CASE WHEN promise_left IS NULL THEN promise_due END AS due FROM application
    WHERE workspace_id = $1 AND (waiting OR (promise_due IS NOT NULL AND promise_left IS NULL))) x
GROUP BY job_id
"""


async def lines(workspace: UUID) -> list[JobLine]:
    """All jobs of a workspace, newest first, with who waits: four queries whatever the number of jobs."""
    waits = {c[0]: c[1:] for c in await db.rows(lambda *c: c, _WAITING, workspace)}
    found = await rows(workspace)
    return [
        JobLine(**msgspec.structs.asdict(row), waiting=waiting, overdue=overdue, due=due)
        for row, (waiting, overdue, due) in ((row, waits.get(row.id, (0, 0, None))) for row in found)
    ]


async def rows(workspace: UUID, job: UUID | None = None) -> list[JobRow]:
    """Jobs of a workspace, newest first, with people per stage: three queries whatever the number of jobs."""
    found = await db.rows(
        lambda *c: c,
        _ROW + "WHERE j.workspace_id = $1 AND ($2::uuid IS NULL OR j.id = $2) ORDER BY j.created_at DESC",
        workspace,
        job,
    )
    counts: dict[UUID, list[tuple[StageView, int]]] = {}
    for owner, *stage, count in await db.rows(
        lambda *c: c,
        "SELECT job_id, id, name, kind, colour, hint, people FROM stage "
        "WHERE workspace_id = $1 AND ($2::uuid IS NULL OR job_id = $2) ORDER BY position",
        workspace,
        job,
    ):
        counts.setdefault(owner, []).append((_stage(*stage), count))
    return [_row(c, counts.get(c[0], [])) for c in found]


def _stage(*c: Any) -> StageView:
    return StageView(id=c[0], name=c[1], kind=c[2], colour=c[3], hint=c[4])


def _row(c: tuple[Any, ...], counts: list[tuple[StageView, int]]) -> JobRow:
    return JobRow(
        id=c[0],
        title=c[1],
        location=c[2],
        remote=c[3],
        state=c[4],
        colour=c[5],
        questions=c[6],
        has_video=c[7],
        people=sum(n for _, n in counts),
        counts=counts,
        created_at=c[8],
        closed_at=c[9],
        version=c[10],
        new=c[11],
    )


async def open_jobs(workspace: UUID) -> list[OpenJob]:
    """What every page lists at its side: the jobs that take applications, newest first, with how many people."""
    return await db.rows(
        lambda *c: OpenJob(id=c[0], title=c[1], colour=c[2], people=c[3]),
        "SELECT j.id, j.title, j.colour, (SELECT coalesce(sum(people), 0)::int FROM stage WHERE job_id = j.id) "
        "FROM job j WHERE j.workspace_id = $1 AND j.state = 'open' ORDER BY j.created_at DESC",
        workspace,
    )


async def row_of(workspace: UUID, job: UUID) -> JobRow:
    """One job's row. Raises NotFound."""
    found = await rows(workspace, job)
    if not found:
        raise NotFound
    return found[0]


async def questions(job: UUID) -> list[QuestionView]:
    """The questions that are asked now, in order."""
    return await db.rows(
        question_view,
        "SELECT id, position, text, think, longest, takes FROM question "
        "WHERE job_id = $1 AND retired_at IS NULL ORDER BY position",
        job,
    )


def question_view(*c: Any) -> QuestionView:
    """From the columns id, position, text, think, longest, takes."""
    return QuestionView(id=c[0], position=c[1], text=c[2], think=c[3], longest=c[4], takes=c[5])


async def criteria(job: UUID) -> list[CriterionView]:
    """What people are judged by now, in order."""
    return await db.rows(
        lambda *c: CriterionView(id=c[0], name=c[1]),
        "SELECT id, name FROM criterion WHERE job_id = $1 AND retired_at IS NULL ORDER BY position, id",
        job,
    )


async def stages(job: UUID) -> list[StageView]:
    """The columns of the board, in order."""
    return await db.rows(
        _stage, "SELECT id, name, kind, colour, hint FROM stage WHERE job_id = $1 ORDER BY position", job
    )


async def view(workspace: UUID, job: UUID) -> JobView:
    """A job in its editor. Raises NotFound."""
    found = await db.record(
        "SELECT j.*, w.slug, r.mime, r.movie, r.movie_percent, t.version AS captions FROM job j "
        "JOIN workspace w ON w.id = j.workspace_id "
        "LEFT JOIN recording r ON r.id = j.video "
        "LEFT JOIN captions t ON t.recording_id = j.video AND t.words <> '' WHERE j.id = $1 AND j.workspace_id = $2",
        job,
        workspace,
    )
    if found is None:
        raise NotFound
    return JobView(
        id=found["id"],
        title=found["title"],
        location=found["location"],
        remote=found["remote"],
        description=found["description"],
        description_html=render(found["description"]),
        state=found["state"],
        colour=found["colour"],
        video=found["video"],
        video_ms=found["video_ms"],
        film=_film(found, f"/w/{found['slug']}/recordings/{found['video']}"),
        questions=await questions(job),
        criteria=await criteria(job),
        stages=await stages(job),
        public_url=f"{runtime.here().settings.origin}/c/jobs/{found['token']}",
        promise_days=found["promise_days"],
        version=found["version"],
    )


def _film(found: db.Record, base: str) -> FilmView | None:
    if found["video"] is None:
        return None
    version = found["captions"]
    return FilmView(
        url=f"{base}/video",
        mime=found["mime"] or "",
        mp4=f"{base}/mp4" if found["movie"] == "ready" else "",
        movie=found["movie"] or "",
        movie_percent=found["movie_percent"] or 0,
        captions=f"{base}/captions?v={version}" if version else "",
    )


async def public(token: str | None = None, *, job: UUID | None = None) -> PublicJob:
    """What anybody may read about a job that is or was open. Raises NotFound for drafts."""
    found = await db.record(
        "SELECT j.*, w.name AS workspace_name, r.mime, r.movie, r.movie_percent, t.version AS captions FROM job j "
        "JOIN workspace w ON w.id = j.workspace_id "
        "LEFT JOIN recording r ON r.id = j.video "
        "LEFT JOIN captions t ON t.recording_id = j.video AND t.words <> '' WHERE (j.token = $1 OR j.id = $2)",
        token,
        job,
    )
    if found is None or (found["state"] == "draft" and job is None):
        raise NotFound
    asked = await questions(found["id"])
    return PublicJob(
        token=found["token"],
        title=found["title"],
        location=found["location"],
        remote=found["remote"],
        description_html=render(found["description"]),
        workspace_name=found["workspace_name"],
        film=_film(found, f"/c/jobs/{found['token']}"),
        video_ms=found["video_ms"],
        questions=asked,
        minutes=minutes([(q.think, q.longest) for q in asked]),
        promise_days=found["promise_days"],
        state=found["state"],
    )


async def by_token(token: str) -> db.Record:
    """The row of a job that has a public page. Raises NotFound."""
    found = await db.record("SELECT * FROM job WHERE token = $1 AND state <> 'draft'", token)
    if found is None:
        raise NotFound
    return found
