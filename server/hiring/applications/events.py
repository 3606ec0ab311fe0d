"""What happens to applications."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class Applied(Event, frozen=True, kw_only=True):
    """Somebody applied."""

    kind: ClassVar[str] = "applied"
    application: UUID
    job: UUID


class LinkAsked(Event, frozen=True, kw_only=True):
    """A candidate wants their personal link by mail."""

    kind: ClassVar[str] = "link_asked"
    application: UUID


class ApplicationMoved(Event, frozen=True, kw_only=True):
    """A card changed its stage or its place; `automatic` when progress did it. `into`: the kind of its stage now.

    `acts`: one of the two stages does something by itself about it.
    """

    kind: ClassVar[str] = "application_moved"
    application: UUID
    job: UUID
    stage_from: UUID
    stage: UUID
    into: str = ""
    acts: bool = False
    automatic: bool = False


class ApplicationOpened(Event, frozen=True, kw_only=True):
    """Somebody of the team looked at the answers for the first time."""

    kind: ClassVar[str] = "application_opened"
    application: UUID
