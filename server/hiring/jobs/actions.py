"""What people do to jobs."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import new_token, uuid7
from server.hiring.jobs.events import DraftDeleted, JobCreated, JobEdited, JobStateChanged, JobVideoChanged
from server.hiring.jobs.rules import MOST_PROMISED, MOST_QUESTIONS, STATES, check_question
from server.hiring.jobs.tables import Job
from server.hiring.views.base import View
from server.hiring.views.payloads import JobChanged
from server.hiring.workspaces.rules import check_name, colour_of

ON_CREATED: list[Callable[[UUID, UUID], Awaitable[None]]] = []  # (workspace, job): filled by the composition root


class NothingToAnswer(Refusal):
    """An open job needs a question."""

    code = "no_questions"
    status = HTTPStatus.CONFLICT
    message = "Add at least one question before you open the job."


class Details(View, frozen=True, kw_only=True):
    """What changes in a job; absent fields stay. `version` is the one that was edited."""

    version: int
    title: str | msgspec.UnsetType = msgspec.UNSET
    location: str | msgspec.UnsetType = msgspec.UNSET
    remote: bool | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    colour: int | msgspec.UnsetType = msgspec.UNSET
    promise_days: int | msgspec.UnsetType = msgspec.UNSET


class Asked(View, frozen=True, kw_only=True):
    """A question as edited; without `id` it is new."""

    text: str
    think: int = 60
    longest: int = 120
    takes: int = 3
    id: UUID | None = None


def job_changed(workspace: UUID, job: UUID) -> list[live.Delivery]:
    """Tell the board and the lists that a job is not what it was."""
    return [
        live.Delivery(live.job(job), JobChanged(job=job)),
        live.Delivery(live.workspace(workspace), JobChanged(job=job)),
    ]


async def create(asking: Asking, title: str, key: str | None) -> UUID:
    """Begin a draft with a default flow. Returns the job's id."""
    asking.require("edit_jobs")
    name = check_name(title, "title")
    number = await db.value("SELECT count(*) FROM job WHERE workspace_id = $1", asking.workspace)
    job = Job(
        workspace_id=asking.workspace,
        token=new_token()[:22],
        title=name,
        colour=colour_of(number),
        created_by=asking.id,
    )
    await job.save()
    for make in ON_CREATED:
        await make(asking.workspace, job.id)
    await append(
        JobCreated(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job.id}", title=name),
        job_changed(asking.workspace, job.id),
        key=key,
    )
    return job.id


async def lock(asking: Asking, job: UUID, version: int | None) -> db.Record:
    """Lock a job for who may edit it; returns its row. Raises NotFound, and Conflict unless `version` is its own."""
    asking.require("edit_jobs")
    found = await db.record(
        "SELECT * FROM job WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", job, asking.workspace
    )
    if found is None:
        raise NotFound
    if version is not None and version != found["version"]:
        raise Conflict
    return found


async def edit(asking: Asking, job: UUID, details: Details, key: str | None) -> None:
    """Change details. Raises Conflict when somebody else saved since `details.version`."""
    await lock(asking, job, details.version)
    changes: dict[Any, Any] = {
        name: value.replace("\x00", "") if isinstance(value, str) else value  # Postgres keeps no zero bytes
        for name, value in msgspec.structs.asdict(details).items()
        if name != "version" and value is not msgspec.UNSET
    }
    if "title" in changes:
        changes["title"] = check_name(changes["title"], "title")
    if len(changes.get("location", "")) > 200:
        raise Invalid(fields={"location": "At most 200 characters, please."})
    if len(changes.get("description", "")) > 50_000:
        raise Invalid(fields={"description": "At most 50,000 characters, please."})
    if not 1 <= changes.get("colour", 1) <= 12:
        raise Invalid(fields={"colour": "There are colours 1 to 12."})
    if not 0 <= changes.get("promise_days", 0) <= MOST_PROMISED:
        raise Invalid(fields={"promise_days": f"From 0 (no promise) to {MOST_PROMISED} working days."})
    await Job.update(changes).where(Job.id == job)
    await Job.update({Job.version: Job.version + 1}).where(Job.id == job)
    await append(
        JobEdited(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", what=sorted(changes)),
        job_changed(asking.workspace, job),
        key=key,
    )


async def ask(asking: Asking, job: UUID, version: int, asked: list[Asked], key: str | None) -> None:
    """Replace the list of questions: known ids are changed, missing ones retired, the others added."""
    found = await lock(asking, job, version)
    if len(asked) > MOST_QUESTIONS:
        raise Invalid(fields={"questions": f"At most {MOST_QUESTIONS} questions: people stop answering long lists."})
    if not asked and found["state"] == "open":
        raise NothingToAnswer
    for place, question in enumerate(asked):
        check_question(question.text.replace("\x00", ""), question.think, question.longest, question.takes, place)
    named = [q.id for q in asked if q.id is not None]
    if len(set(named)) < len(named):
        raise Invalid(fields={"questions": "The same question is there twice."})
    known = set(await db.rows(lambda c: c, "SELECT id FROM question WHERE job_id = $1 AND retired_at IS NULL", job))
    kept = {q.id for q in asked if q.id in known}
    await db.execute(
        "UPDATE question SET retired_at = now() WHERE job_id = $1 AND retired_at IS NULL AND NOT id = ANY($2)",
        job,
        list(kept),
    )
    for position, q in enumerate(asked, 1):
        await db.execute(
            "INSERT INTO question (id, workspace_id, job_id, position, text, think, longest, takes) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET position = excluded.position, "
            "text = excluded.text, think = excluded.think, longest = excluded.longest, takes = excluded.takes",
            q.id if q.id in kept else uuid7(),
            asking.workspace,
            job,
            position,
            q.text.replace("\x00", "").strip(),
            q.think,
            q.longest,
            q.takes,
        )
    await Job.update({Job.version: Job.version + 1}).where(Job.id == job)
    await append(
        JobEdited(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", what=["questions"]),
        job_changed(asking.workspace, job),
        key=key,
    )


async def set_state(asking: Asking, job: UUID, state: str, key: str | None) -> None:
    """Open, close or take back to draft. An open job has at least one question."""
    found = await lock(asking, job, None)
    if state not in STATES:
        raise Invalid(fields={"state": "A job is draft, open or closed."})
    if state == "open" and not await db.value(
        "SELECT 1 FROM question WHERE job_id = $1 AND retired_at IS NULL LIMIT 1", job
    ):
        raise NothingToAnswer
    if state == "draft" and await _has_applications(job):
        raise Conflict("People have applied already. Close the job instead: they keep their pages.")
    if state == found["state"]:
        return
    await db.execute(
        "UPDATE job SET state = $2::text, closed_at = CASE WHEN $2::text = 'closed' THEN now() END, version = "
        "version + 1 WHERE id = $1",
        job,
        state,
    )
    await append(
        JobStateChanged(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", state=state),
        job_changed(asking.workspace, job),
        key=key,
    )


async def _has_applications(job: UUID) -> bool:
    return await db.value("SELECT 1 FROM application WHERE job_id = $1 LIMIT 1", job) is not None


async def delete_draft(asking: Asking, job: UUID, key: str | None) -> None:
    """Delete a draft with its questions and stages; its videos are deleted within a day.

    Raises Conflict for a job that is or was open to people: it is closed instead.
    """
    found = await lock(asking, job, None)
    if found["state"] != "draft" or await _has_applications(job):
        raise Conflict("Only a draft that nobody has applied to can be deleted. Close the job instead.")
    await db.execute("DELETE FROM job WHERE id = $1", job)
    await append(
        DraftDeleted(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", title=found["title"]),
        job_changed(asking.workspace, job),
        key=key,
    )


async def set_video(asking: Asking, job: UUID, recording: UUID | None, length_ms: int, key: str | None) -> None:
    """Make a recording the job video, or leave it out."""
    await lock(asking, job, None)
    await db.execute(
        "UPDATE job SET video = $2, video_ms = $3, version = version + 1 WHERE id = $1", job, recording, length_ms
    )
    await append(
        JobVideoChanged(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", recording=recording),
        job_changed(asking.workspace, job),
        key=key,
    )
