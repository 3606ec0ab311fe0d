"""Watching, which is written down, and ending a session."""

from datetime import datetime
from uuid import UUID

from server.core import db, live, tasks
from server.core.access import Asking
from server.core.errors import NotFound
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.monitoring.events import MonitorClosed, MonitorOpened, SessionEnded
from server.hiring.monitoring.rules import SEEN_SECONDS, VISIT_SECONDS, OwnersSession, OwnSession, device_of, keeping
from server.hiring.views.payloads import SessionClosed
from server.hiring.views.people import Person


async def watch(asking: Asking) -> datetime:
    """Somebody watches just now. Begins a visit, once, or keeps the open one; returns since when it lasts."""
    asking.require("monitor")
    found = await db.record(
        "SELECT id, opened_at, seen_at < now() - $2 * interval '1 second' AS stale FROM monitor_visit "
        "WHERE member_id = $1 AND closed_at IS NULL AND seen_at > now() - $3 * interval '1 second'",
        asking.id,
        SEEN_SECONDS,
        VISIT_SECONDS,
    )
    if found is None:
        await close_visits(asking.id)
        return await _open_visit(asking)
    if found["stale"]:
        await db.execute("UPDATE monitor_visit SET seen_at = now() WHERE id = $1", found["id"])
    since: datetime = found["opened_at"]
    return since


async def _open_visit(asking: Asking) -> datetime:
    async with db.transaction():
        mine = uuid7()
        visit = await db.record(
            "INSERT INTO monitor_visit (id, workspace_id, member_id, opened_at, seen_at) "
            "VALUES ($1, $2, $3, now(), now()) ON CONFLICT (member_id) WHERE closed_at IS NULL "
            "DO UPDATE SET seen_at = now() RETURNING id, opened_at",
            mine,
            asking.workspace,
            asking.id,
        )
        assert visit is not None
        if visit["id"] == mine:  # two tabs that open at once are one visit
            await append(
                MonitorOpened(
                    workspace=asking.workspace,
                    actor=asking.actor,
                    subject=f"workspace:{asking.workspace}",
                    visit=mine,
                )
            )
        since: datetime = visit["opened_at"]
        return since


async def close_visits(member: UUID | None = None) -> None:
    """Close the visits that nobody has asked anything in for half a minute; of one member, or of everybody."""
    over = await db.rows(
        lambda c: c,
        "SELECT id FROM monitor_visit WHERE closed_at IS NULL AND seen_at <= now() - $1 * interval '1 second' "
        "AND ($2::uuid IS NULL OR member_id = $2)",
        VISIT_SECONDS,
        member,
    )
    for visit in over:
        await _close_visit(visit)


async def _close_visit(visit: UUID) -> None:
    async with db.transaction():
        closed = await db.record(
            "UPDATE monitor_visit SET closed_at = seen_at WHERE id = $1 AND closed_at IS NULL "
            "AND seen_at <= now() - $2 * interval '1 second' RETURNING workspace_id, member_id",
            visit,
            VISIT_SECONDS,
        )
        if closed is not None:
            workspace = closed["workspace_id"]
            await append(
                MonitorClosed(
                    workspace=workspace,
                    actor=f"member:{closed['member_id']}",
                    subject=f"workspace:{workspace}",
                    visit=visit,
                )
            )


tasks.schedule("close_visits", "* * * * *", close_visits)


async def end_session(asking: Asking, session: UUID, key: str | None) -> UUID | None:
    """Sign somebody out in one browser; returns the application when it was a candidate's.

    Their sockets are closed by the caller, after the commit. Raises OwnSession, OwnersSession, NotFound.
    """
    asking.require("monitor")
    member = await db.record(
        "SELECT m.id, m.name, m.role, s.device FROM sign_in s JOIN member m ON m.account_id = s.account_id "
        "WHERE s.id = $1 AND m.workspace_id = $2 AND m.removed_at IS NULL AND s.expires_at > now() FOR UPDATE OF s, m",
        session,
        asking.workspace,
    )
    if member is None:
        return await _end_candidates(asking, session, key)
    match keeping(asking, session, member["role"]):
        case "own":
            raise OwnSession
        case "owner":
            raise OwnersSession
    await db.execute("DELETE FROM sign_in WHERE id = $1", session)
    await _ended(asking, session, f"member:{member['id']}", member["name"], member["device"], None, key)
    return None


async def _end_candidates(asking: Asking, session: UUID, key: str | None) -> UUID:
    found = await db.record(
        "UPDATE candidate_session s SET revoked_at = now() "
        "FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "WHERE s.id = $1 AND s.workspace_id = $2 AND s.revoked_at IS NULL AND a.id = s.application_id "
        "RETURNING a.id, c.name, s.device",
        session,
        asking.workspace,
    )
    if found is None:
        message = "There is no such session, or it is over already."
        raise NotFound(message)
    application: UUID = found["id"]
    await _ended(asking, session, f"application:{application}", found["name"], found["device"], application, key)
    return application


async def _ended(
    asking: Asking, session: UUID, subject: str, name: str, agent: str, application: UUID | None, key: str | None
) -> None:
    await append(
        SessionEnded(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=subject,
            session=session,
            device=device_of(agent),
            application=application,
        ),
        [
            live.Delivery(
                live.monitor(asking.workspace),
                SessionClosed(
                    session=session, name=name, by=Person(id=asking.id, name=asking.name, colour=asking.colour)
                ),
            )
        ],
        key=key,
    )
