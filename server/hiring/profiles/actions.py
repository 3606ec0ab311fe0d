"""What the team does to a profile. Every action locks the person first, then their cards; the page is told to fetch."""

from collections.abc import Iterable, Mapping
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
    check_field,
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


# Which tag each of the words $2 means: the one called so, else the one that the last of that name was merged into.
MEANT = """
SELECT w.word, coalesce(t.id, m.tag_id) AS tag_id, t.id IS NULL AS merged FROM unnest($2::text[]) AS w (word)
LEFT JOIN tag t ON t.workspace_id = $1 AND t.folded = w.word
LEFT JOIN LATERAL (
    SELECT tag_id FROM merged_tag WHERE workspace_id = $1 AND folded = w.word ORDER BY id DESC LIMIT 1
) m ON t.id IS NULL
WHERE t.id IS NOT NULL OR m.tag_id IS NOT NULL
"""


async def meant_by(workspace: UUID, word: str) -> UUID | None:
    """The tag that a word means, by its comparable form."""
    found: UUID | None = await db.value(f"SELECT m.tag_id FROM ({MEANT}) m", workspace, [word])  # noqa: S608 - ours
    return found


async def words(workspace: UUID, names: dict[str, str]) -> set[UUID]:
    """The ids of tags, held as they are; made where they are new. Raises Invalid when there are too many."""
    held = await hold_words(workspace, names)
    if await db.value("SELECT count(*) FROM tag WHERE workspace_id = $1", workspace) > MOST_WORDS:
        raise Invalid(fields={"tags": f"A workspace has at most {MOST_WORDS} different tags. Use one that is there."})
    return set(held.values())


async def hold_words(workspace: UUID, names: Mapping[str, str]) -> dict[str, UUID]:
    """The tags that words mean, by their comparable form, held as they are; made where no tag is meant.

    The name of one that was merged means the one it became part of, while nothing else is called so.
    """
    held = await _hold(workspace, names)
    while held.keys() != names.keys():  # one that is renamed, merged or deleted while we wait for it is sought again
        await _make(workspace, names)
        held = await _hold(workspace, names)
    return held


async def _hold(workspace: UUID, names: Iterable[str]) -> dict[str, UUID]:
    """The tags that there are, by the words that mean them; nobody merges or deletes them until we are done."""
    return dict(
        await db.rows(
            lambda *c: (c[0], c[1]),
            f"SELECT m.word, t.id FROM tag t JOIN ({MEANT}) m ON m.tag_id = t.id "  # noqa: S608 - ours
            "WHERE m.merged OR t.folded = m.word ORDER BY t.folded FOR KEY SHARE OF t",
            workspace,
            list(names),
        )
    )


async def _make(workspace: UUID, names: Mapping[str, str]) -> None:
    """Make tags of those words that mean none yet, in the one order in which everybody does."""
    known = await db.rows(lambda word: word, f"SELECT m.word FROM ({MEANT}) m", workspace, list(names))  # noqa: S608
    folded = sorted(names.keys() - set(known))
    if not folded:
        return
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
    check_word(wanted.name, "name", 60)
    if len(wanted.choices or ()) > MOST_CHOICES:
        raise Invalid(fields={"choices": f"At most {MOST_CHOICES} choices, please."})
    choices = list(dict.fromkeys(check_word(choice, "choices", 100) for choice in wanted.choices or ()))
    if wanted.kind == "choice" and not choices:
        raise Invalid(fields={"choices": "Say what there is to choose from."})
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)
    names = await db.rows(lambda c: c, "SELECT name FROM custom_field WHERE workspace_id = $1", asking.workspace)
    name = check_field(wanted.name, names)
    if len(names) >= MOST_FIELDS:
        raise Invalid(fields={"name": f"A workspace has at most {MOST_FIELDS} fields of its own."})
    field = CustomField(
        workspace_id=asking.workspace,
        name=name,
        kind=wanted.kind,
        choices=choices if wanted.kind == "choice" else [],
        position=len(names) + 1,
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
