"""What happens to flows."""

from typing import ClassVar
from uuid import UUID

import msgspec

from server.core.events import Event


class FlowChanged(Event, frozen=True, kw_only=True):
    """A flow was redesigned.

    `removed` keeps the names of stages that are gone, `moved` says where the people of each went, `meant` names stages
    that mean something else to the people in them now.
    """

    kind: ClassVar[str] = "flow_changed"
    removed: dict[UUID, str] = msgspec.field(default_factory=dict)
    moved: dict[UUID, UUID] = msgspec.field(default_factory=dict)
    meant: list[UUID] = msgspec.field(default_factory=list)


class FlowTemplateSaved(Event, frozen=True, kw_only=True):
    """A flow was kept for later jobs."""

    kind: ClassVar[str] = "flow_template_saved"
    name: str


class FlowTemplateDeleted(Event, frozen=True, kw_only=True):
    """A kept flow is gone; jobs that began from it stay as they are."""

    kind: ClassVar[str] = "flow_template_deleted"
    name: str
