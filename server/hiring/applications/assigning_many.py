"""One member and many applications of a job: made owner or reviewer of all, or taken off, and that taken back."""

from collections.abc import Sequence
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import bulk, queries
from server.hiring.applications.actions import person
from server.hiring.applications.assigning import MOST_REVIEWERS, Assigning, check_member
from server.hiring.applications.assigning import Part as PartName
from server.hiring.applications.events import AssignedTogether, Part
from server.hiring.applications.following import follow_many_by_itself
from server.hiring.applications.promising import desk_changed
from server.hiring.views.applications import Card, Together


class AssigningMany(Assigning, frozen=True, kw_only=True):
    """What a member is to these applications from now on."""

    cards: list[UUID]


async def assign_many(asking: Asking, job: UUID, wanted: AssigningMany, key: str | None) -> Together:
    """Make a member owner or reviewer of many applications, or neither; where that is so already nothing changes."""
    asking.require("assign")
    await check_member(asking.workspace, wanted)
    chosen = await bulk.choose(asking, job, wanted.cards)
    steps = [step for step in await _as_it_is(chosen, wanted.member) if step.was != wanted.part]
    if not steps:
        return Together(event=None, cards=[])
    changed = [step.application for step in steps]
    await _write(asking.workspace, changed, wanted.member, wanted.part)
    follows = await follow_many_by_itself(asking.workspace, changed, wanted.member) if wanted.part else []
    return await _told(asking, job, wanted, steps, follows, key)


async def _as_it_is(applications: Sequence[UUID], member: UUID) -> list[Part]:
    return await db.rows(
        lambda *c: Part(application=c[0], was=c[1], owner=c[2]),
        "SELECT a.id, coalesce(s.part, ''), a.owner_id FROM application a "
        "LEFT JOIN assignment s ON s.application_id = a.id AND s.member_id = $2 WHERE a.id = ANY($1) ORDER BY a.id",
        list(applications),
        member,
    )


async def _write(workspace: UUID, applications: Sequence[UUID], member: UUID, part: PartName) -> None:
    """The rows, and what repeats them on the cards. Raises Invalid when one of them has too many reviewers then."""
    await db.execute(
        "DELETE FROM assignment WHERE application_id = ANY($1) "
        "AND (member_id = $2 OR (part = 'owner' AND $3 = 'owner'))",
        list(applications),
        member,
        part,
    )
    if part:
        await db.execute(
            "INSERT INTO assignment (id, workspace_id, application_id, member_id, part, at) "
            "SELECT one.id, $1, one.card, $4, $5, now() FROM unnest($2::uuid[], $3::uuid[]) AS one (id, card)",
            workspace,
            [uuid7() for _ in applications],
            list(applications),
            member,
            part,
        )
    most = await db.value(
        "WITH s AS (SELECT one.id, "
        "(SELECT member_id FROM assignment WHERE application_id = one.id AND part = 'owner') AS owner, "
        "ARRAY(SELECT member_id FROM assignment WHERE application_id = one.id AND part = 'reviewer' ORDER BY id) "
        "AS reviewers FROM unnest($1::uuid[]) AS one (id)), done AS (UPDATE application a SET owner_id = s.owner, "
        "reviewers = s.reviewers, version = version + 1, changed_at = now() FROM s WHERE a.id = s.id "
        "RETURNING a.reviewers) SELECT max(cardinality(reviewers)) FROM done",
        list(applications),
    )
    if (most or 0) > MOST_REVIEWERS:
        raise Invalid(fields={"member": f"At most {MOST_REVIEWERS} reviewers; one of these candidates has as many."})


async def _told(
    asking: Asking,
    job: UUID,
    wanted: Assigning,
    steps: list[Part],
    follows: list[live.Delivery],
    key: str | None,
    undoes: UUID | None = None,
) -> Together:
    found = await queries.cards([step.application for step in steps])
    cards: list[Card] = [found[step.application] for step in steps]
    event = await append(
        AssignedTogether(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"job:{job}",
            job=job,
            member=wanted.member,
            part=wanted.part,
            steps=steps,
            undoes=undoes,
        ),
        [*bulk.told(cards, "assigned", person(asking), key), *follows, desk_changed(asking.workspace)],
        key=key,
    )
    return Together(event=event, cards=cards)


async def take_back(asking: Asking, event: UUID, done: AssignedTogether, key: str | None) -> tuple[Together, set[UUID]]:
    """Give back what everybody was before, and the applications where somebody changed that since: these stay.

    Part of the transaction that holds the job's row. An owner of before who has left is not put back.
    """
    asking.require("assign")
    if not done.part:
        await check_member(asking.workspace, Assigning(member=done.member, part="reviewer"))
    known = {step.application: step for step in done.steps}
    chosen: list[UUID] = await db.rows(
        lambda c: c, "SELECT id FROM application WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", list(known)
    )
    now = {step.application: step for step in await _as_it_is(chosen, done.member)}
    still = [one for one in chosen if now[one].was == done.part]
    steps = [now[one] for one in still]
    for part in ("owner", "reviewer", ""):
        if group := [one for one in still if known[one].was == part]:
            await _write(asking.workspace, group, done.member, part)
    owners = {known[one].owner for one in still if done.part == "owner"} - {None, done.member}
    present = await db.rows(
        lambda c: c,
        "SELECT id FROM member WHERE id = ANY($1) AND removed_at IS NULL AND workspace_id = $2 ORDER BY id",
        list(owners),
        asking.workspace,
    )
    for owner in present:
        await _write(asking.workspace, [one for one in still if known[one].owner == owner], owner, "owner")
    if not steps:
        return Together(event=None, cards=[]), set(known)
    wanted = Assigning(member=done.member, part="")
    return await _told(asking, done.job, wanted, steps, [], key, event), set(known) - set(still)
