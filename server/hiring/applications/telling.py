"""Tells candidates who are still answering that the job is not what it was: their page fetches its data again.

A reaction and not part of the edit: a popular job has thousands of candidates, and nobody who saves a word should wait
for them, or hold the heads of their topics. Who has handed in keeps the posting as it was.
"""

from uuid import UUID

from server.core import db, live
from server.core.events import on
from server.hiring.flow.events import FlowChanged
from server.hiring.jobs.events import JobEdited, JobStateChanged, JobVideoChanged
from server.hiring.views.payloads import OwnPlaceChanged

BATCH = 500  # topics in one transaction


@on(JobEdited, "tell_of_edit")
@on(JobStateChanged, "tell_of_state")
@on(JobVideoChanged, "tell_of_video")
async def tell_candidates(_event: UUID, event: JobEdited | JobStateChanged | JobVideoChanged) -> None:
    """Their own pages, some hundred at a time."""
    await _tell(
        await db.rows(
            lambda found: found,
            "SELECT id FROM application WHERE job_id = $1 AND progress <> 'submitted' ORDER BY id",
            UUID(event.subject.removeprefix("job:")),
        )
    )


@on(FlowChanged, "tell_of_flow")
async def tell_of_flow(_event: UUID, event: FlowChanged) -> None:
    """Those whose stage means something else now, or who were taken to another one."""
    await _tell(
        await db.rows(
            lambda found: found, "SELECT id FROM application WHERE stage_id = ANY($1) ORDER BY id", event.meant
        )
    )


async def _tell(waiting: list[UUID]) -> None:
    for start in range(0, len(waiting), BATCH):
        async with db.transaction():
            batch = waiting[start : start + BATCH]
            told = [live.Delivery(live.candidate(one), OwnPlaceChanged(application=one)) for one in batch]
            await live.deliver(db.current(), told)
