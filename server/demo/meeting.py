"""Meetings of the demo: a few around the moment in which it began, on quarters of an hour, as people plan them."""

from datetime import datetime, timedelta
from uuid import UUID

from server.core.ids import uuid7
from server.demo.bells import Bells
from server.demo.founding import Troupe
from server.demo.record import id_at
from server.demo.script import Appointment
from server.hiring.conversations.tables import Message
from server.hiring.meetings import queries
from server.hiring.meetings.events import MeetingPlanned
from server.hiring.meetings.rules import told
from server.hiring.meetings.tables import Meeting, MeetingMember

ZONE = "Europe/Amsterdam"  # where the company is


async def plan(troupe: Troupe, application: UUID, one: Appointment, began: datetime, at: datetime) -> MeetingPlanned:
    """Write a meeting, and what the candidate read of it then; returns what is to be put on record."""
    by = troupe.members[one.who]
    meeting = id_at(at)
    await Meeting(
        id=meeting,
        workspace_id=troupe.workspace,
        application_id=application,
        title=one.title,
        starts_at=to_the_quarter(began + timedelta(hours=one.ahead)),
        minutes=one.minutes,
        zone=ZONE,
        place=one.place,
        changed_by=by.id,
        changed_at=at,
    ).save()
    for key in one.members:
        member = troupe.members[key].id
        await MeetingMember(id=uuid7(), workspace_id=troupe.workspace, meeting_id=meeting, member_id=member).save()
    view = await queries.view(troupe.workspace, meeting)
    about, body = told(MeetingPlanned.kind, view)
    await Message(
        id=id_at(at),
        workspace_id=troupe.workspace,
        application_id=application,
        member_id=by.id,
        body=body,
        about=about,
        created_at=at,
    ).save()
    return MeetingPlanned(
        workspace=troupe.workspace,
        actor=by.actor,
        subject=f"application:{application}",
        application=application,
        meeting=meeting,
        starts_at=view.starts_at,
        members=[person.id for person in view.members],
    )


async def ring(bells: Bells, event: UUID, one: Appointment, planned: MeetingPlanned, at: datetime) -> None:
    """Tell those who take part, but whoever planned it."""
    members = bells.troupe.members
    expected = [members[key] for key in one.members]
    await bells.ring(
        event, at, planned.kind, unread=True, by=members[one.who], only=expected, starts_at=planned.starts_at
    )


def to_the_quarter(at: datetime) -> datetime:
    """The quarter of an hour at or before it."""
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
