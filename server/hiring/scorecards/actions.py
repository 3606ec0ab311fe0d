"""What members do with their scorecards, and the rule of stages that asks for some.

Whoever may see an application may score it, asked to or not. Saving a draft is nobody else's business: there is no
event of it, and only the author's other tabs are told.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import Event, append
from server.core.ids import uuid7
from server.core.words import clean
from server.hiring.applications.actions import Verb, card_changed, lock, person, touch
from server.hiring.applications.following import follow_by_itself
from server.hiring.applications.promising import desk_changed
from server.hiring.applications.queries import in_workspace
from server.hiring.flow.registry import Guard
from server.hiring.scorecards.events import ScorecardReopened, ScorecardSubmitted
from server.hiring.scorecards.queries import sheet
from server.hiring.scorecards.rules import (
    LONGEST_WHY,
    POINTS,
    ScorecardMoved,
    ScorecardSubmittedAlready,
    average,
    check_complete,
    check_ratings,
    seen_by,
)
from server.hiring.views.base import View
from server.hiring.views.flow import Need
from server.hiring.views.payloads import ScorecardsChanged
from server.hiring.views.scorecards import Hire, SheetView


class Scoring(View, frozen=True, kw_only=True):
    """All that a draft says from now on. `version` is the one that was changed, 0 for none."""

    version: int
    ratings: dict[UUID, int]
    hire: Hire = ""
    why: str = ""


class Version(View, frozen=True, kw_only=True):
    """The version of a scorecard that somebody has before them."""

    version: int


async def save(asking: Asking, application: UUID, scoring: Scoring) -> SheetView:
    """Keep a draft. Raises NotFound, Invalid, ScorecardMoved, ScorecardSubmittedAlready."""
    asking.require("score")
    job = await in_workspace(asking.workspace, application)
    why = clean(scoring.why).strip()
    if len(why) > LONGEST_WHY:
        raise Invalid(fields={"why": f"At most {LONGEST_WHY:,} characters, please."})
    criteria = await _criteria(job)
    ratings = check_ratings(scoring.ratings, list(criteria), [one for one, retired in criteria.items() if not retired])
    await _check_version(application, asking.id, scoring.version)
    kept = await db.value(
        "INSERT INTO scorecard (id, workspace_id, application_id, member_id, ratings, hire, why) "
        "VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT (application_id, member_id) DO UPDATE SET "
        "ratings = excluded.ratings, hire = excluded.hire, why = excluded.why, version = scorecard.version + 1, "
        "changed_at = now() WHERE scorecard.version = $8 AND scorecard.submitted_at IS NULL RETURNING id",
        uuid7(),
        asking.workspace,
        application,
        asking.id,
        msgspec.json.encode(ratings).decode(),
        scoring.hire,
        why,
        scoring.version,
    )
    if kept is None:  # the other tab was faster by a moment
        raise ScorecardMoved
    told = live.Delivery(live.member(asking.id), ScorecardsChanged(application=application))
    await live.deliver(db.current(), [told])
    return await sheet(asking, application)


async def _criteria(job: UUID) -> dict[UUID, bool]:
    """All that a job ever had, and whether they are retired."""
    return dict(
        await db.rows(
            lambda *c: (c[0], c[1]), "SELECT id, retired_at IS NOT NULL FROM criterion WHERE job_id = $1", job
        )
    )


async def _check_version(application: UUID, member: UUID, version: int) -> None:
    found = await db.record(
        "SELECT version, submitted_at FROM scorecard WHERE application_id = $1 AND member_id = $2", application, member
    )
    if found is not None and found["submitted_at"] is not None:
        raise ScorecardSubmittedAlready
    if version != (found["version"] if found else 0):
        raise ScorecardMoved


async def submit(asking: Asking, application: UUID, version: int, key: str | None) -> SheetView:
    """Let a draft count. Raises NotFound, Invalid while it says too little, ScorecardMoved."""
    asking.require("score")
    job = await in_workspace(asking.workspace, application)
    await lock(application)
    await _hold(application, asking.id)
    await _check_version(application, asking.id, version)
    found = await db.record(
        "SELECT id, ratings, hire FROM scorecard WHERE application_id = $1 AND member_id = $2", application, asking.id
    )
    current = [one for one, retired in (await _criteria(job)).items() if not retired]
    said = msgspec.json.decode(found["ratings"], type=dict[UUID, int]) if found else {}
    ratings = {criterion: value for criterion, value in said.items() if criterion in current}
    check_complete(ratings, found["hire"] if found else "", current)
    scorecard = await _set(application, asking.id, ratings, average(ratings), datetime.now(UTC))
    event = ScorecardSubmitted(
        workspace=asking.workspace,
        actor=asking.actor,
        subject=f"application:{application}",
        application=application,
        scorecard=scorecard,
    )
    await _counted(asking, application, event, "scored", key)
    return await sheet(asking, application)


async def reopen(asking: Asking, application: UUID, key: str | None) -> SheetView:
    """Take one's own back, to change it; it counts no longer. Changes nothing where there is none."""
    asking.require("score")
    await in_workspace(asking.workspace, application)
    await lock(application)
    found = await db.record(
        "SELECT ratings FROM scorecard WHERE application_id = $1 AND member_id = $2 AND submitted_at IS NOT NULL",
        application,
        asking.id,
    )
    if found is not None:
        ratings = msgspec.json.decode(found["ratings"], type=dict[UUID, int])
        event = ScorecardReopened(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
            scorecard=await _set(application, asking.id, ratings, None, None),
        )
        await _counted(asking, application, event, "changed", key)
    return await sheet(asking, application)


async def _hold(application: UUID, member: UUID) -> None:
    """Let no other tab save between what is read of a scorecard and what is written from it."""
    await db.execute(
        "SELECT 1 FROM scorecard WHERE application_id = $1 AND member_id = $2 FOR NO KEY UPDATE", application, member
    )


async def _set(
    application: UUID, member: UUID, ratings: dict[UUID, int], mean: int | None, submitted: datetime | None
) -> UUID:
    """Write what makes a scorecard count, or not; returns its id."""
    scorecard: UUID = await db.value(
        "UPDATE scorecard SET ratings = $3::jsonb, average = $4, submitted_at = $5, version = version + 1, "
        "changed_at = now() WHERE application_id = $1 AND member_id = $2 RETURNING id",
        application,
        member,
        msgspec.json.encode(ratings).decode(),
        mean,
        submitted,
    )
    return scorecard


async def _counted(asking: Asking, application: UUID, event: Event, verb: Verb, key: str | None) -> None:
    """The score and how many made it on the card, and everybody told: not of what it is, which some may not see yet."""
    count, mean = (
        await db.rows(
            lambda *c: (c[0], c[1]),
            "SELECT count(*), round(avg(average))::int FROM scorecard "
            "WHERE application_id = $1 AND submitted_at IS NOT NULL",
            application,
        )
    )[0]
    card = await touch(application, scored=count, score=mean)
    told = await follow_by_itself(asking.workspace, application, [asking.id])
    changed = ScorecardsChanged(application=application)
    await append(
        event,
        [
            *card_changed(card, verb, person(asking), key),
            live.Delivery(live.application(application), changed),
            live.Delivery(live.member(asking.id), changed),
            *told,
            desk_changed(asking.workspace, application),
        ],
        key=key,
    )


# What stages ask for


async def scorecards_missing(applications: Sequence[UUID], need: Need, mover: UUID | None) -> dict[UUID, str]:
    """Applications with fewer scorecards than asked for, or whose score is lower. What it is is not said.

    Who does not see the score yet is refused whatever it is: that it suffices would tell as much as that it does not.
    """
    blind = f"NOT {seen_by(mover)}" if mover and need.least else "false"
    found = await db.rows(
        lambda *c: c,
        f"SELECT a.id, a.scored, $2 > a.scored, {blind} FROM application a "  # noqa: S608 - ours
        f"WHERE a.id = ANY($1) AND (a.scored < $2 OR {blind} OR coalesce({POINTS}, 0) < $3::float8 * 10)",
        list(applications),
        need.count,
        need.least,
    )
    return {
        one: f"it has {scored} of {need.count} scorecard{'' if need.count == 1 else 's'}"
        if few
        else "your own scorecard is not submitted"
        if hidden
        else f"its score is below {need.least:g}"
        for one, scored, few, hidden in found
    }


SCORECARDS = Guard(
    kind="scorecards", one="scorecard", many="scorecards", counted=True, scored=True, missing=scorecards_missing
)
