"""The workspace's tags: called otherwise, coloured otherwise, merged, or taken away, from everybody who has them.

Whoever changes a tag holds its row alone: who puts it on somebody meanwhile waits, and sees what it is then. A tag that
was merged into another goes on under its id in addresses and views, and means the other there.
"""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, NotFound, Refusal
from server.core.events import append
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import person
from server.hiring.profiles import queries
from server.hiring.profiles.events import TagChanged, TagDropped, TagsMerged
from server.hiring.profiles.rules import check_tags
from server.hiring.views.base import View
from server.hiring.views.payloads import ApplicationChanged, JobChanged, ProfileChanged
from server.hiring.views.profiles import TagOverlap, TagRow
from server.hiring.workspaces.rules import COLOURS


class TagTaken(Refusal):
    """Another tag is called so."""

    code = "tag_taken"
    status = HTTPStatus.CONFLICT
    message = "Another tag has this name already. Choose a different one, or delete one of the two."


class NewTag(View, frozen=True, kw_only=True):
    """What a tag is to be called, and its colour (1 to 12); None: as it is."""

    name: str | None = None
    colour: int | None = None


class Merging(View, frozen=True, kw_only=True):
    """Which tag another one becomes part of."""

    into: UUID


async def rows(workspace: UUID) -> list[TagRow]:
    """All tags by name, each with how many people have it."""
    return await db.rows(
        lambda *c: TagRow(id=c[0], name=c[1], colour=c[2], people=c[3], once=list(c[4])),
        "SELECT t.id, t.name, t.colour, (SELECT count(*) FROM candidate_tag x WHERE x.tag_id = t.id), "  # noqa: S608
        f"{queries.ONCE} FROM tag t WHERE t.workspace_id = $1 ORDER BY t.folded, t.id",
        workspace,
    )


async def change(asking: Asking, tag: UUID, wanted: NewTag, key: str | None) -> None:
    """Call or colour a tag otherwise. Raises NotFound, TagTaken, Invalid."""
    asking.require("edit_people")
    known = await _lock(asking, tag)
    folded, name, colour = known["folded"], known["name"], known["colour"]
    if wanted.name is not None:
        ((folded, name),) = check_tags([wanted.name], "name").items()
    if wanted.colour is not None:
        if not 1 <= wanted.colour <= COLOURS:
            raise Invalid(fields={"colour": f"A colour is a number from 1 to {COLOURS}."})
        colour = wanted.colour
    if (name, colour) == (known["name"], known["colour"]):
        return
    if await db.value(
        "SELECT 1 FROM tag WHERE workspace_id = $1 AND folded = $2 AND id <> $3", asking.workspace, folded, tag
    ):
        raise TagTaken
    await db.execute("UPDATE tag SET name = $2, folded = $3, colour = $4 WHERE id = $1", tag, name, folded, colour)
    await append(
        TagChanged(workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", tag=tag),
        await _told(asking, await _tagged(tag)),
        key=key,
    )


async def overlap(asking: Asking, tag: UUID, into: UUID) -> TagOverlap:
    """How many people a merge would be about. Raises NotFound, Invalid."""
    await _both(asking, tag, into)
    found = await db.row(
        lambda *c: TagOverlap(people=c[0], into=c[1], both=c[2]),
        "SELECT count(*) FILTER (WHERE mine), count(*) FILTER (WHERE theirs), count(*) FILTER (WHERE mine AND theirs) "
        "FROM (SELECT bool_or(tag_id = $1) AS mine, bool_or(tag_id = $2) AS theirs FROM candidate_tag "
        "WHERE tag_id IN ($1, $2) GROUP BY candidate_id) x",
        tag,
        into,
    )
    if found is None:
        raise NotFound
    return found


async def merge(asking: Asking, tag: UUID, wanted: Merging, key: str | None) -> None:
    """Give whoever has a tag another one instead; from then on it means that one. Raises NotFound, Invalid."""
    asking.require("edit_people")
    await _lock_workspace(asking)
    both = await _both(asking, tag, wanted.into)
    for one in both:  # what is kept stays free to be put on somebody
        await db.execute(f"SELECT 1 FROM tag WHERE id = $1 FOR {'' if one == tag else 'NO KEY '}UPDATE", one)  # noqa: S608
    people = await _tagged(tag)
    got = await db.rows(
        lambda found: found,
        # Whoever takes the old tag off somebody meanwhile is waited for.
        "WITH had AS (DELETE FROM candidate_tag WHERE tag_id = $1 RETURNING workspace_id, candidate_id) "
        "INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id) "
        "SELECT gen_random_uuid(), workspace_id, candidate_id, $2 FROM had ON CONFLICT DO NOTHING "
        "RETURNING candidate_id",
        tag,
        wanted.into,
    )
    await _remember(asking.workspace, tag, wanted.into, both[tag], got)
    await append(
        TagsMerged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            tag=wanted.into,
            gone=tag,
            people=len(got),
        ),
        await _told(asking, people),
        key=key,
    )


async def _remember(workspace: UUID, tag: UUID, into: UUID, folded: str, got: Sequence[UUID]) -> None:
    """The tag is gone; its id and its name mean the other one from now on, and so do those that meant it."""
    await db.execute(
        "UPDATE merged_tag SET tag_id = $2, people = ARRAY(SELECT unnest(people) INTERSECT SELECT unnest($3::uuid[])) "
        "WHERE tag_id = $1",
        tag,
        into,
        got,
    )
    await db.execute("DELETE FROM tag WHERE id = $1", tag)
    await db.execute(  # what was called so before
        "UPDATE merged_tag SET folded = '' WHERE workspace_id = $1 AND folded = $2", workspace, folded
    )
    await db.execute(
        "INSERT INTO merged_tag (id, workspace_id, tag_id, folded, people) VALUES ($1, $2, $3, $4, $5)",
        tag,
        workspace,
        into,
        folded,
        got,
    )


async def drop(asking: Asking, tag: UUID, key: str | None) -> None:
    """Take a tag away from everybody. Raises NotFound."""
    asking.require("edit_people")
    await _lock(asking, tag)
    people = await _tagged(tag)
    await db.execute("DELETE FROM tag WHERE id = $1", tag)
    await append(
        TagDropped(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            tag=tag,
            people=len(people),
        ),
        await _told(asking, people),
        key=key,
    )


async def _lock(asking: Asking, tag: UUID) -> db.Record:
    """The tag, for us alone. Two who rename come one after the other: the workspace's names are looked at between."""
    await _lock_workspace(asking)
    found = await db.record("SELECT * FROM tag WHERE id = $1 AND workspace_id = $2 FOR UPDATE", tag, asking.workspace)
    if found is None:
        raise NotFound
    return found


async def _lock_workspace(asking: Asking) -> None:
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)


async def _both(asking: Asking, tag: UUID, into: UUID) -> dict[UUID, str]:
    """Two tags and their comparable names, in the order in which they are locked. Raises NotFound, Invalid."""
    if tag == into:
        raise Invalid(fields={"into": "Choose another tag to merge it into."})
    found = await db.rows(
        lambda *c: (c[0], c[1]),
        "SELECT id, folded FROM tag WHERE workspace_id = $1 AND id IN ($2, $3) ORDER BY folded",
        asking.workspace,
        tag,
        into,
    )
    if len(found) < len({tag, into}):
        raise NotFound
    return dict(found)


async def _tagged(tag: UUID) -> list[UUID]:
    return await db.rows(lambda found: found, "SELECT candidate_id FROM candidate_tag WHERE tag_id = $1", tag)


async def _told(asking: Asking, people: list[UUID]) -> list[live.Delivery]:
    """Every profile and every board with one of them fetches again; the pages of their applications get the card."""
    cards = await db.rows(
        applications.card_of,
        applications.CARD + "WHERE c.id = ANY($1) OR c.merged_into = ANY($1) ORDER BY a.id",
        people,
    )
    by = person(asking)
    workspace = live.workspace(asking.workspace)
    return [
        live.Delivery(workspace, ProfileChanged(candidate=None)),
        *(live.Delivery(live.job(job), JobChanged(job=job)) for job in sorted({card.job for card in cards})),
        *(live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=by)) for card in cards),
    ]
