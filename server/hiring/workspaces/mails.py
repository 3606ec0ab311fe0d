"""Mails about accounts, sent by the worker."""

from uuid import UUID

from server.core import db, mail, runtime
from server.core.events import on
from server.hiring.workspaces.actions import make_reset
from server.hiring.workspaces.events import ResetAsked


@on(ResetAsked, "mail_reset")
async def mail_reset(event_id: UUID, event: ResetAsked) -> None:
    """Mint the token only now: it exists in the mail and, hashed, in the database, nowhere else."""
    here = runtime.here()
    async with mail.sending():
        email = await db.value("SELECT email FROM account WHERE id = $1", event.account)
        if email is None:
            return
        link = f"{here.settings.origin}/reset/{await make_reset(event.account)}"
        await mail.send_once(
            here.sender,
            f"reset:{event_id}",
            sent_from=here.settings.mail_from,
            to=email,
            subject="Choose a new password",
            text=(
                "Somebody, hopefully you, asked for a new password for Greenroom.\n\n"
                f"Choose it here, within two hours:\n{link}\n\n"
                "If it was not you, nothing needs to be done: your password stays as it is.\n"
            ),
        )
