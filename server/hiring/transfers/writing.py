"""Writes one batch of an import: candidates by address, then a card for each who has none in this job yet.

The surrounding transaction holds the import's row. A name that somebody gave here themselves stays; everything else
that a file says is taken over, and what it does not say is left alone.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from fractional_indexing import generate_n_keys_between

from server.core import db, live
from server.core.ids import uuid7
from server.hiring.applications import queries as applications
from server.hiring.candidates.rules import plain
from server.hiring.profiles.actions import hold_words
from server.hiring.profiles.rules import MOST_TAGS
from server.hiring.transfers.rules import Line
from server.hiring.views.payloads import ApplicationChanged, JobChanged, OwnPlaceChanged, ProfileChanged

_CANDIDATES = """
INSERT INTO candidate AS c (id, workspace_id, name, plain, email, folded, phone, location, headline, links, created_at)
SELECT g.id, $1, g.name, g.plain, g.email, g.folded, g.phone, g.location, g.headline,
       ARRAY(SELECT jsonb_array_elements_text(g.links::jsonb)), now()
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[]) AS g (id, name, plain, email, folded, phone, location, headline, links)
ORDER BY g.folded
ON CONFLICT (workspace_id, folded) DO UPDATE SET (name, plain, phone, location, headline, links, version) = (
    SELECT CASE WHEN own THEN c.name ELSE excluded.name END, CASE WHEN own THEN c.plain ELSE excluded.plain END,
           coalesce(nullif(excluded.phone, ''), c.phone),
           coalesce(nullif(excluded.location, ''), c.location), coalesce(nullif(excluded.headline, ''), c.headline),
           c.links || ARRAY(SELECT unnest(excluded.links) EXCEPT SELECT unnest(c.links)), c.version + 1
    FROM (SELECT EXISTS (SELECT 1 FROM application a
                         WHERE a.candidate_id = c.id AND a.consent_at IS NOT NULL) AS own) x)
WHERE (excluded.name <> c.name
       AND NOT EXISTS (SELECT 1 FROM application a WHERE a.candidate_id = c.id AND a.consent_at IS NOT NULL))
   OR excluded.phone NOT IN ('', c.phone) OR excluded.location NOT IN ('', c.location)
   OR excluded.headline NOT IN ('', c.headline) OR NOT excluded.links <@ c.links
RETURNING c.id, c.version > 1
"""
_CARDS = """
INSERT INTO application (id, workspace_id, job_id, candidate_id, stage_id, rank, source, imported, consent_at)
SELECT g.id, $1, $2, g.candidate, g.stage, g.rank, g.source, $3, NULL
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[]) AS g (id, candidate, stage, rank, source)
"""


# Tags that are there, as far as a person has room for them.
_TAGGED = """
INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id)
SELECT gen_random_uuid(), $1, wanted.person, wanted.tag FROM (
    SELECT g.person, g.tag, row_number() OVER (PARTITION BY g.person ORDER BY g.n) AS n
    FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS g (person, tag, n)
    WHERE NOT EXISTS (SELECT 1 FROM candidate_tag x WHERE x.candidate_id = g.person AND x.tag_id = g.tag)) wanted
WHERE wanted.n + (SELECT count(*) FROM candidate_tag x WHERE x.candidate_id = wanted.person) <= $4
ON CONFLICT DO NOTHING RETURNING candidate_id
"""
_FILLED = """
INSERT INTO field_value AS v (id, workspace_id, candidate_id, field_id, value)
SELECT gen_random_uuid(), $1, g.person, f.id, g.value
FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS g (person, field, value)
JOIN custom_field f ON f.workspace_id = $1 AND f.id = g.field ORDER BY g.person, f.id
ON CONFLICT (candidate_id, field_id) DO UPDATE SET value = excluded.value WHERE v.value <> excluded.value
RETURNING candidate_id
"""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch, and who must be told besides the board."""

    created: int
    updated: int
    deliveries: list[live.Delivery]


async def write(imported: db.Record, lines: Sequence[Line]) -> Outcome:
    """The lines of one batch, each with another address."""
    workspace, job = imported["workspace_id"], imported["job_id"]
    await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", job)
    changed = await _candidates(workspace, lines)
    found: list[tuple[str, UUID, UUID]] = await db.rows(
        lambda *c: (c[0], c[1], c[2]),
        "SELECT folded, id, coalesce(merged_into, id) FROM candidate WHERE workspace_id = $1 AND folded = ANY($2)",
        workspace,
        [line.folded for line in lines],
    )
    people = {folded: candidate for folded, candidate, _ in found}
    described = await _describe(workspace, lines, {folded: whole for folded, _, whole in found})
    changed |= {candidate for _, candidate, whole in found if whole in described}
    here: set[UUID] = set(
        await db.rows(
            lambda found: found,
            "SELECT candidate_id FROM application WHERE job_id = $1 AND candidate_id = ANY($2)",
            job,
            list(people.values()),
        )
    )
    fresh = [line for line in lines if people[line.folded] not in here]
    await _cards(imported, fresh, people)
    return Outcome(
        created=len(fresh),
        updated=len(changed & here),
        deliveries=[
            *await _told(job, changed | described),
            *await _told_profiles(job, [people[line.folded] for line in fresh]),
        ],
    )


async def _describe(workspace: UUID, lines: Sequence[Line], whole: dict[str, UUID]) -> set[UUID]:
    """Put on what tags and fields say, to the profile that somebody is a part of; returns whose are others now."""
    names = {folded: name for line in lines for folded, name in line.tags.items()}
    meant = await hold_words(workspace, names)
    tags = dict.fromkeys((whole[line.folded], meant[word]) for line in lines for word in line.tags)
    values = {(whole[line.folded], field): value for line in lines for field, value in line.values.items()}
    tagged: list[UUID] = await db.rows(
        lambda found: found,
        _TAGGED,
        workspace,
        [person for person, _ in tags],
        [tag for _, tag in tags],
        MOST_TAGS,
    )
    filled: list[UUID] = await db.rows(
        lambda found: found,
        _FILLED,
        workspace,
        [person for person, _ in values],
        [field for _, field in values],
        list(values.values()),
    )
    return {*tagged, *filled}


async def _candidates(workspace: UUID, lines: Sequence[Line]) -> set[UUID]:
    """Make or change them, in the order of their addresses; returns those that were known and are another now."""
    given = sorted(lines, key=lambda line: line.folded)
    written = await db.rows(
        lambda *c: (c[0], c[1]),
        _CANDIDATES,
        workspace,
        [uuid7() for _ in given],
        [line.name for line in given],
        [plain(line.name) for line in given],
        [line.email for line in given],
        [line.folded for line in given],
        [line.phone for line in given],
        [line.location for line in given],
        [line.headline for line in given],
        [msgspec.json.encode(line.links).decode() for line in given],
    )
    return {candidate for candidate, known in written if known}


async def _cards(imported: db.Record, lines: Sequence[Line], people: dict[str, UUID]) -> None:
    """A card for each, at the end of its stage, in the order of the file."""
    default: UUID = imported["stage_id"] or await db.value(
        "SELECT id FROM stage WHERE job_id = $1 ORDER BY position LIMIT 1", imported["job_id"]
    )
    kept = set(await db.rows(lambda found: found, "SELECT id FROM stage WHERE job_id = $1", imported["job_id"]))
    places = [line.stage if line.stage is not None and line.stage in kept else default for line in lines]
    ranks: dict[UUID, list[str]] = {}
    for stage in set(places):
        last = await db.value("SELECT max(rank) FROM application WHERE stage_id = $1", stage)
        ranks[stage] = list(reversed(generate_n_keys_between(last, None, n=places.count(stage))))
    await db.execute(
        _CARDS,
        imported["workspace_id"],
        imported["job_id"],
        imported["id"],
        [uuid7() for _ in lines],
        [people[line.folded] for line in lines],
        places,
        [ranks[stage].pop() for stage in places],
        [line.source or imported["source"] for line in lines],
    )


async def _told_profiles(job: UUID, fresh: Sequence[UUID]) -> list[live.Delivery]:
    """The pages of those who were known from other jobs: they have one application more."""
    known: list[UUID] = await db.rows(
        lambda found: found,
        "SELECT DISTINCT coalesce(c.merged_into, c.id) AS whole FROM candidate c JOIN application a "
        "ON a.candidate_id = c.id WHERE c.id = ANY($1) AND a.job_id <> $2 ORDER BY whole",
        fresh,
        job,
    )
    return [live.Delivery(live.profile(person), ProfileChanged(candidate=person)) for person in known]


async def _told(job: UUID, changed: set[UUID]) -> list[live.Delivery]:
    """Every page that shows somebody who changed, but the job's own board: theirs, the team's of them, other boards."""
    if not changed:
        return []
    cards = await db.rows(
        applications.card_of,
        applications.CARD + "WHERE a.candidate_id = ANY($1) OR c.merged_into = ANY($1) ORDER BY a.id",
        list(changed),
    )
    told: list[live.Delivery] = []
    for card in cards:
        told.append(live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=None)))
        told.append(live.Delivery(live.candidate(card.id), OwnPlaceChanged(application=card.id)))
    boards = sorted({card.job for card in cards} - {job})
    return told + [live.Delivery(live.job(other), JobChanged(job=other)) for other in boards]
