"""A candidate who is not looking is told by mail that the team wrote. The words themselves stay on their page."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from server.core import db, tasks
from server.core.events import on
from server.hiring.applications.events import ApplicationsMoved
from server.hiring.applications.mails import mail_link
from server.hiring.conversations.events import MessagesWritten, MessageWritten, Sent

QUIET_MINUTES = 30


@on(MessageWritten, "mail_news")
async def mail_news(event_id: UUID, event: MessageWritten) -> None:
    """One mail for the first of several messages: the next one goes out after half an hour at the earliest."""
    if event.by_team:
        await _tell(f"news:{event_id}", event.application, event.message)


@on(MessagesWritten, "mail_news_together")
async def mail_news_together(_event_id: UUID, event: MessagesWritten) -> None:
    """The same for many who were written to at once, a task each: a bad address holds up nobody else."""
    await _tell_each(event.messages)


@on(ApplicationsMoved, "mail_news_of_moves", when=lambda event: any(step.message for step in event.steps))
async def mail_news_of_moves(_event_id: UUID, event: ApplicationsMoved) -> None:
    """The same for those who were written to as they were moved."""
    await _tell_each(Sent(application=one.application, message=one.message) for one in event.steps if one.message)


async def _tell_each(messages: Iterable[Sent]) -> None:
    async with db.transaction():
        for sent in messages:
            await tasks.enqueue("mail_one_of_many", msgspec.json.encode(sent))


async def mail_one_of_many(payload: bytes) -> None:
    """One of them; queued twice, it is mailed once."""
    sent = msgspec.json.decode(payload, type=Sent)
    await _tell(f"news:{sent.message}", sent.application, sent.message)


tasks.register("mail_one_of_many", mail_one_of_many)


async def _tell(key: str, application: UUID, message: UUID) -> None:
    recent = await db.value(
        "SELECT 1 FROM message WHERE application_id = $1 AND id < $2 AND member_id IS NOT NULL AND about = '' "
        "AND created_at > now() - make_interval(mins => $3) LIMIT 1",
        application,
        message,
        QUIET_MINUTES,
    )
    if recent is None:
        await mail_link(key, application, "there is a message for you")
