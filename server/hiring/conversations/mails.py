"""A candidate is told by mail that the team wrote, at most once in half an hour. The words stay on their page."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.core import db, mail, tasks
from server.core.events import on
from server.hiring.applications.events import ApplicationsMoved
from server.hiring.applications.mails import mail_link
from server.hiring.conversations.events import MessagesWritten, MessageWritten, Sent

QUIET = timedelta(minutes=30)


@on(MessageWritten, "mail_news")
async def mail_news(event_id: UUID, event: MessageWritten) -> None:
    """At once, or when half an hour is over since the last one: then one mail tells of all that came meanwhile."""
    if event.by_team:
        await _tell(f"news:{event_id}", Sent(application=event.application, message=event.message))


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
    await _tell(f"news:{sent.message}", sent)


tasks.register("mail_one_of_many", mail_one_of_many)


async def _tell(key: str, sent: Sent) -> None:
    """Mail it, or look again when the last mail is long enough ago."""
    async with mail.sending():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"news:{sent.application}")
        if not await db.value(_UNTOLD, sent.message):
            return
        last: datetime | None = await db.value(
            "SELECT max(mailed_at) FROM message WHERE application_id = $1", sent.application
        )
        pause = last + QUIET - datetime.now(last.tzinfo) if last else timedelta()
        if pause > timedelta():
            await tasks.enqueue("mail_one_of_many", msgspec.json.encode(sent), after=pause)
            return
        await mail_link(key, sent.application, "there is a message for you", "You can read it and write back there.")
        await db.execute(_TOLD, sent.application)


# Who has written since has read it.
_UNTOLD = """
SELECT 1 FROM message m WHERE m.id = $1 AND m.mailed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM message n WHERE n.application_id = m.application_id AND n.member_id IS NULL AND n.id > m.id)
"""
_TOLD = """
UPDATE message SET mailed_at = now()
WHERE application_id = $1 AND member_id IS NOT NULL AND about = '' AND mailed_at IS NULL
"""
