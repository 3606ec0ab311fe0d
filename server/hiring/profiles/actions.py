"""What the team does to a profile. Every action locks the person first, then their cards; the page is told to fetch."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import card_changed, person
from server.hiring.candidates.rules import plain
from server.hiring.profiles.events import CandidateTagged, FieldDropped, FieldFilled, FieldMade, ProfileEdited
from server.hiring.profiles.rules import (
    MOST_CHOICES,
    MOST_FIELDS,
    MOST_WORDS,
    check_links,
    check_tags,
    check_value,
    check_word,
    colour_of_tag,
    short,
)
from server.hiring.profiles.tables import CustomField
from server.hiring.views.base import View
from server.hiring.views.payloads import DeskChanged, OwnPlaceChanged, ProfileChanged
from server.hiring.views.profiles import FieldKind
from server.hiring.workspaces.rules import check_name


class PartOfAnother(Refusal):
    """The profile was merged into another one."""

    code = "part_of_another"
    status = HTTPStatus.CONFLICT
    message = "This profile was merged into another one. Reload the page to see it."


def _id(found: UUID) -> UUID:
    return found


class Particulars(View, frozen=True, kw_only=True):
    """What is to be another, as seen at `version`; None: as it is."""

    version: int
    name: str | None = None
    phone: str | None = None
    location: str | None = None
    headline: str | None = None
    links: list[str] | None = None


class Tags(View, frozen=True, kw_only=True):
    """All tags that a person shall have, by name; new ones join the vocabulary."""

    tags: list[str]


class Value(View, frozen=True, kw_only=True):
    """What a field says; empty: nothing."""

    value: str


class NewField(View, frozen=True, kw_only=True):
    """A field for everybody in the workspace."""

    name: str
    kind: FieldKind
    choices: list[str] | None = None


async def lock(workspace: UUID, candidate: UUID) -> db.Record:
    """The person, locked; whoever changes a profile begins so. Raises NotFound, PartOfAnother."""
    found = await db.record(
        "SELECT * FROM candidate WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", candidate, workspace
    )
    if found is None:
        raise NotFound
    if found["merged_into"] is not None:
        raise PartOfAnother
    return found


async def told(asking: Asking, candidate: UUID, *, cards: bool = False) -> list[live.Delivery]:
    """The profile's pages fetch again; with `cards`, every card of the person is another as well."""
    deliveries = [live.Delivery(live.profile(candidate), ProfileChanged(candidate=candidate))]
    if cards:
        people = await db.rows(
            lambda found: found, "SELECT id FROM candidate WHERE id = $1 OR merged_into = $1", candidate
        )
        await db.execute("UPDATE application SET version = version + 1 WHERE candidate_id = ANY($1)", people)
        for card in await db.rows(
            applications.card_of, applications.CARD + "WHERE a.candidate_id = ANY($1) ORDER BY a.id", people
        ):
            deliveries += card_changed(card, "changed", person(asking))
            deliveries.append(live.Delivery(live.candidate(card.id), OwnPlaceChanged(application=card.id)))
        deliveries.append(live.Delivery(live.workspace(asking.workspace), DeskChanged(application=None)))
    return deliveries


async def edit(asking: Asking, candidate: UUID, wanted: Particulars, key: str | None) -> None:
    """Change contact and other particulars. Raises Conflict when somebody else did since."""
    asking.require("edit_people")
    known = await lock(asking.workspace, candidate)
    if known["version"] != wanted.version:
        raise Conflict
    fresh: dict[str, object] = {
        field: short(field, text)
        for field in ("phone", "location", "headline")
        if (text := getattr(wanted, field)) is not None
    }
    if wanted.name is not None:
        fresh["name"] = check_name(wanted.name)
    if wanted.links is not None:
        fresh["links"] = check_links(wanted.links)
    what = [field for field, value in fresh.items() if value != known[field]]
    if not what:
        return
    merged = {field: fresh.get(field, known[field]) for field in ("name", "phone", "location", "headline", "links")}
    await db.execute(
        "UPDATE candidate SET name = $2, plain = $3, phone = $4, location = $5, headline = $6, links = $7, "
        "version = version + 1 WHERE id = $1",
        candidate,
        merged["name"],
        plain(str(merged["name"])),
        merged["phone"],
        merged["location"],
        merged["headline"],
        merged["links"],
    )
    await append(
        ProfileEdited(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            what=sorted(what),
        ),
        await told(asking, candidate, cards=True),
        key=key,
    )


async def tag(asking: Asking, candidate: UUID, wanted: Tags, key: str | None) -> None:
    """Give a person exactly these tags; words that are new join the vocabulary."""
    asking.require("edit_people")
    await lock(asking.workspace, candidate)
    names = check_tags(wanted.tags)
    ids = await words(asking.workspace, names)
    before = set(await db.rows(_id, "SELECT tag_id FROM candidate_tag WHERE candidate_id = $1", candidate))
    put, taken = sorted(ids - before), sorted(before - ids)
    if not put and not taken:
        return
    await db.execute("DELETE FROM candidate_tag WHERE candidate_id = $1 AND tag_id = ANY($2)", candidate, taken)
    await db.execute(
        "INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id) SELECT g.id, $1, $2, g.tag "
        "FROM unnest($3::uuid[], $4::uuid[]) AS g (id, tag) ON CONFLICT DO NOTHING",
        asking.workspace,
        candidate,
        [uuid7() for _ in put],
        put,
    )
    await append(
        CandidateTagged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            put=put,
            taken=taken,
        ),
        await told(asking, candidate, cards=True),
        key=key,
    )


async def words(workspace: UUID, names: dict[str, str]) -> set[UUID]:
    """The ids of tags, in the order of their folded names; made where they are new. Raises Invalid when too many."""
    folded = sorted(names)
    await make_tags(workspace, names)
    if await db.value("SELECT count(*) FROM tag WHERE workspace_id = $1", workspace) > MOST_WORDS:
        raise Invalid(fields={"tags": f"A workspace has at most {MOST_WORDS} different tags. Use one that is there."})
    found = await db.rows(_id, "SELECT id FROM tag WHERE workspace_id = $1 AND folded = ANY($2)", workspace, folded)
    return set(found)


async def make_tags(workspace: UUID, names: Mapping[str, str]) -> None:
    """Make those tags that are not there yet, by their comparable form, in the one order in which everybody does."""
    folded = sorted(names)
    await db.execute(
        "INSERT INTO tag (id, workspace_id, name, folded, colour) SELECT g.id, $1, g.name, g.folded, g.colour "
        "FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[]) AS g (id, name, folded, colour) "
        "ON CONFLICT (workspace_id, folded) DO NOTHING",
        workspace,
        [uuid7() for _ in folded],
        [names[one] for one in folded],
        folded,
        [colour_of_tag(one) for one in folded],
    )


async def fill(asking: Asking, candidate: UUID, field: UUID, wanted: Value, key: str | None) -> None:
    """Write down what a field says about a person."""
    asking.require("edit_people")
    await lock(asking.workspace, candidate)
    known = await db.record(
        "SELECT kind, choices FROM custom_field WHERE id = $1 AND workspace_id = $2", field, asking.workspace
    )
    if known is None:
        raise NotFound
    value = check_value(known["kind"], known["choices"], wanted.value)
    was = await db.value("SELECT value FROM field_value WHERE candidate_id = $1 AND field_id = $2", candidate, field)
    if value == (was or ""):
        return
    if value:
        await db.execute(
            "INSERT INTO field_value (id, workspace_id, candidate_id, field_id, value) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (candidate_id, field_id) DO UPDATE SET value = excluded.value",
            uuid7(),
            asking.workspace,
            candidate,
            field,
            value,
        )
    else:
        await db.execute("DELETE FROM field_value WHERE candidate_id = $1 AND field_id = $2", candidate, field)
    await append(
        FieldFilled(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            field=field,
        ),
        await told(asking, candidate, cards=True),
        key=key,
    )


async def make_field(asking: Asking, wanted: NewField, key: str | None) -> UUID:
    """Make a field for all profiles of the workspace."""
    asking.require("edit_people")
    name = check_word(wanted.name, "name", 60)
    choices = list(
        dict.fromkeys(check_word(choice, "choices", 100) for choice in (wanted.choices or [])[:MOST_CHOICES])
    )
    if wanted.kind == "choice" and not choices:
        raise Invalid(fields={"choices": "Say what there is to choose from."})
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)
    count = await db.value("SELECT count(*) FROM custom_field WHERE workspace_id = $1", asking.workspace)
    if count >= MOST_FIELDS:
        raise Invalid(fields={"name": f"A workspace has at most {MOST_FIELDS} fields of its own."})
    field = CustomField(
        workspace_id=asking.workspace,
        name=name,
        kind=wanted.kind,
        choices=choices if wanted.kind == "choice" else [],
        position=count + 1,
    )
    await field.save()
    await append(
        FieldMade(
            workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", field=field.id
        ),
        [live.Delivery(live.workspace(asking.workspace), ProfileChanged(candidate=None))],
        key=key,
    )
    made: UUID = field.id
    return made


async def drop_field(asking: Asking, field: UUID, key: str | None) -> None:
    """Take a field away, with everything that it said about anybody."""
    asking.require("edit_people")
    gone = await db.value(
        "DELETE FROM custom_field WHERE id = $1 AND workspace_id = $2 RETURNING id", field, asking.workspace
    )
    if gone is None:
        raise NotFound
    await append(
        FieldDropped(
            workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", field=field
        ),
        [live.Delivery(live.workspace(asking.workspace), ProfileChanged(candidate=None))],
        key=key,
    )
