"""A candidate who is not looking is told by mail that the team wrote. The words themselves stay on their page."""

from uuid import UUID

from server.core import db
from server.core.events import on
from server.hiring.applications.mails import mail_link
from server.hiring.conversations.events import MessageWritten

QUIET_MINUTES = 30


@on(MessageWritten, "mail_news")
async def mail_news(event_id: UUID, event: MessageWritten) -> None:
    """One mail for the first of several messages: the next one goes out after half an hour at the earliest."""
    if not event.by_team:
        return
    recent = await db.value(
        "SELECT 1 FROM message WHERE application_id = $1 AND id < $2 AND member_id IS NOT NULL "
        "AND created_at > now() - make_interval(mins => $3) LIMIT 1",
        event.application,
        event.message,
        QUIET_MINUTES,
    )
    if recent is None:
        await mail_link(f"news:{event_id}", event.application, "there is a message for you")
