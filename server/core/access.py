"""Access: who is asking, and what they may do. The one place where rights are written down.

Every route names the right it needs (`right=` in its decorator's options); a route without one does not start
(`guard_of_members` refuses it, and a test walks over all routes). Candidates have no rights in the sense of this table:
their cookie is valid below their own application's path only, and everything there is theirs. Whoever the team added
has agreed to nothing: until they do, the gate lets them to routes alone that say `before_consent` in their options.
"""

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from server.core.errors import Forbidden

Right = Literal[
    "read",
    "write_notes",
    "write_captions",
    "score",
    "write_messages",
    "edit_templates",
    "move",
    "meet",
    "assign",
    "edit_jobs",
    "transfer",
    "edit_people",
    "invite",
    "manage_people",
    "monitor",
]

_REVIEWER: frozenset[Right] = frozenset({"read", "write_notes", "write_captions", "score"})
_RECRUITER: frozenset[Right] = _REVIEWER | {
    "write_messages",
    "edit_templates",
    "move",
    "meet",
    "assign",
    "edit_jobs",
    "transfer",
    "edit_people",
}
_ADMIN: frozenset[Right] = _RECRUITER | {"invite", "manage_people", "monitor"}
RIGHTS: dict[str, frozenset[Right]] = {
    "owner": _ADMIN,
    "admin": _ADMIN,
    "recruiter": _RECRUITER,
    "reviewer": _REVIEWER,
}


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in member in one workspace, as found for this request."""

    id: UUID
    account: UUID
    workspace: UUID
    slug: str
    workspace_name: str
    name: str
    email: str
    colour: int
    role: str
    sign_in: UUID

    @property
    def actor(self) -> str:
        """How events name this person."""
        return f"member:{self.id}"

    def may(self, right: Right) -> bool:
        """Whether this member's role includes `right`."""
        return right in RIGHTS.get(self.role, frozenset())

    def require(self, right: Right) -> None:
        """Raise Forbidden unless this member's role includes `right`."""
        if not self.may(right):
            raise Forbidden


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate in their own place: one application, one browser."""

    application: UUID
    workspace: UUID
    job: UUID
    candidate: UUID
    name: str
    email: str
    session: UUID
    consented: bool

    @property
    def actor(self) -> str:
        """How events name this person."""
        return f"application:{self.application}"


async def guard_of_members(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse unless the handler names a right and the member that the middleware found has it.

    OPTIONS says what an address is for and nothing of what is there; browsers send it without a cookie.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    right: Right | None = handler.opt.get("right")
    asking: Asking | None = connection.scope.get("asking")  # type: ignore[assignment]  # set by the identifying middleware
    if right is None or asking is None:
        raise Forbidden
    asking.require(right)
