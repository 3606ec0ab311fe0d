"""What can be read about flows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.core import db
from server.core.errors import NotFound
from server.hiring.flow.registry import GUARDS, action_offers, need_offers
from server.hiring.flow.shipped import SHIPPED
from server.hiring.views.flow import (
    DesignedStage,
    FlowTemplateView,
    FlowView,
    HiredIn,
    Need,
    StageAction,
    StageDraft,
)
from server.hiring.workspaces import queries as workspaces

LEAST_HIRED = 5  # below that, a median would be a story about single people

_STAGES = """
SELECT s.id, s.name, s.kind, s.colour, s.hint, s.days, s.needs, s.actions, s.people
FROM stage s WHERE s.job_id = $1 ORDER BY s.position
"""
_HIRED = """
SELECT count(*), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.moved_at - a.created_at)), 0)
FROM application a JOIN stage s ON s.id = a.stage_id
WHERE s.workspace_id = $1 AND s.kind = 'hired' AND a.moved_at IS NOT NULL
"""


def _designed(*c: Any) -> DesignedStage:
    return DesignedStage(
        id=c[0],
        name=c[1],
        kind=c[2],
        colour=c[3],
        hint=c[4],
        days=c[5],
        needs=msgspec.json.decode(c[6], type=list[Need]),
        actions=msgspec.json.decode(c[7], type=list[StageAction]),
        people=c[8],
    )


async def stages(job: UUID) -> list[DesignedStage]:
    """The stages of a job in order."""
    return await db.rows(_designed, _STAGES, job)


async def view(workspace: UUID, job: UUID) -> FlowView:
    """The flow in its editor. Raises NotFound."""
    version = await db.value("SELECT flow_version FROM job WHERE id = $1 AND workspace_id = $2", job, workspace)
    if version is None:
        raise NotFound
    return FlowView(
        job=job,
        version=version,
        stages=await stages(job),
        needs=need_offers(),
        actions=action_offers(),
        members=await workspaces.present(workspace),
        hired_in=await _hired_in(workspace),
    )


async def _hired_in(workspace: UUID) -> HiredIn | None:
    people, seconds = (await db.rows(lambda *c: c, _HIRED, workspace))[0]
    return HiredIn(people=people, days=max(1, round(seconds / 86400))) if people >= LEAST_HIRED else None


async def templates(workspace: UUID) -> list[FlowTemplateView]:
    """Flows to begin from: the shipped ones, then the workspace's own by name."""
    own = await db.rows(
        lambda *c: FlowTemplateView(
            id=c[0], name=c[1], about="", stages=msgspec.json.decode(c[2], type=list[StageDraft])
        ),
        "SELECT id, name, stages FROM flow_template WHERE workspace_id = $1 ORDER BY folded, id",
        workspace,
    )
    return [*SHIPPED, *own]


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """What awaits who goes into a stage. `acts`: it, or the one that is left, does something by itself then."""

    kind: str
    needs: list[Need]
    acts: bool


async def entrance(job: UUID, stage: UUID, left: UUID) -> Entrance | None:
    """The way from one stage into another; None when it is no stage of this job."""
    return await db.row(
        lambda *c: Entrance(kind=c[0], needs=msgspec.json.decode(c[1], type=list[Need]), acts=c[2]),
        "SELECT s.kind, s.needs, s.actions <> '[]' OR l.actions <> '[]' FROM stage s, stage l "
        "WHERE s.id = $1 AND s.job_id = $2 AND l.id = $3",
        stage,
        job,
        left,
    )


async def lacking(needs: Sequence[Need], applications: Sequence[UUID], mover: UUID | None) -> dict[UUID, str]:
    """Those of the applications that do not fulfil all of it, each with what it lacks first, in words for `mover`."""
    found: dict[UUID, str] = {}
    for need in needs:
        if guard := GUARDS.get(need.kind):
            found = {**await guard.missing(applications, need, mover), **found}
    return found
