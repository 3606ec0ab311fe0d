"""What the team thinks of an application, as one member may see it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.jobs import CriterionView
from server.hiring.views.people import Person

Hire = Literal["", "no", "unsure", "yes", "strong_yes"]


class ScorecardView(View, frozen=True, kw_only=True):
    """A member's scorecard. `ratings`: 1 to 5 by criterion; `average` of them, None without any.

    `submitted_at` is None for a draft, which its author alone sees.
    """

    author: Person
    ratings: dict[UUID, int]
    hire: Hire
    why: str
    average: float | None
    submitted_at: datetime | None
    version: int


class SheetView(View, frozen=True, kw_only=True):
    """The scorecards of an application, as one member sees them.

    `criteria` are those of the job, and retired ones that a scorecard shown here speaks of. `mine` is None until
    something was said. `submitted`: who has handed theirs in. `hidden`: what they say is shown to this member once
    they have submitted their own; then `others` is empty and `score` None.
    """

    application: UUID
    criteria: list[CriterionView]
    mine: ScorecardView | None
    submitted: list[Person]
    hidden: bool
    others: list[ScorecardView]
    score: float | None


class Scores(View, frozen=True, kw_only=True):
    """The scores of cards, without those that have none or that this member does not see yet."""

    scores: dict[UUID, float]
