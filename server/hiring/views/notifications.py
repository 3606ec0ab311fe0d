"""A member's bell."""

from datetime import datetime
from uuid import UUID

from server.hiring.views.base import View


class Notification(View, frozen=True, kw_only=True):
    """A line of a member's bell."""

    id: UUID
    kind: str
    text: str
    url: str
    at: datetime
    read: bool


class Inbox(View, frozen=True, kw_only=True):
    """The bell: newest first, at most 50."""

    notifications: list[Notification]
    unread: int
    epoch: str
    positions: dict[str, int]
