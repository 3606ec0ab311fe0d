"""Message templates: the words that a workspace keeps to write from."""

from datetime import datetime
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.people import Person


class MessageTemplateView(View, frozen=True, kw_only=True):
    """Words to write from; `text` may hold placeholders. `by` changed it last, None: it is as Greenroom brought it."""

    id: UUID
    name: str
    text: str
    version: int
    by: Person | None
    changed_at: datetime


class MessageTemplates(View, frozen=True, kw_only=True):
    """All of them by name, as of `positions`."""

    templates: list[MessageTemplateView]
    epoch: str
    positions: dict[str, int]
