"""What happens to jobs."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class JobCreated(Event, frozen=True, kw_only=True):
    """A draft was begun."""

    kind: ClassVar[str] = "job_created"
    title: str


class JobEdited(Event, frozen=True, kw_only=True):
    """Details or questions changed; `what` names the fields."""

    kind: ClassVar[str] = "job_edited"
    what: list[str]


class JobStateChanged(Event, frozen=True, kw_only=True):
    """Opened, closed, or back to draft."""

    kind: ClassVar[str] = "job_state_changed"
    state: str


class JobVideoChanged(Event, frozen=True, kw_only=True):
    """Another job video, or none."""

    kind: ClassVar[str] = "job_video_changed"
    recording: UUID | None


class DraftDeleted(Event, frozen=True, kw_only=True):
    """A draft that nobody had applied to is gone."""

    kind: ClassVar[str] = "draft_deleted"
    title: str
