"""What happens in interviews."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class TakeStarted(Event, frozen=True, kw_only=True):
    """The first picture of a take arrived."""

    kind: ClassVar[str] = "take_started"
    application: UUID
    take: UUID


class TakeEnded(Event, frozen=True, kw_only=True):
    """A take has its file, or has none: `state` is ready, interrupted or failed."""

    kind: ClassVar[str] = "take_ended"
    application: UUID
    take: UUID
    state: str


class CopyArrived(Event, frozen=True, kw_only=True):
    """All of the browser's own copy of a take has come; which of the two is better will be seen."""

    kind: ClassVar[str] = "copy_arrived"
    application: UUID
    take: UUID


class Answered(Event, frozen=True, kw_only=True):
    """The candidate kept a take or wrote a text."""

    kind: ClassVar[str] = "answered"
    application: UUID
    question: UUID
    answer_kind: str


class Submitted(Event, frozen=True, kw_only=True):
    """All answers were handed in."""

    kind: ClassVar[str] = "submitted"
    application: UUID
    job: UUID


class CaptionsChanged(Event, frozen=True, kw_only=True):
    """Somebody wrote, sent or took away the captions of a recording."""

    kind: ClassVar[str] = "captions_changed"
    recording: UUID
    source: str
    cues: int
