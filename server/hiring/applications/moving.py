"""Moving cards: where a card goes, who may not go there, and who was first.

A move says at which version its card was seen. Within a stage that never conflicts; a change of stage on a stale view
does. `put` writes one place and is part of a move's transaction, which holds the job's row: `move` is one card's,
`bulk.move_many` that of many.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import NotFound, Refusal
from server.core.events import append
from server.hiring.applications import queries
from server.hiring.applications.actions import card_changed, person, rank_between
from server.hiring.applications.events import ApplicationMoved, Step
from server.hiring.flow import queries as flow
from server.hiring.flow.rules import StageGone, StageNeeds
from server.hiring.views.applications import Card
from server.hiring.views.base import View
from server.hiring.views.payloads import JobChanged, OwnPlaceChanged


class MovedMeanwhile(Refusal):
    """Somebody else moved the card to another stage first."""

    code = "moved_meanwhile"
    status = HTTPStatus.CONFLICT


class NewPlace(View, frozen=True, kw_only=True):
    """Where a card goes: to `stage`, before the card `before`, as seen at `version`.

    Without that one, or when it is not there any more: behind the card `after`; without either, to the end.
    """

    stage: UUID
    version: int
    before: UUID | None = None
    after: UUID | None = None


async def move(asking: Asking, application: UUID, place: NewPlace, key: str | None, undoes: UUID | None = None) -> Card:
    """Move a card. Within a stage that never conflicts; a change of stage on a stale view does, and says who was.

    `undoes`: the event of the move that this takes back.
    """
    asking.require("move")
    job = await queries.in_workspace(asking.workspace, application)
    await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", job)
    step = await put(asking, job, application, place)
    left = step.stage_from if step.stage_from != step.stage else None
    card = await queries.card(application)
    deliveries = card_changed(card, "moved", person(asking), key, left=left)
    if left:
        deliveries += _stage_changed(asking.workspace, card)
    await append(
        ApplicationMoved(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
            job=job,
            stage_from=step.stage_from,
            stage=step.stage,
            into=step.into,
            acts=step.acts,
            rank_from=step.rank_from,
            version=step.version,
            undoes=undoes,
        ),
        deliveries,
        key=key,
    )
    return card


async def put(asking: Asking, job: UUID, application: UUID, place: NewPlace) -> Step:
    """Write a card's new place. Part of an action's transaction, which holds the job's row.

    Raises NotFound for what is not of this job, StageGone, MovedMeanwhile and StageNeeds; nothing is written then.
    """
    found = await db.record(
        "SELECT stage_id, rank, moved FROM application WHERE id = $1 AND job_id = $2", application, job
    )
    if found is None:
        raise NotFound
    way = await flow.entrance(job, place.stage, found["stage_id"])
    if way is None:
        raise await _no_stage(job, place.stage)
    leaves = place.stage != found["stage_id"]
    if leaves and place.version < found["moved"]:
        raise MovedMeanwhile(await who_moved(application))
    if leaves and (lack := await flow.lacking(way.needs, [application], asking.id)):
        raise StageNeeds(await _what_it_needs(application, place.stage, lack[application]))
    before = place.before if place.before != application else None
    version = await db.value(
        "UPDATE application SET stage_id = $2, rank = $3, version = version + 1, changed_at = now(), "
        "moved = CASE WHEN $4 THEN version + 1 ELSE moved END, moved_by = CASE WHEN $4 THEN $5 ELSE moved_by END, "
        "moved_at = CASE WHEN $4 THEN now() ELSE moved_at END WHERE id = $1 RETURNING version",
        application,
        place.stage,
        await rank_between(place.stage, application, before, place.after),
        leaves,
        asking.id,
    )
    return Step(
        application=application,
        stage_from=found["stage_id"],
        stage=place.stage,
        into=way.kind,
        acts=leaves and way.acts,
        rank_from=found["rank"],
        version=version,
    )


async def _no_stage(job: UUID, stage: UUID) -> Refusal:
    """Why there is no such stage on this board: StageGone when there was one, NotFound when there never was."""
    was = await db.value(
        "SELECT 1 FROM event WHERE subject = $1 AND kind = 'flow_changed' AND payload -> 'removed' ? $2 LIMIT 1",
        f"job:{job}",
        str(stage),
    )
    return StageGone() if was else NotFound()


async def _what_it_needs(application: UUID, stage: UUID, lack: str) -> str:
    found = await db.record(
        "SELECT c.name, s.name AS stage FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "JOIN stage s ON s.id = $2 WHERE a.id = $1",
        application,
        stage,
    )
    if found is None:
        raise NotFound
    return f"{found['name']} cannot go to {found['stage']} yet: {lack}."


def _stage_changed(workspace: UUID, card: Card) -> list[live.Delivery]:
    return [
        live.Delivery(live.workspace(workspace), JobChanged(job=card.job, moved=True)),
        live.Delivery(live.candidate(card.id), OwnPlaceChanged(application=card.id)),
    ]


async def who_moved(application: UUID) -> str:
    """In a sentence, who moved a card last, where and when. Raises NotFound."""
    found = await db.record(
        "SELECT c.name, s.name AS stage, m.name AS member, a.moved_at FROM application a "
        "JOIN candidate c ON c.id = a.candidate_id JOIN stage s ON s.id = a.stage_id "
        "LEFT JOIN member m ON m.id = a.moved_by WHERE a.id = $1",
        application,
    )
    if found is None:
        raise NotFound
    seconds = int((datetime.now(UTC) - found["moved_at"]).total_seconds()) if found["moved_at"] else 0
    ago = "just now" if seconds < 60 else f"{seconds // 60} min ago"
    return f"{found['member'] or 'Somebody'} moved {found['name']} to {found['stage']} {ago}."
