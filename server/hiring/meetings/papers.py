"""What goes out of the house about a meeting: the file for calendars, and the mail that brings it to a candidate."""

from datetime import UTC, datetime
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from server.core import db, mail, runtime
from server.core.access import Applicant, Asking
from server.core.errors import NotFound
from server.core.events import on
from server.hiring.candidates.actions import make_link
from server.hiring.meetings import queries
from server.hiring.meetings.events import MeetingCalledOff, MeetingChanged, MeetingPlanned
from server.hiring.meetings.invitations import NAME, Entry, Method, calendar, uid_of
from server.hiring.meetings.rules import ends, told, with_whom
from server.hiring.views.meetings import MeetingView

SUBJECTS = {
    "meeting_planned": "a meeting with you",
    "meeting_changed": "your meeting has changed",
    "meeting_called_off": "your meeting is called off",
}
WAYS = {
    False: "If this time does not suit you, say so there. The attached file puts the meeting into your calendar.",
    True: "The attached file takes the meeting out of your calendar.",
}


_ABOUT = """
SELECT x.workspace_id, x.changed_at, c.name, c.email, j.title || ' at ' || w.name AS job, w.name AS workspace
FROM meeting x JOIN application a ON a.id = x.application_id JOIN candidate c ON c.id = a.candidate_id
JOIN job j ON j.id = a.job_id JOIN workspace w ON w.id = x.workspace_id WHERE x.id = $1
"""


async def for_member(asking: Asking, meeting: UUID) -> bytes:
    """The file for a colleague's calendar. Raises NotFound."""
    view = await queries.view(asking.workspace, meeting)
    page = f"/w/{asking.slug}/applications/{view.application}"
    about = await _about(meeting)
    entry = _entry(view, about, f"{view.title}, {about['name']}", page)
    return calendar(entry, "CANCEL" if view.state == "called_off" else "PUBLISH")


async def for_candidate(applicant: Applicant, meeting: UUID) -> bytes:
    """The file for the candidate's own calendar, of a meeting that is to come. Raises NotFound."""
    await queries.own_one(applicant, meeting)
    view = await queries.view(applicant.workspace, meeting)
    return calendar(_candidates(view, await _about(meeting)), "PUBLISH")


async def _about(meeting: UUID) -> db.Record:
    found = await db.record(_ABOUT, meeting)
    if found is None:
        raise NotFound
    return found


def _candidates(view: MeetingView, about: db.Record) -> Entry:
    """What the candidate's calendar is told: nothing that their page does not say."""
    entry = _entry(view, about, f"{view.title}, {about['workspace']}", f"/c/a/{view.application}")
    return msgspec.structs.replace(entry, attendee=(about["name"], about["email"]))


def _entry(view: MeetingView, about: db.Record, title: str, page: str) -> Entry:
    settings = runtime.here().settings
    text = [with_whom([one.name for one in view.members]), about["job"], view.place]
    return Entry(
        uid=uid_of(view.id, urlsplit(settings.origin).hostname or "localhost"),
        sequence=view.version - 1,
        changed_at=about["changed_at"],
        title=title,
        text="\n".join(line for line in text if line),
        starts_at=view.starts_at,
        minutes=view.minutes,
        zone=view.zone,
        place=view.place,
        url=f"{settings.origin}{page}",
        organizer=(about["workspace"], parseaddr(settings.mail_from)[1]),
    )


@on(MeetingPlanned, "mail_meeting_planned")
@on(MeetingChanged, "mail_meeting_changed")
@on(MeetingCalledOff, "mail_meeting_called_off")
async def mail_meeting(event_id: UUID, event: MeetingPlanned | MeetingChanged | MeetingCalledOff) -> None:
    """Tell the candidate what is so by now: of what was called off meanwhile, or is over, not that it is planned."""
    async with mail.sending():
        await _mail_meeting(event_id, event)


async def _mail_meeting(event_id: UUID, event: MeetingPlanned | MeetingChanged | MeetingCalledOff) -> None:
    about = await db.record(_ABOUT, event.meeting)
    if about is None:
        return
    view = await queries.view(about["workspace_id"], event.meeting)
    off = event.kind == "meeting_called_off"
    if (view.state == "called_off") != off or (not off and ends(view.starts_at, view.minutes) < datetime.now(UTC)):
        return
    method: Method = "CANCEL" if off else "REQUEST"
    here = runtime.here()
    token = await make_link(about["workspace_id"], view.application)
    await mail.send_once(
        here.sender,
        f"meeting:{event_id}",
        sent_from=here.settings.mail_from,
        to=about["email"],
        subject=f"{about['job']}: {SUBJECTS[event.kind]}",
        text=(
            f"Hello {about['name']},\n\n{told(event.kind, view)[1]}\n\n"
            f"This link is yours alone. It opens your place for {about['job']}, where you can write to the team:\n"
            f"{here.settings.origin}/c/link/{token}\n\n{WAYS[off]}\n"
        ),
        invitation=mail.Attached(NAME, method, calendar(_candidates(view, about), method)),
    )
