"""Links and sessions of candidates."""

from uuid import UUID

from server.core import db
from server.core.access import Applicant
from server.core.errors import LinkExpired
from server.core.ids import hash_token, new_token, uuid7
from server.hiring.candidates.rules import plain
from server.hiring.candidates.tables import CandidateLink, CandidateSession
from server.hiring.workspaces.actions import later
from server.hiring.workspaces.rules import fold

LINK_DAYS = 180
SESSION_DAYS = 60


async def know(workspace: UUID, name: str, email: str) -> UUID:
    """The candidate with this e-mail in the workspace, made if unknown. A known one keeps the name on record."""
    candidate: UUID = await db.value(
        "INSERT INTO candidate (id, workspace_id, name, email, folded, plain, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, now()) "
        "ON CONFLICT (workspace_id, folded) DO UPDATE SET folded = excluded.folded RETURNING id",
        uuid7(),
        workspace,
        name,
        email,
        fold(email),
        plain(name),
    )
    return candidate


async def make_link(workspace: UUID, application: UUID) -> str:
    """Make a personal link's token. Many may be valid at a time."""
    token = new_token()
    await CandidateLink(
        workspace_id=workspace,
        application_id=application,
        token_hash=hash_token(token),
        expires_at=later(days=LINK_DAYS),
    ).save()
    return token


async def open_session(workspace: UUID, application: UUID, device: str) -> str:
    """Open a candidate's place in this browser. Returns the cookie's token."""
    token = new_token()
    await CandidateSession(
        workspace_id=workspace,
        application_id=application,
        token_hash=hash_token(token),
        device=device[:300],
        expires_at=later(days=SESSION_DAYS),
    ).save()
    return token


async def exchange(token: str, device: str) -> tuple[UUID, str]:
    """A link's token for a session. Returns (application id, cookie's token). Raises LinkExpired."""
    async with db.transaction():
        found = await db.record(
            "SELECT workspace_id, application_id FROM candidate_link "
            "WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > now()",
            hash_token(token),
        )
        if found is None:
            raise LinkExpired
        return found["application_id"], await open_session(found["workspace_id"], found["application_id"], device)


async def applicant_for(application: UUID, token: str) -> Applicant | None:
    """Who is asking below this application's path with this cookie, or None."""
    return await db.row(
        lambda *c: Applicant(
            application=c[0], workspace=c[1], job=c[2], candidate=c[3], name=c[4], email=c[5], session=c[6]
        ),
        "SELECT a.id, a.workspace_id, a.job_id, c.id, c.name, c.email, s.id FROM candidate_session s "
        "JOIN application a ON a.id = s.application_id JOIN candidate c ON c.id = a.candidate_id "
        "WHERE s.token_hash = $1 AND s.application_id = $2 AND s.revoked_at IS NULL AND s.expires_at > now()",
        hash_token(token),
        application,
    )
