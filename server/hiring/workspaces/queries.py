"""What can be read about workspaces and their people."""

from uuid import UUID

from server.core import db
from server.core.access import Asking
from server.core.ids import hash_token
from server.hiring.views.people import InvitationRow, MemberRow, Person, WorkspaceRow
from server.hiring.workspaces.rules import fold, workspace_in


async def member_for(slug: str, token: str) -> Asking | None:
    """Who is asking in the workspace `slug` with this cookie, or None."""
    return await db.row(
        lambda *c: Asking(
            id=c[0],
            account=c[1],
            workspace=c[2],
            slug=c[3],
            workspace_name=c[4],
            name=c[5],
            email=c[6],
            colour=c[7],
            role=c[8],
            sign_in=c[9],
        ),
        "SELECT m.id, m.account_id, w.id, w.slug, w.name, m.name, a.email, m.colour, m.role, s.id "
        "FROM sign_in s JOIN account a ON a.id = s.account_id JOIN member m ON m.account_id = a.id "
        "JOIN workspace w ON w.id = m.workspace_id "
        "WHERE s.token_hash = $1 AND s.expires_at > now() AND m.removed_at IS NULL AND w.slug = $2",
        hash_token(token),
        slug,
    )


async def account_of(token: str) -> UUID | None:
    """The account that is signed in with this cookie, in whatever workspace."""
    found: UUID | None = await db.value(
        "SELECT account_id FROM sign_in WHERE token_hash = $1 AND expires_at > now()", hash_token(token)
    )
    return found


async def home_of(account: UUID, wanted: str = "") -> str | None:
    """Where somebody goes after signing in; None when they are in no workspace.

    That is the page they `wanted`, when it is one of a workspace of theirs, else the home of their oldest workspace.
    """
    there = workspace_in(wanted)
    slug = await db.value(
        "SELECT w.slug FROM member m JOIN workspace w ON w.id = m.workspace_id "
        "WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY w.slug <> $2, m.joined_at LIMIT 1",
        account,
        there,
    )
    if slug is None:
        return None
    return wanted if slug == there else f"/w/{slug}/home"


async def workspaces_of(asking: Asking) -> list[WorkspaceRow]:
    """Every workspace of the asking account, in order of joining."""
    return await db.rows(
        lambda *c: WorkspaceRow(slug=c[0], name=c[1], current=c[0] == asking.slug),
        "SELECT w.slug, w.name FROM member m JOIN workspace w ON w.id = m.workspace_id "
        "WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY m.joined_at",
        asking.account,
    )


async def has_owner(*, besides: str = "") -> bool:
    """Whether anybody has set this installation up, other than whoever has the e-mail `besides`."""
    return bool(
        await db.value(
            "SELECT 1 FROM member m JOIN account a ON a.id = m.account_id "
            "WHERE m.role = 'owner' AND m.removed_at IS NULL AND a.folded <> $1 LIMIT 1",
            fold(besides),
        )
    )


async def people(workspace: UUID) -> list[Person]:
    """Every member there is or was, for showing authors."""
    return await db.rows(
        lambda *c: Person(id=c[0], name=c[1], colour=c[2]),
        "SELECT id, name, colour FROM member WHERE workspace_id = $1 ORDER BY joined_at",
        workspace,
    )


async def present(workspace: UUID) -> list[Person]:
    """The members of today, for choosing among them: those of one name with their addresses."""
    return await db.rows(
        lambda *c: Person(id=c[0], name=c[1], colour=c[2]),
        "SELECT m.id, CASE WHEN count(*) OVER (PARTITION BY lower(m.name)) > 1 THEN m.name || ' (' || a.email || ')' "
        "ELSE m.name END, m.colour FROM member m JOIN account a ON a.id = m.account_id "
        "WHERE m.workspace_id = $1 AND m.removed_at IS NULL ORDER BY m.joined_at",
        workspace,
    )


async def members(workspace: UUID) -> list[MemberRow]:
    """The members of today, in order of joining."""
    return await db.rows(
        lambda *c: MemberRow(id=c[0], name=c[1], email=c[2], colour=c[3], role=c[4], joined_at=c[5]),
        "SELECT m.id, m.name, a.email, m.colour, m.role, m.joined_at FROM member m JOIN account a ON a.id = "
        "m.account_id "
        "WHERE m.workspace_id = $1 AND m.removed_at IS NULL ORDER BY m.joined_at",
        workspace,
    )


async def invitations(workspace: UUID) -> list[InvitationRow]:
    """Invitations that are open."""
    return await db.rows(
        lambda *c: InvitationRow(id=c[0], email=c[1], role=c[2], created_at=c[3], expires_at=c[4]),
        "SELECT id, email, role, created_at, expires_at FROM invitation "
        "WHERE workspace_id = $1 AND accepted_at IS NULL AND expires_at > now() ORDER BY created_at DESC",
        workspace,
    )


async def open_invitation(token: str) -> tuple[UUID, UUID, str, str, str] | None:
    """An invitation by its token: (id, workspace id, workspace name, e-mail, role)."""
    return await db.row(
        lambda *c: (c[0], c[1], c[2], c[3], c[4]),
        "SELECT i.id, w.id, w.name, i.email, i.role FROM invitation i JOIN workspace w ON w.id = i.workspace_id "
        "WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > now()",
        hash_token(token),
    )


async def open_setup(token: str) -> UUID | None:
    """The id of a set-up link that still works."""
    found: UUID | None = await db.value(
        "SELECT id FROM setup_link WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()", hash_token(token)
    )
    return found


async def open_reset(token: str) -> tuple[UUID, UUID] | None:
    """A password reset by its token: (id, account id)."""
    return await db.row(
        lambda *c: (c[0], c[1]),
        "SELECT id, account_id FROM password_reset WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()",
        hash_token(token),
    )
