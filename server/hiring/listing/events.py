"""What happens to saved views."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class ViewSaved(Event, frozen=True, kw_only=True):
    """Somebody made or changed a view."""

    kind: ClassVar[str] = "view_saved"
    view: UUID
    shared: bool


class ViewDropped(Event, frozen=True, kw_only=True):
    """Somebody deleted a view."""

    kind: ClassVar[str] = "view_dropped"
    view: UUID
    shared: bool
