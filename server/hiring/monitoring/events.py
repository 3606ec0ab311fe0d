"""What happens around the live monitor."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class MonitorOpened(Event, frozen=True, kw_only=True):
    """Somebody began to watch."""

    kind: ClassVar[str] = "monitor_opened"
    visit: UUID


class MonitorClosed(Event, frozen=True, kw_only=True):
    """They watch no longer; noticed within a minute or two."""

    kind: ClassVar[str] = "monitor_closed"
    visit: UUID


class SessionEnded(Event, frozen=True, kw_only=True):
    """A member or a candidate was signed out in one browser. `application` when it was a candidate."""

    kind: ClassVar[str] = "session_ended"
    session: UUID
    device: str
    application: UUID | None = None
