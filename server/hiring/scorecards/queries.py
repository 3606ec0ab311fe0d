"""What can be read of scorecards, by whom they are open to."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.core import db
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.applications.queries import in_workspace
from server.hiring.scorecards.rules import in_points, seen_by
from server.hiring.views.jobs import CriterionView
from server.hiring.views.people import Person
from server.hiring.views.scorecards import ScorecardView, Scores, SheetView

MOST_SCORES = 500  # cards of one request
_CARDS = """
SELECT x.member_id, m.name, m.colour, x.ratings, x.hire, x.why, x.average, x.submitted_at, x.version
FROM scorecard x JOIN member m ON m.id = x.member_id
WHERE x.application_id = $1 AND (x.submitted_at IS NOT NULL OR x.member_id = $2) ORDER BY x.submitted_at, x.id
"""


async def sheet(asking: Asking, application: UUID) -> SheetView:
    """The scorecards of an application as a member sees them. Raises NotFound."""
    job = await in_workspace(asking.workspace, application)
    cards = await db.rows(_view, _CARDS, application, asking.id)
    seen, score = (
        await db.rows(
            lambda *c: (c[0], c[1]),
            f"SELECT {seen_by(asking.id)}, a.score FROM application a WHERE a.id = $1",  # noqa: S608 - ours
            application,
        )
    )[0]
    mine = next((card for card in cards if card.author.id == asking.id), None)
    others = [card for card in cards if card.author.id != asking.id] if seen else []
    return SheetView(
        application=application,
        criteria=await _criteria(job, [*others, *([mine] if mine else [])]),
        mine=mine,
        submitted=[card.author for card in cards if card.submitted_at],
        hidden=not seen,
        others=others,
        score=in_points(score) if seen and score is not None else None,
    )


async def _criteria(job: UUID, cards: Iterable[ScorecardView]) -> list[CriterionView]:
    """Those of the job, in order, and behind them those that are retired but rated in one of these."""
    rated = {criterion for card in cards if card.submitted_at for criterion in card.ratings}
    return await db.rows(
        lambda *c: CriterionView(id=c[0], name=c[1]),
        "SELECT id, name FROM criterion WHERE job_id = $1 AND (retired_at IS NULL OR id = ANY($2)) "
        "ORDER BY retired_at IS NOT NULL, position, id",
        job,
        list(rated),
    )


def _view(*c: Any) -> ScorecardView:
    return ScorecardView(
        author=Person(id=c[0], name=c[1], colour=c[2]),
        ratings=msgspec.json.decode(c[3], type=dict[UUID, int]),
        hire=c[4],
        why=c[5],
        average=None if c[6] is None else in_points(c[6]),
        submitted_at=c[7],
        version=c[8],
    )


async def scores(asking: Asking, job: UUID, cards: Sequence[UUID]) -> Scores:
    """The scores of these cards of a job, at most MOST_SCORES, that this member sees. Raises NotFound."""
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
        raise NotFound
    return await _scores(asking, "a.job_id = $1 AND a.id = ANY($2)", job, list(cards[:MOST_SCORES]))


async def scores_of_person(asking: Asking, candidate: UUID) -> Scores:
    """The scores of all applications of a person, that this member sees. Raises NotFound."""
    if not await db.value("SELECT 1 FROM candidate WHERE id = $1 AND workspace_id = $2", candidate, asking.workspace):
        raise NotFound
    theirs = "a.candidate_id IN (SELECT id FROM candidate WHERE id = $1 OR merged_into = $1)"
    return await _scores(asking, theirs, candidate)


async def _scores(asking: Asking, which: str, *values: object) -> Scores:
    found = await db.rows(
        lambda *c: (c[0], in_points(c[1])),
        f"SELECT a.id, a.score FROM application a WHERE {which} "  # noqa: S608 - ours
        f"AND a.score IS NOT NULL AND {seen_by(asking.id)}",
        *values,
    )
    return Scores(scores=dict(found))
