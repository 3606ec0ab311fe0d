"""What can be read about a job's candidates as a list, and the views that a member has."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.applications import queries as applications
from server.hiring.applications.filters import wanted_of, words_of
from server.hiring.candidates.rules import plain
from server.hiring.jobs import queries as jobs
from server.hiring.listing.columns import SEEN
from server.hiring.listing.filters import PERSON, SOURCES
from server.hiring.listing.rules import Order, Query, Spot, order_of, shown, spelled, spot_of
from server.hiring.profiles.queries import tags
from server.hiring.scorecards.rules import in_points, seen_by
from server.hiring.views.listing import Choices, Finds, Found, ListField, ListPage, ListRow, ListView, SavedView
from server.hiring.views.people import Person
from server.hiring.workspaces import queries as workspaces

FIRST = 60  # lines that come with the page: more than a screen is high
MOST = 500  # lines of one page
WINDOW = 300  # characters of a text that are looked at for showing a hit

_HITS = """
SELECT a.id, ({sort}){cast} AS key FROM application a JOIN candidate c ON c.id = a.candidate_id
JOIN stage s ON s.id = a.stage_id LEFT JOIN member o ON o.id = a.owner_id WHERE a.job_id = $1 AND {where}
"""
_PAGE = f"""
WITH hits AS MATERIALIZED (HITS),
page AS (SELECT id, key FROM hits WHERE AFTER ORDER BY key IS NULL, key WAY, id LIMIT $2)
SELECT (SELECT count(*) FROM hits), page.key, {PERSON}, a.source, SCORE, c.phone, c.location, c.headline,
       (SELECT jsonb_object_agg(v.field_id, v.value) FROM field_value v WHERE v.candidate_id = {PERSON}),
       {applications.COLUMNS}
FROM page JOIN application a ON a.id = page.id {applications.BESIDES}
CROSS JOIN (SELECT count(*) AS asked FROM question WHERE job_id = $1 AND retired_at IS NULL) q
ORDER BY page.key IS NULL, page.key WAY, page.id
"""  # noqa: S608 - ours
# Of every line the first text that has one of the words, from a little before where that word begins. In most texts it
# stands as it was written; folding a long one costs more than everything else here.
_FOUND = f"""
SELECT id, kind, substr(text, greatest(1, coalesce((
    SELECT min(coalesce(nullif(regexp_instr(text, word, 1, 1, 0, 'i'), 0),
                        nullif(regexp_instr(searchable(text), word), 0)))
    FROM (SELECT CASE WHEN word ~ unspaced() THEN word ELSE '(\\m|(?<=' || unspaced() || '))' || word END AS word
          FROM (SELECT btrim(searchable(w)) AS word FROM unnest($2::text[]) w) plain) x
    WHERE length(text) > {WINDOW}), 1) - {WINDOW // 3}), {WINDOW})
FROM (
    SELECT DISTINCT ON (a.id) a.id, x.kind, x.text
    FROM application a JOIN candidate c ON c.id = a.candidate_id CROSS JOIN LATERAL ({{texts}}) x
    WHERE a.id = ANY($1) ORDER BY a.id, x.place) found
"""  # noqa: S608 - ours
_CASTS = {"text": '::text COLLATE "C"', "int8": "", "float8": ""}
_VIEW = """
SELECT v.id, v.job_id, m.id, m.name, m.colour, v.name, v.layout, v.query, v.shared, v.version, v.changed_at
FROM saved_view v JOIN member m ON m.id = v.member_id
"""


class Part(NamedTuple):
    """SQL of a job's candidates that a filter lets through, each with the key of an order, and its parameters."""

    sql: str
    values: list[object]
    filtered: bool
    similar: bool


async def part(job: UUID, query: Query, order: Order, me: UUID, before: int, *, similar: bool | None = None) -> Part:
    """Whom an address asks for; $1 is the job, the parameters come behind `before` others. Raises Invalid.

    `similar`: whether names that are nearly so stand in for the words, where that is known.
    """
    wanted = wanted_of(query, me)
    if similar is None:
        similar = await applications.nobody(job, wanted)
    where, values = applications.narrowing(applications.narrowed(wanted, similar=similar), before)
    sort = order.column.sort.replace(SEEN, seen_by(me))
    sql = _HITS.format(sort=sort, cast=_CASTS[order.column.kind], where=where)
    return Part(sql, values, bool(wanted), similar)


async def known(workspace: UUID, job: UUID) -> None:
    """Raise NotFound unless this is a job of the workspace."""
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, workspace):
        raise NotFound


async def view(asking: Asking, job: UUID, query: Query) -> ListView:
    """The list page, in one snapshot. Raises NotFound, Invalid."""
    async with db.snapshot():
        row = await jobs.row_of(asking.workspace, job)
        own = await fields(asking.workspace)
        page = await _page(asking, job, query, own, None, FIRST)
        topics = [live.job(job), live.workspace(asking.workspace), live.member(asking.id)]
        epoch, positions = await live.positions(*topics)
        return ListView(
            job=row,
            stages=[stage for stage, _ in row.counts],
            people=await workspaces.people(asking.workspace),
            fields=own,
            choices=await choices(asking.workspace, job),
            views=await views(asking, job),
            page=page,
            epoch=epoch,
            positions=positions,
        )


async def rows(asking: Asking, job: UUID, query: Query, after: str, limit: int) -> ListPage:
    """Lines behind a place, at most `limit` and MOST of them. Raises NotFound, Invalid."""
    async with db.snapshot():
        await known(asking.workspace, job)
        own = await fields(asking.workspace)
        spot = spot_of(after, order_of(query, own).column.kind)
        return await _page(asking, job, query, own, spot, max(1, min(limit, MOST)))


async def _page(
    asking: Asking, job: UUID, query: Query, own: Sequence[ListField], spot: Spot | None, limit: int
) -> ListPage:
    order = order_of(query, own)
    where, given = _behind(order, spot, 2)

    async def read(*, similar: bool | None) -> tuple[Part, list[tuple[int, ListRow]]]:
        hits = await part(job, query, order, asking.id, 2 + len(given), similar=similar)
        score = f"CASE WHEN {seen_by(asking.id)} THEN a.score END"
        sql = _PAGE.replace("AFTER", where).replace("SCORE", score).replace("WAY", order.way).replace("HITS", hits.sql)
        return hits, await db.rows(_row, sql, job, limit + 1, *given, *hits.values)

    # On the first page it is seen whether anybody has the words: asking for that beforehand costs as much again.
    hits, found = await read(similar=None if spot else False)
    if not found and not spot and await applications.nobody(job, wanted_of(query, asking.id), seen=True):
        hits, found = await read(similar=True)
    words = words_of(query)
    people = [(row.card.id, row.card.name) for _, row in found[:limit]]
    seen = await _found(people, words) if not hits.similar else {}
    lines = [msgspec.structs.replace(row, found=seen.get(row.card.id)) for _, row in found[:limit]]
    return ListPage(
        rows=lines,
        count=found[0][0] if found else (0 if spot is None else None),
        end=lines[-1].spot if len(found) > limit else None,
        filtered=hits.filtered,
        similar=hits.similar,
    )


def _behind(order: Order, spot: Spot | None, before: int) -> tuple[str, list[object]]:
    """Who comes after a place, as SQL over `hits`, and its parameters."""
    if spot is None:
        return "true", []
    row = f"${before + 1}::uuid"
    if spot.key is None:
        return f"key IS NULL AND id > {row}", [spot.id]
    key = f"${before + 2}::{order.column.kind}"
    return f"(key {'<' if order.down else '>'} {key} OR (key = {key} AND id > {row}) OR key IS NULL)", [
        spot.id,
        spot.key,
    ]


def _row(count: int, key: Any, person: UUID, source: str, score: int | None, *c: Any) -> tuple[int, ListRow]:
    phone, location, headline, said, *columns = c
    card = applications.card_of(*columns)
    row = ListRow(
        card=card,
        person=person,
        source=source,
        score=None if score is None else in_points(score),
        phone=phone,
        location=location,
        headline=headline,
        fields=msgspec.json.decode(said, type=dict[str, str]) if said else {},
        found=None,
        spot=spelled(Spot(key, card.id)),
    )
    return count, row


async def finds(asking: Asking, job: UUID, query: Query, cards: Sequence[UUID]) -> Finds:
    """Where the words of an address stand, of these cards of a job, at most MOST of them. Raises NotFound."""
    await known(asking.workspace, job)
    people = await db.rows(
        lambda *c: (c[0], c[1]),
        "SELECT a.id, c.name FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "WHERE a.job_id = $1 AND a.id = ANY($2)",
        job,
        list(cards[:MOST]),
    )
    return Finds(found=await _found(people, words_of(query)))


async def _found(people: Sequence[tuple[UUID, str]], words: Sequence[str]) -> dict[UUID, Found]:
    """Where the words stand, of those applications whose candidate's name does not have them all."""
    wanted = [one for one, name in people if not all(plain(word) in plain(name) for word in words)]
    if not wanted:
        return {}
    anyof = " || ".join(f"sought(($2::text[])[{number}])" for number in range(1, len(words) + 1))
    texts = " UNION ALL ".join(
        f"SELECT {place} AS place, '{source.kind}' AS kind, y.text FROM ({source.rows}) y "  # noqa: S608 - ours
        f"WHERE y.owner = {source.owner} AND y.search @@ ({anyof})"
        for place, source in enumerate(SOURCES)
    )
    found = await db.rows(lambda *c: c, _FOUND.format(texts=texts), wanted, list(words))
    cut = {application: shown(kind, text, words) for application, kind, text in found}
    return {application: hit for application, hit in cut.items() if hit}


async def fields(workspace: UUID) -> list[ListField]:
    """The workspace's own fields, in order."""
    return await db.rows(
        lambda *c: ListField(id=c[0], name=c[1], kind=c[2], choices=list(c[3] or ())),
        "SELECT id, name, kind, choices FROM custom_field WHERE workspace_id = $1 ORDER BY position, id",
        workspace,
    )


async def choices(workspace: UUID, job: UUID) -> Choices:
    """What there is to narrow a job's candidates to. Raises NotFound."""
    await known(workspace, job)
    sources = "SELECT DISTINCT source FROM application WHERE job_id = $1 AND source <> '' ORDER BY source LIMIT 200"
    return Choices(tags=await tags(workspace), sources=await db.rows(str, sources, job))


async def views(asking: Asking, job: UUID) -> list[SavedView]:
    """The views that a member has of a job: shared ones first, then their own."""
    return await db.rows(
        _view,
        _VIEW + "WHERE v.workspace_id = $1 AND (v.job_id = $2 OR v.job_id IS NULL) AND (v.shared OR v.member_id = $3) "
        "ORDER BY NOT v.shared, v.id",
        asking.workspace,
        job,
        asking.id,
    )


async def saved(workspace: UUID, view: UUID) -> SavedView:
    """One view. Raises NotFound."""
    found = await db.row(_view, _VIEW + "WHERE v.id = $1 AND v.workspace_id = $2", view, workspace)
    if found is None:
        raise NotFound
    return found


def _view(*c: Any) -> SavedView:
    return SavedView(
        id=c[0],
        job=c[1],
        by=Person(id=c[2], name=c[3], colour=c[4]),
        name=c[5],
        layout=c[6],
        query=c[7],
        shared=c[8],
        version=c[9],
        changed_at=c[10],
    )
