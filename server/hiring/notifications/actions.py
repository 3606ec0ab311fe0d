"""Writing and reading notices."""

from datetime import UTC, datetime
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.events import on
from server.core.ids import uuid7
from server.hiring.conversations.events import MessageWritten
from server.hiring.interviews.events import Submitted
from server.hiring.notifications.queries import unread
from server.hiring.views.notifications import Notification
from server.hiring.views.payloads import InboxRead, Notified


@on(Submitted, "notify_submitted")
async def notify_submitted(event_id: UUID, event: Submitted) -> None:
    """Tell every member that answers arrived."""
    await _tell(event_id, event.application, "submitted", "{name} answered all questions for {job}")


@on(MessageWritten, "notify_message")
async def notify_message(event_id: UUID, event: MessageWritten) -> None:
    """Tell every member that a candidate wrote. The words stay in the conversation."""
    if not event.by_team:
        await _tell(event_id, event.application, "message", "{name} wrote to you about {job}")


async def _tell(event_id: UUID, application: UUID, kind: str, text: str) -> None:
    about = await db.record(
        "SELECT a.workspace_id, c.name, j.title, w.slug FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "JOIN job j ON j.id = a.job_id JOIN workspace w ON w.id = a.workspace_id WHERE a.id = $1",
        application,
    )
    if about is None:
        return
    line = text.format(name=about["name"], job=about["title"])[:400]
    url = f"/w/{about['slug']}/applications/{application}"
    async with db.transaction():
        deliveries = []
        for member in await db.rows(
            lambda c: c,
            "SELECT id FROM member WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY id",
            about["workspace_id"],
        ):
            notice = Notification(id=uuid7(), kind=kind, text=line, url=url, at=datetime.now(UTC), read=False)
            new = await db.value(
                "INSERT INTO notice (id, workspace_id, member_id, event_id, kind, text, url, at) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (event_id, member_id) DO NOTHING RETURNING id",
                notice.id,
                about["workspace_id"],
                member,
                event_id,
                kind,
                line,
                url,
                notice.at,
            )
            if new is not None:
                deliveries.append(
                    live.Delivery(live.member(member), Notified(notification=notice, unread=await unread(member)))
                )
        await live.deliver(db.current(), deliveries)


async def read(asking: Asking, url: str | None) -> None:
    """Mark the notices that lead to `url` as read, or all of them; every tab is told what is left."""
    done = await db.execute(
        "UPDATE notice SET read_at = now() WHERE member_id = $1 AND read_at IS NULL AND ($2::text IS NULL OR url = $2)",
        asking.id,
        url,
    )
    if done != "UPDATE 0":
        left = await unread(asking.id)
        await live.deliver(db.current(), [live.Delivery(live.member(asking.id), InboxRead(unread=left, url=url))])
