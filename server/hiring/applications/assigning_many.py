"""One member and many applications of a job: made owner or reviewer of all, or taken off, and that taken back.

What was done to one application is taken back as if it had been done to many.
"""

from collections.abc import Sequence
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import bulk, queries
from server.hiring.applications.actions import person
from server.hiring.applications.assigning import MOST_REVIEWERS, Assigning, check_member, note_stepping_off
from server.hiring.applications.assigning import Part as PartName
from server.hiring.applications.events import Assigned, AssignedTogether, Part
from server.hiring.applications.following import follow_many_by_itself
from server.hiring.applications.promising import desk_changed
from server.hiring.views.applications import Card, Together

# Who was the last to change who looks after an application, after an event.
_SINCE = """
SELECT e.payload ->> 'part', whom.name, by.name, e.payload ->> 'undoes' FROM event e
LEFT JOIN member by ON e.actor = 'member:' || by.id LEFT JOIN member whom ON whom.id = (e.payload ->> 'member')::uuid
WHERE e.id > $1 AND (e.subject = 'application:' || $2::text AND e.kind = 'assigned'
    OR e.subject = 'job:' || $3::text AND e.kind = 'assigned_together'
    AND e.payload -> 'steps' @> jsonb_build_array(jsonb_build_object('application', $2::text)))
ORDER BY e.id DESC LIMIT 1
"""
# Of which applications of a job anybody but an actor has said what a member is, after an event.
_DECIDED = """
SELECT one FROM unnest($2::uuid[]) AS one WHERE EXISTS (
    SELECT 1 FROM event e WHERE e.job_id = $3 AND e.id > $1 AND e.payload ->> 'member' = $4 AND e.actor <> $5
    AND (e.kind = 'assigned' AND e.payload ->> 'application' = one::text
        OR e.kind = 'assigned_together'
        AND e.payload -> 'steps' @> jsonb_build_array(jsonb_build_object('application', one::text))))
"""


class AssigningMany(Assigning, frozen=True, kw_only=True):
    """What a member is to these applications from now on."""

    cards: list[UUID]


async def assign_many(asking: Asking, job: UUID, wanted: AssigningMany, key: str | None) -> Together:
    """Make a member owner or reviewer of many applications, or neither; where that is so already nothing changes."""
    asking.require("assign")
    await check_member(asking.workspace, wanted)
    chosen = await bulk.choose(asking, job, wanted.cards)
    steps = [step for step in await as_it_is(_each(chosen, wanted.member)) if step.was != wanted.part]
    if not steps:
        return Together(event=None, cards=[])
    changed = [step.application for step in steps]
    await note_stepping_off(changed, wanted, asking.actor)
    await _write(asking.workspace, changed, wanted.member, wanted.part)
    follows = await follow_many_by_itself(asking.workspace, changed, wanted.member) if wanted.part else []
    return await _told(asking, job, wanted, steps, follows, key)


def _each(applications: Sequence[UUID], member: UUID) -> list[tuple[UUID, UUID]]:
    return [(one, member) for one in applications]


async def as_it_is(pairs: Sequence[tuple[UUID, UUID]]) -> list[Part]:
    """What members are to applications now, and who owns these, in the order of the pairs."""
    return await db.rows(
        lambda *c: Part(application=c[0], was=c[1], owner=c[2]),
        "SELECT w.application, coalesce(s.part, ''), a.owner_id "
        "FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS w (application, member, place) "
        "LEFT JOIN application a ON a.id = w.application "
        "LEFT JOIN assignment s ON s.application_id = a.id AND s.member_id = w.member ORDER BY w.place",
        [application for application, _ in pairs],
        [member for _, member in pairs],
    )


def together(job: UUID, one: Assigned) -> AssignedTogether | None:
    """What was done to one application, as if it had been done to many; None when it did not say what was before."""
    if one.was is None:
        return None
    return AssignedTogether(
        workspace=one.workspace,
        actor=one.actor,
        subject=f"job:{job}",
        job=job,
        member=one.member,
        part=one.part,
        steps=[Part(application=one.application, was=one.was, owner=one.owner)],
    )


def stands_still(part: str, before: Part, now: Part) -> bool:
    """Whether it is still as an assignment made it: nobody gave the member another part, or an owner in their place."""
    return now.was == part and (part == "owner" or before.was != "owner" or now.owner is None)


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
    now = {step.application: step for step in await as_it_is(_each(chosen, done.member))}
    still = [one for one in chosen if stands_still(done.part, known[one], now[one])]
    steps = [now[one] for one in still]
    for part in ("owner", "reviewer", ""):
        if group := [one for one in still if known[one].was == part]:
            # Whoever takes back what they did themselves is what they were, unless a colleague has decided since.
            own = done.actor == asking.actor
            noted = await _decided_since(event, asking.actor, done, group) if own else group
            await note_stepping_off(noted, Assigning(member=done.member, part=part), asking.actor)
            await _write(asking.workspace, group, done.member, part)
    owners = {known[one].owner for one in still if done.part == "owner"} - {None, done.member}
    present = await db.rows(
        lambda c: c,
        "SELECT id FROM member WHERE id = ANY($1) AND removed_at IS NULL AND workspace_id = $2 ORDER BY id",
        list(owners),
        asking.workspace,
    )
    for owner in present:
        group = [one for one in still if known[one].owner == owner]
        await note_stepping_off(group, Assigning(member=owner, part="owner"), asking.actor)
        await _write(asking.workspace, group, owner, "owner")
    if not steps:
        return Together(event=None, cards=[]), set(known)
    wanted = Assigning(member=done.member, part="")
    return await _told(asking, done.job, wanted, steps, [], key, event), set(known) - set(still)


async def _decided_since(event: UUID, actor: str, done: AssignedTogether, applications: Sequence[UUID]) -> list[UUID]:
    """Those of which anybody else has said since an event what its member is."""
    return await db.rows(lambda found: found, _DECIDED, event, list(applications), done.job, str(done.member), actor)


async def who_assigned(card: Card, since: UUID) -> str:
    """In a sentence, who last changed who looks after somebody, after an event."""
    found = await db.row(lambda *c: c, _SINCE, since, str(card.id), str(card.job))
    if found is None:
        return f"Somebody changed who looks after {card.name} since; that stays."
    part, whom, by = found[0], found[1] or "somebody", found[2] or "Somebody"
    if found[3]:
        return f"{by} took back who looks after {card.name} since; that stays."
    if not part:
        return f"{by} took {whom} off {card.name} since; that stays."
    return f"{by} made {whom} {'the owner' if part == 'owner' else 'a reviewer'} of {card.name} since; that stays."
