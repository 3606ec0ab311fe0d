"""What people are judged by in a job: the criteria of its scorecards.

They are edited as questions are: saved whole, on the version of the job that was seen. One that is left out is retired,
and stays for the scorecards that speak of it.
"""

from collections.abc import Sequence
from uuid import UUID

from server.core import db
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.jobs.actions import job_changed, lock
from server.hiring.jobs.events import JobEdited
from server.hiring.views.base import View
from server.hiring.workspaces.rules import check_name

MOST = 12
LONGEST = 80  # characters of a name
USUAL = ("Problem solving", "Communication", "Skills for the role", "Motivation")


class Judged(View, frozen=True, kw_only=True):
    """A criterion as edited; without `id` it is new."""

    name: str
    id: UUID | None = None


def check_criteria(wanted: Sequence[Judged]) -> list[Judged]:
    """With tidy names. Raises Invalid."""
    if len(wanted) > MOST:
        raise Invalid(fields={"criteria": f"At most {MOST} criteria: nobody fills in long scorecards."})
    checked = [Judged(id=one.id, name=check_name(one.name, f"criteria.{n}", LONGEST)) for n, one in enumerate(wanted)]
    names = [one.name.casefold() for one in checked]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Invalid(fields={f"criteria.{place}": "Another criterion has this name already."})
    ids = [one.id for one in checked if one.id is not None]
    if len(set(ids)) < len(ids):
        raise Invalid(fields={"criteria": "The same criterion is there twice."})
    return checked


async def judge(asking: Asking, job: UUID, version: int, wanted: Sequence[Judged], key: str | None) -> None:
    """Replace the list: known ids are renamed, missing ones retired, the others added. Raises Conflict, Invalid.

    One that was retired is the same again when it comes back (somebody took its removal back).
    """
    await lock(asking, job, version)
    checked = check_criteria(wanted)
    known = set(await db.rows(lambda c: c, "SELECT id FROM criterion WHERE job_id = $1", job))
    kept = {one.id for one in checked if one.id in known}
    await db.execute(
        "UPDATE criterion SET retired_at = now() WHERE job_id = $1 AND retired_at IS NULL AND NOT id = ANY($2)",
        job,
        list(kept),
    )
    await _write(asking.workspace, job, [(one.id if one.id in kept else uuid7(), one.name) for one in checked])
    await db.execute("UPDATE job SET version = version + 1 WHERE id = $1", job)
    await append(
        JobEdited(workspace=asking.workspace, actor=asking.actor, subject=f"job:{job}", what=["criteria"]),
        job_changed(asking.workspace, job),
        key=key,
    )


async def begin_with_usual(workspace: UUID, job: UUID) -> None:
    """A new job has the usual criteria, to be changed."""
    await _write(workspace, job, [(uuid7(), name) for name in USUAL])


async def _write(workspace: UUID, job: UUID, criteria: Sequence[tuple[UUID | None, str]]) -> None:
    await db.execute(
        "INSERT INTO criterion (id, workspace_id, job_id, name, position) "
        "SELECT id, $1, $2, name, n FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS w (id, name, n) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, retired_at = NULL",
        workspace,
        job,
        [one for one, _ in criteria],
        [name for _, name in criteria],
    )
