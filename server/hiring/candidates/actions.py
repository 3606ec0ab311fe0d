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
HANDOVER_MINUTES = 10  # from the code on one screen to the other device's camera
SESSION_DAYS = 60
ENDED = (
    "Personal links end after a while, and one for a phone opens a single device. Have a new one mailed to you: "
    "everything you kept is still there."
)


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


async def whole(candidate: UUID) -> UUID:
    """Whose profile a candidate is a part of; themselves, unless they were merged."""
    found: UUID = await db.value("SELECT coalesce(merged_into, id) FROM candidate WHERE id = $1", candidate)
    return found


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


async def make_handover(workspace: UUID, application: UUID) -> str:
    """Make the token of a link that opens one other device, soon or never. An earlier one that was not used ends."""
    await db.execute(
        "UPDATE candidate_link SET revoked_at = now() WHERE application_id = $1 AND once AND revoked_at IS NULL",
        application,
    )
    token = new_token()
    await CandidateLink(
        workspace_id=workspace,
        application_id=application,
        token_hash=hash_token(token),
        expires_at=later(minutes=HANDOVER_MINUTES),
        once=True,
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


async def exchange(token: str, device: str) -> tuple[UUID, str, bool]:
    """A link's token for a session. Returns (application id, cookie's token, was a handover). Raises LinkExpired.

    A handover's link ends with it: of two devices that come at once one is let in.
    """
    async with db.transaction():
        found = await db.record(
            "UPDATE candidate_link SET revoked_at = CASE WHEN once THEN now() END "
            "WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > now() "
            "RETURNING workspace_id, application_id, once",
            hash_token(token),
        )
        if found is None:
            raise LinkExpired(ENDED)
        application = found["application_id"]
        return application, await open_session(found["workspace_id"], application, device), found["once"]


async def applicant_for(application: UUID, token: str) -> Applicant | None:
    """Who is asking below this application's path with this cookie, or None."""
    return await db.row(
        lambda *c: Applicant(
            application=c[0],
            workspace=c[1],
            job=c[2],
            candidate=c[3],
            name=c[4],
            email=c[5],
            session=c[6],
            consented=c[7],
        ),
        "SELECT a.id, a.workspace_id, a.job_id, c.id, c.name, c.email, s.id, a.consent_at IS NOT NULL "
        "FROM candidate_session s "
        "JOIN application a ON a.id = s.application_id JOIN candidate c ON c.id = a.candidate_id "
        "WHERE s.token_hash = $1 AND s.application_id = $2 AND s.revoked_at IS NULL AND s.expires_at > now()",
        hash_token(token),
        application,
    )
