"""What happens to scorecards. What they say is read from the table, by whoever may."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class ScorecardSubmitted(Event, frozen=True, kw_only=True):
    """A member's scorecard counts, and the team reads it."""

    kind: ClassVar[str] = "scorecard_submitted"
    application: UUID
    scorecard: UUID


class ScorecardReopened(Event, frozen=True, kw_only=True):
    """A member took theirs back, to change it."""

    kind: ClassVar[str] = "scorecard_reopened"
    application: UUID
    scorecard: UUID
