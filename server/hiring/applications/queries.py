"""What can be read about applications: cards, and the board they make."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from server.core import db, live
from server.core.errors import NotFound
from server.hiring.applications.filters import EVERYBODY, Condition, Wanted
from server.hiring.jobs import queries as jobs
from server.hiring.views.applications import Board, Card, CardPage, CardTag, Column, Spot
from server.hiring.views.jobs import StageView
from server.hiring.workspaces import queries as workspaces

FIRST = 20  # cards of a column that come with the page: more than a screen is high
MOST = 500  # cards of one further page

# Where most are empty, NULL is read for a fraction of what an empty array costs.
COLUMNS = """
a.id, a.job_id, a.candidate_id, c.name, c.email, a.stage_id, a.rank, a.version,
CASE WHEN a.answering > 0 THEN 'recording' ELSE a.progress END, a.answering, a.answers, q.asked,
a.answers_ms, CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
a.notes, a.messages, a.waiting, a.opened_at IS NOT NULL, a.created_at, a.changed_at,
a.preparing, a.owner_id, nullif(a.reviewers, ARRAY[]::uuid[]),
(SELECT array_agg(t.colour || ':' || t.name ORDER BY t.folded) FROM candidate_tag x JOIN tag t ON t.id = x.tag_id
 WHERE x.candidate_id = coalesce(c.merged_into, c.id)),
CASE WHEN a.promise_left IS NULL THEN a.promise_due END, a.scored,
CASE WHEN a.scored > 0 AND a.reviewers <> ARRAY[]::uuid[] THEN (SELECT count(*) FROM scorecard x
 WHERE x.application_id = a.id AND x.member_id = ANY(a.reviewers) AND x.submitted_at IS NOT NULL) END
"""
BESIDES = """
JOIN candidate c ON c.id = a.candidate_id JOIN workspace w ON w.id = a.workspace_id
"""
CARD = f"""
SELECT {COLUMNS}
FROM application a {BESIDES}
CROSS JOIN LATERAL (SELECT count(*) AS asked FROM question WHERE job_id = a.job_id AND retired_at IS NULL) q
"""  # noqa: S608 - ours
# Every stage's first cards, each stage by the index on (stage_id, rank, id): the work does not grow with the job.
# Its one parameter changes nothing in the plan: Postgres makes it once per connection, for more than running it costs.
_BOARD = f"""
SELECT {COLUMNS}
FROM stage s CROSS JOIN LATERAL (
    SELECT * FROM application WHERE stage_id = s.id ORDER BY rank, id LIMIT {FIRST}) a {BESIDES}
CROSS JOIN (SELECT count(*) AS asked FROM question WHERE job_id = $1 AND retired_at IS NULL) q
WHERE s.job_id = $1 ORDER BY s.position, a.rank, a.id
"""  # noqa: S608 - ours
# The same for a page that had loaded more of some stages.
_DEEP = f"""
SELECT {COLUMNS}
FROM stage s LEFT JOIN unnest($2::uuid[], $3::int[]) AS wanted (stage, depth) ON wanted.stage = s.id
CROSS JOIN LATERAL (
    SELECT * FROM application WHERE stage_id = s.id ORDER BY rank, id LIMIT coalesce(depth, {FIRST})) a {BESIDES}
CROSS JOIN (SELECT count(*) AS asked FROM question WHERE job_id = $1 AND retired_at IS NULL) q
WHERE s.job_id = $1 ORDER BY s.position, a.rank, a.id
"""  # noqa: S608 - ours
_PAGE = f"""
SELECT {COLUMNS}
FROM application a {BESIDES}
CROSS JOIN (SELECT count(*) AS asked FROM question WHERE job_id = $1 AND retired_at IS NULL) q
WHERE a.stage_id = $2 AND (a.rank, a.id) > ($3, $4) AND {{}} ORDER BY a.rank, a.id LIMIT $5
"""  # noqa: S608 - ours
# A filter is asked of every candidate of the job; of what it lets through, the same as above, and how many they are.
_FOUND = f"""
WITH hits AS MATERIALIZED (
    SELECT a.id, a.stage_id, a.rank FROM application a JOIN candidate c ON c.id = a.candidate_id
    WHERE a.job_id = $1 AND {{}})
SELECT found.people, {COLUMNS}
FROM (SELECT stage_id, count(*) AS people FROM hits GROUP BY stage_id) found JOIN stage s ON s.id = found.stage_id
LEFT JOIN unnest($2::uuid[], $3::int[]) AS wanted (stage, depth) ON wanted.stage = s.id
CROSS JOIN LATERAL (
    SELECT id FROM hits WHERE stage_id = s.id ORDER BY rank, id LIMIT coalesce(depth, {FIRST})) first
JOIN application a ON a.id = first.id {BESIDES}
CROSS JOIN (SELECT count(*) AS asked FROM question WHERE job_id = $1 AND retired_at IS NULL) q
ORDER BY s.position, a.rank, a.id
"""  # noqa: S608 - ours
_ANYBODY = (
    "SELECT EXISTS (SELECT 1 FROM application a JOIN candidate c ON c.id = a.candidate_id WHERE a.job_id = $1 AND {})"
)


def card_of(*c: Any) -> Card:
    """From the columns of CARD."""
    return Card(
        id=c[0],
        job=c[1],
        candidate=c[2],
        name=c[3],
        line=c[4],
        stage=c[5],
        rank=c[6],
        version=c[7],
        progress=c[8],
        answering=c[9],
        answers=c[10],
        questions=c[11],
        answers_ms=c[12],
        poster=c[13],
        notes=c[14],
        messages=c[15],
        waiting=c[16],
        opened=c[17],
        created_at=c[18],
        changed_at=c[19],
        preparing=c[20],
        owner=c[21],
        reviewers=c[22] or [],
        tags=[_tag(text) for text in c[23] or ()],
        promised=c[24],
        scored=c[25],
        reviewed=c[26] or 0,
    )


def _tag(text: str) -> CardTag:
    colour, _, name = text.partition(":")
    return CardTag(name=name, colour=int(colour))


async def card(application: UUID) -> Card:
    """One card. Raises NotFound."""
    found = await db.row(card_of, CARD + "WHERE a.id = $1", application)
    if found is None:
        raise NotFound
    return found


async def cards(applications: Sequence[UUID]) -> dict[UUID, Card]:
    """These cards, by id."""
    found = await db.rows(card_of, CARD + "WHERE a.id = ANY($1)", list(applications))
    return {card.id: card for card in found}


async def board(
    workspace: UUID, job: UUID, wanted: Wanted = EVERYBODY, depths: Mapping[UUID, int] = MappingProxyType({})
) -> Board:
    """A job's board, as far as the first screen needs it, and the positions it was read at, in one snapshot.

    `depths`: of these stages so many cards, for a page that had loaded more of them before.
    """
    async with db.snapshot():
        row = await jobs.row_of(workspace, job)
        counts, cards = await _cards(job, row.counts, narrowed(wanted, similar=False), depths)
        similar = not cards and await nobody(job, wanted, seen=True)
        if similar:
            counts, cards = await _cards(job, row.counts, narrowed(wanted, similar=True), depths)
        epoch, positions = await live.positions(live.job(job))
        return Board(
            job=row,
            filtered=bool(wanted),
            similar=similar,
            stages=[stage for stage, _ in row.counts],
            columns=columns_of(counts, cards),
            cards=cards,
            people=await workspaces.people(workspace),
            epoch=epoch,
            positions=positions,
        )


def narrowed(wanted: Wanted, *, similar: bool) -> list[Condition]:
    """The conditions in force: with the exact words, or with what is nearly them."""
    return [*wanted.conditions, *(wanted.similar if similar else wanted.exact)]


async def nobody(job: UUID, wanted: Wanted, *, seen: bool = False) -> bool:
    """Whether nobody has the exact words, though there is something else to look for.

    `seen`: nobody has them and fits the conditions, as the caller knows; then there may be nothing left to ask.
    """
    if not wanted.similar or (seen and not wanted.conditions):
        return bool(wanted.similar)
    where, values = narrowing(wanted.exact, 1)
    return not await db.value(_ANYBODY.format(where), job, *values)


def narrowing(conditions: Sequence[Condition], before: int) -> tuple[str, list[object]]:
    """Conditions as SQL, their values behind `before` others."""
    parts: list[str] = []
    values: list[object] = []
    for condition in conditions:
        numbers = range(before + len(values) + 1, before + len(values) + len(condition.values) + 1)
        parts.append(condition.sql.format(*(f"${number}" for number in numbers)))
        values += condition.values
    return " AND ".join(parts) or "true", values


async def _cards(
    job: UUID, counts: list[tuple[StageView, int]], conditions: list[Condition], depths: Mapping[UUID, int]
) -> tuple[list[tuple[StageView, int]], list[Card]]:
    """The first cards of every column, and how many each has."""
    given = (job, list(depths), [max(FIRST, min(depth, MOST)) for depth in depths.values()])
    if not conditions and not depths:
        return counts, await db.rows(card_of, _BOARD, job)
    if not conditions:
        return counts, await db.rows(card_of, _DEEP, *given)
    where, values = narrowing(conditions, len(given))
    found = await db.rows(lambda people, *c: (people, card_of(*c)), _FOUND.format(where), *given, *values)
    people = {card.stage: number for number, card in found}
    return [(stage, people.get(stage.id, 0)) for stage, _ in counts], [card for _, card in found]


def columns_of(counts: Sequence[tuple[StageView, int]], cards: Iterable[Card]) -> list[Column]:
    """How far these cards, in order, fill their stages."""
    loaded: dict[UUID, list[Card]] = {}
    for card in cards:
        loaded.setdefault(card.stage, []).append(card)
    return [
        Column(
            stage=stage.id, count=count, end=_end(loaded.get(stage.id, []), more=count > len(loaded.get(stage.id, ())))
        )
        for stage, count in counts
    ]


def _end(cards: Sequence[Card], *, more: bool) -> Spot | None:
    return Spot(rank=cards[-1].rank, id=cards[-1].id) if more and cards else None


async def page(workspace: UUID, job: UUID, stage: UUID, wanted: Wanted, after: Spot, limit: int) -> CardPage:
    """The cards of a stage behind a place, at most `limit` and MOST of them. Raises NotFound."""
    limit = max(1, min(limit, MOST))
    async with db.snapshot():
        if not await db.value(
            "SELECT 1 FROM stage WHERE id = $1 AND job_id = $2 AND workspace_id = $3", stage, job, workspace
        ):
            raise NotFound
        where, values = narrowing(narrowed(wanted, similar=await nobody(job, wanted)), 5)
        cards = await db.rows(card_of, _PAGE.format(where), job, stage, after.rank, after.id, limit + 1, *values)
        epoch, positions = await live.positions(live.job(job))
        return CardPage(
            stage=stage,
            cards=cards[:limit],
            end=_end(cards[:limit], more=len(cards) > limit),
            epoch=epoch,
            positions=positions,
        )


async def in_workspace(workspace: UUID, application: UUID) -> UUID:
    """The job of an application of this workspace. Raises NotFound for everything else."""
    job: UUID | None = await db.value(
        "SELECT job_id FROM application WHERE id = $1 AND workspace_id = $2", application, workspace
    )
    if job is None:
        raise NotFound
    return job


async def neighbours(application: UUID) -> tuple[UUID | None, UUID | None, int, int]:
    """(previous, next, place from 1, places) within the application's stage, in board order."""
    found = await db.record(
        "SELECT previous, next, place, places FROM ("
        "SELECT id, lag(id) OVER w AS previous, lead(id) OVER w AS next, row_number() OVER w AS place, "
        "count(*) OVER () AS places FROM application "
        "WHERE stage_id = (SELECT stage_id FROM application WHERE id = $1) WINDOW w AS (ORDER BY rank, id)) x "
        "WHERE id = $1",
        application,
    )
    if found is None:
        raise NotFound
    return found["previous"], found["next"], found["place"], found["places"]
