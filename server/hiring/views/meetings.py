"""Meetings, as the team sees them, and as the candidate does."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.people import Person

MeetingState = Literal["planned", "called_off"]


class MeetingJob(View, frozen=True, kw_only=True):
    """The job that it is about."""

    id: UUID
    title: str


class MeetingCandidate(View, frozen=True, kw_only=True):
    """Whom it is with; `poster` is their face, None without any."""

    id: UUID
    name: str
    poster: str | None


class MeetingView(View, frozen=True, kw_only=True):
    """A meeting as everybody on the team sees it.

    `zone`: IANA name, of whoever planned it. `link`: the address in `place` by which one joins, "" when there is none.
    `members` may be empty when those who were to take part have left the workspace. `declined`: its candidate was, and
    nobody has touched it since.
    """

    id: UUID
    application: UUID
    job: MeetingJob
    candidate: MeetingCandidate
    title: str
    starts_at: datetime
    minutes: int
    zone: str
    place: str
    link: str
    members: list[Person]
    state: MeetingState
    version: int
    declined: bool


class OwnMeeting(View, frozen=True, kw_only=True):
    """A meeting as its candidate sees it: who takes part by name alone, and nothing of who arranged it."""

    id: UUID
    title: str
    starts_at: datetime
    minutes: int
    zone: str
    place: str
    link: str
    members: list[str]
