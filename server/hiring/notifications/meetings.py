"""Notices of meetings: for whoever takes part, did, or has to see that somebody does. Nobody else's bell rings."""

from uuid import UUID

from server.core import db
from server.core.events import on
from server.hiring.meetings.events import MeetingCalledOff, MeetingChanged, MeetingLeft, MeetingPlanned
from server.hiring.notifications.telling import news_of, tell
from server.hiring.views.notifications import NoticeKind

_ANSWERS = """
SELECT m.id FROM application a JOIN job j ON j.id = a.job_id JOIN member m ON m.workspace_id = a.workspace_id
AND m.removed_at IS NULL AND (m.id IN (a.owner_id, j.created_by) OR m.role = 'owner') WHERE a.id = $1
ORDER BY m.id IS DISTINCT FROM a.owner_id, m.id <> j.created_by, m.joined_at LIMIT 1
"""
Told = MeetingPlanned | MeetingChanged | MeetingCalledOff


@on(MeetingPlanned, "notify_meeting_planned")
async def notify_meeting_planned(event_id: UUID, event: MeetingPlanned) -> None:
    """A colleague planned a meeting with a candidate and them."""
    await _tell(event_id, event, "meeting_planned", event.members)


@on(MeetingChanged, "notify_meeting_changed")
async def notify_meeting_changed(event_id: UUID, event: MeetingChanged) -> None:
    """To who takes part now it is new, to others it has changed, and some are not wanted there any more."""
    await _tell(event_id, event, "meeting_planned", event.came)
    await _tell(event_id, event, "meeting_without_you", event.went)
    await _tell(event_id, event, "meeting_changed", [one for one in event.members if one not in event.came])


@on(MeetingCalledOff, "notify_meeting_called_off")
async def notify_meeting_called_off(event_id: UUID, event: MeetingCalledOff) -> None:
    """It does not take place."""
    await _tell(event_id, event, "meeting_called_off", event.members)


async def _tell(event_id: UUID, event: Told, kind: NoticeKind, members: list[UUID]) -> None:
    by = UUID(event.actor.removeprefix("member:"))
    await tell(event_id, await news_of(event.application, kind, by=by, starts_at=event.starts_at), only=members)


@on(MeetingLeft, "notify_meeting_deserted", when=lambda event: not event.members)
async def notify_meeting_deserted(event_id: UUID, event: MeetingLeft) -> None:
    """Everybody who was to take part has left the workspace: the owner is told, or else whoever answers for the job."""
    answers = await db.value(_ANSWERS, event.application)
    if answers is not None:
        news = await news_of(event.application, "meeting_deserted", starts_at=event.starts_at)
        await tell(event_id, news, only=[answers])
