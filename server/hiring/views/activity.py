"""What happened in a job, as its board lists it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.applications import Card, NotMoved
from server.hiring.views.base import View
from server.hiring.views.people import Person

ActivityKind = Literal[
    "applied", "submitted", "moved", "assigned", "tagged", "messaged", "wrote", "noted", "scored", "meeting_planned",
    "meeting_changed", "meeting_called_off", "flow", "edited", "state",
]  # fmt: skip
Undo = Literal["", "open", "done"]


class ActivityEntry(View, frozen=True, kw_only=True):
    """One line: `by` (None: the candidate, or Greenroom itself) did this to `count` candidates.

    `names` are some of theirs; `application` leads to the only one. `told`: so many were written to with it. `stage`
    and `stage_from` are names, empty when they are several. `member` became `part` (empty: nothing any more). `tag` was
    put on or taken off. `words` are those of the kind: a state of the job, what a meeting
    is called. `takes_back`: this took an earlier one back.
    `undo`: whether it can be taken back, or was, by `undone_by`.
    """

    id: UUID
    kind: ActivityKind
    at: datetime
    by: Person | None
    names: list[str]
    count: int
    told: int
    application: UUID | None
    stage: str
    stage_from: str
    member: Person | None
    part: str
    tag: str
    put: bool
    words: str
    automatic: bool
    takes_back: bool
    undo: Undo
    undone_by: Person | None


class Activity(View, frozen=True, kw_only=True):
    """A page of what happened, newest first; `more`: there are older ones."""

    entries: list[ActivityEntry]
    more: bool


class TakenBack(View, frozen=True, kw_only=True):
    """What came of taking something back: the cards that are as they were, and those that stay, with the reason."""

    cards: list[Card]
    refused: list[NotMoved]
