"""Scorecards of the demo: submitted at the time they are said to be."""

from datetime import datetime
from uuid import UUID

import msgspec

from server.core import db
from server.demo.founding import Troupe
from server.demo.record import id_at
from server.demo.script import Scored
from server.hiring.applications.following import follow_by_itself
from server.hiring.jobs import queries as jobs
from server.hiring.scorecards.events import ScorecardSubmitted
from server.hiring.scorecards.rules import average
from server.hiring.scorecards.tables import Scorecard

_COUNTED = """
UPDATE application SET scored = x.number, score = x.mean FROM (
    SELECT count(*) AS number, round(avg(average))::int AS mean FROM scorecard WHERE application_id = $1) x
WHERE id = $1
"""


async def submit(troupe: Troupe, job: UUID, application: UUID, scored: Scored, at: datetime) -> ScorecardSubmitted:
    """Write a scorecard that counts; returns what is to be put on record."""
    by = troupe.members[scored.who]
    criteria = await jobs.criteria(job)
    ratings = {one.id: value for one, value in zip(criteria, scored.ratings, strict=False) if value}
    row = Scorecard(
        id=id_at(at),
        workspace_id=troupe.workspace,
        application_id=application,
        member_id=by.id,
        ratings=msgspec.json.encode(ratings).decode(),
        hire=scored.hire,
        why=scored.why,
        average=average(ratings),
        submitted_at=at,
        changed_at=at,
    )
    await row.save()
    await db.execute(_COUNTED, application)
    await follow_by_itself(troupe.workspace, application, {by.id})
    return ScorecardSubmitted(
        workspace=troupe.workspace,
        actor=by.actor,
        subject=f"application:{application}",
        application=application,
        scorecard=row.id,
    )
