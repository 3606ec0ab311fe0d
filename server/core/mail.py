"""Mail: a Sender that either speaks SMTP or files each mail in the outbox folder, which is the default.

Mails are sent by background tasks only. `send_once` keeps a row per mail, so that a task that runs twice mails once.
A server that is away is waited for, however long; only what it says of a mail itself counts as that mail's failure.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from server.core import db, tasks
from server.core.ids import uuid7
from server.core.settings import Settings

AT_ONCE = 3  # mails of a process, each with one of its connections to the database; and a server may hang
AWAY_PAUSE = timedelta(minutes=1)
REFUSED_PAUSE = timedelta(minutes=15)  # who asks more often is refused for longer
WITHIN = timedelta(days=2)  # that a mail is refused "for now"
PERMANENT = 500  # and above: RFC 5321, 4.2.1
_turns = asyncio.Semaphore(AT_ONCE)


class Sender(Protocol):
    """Something that takes a mail and either has it safe when it returns, or raises."""

    async def send(self, message: EmailMessage) -> None:
        """Hand the mail over."""


class Outbox:
    """Writes each mail to a file of its own, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first mail is written."""
        self.folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Write `<id>.eml`, whole or not at all."""
        await asyncio.to_thread(self._write, message.as_bytes())

    def _write(self, text: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{uuid7()}.eml"
        draft = path.with_suffix(".part")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
        draft.rename(path)


class Smtp:
    """Speaks to an SMTP server: `smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host:465`."""

    def __init__(self, url: str) -> None:
        """`url` as in GREENROOM_SMTP_URL."""
        self.parts = urlsplit(url)

    async def send(self, message: EmailMessage) -> None:
        """Deliver to the server, within 30 s. Raises NotYetError where another time may do."""
        parts = self.parts
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname or "localhost",
                port=parts.port or (465 if parts.scheme == "smtps" else 25),
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                timeout=30,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            if (later := _another_time(error)) is None:
                raise
            raise later from error


def _another_time(error: Exception) -> tasks.NotYetError | None:
    """When it may do; None where the server refuses this mail and always will."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _another_time(max(error.recipients, key=lambda refused: refused.code))
    if isinstance(error, (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)):
        return None if error.code >= PERMANENT else tasks.NotYetError(REFUSED_PAUSE, WITHIN)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return None
    return tasks.NotYetError(REFUSED_PAUSE if isinstance(error, aiosmtplib.SMTPAuthenticationError) else AWAY_PAUSE)


def sender_for(settings: Settings) -> Sender:
    """SMTP when GREENROOM_SMTP_URL is set, else the outbox folder."""
    return Smtp(settings.smtp_url) if settings.smtp_url else Outbox(settings.outbox)


class Attached(NamedTuple):
    """An invitation for calendars (RFC 6047): the file's name, its method and its bytes."""

    name: str
    method: str
    content: bytes


@contextlib.asynccontextmanager
async def sending() -> AsyncIterator[None]:
    """A transaction in which a mail goes out, or the one there is: few at a time, for the others wait without one."""
    if db.inside():
        yield
        return
    await tasks.unless_stopped(_turns.acquire())
    try:
        async with db.transaction():
            yield
    finally:
        _turns.release()


async def send_once(
    sender: Sender, key: str, *, sent_from: str, to: str, subject: str, text: str, invitation: Attached | None = None
) -> None:
    """Send a mail unless the one with this `key` went out before.

    The row is written in the transaction that surrounds the sending: a crash in between may send twice, never not at
    all.
    """
    async with sending():
        mine = await db.value(
            "INSERT INTO sent_mail (id, key, at) VALUES ($1, $2, now()) ON CONFLICT (key) DO NOTHING RETURNING id",
            uuid7(),
            key,
        )
        if mine is None:
            return
        message = EmailMessage()
        message["From"] = sent_from
        message["To"] = to
        message["Subject"] = subject.replace("\n", " ").replace("\r", " ")
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="greenroom.invalid")
        message.set_content(text)
        if invitation is not None:
            _invite(message, invitation)
        await sender.send(message)


def _invite(message: EmailMessage, invitation: Attached) -> None:
    """Twice, as programs differ: some look for a part beside the text that they understand, others for a file."""
    params = {"method": invitation.method, "charset": "utf-8"}
    message.add_alternative(invitation.content, maintype="text", subtype="calendar", params=params)
    message.add_attachment(invitation.content, maintype="application", subtype="ics", filename=invitation.name)
