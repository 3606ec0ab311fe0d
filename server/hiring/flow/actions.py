"""What people do to flows: redesigning a job's stages, and keeping flows for later jobs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from fractional_indexing import generate_n_keys_between

from server.core import db
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.flow import queries
from server.hiring.flow.events import FlowChanged, FlowTemplateDeleted, FlowTemplateSaved
from server.hiring.flow.rules import FIXED, LONGEST_NAME, StageOccupied, check_flow
from server.hiring.flow.shipped import SHIPPED
from server.hiring.jobs.actions import job_changed
from server.hiring.views.base import View
from server.hiring.views.flow import DesignedStage, StageDraft
from server.hiring.workspaces.rules import check_name

MOST_TEMPLATES = 50
LONGEST_FOLDED = 200  # a kept flow's name as it is compared, in which some letters are several


class Moving(View, frozen=True, kw_only=True):
    """Where the people of a stage go that is left out: `to` is the place of a stage in the new list, from 0."""

    stage: UUID
    to: int


class Design(View, frozen=True, kw_only=True):
    """The whole flow, as designed from `version`."""

    version: int
    stages: list[StageDraft]
    moves: list[Moving] = msgspec.field(default_factory=list)


class Keeping(View, frozen=True, kw_only=True):
    """A flow to keep; one of the same name is replaced."""

    name: str
    stages: list[StageDraft]


async def add_default_stages(workspace: UUID, job: UUID) -> None:
    """Give a new job its columns; runs inside the job's own transaction and event."""
    await _write(workspace, job, SHIPPED[0].stages, [uuid7() for _ in SHIPPED[0].stages])


async def design(asking: Asking, job: UUID, wanted: Design, key: str | None) -> None:
    """Replace a job's stages: known ids are changed, missing ones removed, the others added.

    People in a removed stage go where `moves` says, in their order, behind those who are there; nothing happens to them
    by itself on that way. Raises Conflict when somebody else saved since, StageOccupied when people are left over.
    """
    asking.require("edit_jobs")
    version = await db.value(
        "SELECT flow_version FROM job WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", job, asking.workspace
    )
    if version is None:
        raise NotFound
    if version != wanted.version:
        raise Conflict
    before = {stage.id: stage for stage in await queries.stages(job)}
    stages = check_flow(wanted.stages, {known.id: known.kind for known in before.values()})
    kept = [stage.id if stage.id in before else None for stage in stages]
    if len({one for one in kept if one}) < len([one for one in kept if one]):
        raise Invalid(fields={"stages": "The same stage is there twice."})
    ids = [one or uuid7() for one in kept]
    removed = [stage for stage in before.values() if stage.id not in ids]
    goals = _goals(removed, wanted.moves, ids)
    await _write(asking.workspace, job, stages, ids)
    for source, goal in goals.items():
        await _move_all(source, goal, asking.id)
    await db.execute("DELETE FROM stage WHERE id = ANY($1)", [stage.id for stage in removed])
    await db.execute("UPDATE job SET flow_version = flow_version + 1 WHERE id = $1", job)
    await append(
        FlowChanged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"job:{job}",
            removed={stage.id: stage.name for stage in removed},
            moved=goals,
            meant=_meant(before, stages, ids, goals),
        ),
        job_changed(asking.workspace, job),
        key=key,
    )


def _goals(removed: Sequence[DesignedStage], moves: Sequence[Moving], ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Where the people of each removed stage go. Raises StageOccupied, Invalid."""
    places = {move.stage: move.to for move in moves}
    goals: dict[UUID, UUID] = {}
    for stage in removed:
        if stage.kind in FIXED:
            raise Invalid(fields={"stages": f"{stage.name} stays: every flow has it once."})
        if not stage.people:
            continue
        if stage.id not in places:
            many = "1 candidate is" if stage.people == 1 else f"{stage.people} candidates are"
            raise StageOccupied(f"{many} in {stage.name}. Say where they go before it is removed.")
        if not 0 <= places[stage.id] < len(ids):
            raise Invalid(fields={"moves": "There is no such stage to move to."})
        goals[stage.id] = ids[places[stage.id]]
    return goals


def _meant(
    before: Mapping[UUID, DesignedStage], stages: Sequence[StageDraft], ids: Sequence[UUID], goals: Mapping[UUID, UUID]
) -> list[UUID]:
    """Stages whose people are somewhere else now as far as their own pages tell: another kind, or just moved in."""
    changed = {one for one, stage in zip(ids, stages, strict=True) if one in before and before[one].kind != stage.kind}
    return sorted(changed | set(goals.values()))


async def _write(workspace: UUID, job: UUID, stages: Sequence[StageDraft], ids: Sequence[UUID]) -> None:
    for position, (one, stage) in enumerate(zip(ids, stages, strict=True), 1):
        await db.execute(
            "INSERT INTO stage (id, workspace_id, job_id, position, name, kind, colour, hint, days, needs, actions) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET "
            "position = excluded.position, name = excluded.name, kind = excluded.kind, colour = excluded.colour, "
            "hint = excluded.hint, days = excluded.days, needs = excluded.needs, actions = excluded.actions",
            one,
            workspace,
            job,
            position,
            stage.name,
            stage.kind,
            stage.colour,
            stage.hint,
            stage.days,
            _json(stage.needs),
            _json(stage.actions),
        )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def _move_all(source: UUID, goal: UUID, by: UUID) -> None:
    """All cards of a stage behind those of another, in their order. The job's row is locked."""
    cards: list[UUID] = await db.rows(
        lambda c: c, "SELECT id FROM application WHERE stage_id = $1 ORDER BY rank, id", source
    )
    last = await db.value("SELECT rank FROM application WHERE stage_id = $1 ORDER BY rank DESC LIMIT 1", goal)
    await db.execute(
        "UPDATE application a SET stage_id = $3, rank = n.rank, version = a.version + 1, moved = a.version + 1, "
        "moved_by = $4, moved_at = now(), changed_at = now() FROM unnest($1::uuid[], $2::text[]) AS n (id, rank) "
        "WHERE a.id = n.id",
        cards,
        generate_n_keys_between(last, None, len(cards)),
        goal,
        by,
    )


# Flows to use again


async def keep_template(asking: Asking, keeping: Keeping, key: str | None) -> None:
    """Keep a flow under a name. Raises Invalid, also when there are too many."""
    asking.require("edit_jobs")
    name = check_name(keeping.name, "name", LONGEST_NAME)
    stages = [msgspec.structs.replace(stage, id=None) for stage in check_flow(keeping.stages)]
    folded = name.casefold()
    if len(folded) > LONGEST_FOLDED:
        raise Invalid(fields={"name": "This name is too long. Choose a shorter one."})
    if folded in {shipped.name.casefold() for shipped in SHIPPED}:
        raise Invalid(fields={"name": "A flow of Greenroom's own has this name. Choose another one."})
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)
    own = dict(
        await db.rows(lambda *c: c, "SELECT folded, id FROM flow_template WHERE workspace_id = $1", asking.workspace)
    )
    if folded not in own and len(own) >= MOST_TEMPLATES:
        raise Invalid(fields={"name": f"At most {MOST_TEMPLATES} kept flows. Delete one first."})
    await db.execute(
        "INSERT INTO flow_template (id, workspace_id, name, folded, stages, created_by, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, now()) ON CONFLICT (workspace_id, folded) DO UPDATE SET name = excluded.name, "
        "stages = excluded.stages, created_by = excluded.created_by, created_at = excluded.created_at",
        uuid7(),
        asking.workspace,
        name,
        folded,
        _json(stages),
        asking.id,
    )
    await append(
        FlowTemplateSaved(
            workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", name=name
        ),
        key=key,
    )


async def delete_template(asking: Asking, template: UUID, key: str | None) -> None:
    """Delete a kept flow. Raises NotFound."""
    asking.require("edit_jobs")
    name = await db.value(
        "DELETE FROM flow_template WHERE id = $1 AND workspace_id = $2 RETURNING name", template, asking.workspace
    )
    if name is None:
        raise NotFound
    await append(
        FlowTemplateDeleted(
            workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", name=name
        ),
        key=key,
    )
