"""One tag and many people of a job: put on all of them, or taken off, and that taken back."""

from collections.abc import Sequence
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import bulk
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import person
from server.hiring.applications.promising import desk_changed
from server.hiring.profiles.actions import meant_by, words
from server.hiring.profiles.events import CandidatesTagged
from server.hiring.profiles.rules import MOST_TAGS, check_tags
from server.hiring.views.applications import Together
from server.hiring.views.base import View
from server.hiring.views.payloads import ProfileChanged

_PEOPLE = (
    "SELECT DISTINCT coalesce(c.merged_into, c.id) FROM application a JOIN candidate c ON c.id = a.candidate_id "
    "WHERE a.id = ANY($1) ORDER BY 1"
)
_PUT = (
    "INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id) SELECT p.id, $1, p.candidate, $2 "
    "FROM unnest($3::uuid[], $4::uuid[]) AS p (id, candidate) ON CONFLICT DO NOTHING RETURNING candidate_id"
)
_NOW = (
    "SELECT id FROM tag WHERE id = $1 AND workspace_id = $2 "
    "UNION ALL SELECT tag_id FROM merged_tag WHERE id = $1 AND workspace_id = $2"
)
_TAKE = "DELETE FROM candidate_tag WHERE candidate_id = ANY($2) AND tag_id = $1 RETURNING candidate_id"


class TaggingMany(View, frozen=True, kw_only=True):
    """Whether these candidates have a tag from now on, by its name; a new word joins the vocabulary."""

    cards: list[UUID]
    tag: str
    put: bool


async def tag_many(asking: Asking, job: UUID, wanted: TaggingMany, key: str | None) -> Together:
    """Put a tag on many people, or take it off; where that is so already nothing changes. Raises Invalid, NotFound."""
    asking.require("edit_people")
    names = check_tags([wanted.tag])
    chosen = await bulk.choose(asking, job, wanted.cards, lock=False)
    people: list[UUID] = await db.rows(lambda c: c, _PEOPLE, chosen)
    tag = await meant_by(asking.workspace, *names) if not wanted.put else (await words(asking.workspace, names)).pop()
    if tag is None:
        return Together(event=None, cards=[])
    return await _write(asking, job, people, tag, put=wanted.put, key=key)


async def take_back(asking: Asking, event: UUID, done: CandidatesTagged, key: str | None) -> Together:
    """The other way round, on those whom it changed. Part of the transaction that holds the job's row.

    Of a tag that was merged since, the one it became part of: whoever had that one before keeps it.
    """
    asking.require("edit_people")
    tag = await db.value(_NOW, done.tag, asking.workspace)
    if tag is None:
        return Together(event=None, cards=[])
    people = await db.rows(
        lambda c: c,
        "SELECT id FROM candidate WHERE id = ANY($1) AND merged_into IS NULL "
        "AND ($2 OR NOT EXISTS (SELECT 1 FROM merged_tag m WHERE m.id = $3 AND candidate.id <> ALL (m.people))) "
        "ORDER BY id",
        done.candidates,
        not done.put,
        done.tag,
    )
    return await _write(asking, done.job, people, tag, put=not done.put, key=key, undoes=event)


async def _write(
    asking: Asking,
    job: UUID,
    people: Sequence[UUID],
    tag: UUID,
    *,
    put: bool,
    key: str | None,
    undoes: UUID | None = None,
) -> Together:
    await db.execute("SELECT 1 FROM candidate WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", list(people))
    if put:
        changed = await db.rows(lambda c: c, _PUT, asking.workspace, tag, [uuid7() for _ in people], list(people))
        await _check_room(changed)
    else:
        changed = await db.rows(lambda c: c, _TAKE, tag, list(people))
    if not changed:
        return Together(event=None, cards=[])
    await db.execute(
        "UPDATE application SET version = version + 1 WHERE id IN (SELECT a.id FROM application a "
        "JOIN candidate c ON c.id = a.candidate_id WHERE c.id = ANY($1) OR c.merged_into = ANY($1) "
        "ORDER BY a.id FOR NO KEY UPDATE OF a)",
        changed,
    )
    cards = await db.rows(
        applications.card_of,
        applications.CARD + "WHERE c.id = ANY($1) OR c.merged_into = ANY($1) ORDER BY a.id",
        changed,
    )
    event = await append(
        CandidatesTagged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"job:{job}",
            job=job,
            tag=tag,
            put=put,
            candidates=sorted(changed),
            undoes=undoes,
        ),
        [
            *bulk.told(cards, "tagged", person(asking), key),
            *(live.Delivery(live.profile(one), ProfileChanged(candidate=one)) for one in changed),
            desk_changed(asking.workspace),
        ],
        key=key,
    )
    return Together(event=event, cards=[card for card in cards if card.job == job])


async def _check_room(people: Sequence[UUID]) -> None:
    full = await db.value(
        "SELECT c.name FROM candidate_tag x JOIN candidate c ON c.id = x.candidate_id "
        "WHERE x.candidate_id = ANY($1) GROUP BY c.id HAVING count(*) > $2 LIMIT 1",
        list(people),
        MOST_TAGS,
    )
    if full is not None:
        raise Invalid(fields={"tag": f"{full} has {MOST_TAGS} tags already; nobody has more."})
