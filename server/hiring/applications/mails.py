"""The mail with a candidate's personal link, sent by the worker."""

from uuid import UUID

from server.core import db, mail, runtime
from server.core.events import on
from server.hiring.applications.events import ApplicationAdded, Applied, LinkAsked
from server.hiring.candidates.actions import make_link


@on(Applied, "mail_first_link")
async def mail_first_link(event_id: UUID, event: Applied) -> None:
    """Send the link that lets the candidate come back from any device."""
    await mail_link(f"applied:{event_id}", event.application, "your personal link")


@on(LinkAsked, "mail_link_again")
async def mail_link_again(event_id: UUID, event: LinkAsked) -> None:
    """Send the link again to whoever owns the mailbox."""
    await mail_link(f"link:{event_id}", event.application, "your link, once more")


@on(ApplicationAdded, "mail_link_of_added", when=lambda event: event.mail)
async def mail_link_of_added(event_id: UUID, event: ApplicationAdded) -> None:
    """Send the link to somebody whom the team added, because it asked for that."""
    await mail_link(f"added:{event_id}", event.application, "a place for you")


async def mail_link(key: str, application: UUID, what: str) -> None:
    """Mint a link and mail it: the token exists in the mail and, hashed, in the database."""
    here = runtime.here()
    found = await db.record(
        "SELECT a.workspace_id, c.name, c.email, j.title, w.name AS workspace FROM application a "
        "JOIN candidate c ON c.id = a.candidate_id JOIN job j ON j.id = a.job_id JOIN workspace w ON w.id = "
        "a.workspace_id "
        "WHERE a.id = $1",
        application,
    )
    if found is None:
        return
    async with db.transaction():
        token = await make_link(found["workspace_id"], application)
        await mail.send_once(
            here.sender,
            key,
            sent_from=here.settings.mail_from,
            to=found["email"],
            subject=f"{found['title']} at {found['workspace']}: {what}",
            text=(
                f"Hello {found['name']},\n\n"
                f"this link is yours alone. It opens your place for {found['title']} at {found['workspace']}, "
                f"on any device:\n"
                f"{here.settings.origin}/c/link/{token}\n\n"
                "Answer when it suits you, stop and come back as you like. What you have answered is kept.\n"
            ),
        )
