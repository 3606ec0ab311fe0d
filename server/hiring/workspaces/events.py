"""What happens in workspaces."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class WorkspaceFounded(Event, frozen=True, kw_only=True):
    """Somebody set up a workspace and owns it."""

    kind: ClassVar[str] = "workspace_founded"
    name: str


class MemberInvited(Event, frozen=True, kw_only=True):
    """A link for a colleague was made."""

    kind: ClassVar[str] = "member_invited"
    invitation: UUID
    role: str


class MemberJoined(Event, frozen=True, kw_only=True):
    """A colleague accepted."""

    kind: ClassVar[str] = "member_joined"
    member: UUID


class RoleChanged(Event, frozen=True, kw_only=True):
    """A member may now do more or less."""

    kind: ClassVar[str] = "role_changed"
    member: UUID
    role: str


class MemberRemoved(Event, frozen=True, kw_only=True):
    """A member left or was removed."""

    kind: ClassVar[str] = "member_removed"
    member: UUID


class ResetAsked(Event, frozen=True, kw_only=True):
    """Somebody cannot sign in; the mail with the link follows if the account exists."""

    kind: ClassVar[str] = "reset_asked"
    account: UUID
