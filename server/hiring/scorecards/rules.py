"""Rules of scorecards: pure functions, and the one condition that says who sees a score."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

from server.core.errors import Invalid, Refusal

LONGEST_WHY = 2000  # characters
LEAST, MOST = 1, 5  # a rating
POINTS = "((a.score + 5) / 10)"  # SQL over `a` (application): tenths of a point, as `in_points` shows them


class ScorecardMoved(Refusal):
    """A scorecard was changed elsewhere since it was read."""

    code = "scorecard_moved"
    status = HTTPStatus.CONFLICT
    message = "You changed this scorecard in another tab. What you see now is its latest version."


class ScorecardSubmittedAlready(Refusal):
    """Somebody writes on a scorecard that counts."""

    code = "scorecard_submitted"
    status = HTTPStatus.CONFLICT
    message = "This scorecard is submitted. Take it back first, then change it."


def seen_by(me: UUID) -> str:
    """SQL over `a` (application): whether this member sees its score.

    Reviewers do when they have submitted a scorecard of their own, and so does who took themselves off the reviewers;
    everybody else on the team does.
    """
    return (
        f"(NOT '{UUID(str(me))}'::uuid = ANY(a.reviewers || a.stepped_off) OR EXISTS ("  # noqa: S608 - an id
        f"SELECT 1 FROM scorecard x WHERE x.application_id = a.id AND x.member_id = '{UUID(str(me))}'::uuid "
        "AND x.submitted_at IS NOT NULL))"
    )


def check_ratings(ratings: Mapping[UUID, int], known: Sequence[UUID], current: Sequence[UUID]) -> dict[UUID, int]:
    """Ratings of the criteria that there are: `known` ones that were retired meanwhile are left out. Raises Invalid."""
    if not set(ratings) <= set(known):
        raise Invalid(fields={"ratings": "This job has no such criterion."})
    if not all(LEAST <= value <= MOST for value in ratings.values()):
        raise Invalid(fields={"ratings": f"A rating is a number from {LEAST} to {MOST}."})
    return {criterion: value for criterion, value in ratings.items() if criterion in current}


def average(ratings: Mapping[UUID, int]) -> int | None:
    """Of the ratings, in hundredths; None without any."""
    return round(100 * sum(ratings.values()) / len(ratings)) if ratings else None


def in_points(hundredths: int) -> float:
    """With one decimal, as a score is shown everywhere; halves go up, as in the list and in files."""
    return (hundredths + 5) // 10 / 10


def check_complete(ratings: Mapping[UUID, int], hire: str, criteria: Sequence[UUID]) -> None:
    """Raise Invalid unless a scorecard says enough to count."""
    faults: dict[str, str] = {}
    if criteria and not ratings:
        faults["ratings"] = "Rate at least one criterion."
    if not hire:
        faults["hire"] = "Say whether you would hire them."
    if faults:
        raise Invalid(fields=faults)
