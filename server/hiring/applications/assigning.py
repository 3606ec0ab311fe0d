"""Who of the team has to do with an application: its owner and its reviewers, set by hand or by a stage.

Each change says one thing about one member, so that two people who assign at once both get what they meant. Everybody
on the team of a workspace sees who is assigned; recruiters and up assign.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from server.core import db
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import append, on
from server.core.ids import uuid7
from server.hiring.applications import queries
from server.hiring.applications.actions import card_changed, person, touch
from server.hiring.applications.events import Assigned
from server.hiring.applications.filters import Condition, register
from server.hiring.applications.following import follow_by_itself
from server.hiring.applications.promising import desk_changed
from server.hiring.flow.registry import Action, Arrival, Guard
from server.hiring.views.applications import Card
from server.hiring.views.base import View
from server.hiring.views.flow import Need, StageAction
from server.hiring.views.people import Person
from server.hiring.workspaces.events import MemberRemoved

MOST_REVIEWERS = 20
Part = Literal["owner", "reviewer", ""]


class Assigning(View, frozen=True, kw_only=True):
    """What a member is to an application from now on: its owner, a reviewer, or nothing."""

    member: UUID
    part: Part


async def assign(asking: Asking, application: UUID, wanted: Assigning, key: str | None) -> Card:
    """Make a member owner, reviewer or neither. An owner takes the place of the one before."""
    asking.require("assign")
    await queries.in_workspace(asking.workspace, application)
    await check_member(asking.workspace, wanted)
    return await set_part(asking.workspace, application, asking.actor, person(asking), wanted, key)


async def check_member(workspace: UUID, wanted: Assigning) -> None:
    """Raise Invalid when somebody is to look after candidates who is not there (any more)."""
    if wanted.part and not await db.value(
        "SELECT 1 FROM member WHERE id = $1 AND workspace_id = $2 AND removed_at IS NULL",
        wanted.member,
        workspace,
    ):
        raise Invalid(fields={"member": "This person is not a member of the workspace any more."})


async def set_part(
    workspace: UUID, application: UUID, actor: str, by: Person | None, wanted: Assigning, key: str | None = None
) -> Card:
    """Write an assignment and what repeats it. Part of the caller's transaction; changes nothing that is so already."""
    await db.execute("SELECT 1 FROM application WHERE id = $1 FOR NO KEY UPDATE", application)
    now = dict(
        await db.rows(lambda *c: c, "SELECT member_id, part FROM assignment WHERE application_id = $1", application)
    )
    if now.get(wanted.member, "") == wanted.part:
        return await queries.card(application)
    if wanted.part == "reviewer" and list(now.values()).count("reviewer") >= MOST_REVIEWERS:
        raise Invalid(fields={"member": f"At most {MOST_REVIEWERS} reviewers."})
    await note_stepping_off([application], wanted, actor)
    await db.execute(
        "DELETE FROM assignment WHERE application_id = $1 AND (member_id = $2 OR (part = 'owner' AND $3 = 'owner'))",
        application,
        wanted.member,
        wanted.part,
    )
    if wanted.part:
        await db.execute(
            "INSERT INTO assignment (id, workspace_id, application_id, member_id, part, at) "
            "VALUES ($1, $2, $3, $4, $5, now())",
            uuid7(),
            workspace,
            application,
            wanted.member,
            wanted.part,
        )
    card = await _repeat(application)
    told = await follow_by_itself(workspace, application, [wanted.member] if wanted.part else [])
    await append(
        Assigned(
            workspace=workspace,
            actor=actor,
            subject=f"application:{application}",
            application=application,
            member=wanted.member,
            part=wanted.part,
            was=now.get(wanted.member, ""),
            owner=next((member for member, part in now.items() if part == "owner"), None),
        ),
        [*card_changed(card, "changed", by, key), *told, desk_changed(workspace, application)],
        key=key,
    )
    return card


async def note_stepping_off(applications: Sequence[UUID], wanted: Assigning, actor: str) -> None:
    """Note who takes themselves off the reviewers, or forget it because a colleague decides about them.

    Before the rows change. Without it a reviewer could leave, read what others think, and come back to say the same.
    """
    themselves = actor == f"member:{wanted.member}"
    if themselves and wanted.part == "reviewer":
        return
    await db.execute(
        "UPDATE application SET stepped_off = CASE WHEN $3 THEN stepped_off || $2::uuid "
        "ELSE array_remove(stepped_off, $2) END WHERE id = ANY($1) AND CASE WHEN $3 "
        "THEN $2 = ANY(reviewers) AND $2 <> ALL(stepped_off) ELSE $2 = ANY(stepped_off) END",
        list(applications),
        wanted.member,
        themselves,
    )


async def _repeat(application: UUID) -> Card:
    """The rows of `assignment` on the card."""
    rows: list[tuple[UUID, str]] = await db.rows(
        lambda *c: (c[0], c[1]),
        "SELECT member_id, part FROM assignment WHERE application_id = $1 ORDER BY id",
        application,
    )
    owner = next((member for member, part in rows if part == "owner"), None)
    return await touch(application, owner_id=owner, reviewers=[member for member, part in rows if part == "reviewer"])


@on(MemberRemoved, "unassign_removed")
async def unassign_removed(_event: UUID, event: MemberRemoved) -> None:
    """Who has left the workspace is on nobody's team any more. One card at a time: nobody waits for all of them."""
    if event.workspace is None:
        return
    for application in await db.rows(
        lambda found: found, "SELECT application_id FROM assignment WHERE member_id = $1 ORDER BY id", event.member
    ):
        async with db.transaction():
            await set_part(event.workspace, application, event.actor, None, Assigning(member=event.member, part=""))


@register("team")
def _team(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Owned or reviewed by one of these members."""
    try:
        return [Condition("{}::uuid[] && (a.owner_id || a.reviewers)", [UUID(word) for word in given[:100]])]
    except ValueError:
        raise Invalid(fields={"team": "There is no such member."}) from None


# What stages do and ask for


async def owner_missing(applications: Sequence[UUID], _need: Need, _mover: UUID | None) -> dict[UUID, str]:
    """Applications that nobody owns."""
    found: list[UUID] = await db.rows(
        lambda c: c, "SELECT id FROM application WHERE id = ANY($1) AND owner_id IS NULL", list(applications)
    )
    return dict.fromkeys(found, "it has no owner")


def check_people(action: StageAction, where: str) -> None:
    """Raise Invalid unless somebody is named, and as many as are wanted."""
    if not 1 <= len(set(action.people)) <= 50:
        raise Invalid(fields={f"{where}.people": "Choose at least one person."})
    if not 1 <= action.count <= len(set(action.people)):
        raise Invalid(fields={f"{where}.count": "Choose at least as many people as are assigned."})


async def assign_reviewers(arrival: Arrival, action: StageAction) -> None:
    """The next of the chosen people in turn become reviewers; whoever is on the team already counts."""
    await _assign_in_turn(arrival, action, "reviewer", action.count)


async def assign_owner(arrival: Arrival, action: StageAction) -> None:
    """The next of the chosen people in turn becomes the owner, unless there is one."""
    if not await db.value("SELECT owner_id FROM application WHERE id = $1", arrival.application):
        await _assign_in_turn(arrival, action, "owner", 1)


async def _assign_in_turn(arrival: Arrival, action: StageAction, part: Part, count: int) -> None:
    """Whoever has the fewest of the job's applications is next; of those with as many, whoever waited longest.

    Who has nothing to do with this application yet comes first; its owner is not made a reviewer.
    """
    turn: list[tuple[UUID, str | None]] = await db.rows(
        lambda *c: (c[0], c[1]),
        "SELECT m.id, max(s.part) FILTER (WHERE s.application_id = $2) AS here FROM member m LEFT JOIN assignment s "
        "ON s.member_id = m.id AND s.application_id IN "
        "(SELECT id FROM application WHERE job_id = (SELECT job_id FROM application WHERE id = $2)) "
        "WHERE m.workspace_id = $1 AND m.id = ANY($3) AND m.removed_at IS NULL GROUP BY m.id "
        "ORDER BY here NULLS FIRST, count(s.id) FILTER (WHERE s.part = $4), "
        "max(s.at) FILTER (WHERE s.part = $4) NULLS FIRST, array_position($3, m.id)",
        arrival.workspace,
        arrival.application,
        action.people,
        part,
    )
    missing = count - sum(here == part for _, here in turn)
    free = [member for member, here in turn if here is None or (part == "owner" and here != part)]
    for member in free[: max(0, missing)]:
        wanted = Assigning(member=member, part=part)
        await set_part(arrival.workspace, arrival.application, arrival.actor, None, wanted)


OWNER = Guard(kind="owner", one="An owner", missing=owner_missing)
REVIEWERS = Action(
    kind="assign", label="Assign reviewers in turn", uses=("people", "count", "after"), check=check_people,
    run=assign_reviewers,
)  # fmt: skip
OWNING = Action(
    kind="own", label="Make somebody the owner, in turn", uses=("people", "after"), check=check_people,
    run=assign_owner,
)  # fmt: skip
