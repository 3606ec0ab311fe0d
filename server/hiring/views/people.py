"""Members, workspaces and invitations, as colleagues see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View

Role = Literal["owner", "admin", "recruiter", "reviewer"]


class Person(View, frozen=True, kw_only=True):
    """A member as colleagues see them; `colour` is 1 to 12."""

    id: UUID
    name: str
    colour: int


class Me(View, frozen=True, kw_only=True):
    """The signed-in member in one workspace."""

    id: UUID
    name: str
    email: str
    colour: int
    role: Role
    workspace: UUID
    workspace_name: str
    slug: str
    unread: int


class WorkspaceRow(View, frozen=True, kw_only=True):
    """A workspace that the signed-in account is a member of."""

    slug: str
    name: str
    current: bool


class MemberRow(View, frozen=True, kw_only=True):
    """A line of the people page."""

    id: UUID
    name: str
    email: str
    colour: int
    role: Role
    joined_at: datetime


class InvitationRow(View, frozen=True, kw_only=True):
    """An invitation that nobody has accepted yet."""

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime
