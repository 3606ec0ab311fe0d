"""The mail with a candidate's personal link, sent by the worker."""

from uuid import UUID

from server.core import db, mail, runtime
from server.core.events import on
from server.hiring.applications.events import ApplicationAdded, Applied, LinkAsked
from server.hiring.candidates.actions import make_link

ANSWERING = "Answer when it suits you, stop and come back as you like. What you have answered is kept."
KEPT = "Whatever you and the team write to each other is there."


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


_MAILED = """
SELECT a.workspace_id, c.name, c.email, j.title, w.name AS workspace,
    a.submitted_at IS NULL AND s.kind NOT IN ('hired', 'declined')
        AND EXISTS (SELECT 1 FROM question q WHERE q.job_id = a.job_id AND q.retired_at IS NULL) AS asked
FROM application a JOIN candidate c ON c.id = a.candidate_id JOIN job j ON j.id = a.job_id
JOIN stage s ON s.id = a.stage_id JOIN workspace w ON w.id = a.workspace_id WHERE a.id = $1
"""


async def mail_link(key: str, application: UUID, what: str, words: str = "") -> None:
    """Mint a link and mail it: the token exists in the mail and, hashed, in the database.

    `words` say what it is for; without them, how to answer, as long as there is something to answer.
    """
    here = runtime.here()
    async with mail.sending():
        found = await db.record(_MAILED, application)
        if found is None:
            return
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
                f"{words or (ANSWERING if found['asked'] else KEPT)}\n"
            ),
        )
