"""Posts the demo's jobs: written, asked and opened by the team's own actions, then dated back."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from media.tables import Recording
from server.core import db
from server.demo.founding import Troupe
from server.demo.script import Posting, clip_of
from server.demo.standing import PROMISED_DAYS
from server.hiring.jobs import actions as jobs


class Place(msgspec.Struct, frozen=True):
    """A job as the past needs it: its stages by kind, its questions in order."""

    id: UUID
    title: str
    stages: dict[str, UUID]
    questions: tuple[UUID, ...]


async def post(troupe: Troupe, posting: Posting, began: datetime) -> Place:
    """The job, made if it is not there: whole or not at all."""
    job = await _known(troupe, posting)
    if job is None:
        async with db.transaction():
            job = await _make(troupe, posting, began)
    return Place(
        job,
        posting.title,
        dict(await db.rows(lambda kind, stage: (kind, stage), "SELECT kind, id FROM stage WHERE job_id = $1", job)),
        tuple(
            await db.rows(
                lambda c: c, "SELECT id FROM question WHERE job_id = $1 AND retired_at IS NULL ORDER BY position", job
            )
        ),
    )


async def _known(troupe: Troupe, posting: Posting) -> UUID | None:
    """By the event of its making: somebody may have renamed the job meanwhile."""
    subject: str | None = await db.value(
        "SELECT subject FROM event WHERE workspace_id = $1 AND kind = 'job_created' AND payload ->> 'title' = $2 "
        "ORDER BY at LIMIT 1",
        troupe.workspace,
        posting.title,
    )
    return UUID(subject.partition(":")[2]) if subject else None


async def _make(troupe: Troupe, posting: Posting, began: datetime) -> UUID:
    asking = troupe.members[posting.by]
    job = await jobs.create(asking, posting.title, None)
    details = jobs.Details(
        version=1,
        location=posting.location,
        remote=posting.remote,
        description=posting.description,
        colour=posting.colour,
        promise_days=PROMISED_DAYS,
    )
    await jobs.edit(asking, job, details, None)
    asked = [jobs.Asked(text=q.text, think=q.think, longest=q.longest, takes=q.takes) for q in posting.questions]
    await jobs.ask(asking, job, 2, asked, None)
    await jobs.set_state(asking, job, "open", None)
    opened = began - timedelta(days=posting.ago)
    await db.execute("UPDATE event SET at = $2 WHERE subject = $1", f"job:{job}", opened)
    await db.execute("UPDATE job SET created_at = $2 WHERE id = $1", job, opened)
    if posting.closed is not None:
        closed = began - timedelta(days=posting.closed)
        await jobs.set_state(asking, job, "closed", None)
        await db.execute("UPDATE event SET at = $2 WHERE subject = $1 AND at > $3", f"job:{job}", closed, opened)
        await db.execute("UPDATE job SET closed_at = $2 WHERE id = $1", job, closed)
    clip = clip_of(posting.face)
    await Recording(
        owner=f"job:{job}",
        state="processing",
        source="synth",
        node=f"clip:{clip.face}",
        duration_ms=round(clip.seconds * 1000),
        created_at=opened,
        started_at=opened,
    ).save()
    return job
