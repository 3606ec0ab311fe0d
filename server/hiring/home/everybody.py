"""All candidates of the workspace, whatever their jobs: newest first, by name and by tag, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request

from server.core import db
from server.hiring.applications.filters import Condition
from server.hiring.candidates.rules import plain
from server.hiring.home.finding import named
from server.hiring.views.applications import CardTag
from server.hiring.views.home import CandidateList, ListedApplication, ListedCandidate

PAGE = 50
MOST_TAGS = 20
_TAGGED = (
    "EXISTS (SELECT 1 FROM candidate_tag x JOIN tag t ON t.id = x.tag_id "
    "WHERE x.candidate_id = c.id AND (t.folded = {0}::text OR t.id IN (SELECT m.tag_id FROM merged_tag m "
    "WHERE m.workspace_id = $1 AND m.folded = {0}::text "  # the name of one that was merged, while nothing else has it
    "AND NOT EXISTS (SELECT 1 FROM tag other WHERE other.workspace_id = $1 AND other.folded = m.folded))))"
)
_ROWS = """
SELECT c.id, c.name, c.email, c.created_at, ARRAY(
    SELECT t.colour || ':' || t.name FROM candidate_tag x JOIN tag t ON t.id = x.tag_id
    WHERE x.candidate_id = c.id ORDER BY t.folded)
FROM candidate c
WHERE c.workspace_id = $1 AND c.merged_into IS NULL AND ($2::uuid IS NULL OR (c.created_at, c.id) < (
    SELECT created_at, id FROM candidate WHERE id = $2 AND workspace_id = $1)) AND {}
ORDER BY c.created_at DESC, c.id DESC LIMIT $3
"""
_COUNT = "SELECT count(*) FROM candidate c WHERE c.workspace_id = $1 AND c.merged_into IS NULL AND {}"
_PLACES = """
SELECT coalesce(c.merged_into, c.id), a.id, j.id, j.title, s.name, s.kind, s.colour,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END
FROM candidate c JOIN application a ON a.candidate_id = c.id JOIN job j ON j.id = a.job_id
JOIN stage s ON s.id = a.stage_id JOIN workspace w ON w.id = a.workspace_id
WHERE c.id = ANY($1) OR c.merged_into = ANY($1) ORDER BY a.created_at DESC, a.id DESC
"""


class Asked(NamedTuple):
    """What the list is narrowed to: words, and tags that they must all have."""

    exact: tuple[Condition, ...] = ()
    similar: tuple[Condition, ...] = ()
    tags: tuple[Condition, ...] = ()


def asked_of(query: Mapping[str, Sequence[str]]) -> Asked:
    """What an address asks for; words that are not ours are left alone."""
    exact, similar = named(" ".join(query.get("q", ())))
    tags = [name.replace("\x00", "")[:60] for name in query.get("tag", ())]
    return Asked(exact, similar, tuple(Condition(_TAGGED, plain(name)) for name in tags[:MOST_TAGS]))


def wanted_by(request: Request[Any, Any, Any]) -> Asked:
    """What a request's address asks for."""
    return asked_of(request.query_params.dict())


async def page(workspace: UUID, asked: Asked, before: UUID | None = None) -> CandidateList:
    """Those behind the candidate `before` (None: the first page), at most PAGE. Raises nothing: no page is empty."""
    async with db.snapshot():
        conditions = (*asked.tags, *asked.exact)
        count = await _count(workspace, conditions)
        similar = not count and bool(asked.similar)
        if similar:
            conditions = (*asked.tags, *asked.similar)
            count = await _count(workspace, conditions)
        where, values = _where(conditions, 3)
        found = await db.rows(lambda *c: c, _ROWS.format(where), workspace, before, PAGE + 1, *values)
        shown = found[:PAGE]
        places, posters = await _places([c[0] for c in shown])
        return CandidateList(
            candidates=[
                ListedCandidate(
                    id=c[0],
                    name=c[1],
                    email=c[2],
                    poster=posters.get(c[0]),
                    tags=[_tag(text) for text in c[4]],
                    applications=places.get(c[0], []),
                    created_at=c[3],
                )
                for c in shown
            ],
            count=count,
            next=shown[-1][0] if len(found) > PAGE else None,
            similar=similar and bool(count),
            vocabulary=await db.rows(
                _tag, "SELECT colour || ':' || name FROM tag WHERE workspace_id = $1 ORDER BY folded", workspace
            ),
        )


async def _count(workspace: UUID, conditions: Sequence[Condition]) -> int:
    where, values = _where(conditions, 1)
    found: int = await db.value(_COUNT.format(where), workspace, *values)
    return found


def _where(conditions: Sequence[Condition], before: int) -> tuple[str, list[object]]:
    parts = [one.sql.format(f"${number}") for number, one in enumerate(conditions, before + 1)]
    return " AND ".join(parts) or "true", [one.value for one in conditions]


async def _places(people: list[UUID]) -> tuple[dict[UUID, list[ListedApplication]], dict[UUID, str]]:
    """In which jobs they are, the newest first, and their newest picture."""
    places: dict[UUID, list[ListedApplication]] = {}
    posters: dict[UUID, str] = {}
    for person, *c, poster in await db.rows(lambda *c: c, _PLACES, people):
        one = ListedApplication(id=c[0], job=c[1], title=c[2], stage=c[3], kind=c[4], colour=c[5])
        places.setdefault(person, []).append(one)
        if poster:
            posters.setdefault(person, poster)
    return places, posters


def _tag(text: str) -> CardTag:
    colour, _, name = text.partition(":")
    return CardTag(name=name, colour=int(colour))
