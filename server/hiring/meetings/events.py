"""What happens to meetings. What they are about is in the row; when they were to be is here, as it was then."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class MeetingEvent(Event, frozen=True, kw_only=True):
    """Base of the others: which meeting, when it begins, and the `members` who take part."""

    application: UUID
    meeting: UUID
    starts_at: datetime
    members: list[UUID]


class MeetingPlanned(MeetingEvent, frozen=True, kw_only=True):
    """A meeting with a candidate was arranged."""

    kind: ClassVar[str] = "meeting_planned"


class MeetingChanged(MeetingEvent, frozen=True, kw_only=True):
    """Something about it is another now. `came`, `went`: members who did not take part before, or do no longer."""

    kind: ClassVar[str] = "meeting_changed"
    came: list[UUID]
    went: list[UUID]


class MeetingCalledOff(MeetingEvent, frozen=True, kw_only=True):
    """It does not take place; `members` were to take part."""

    kind: ClassVar[str] = "meeting_called_off"


class MeetingLeft(MeetingEvent, frozen=True, kw_only=True):
    """A `member` who left the workspace takes part no longer; `members` still do."""

    kind: ClassVar[str] = "meeting_left"
    member: UUID
