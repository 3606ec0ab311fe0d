"""A member's bell: its lines, and what they want to hear of which job."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.people import Person

NoticeKind = Literal[
    "submitted",
    "message",
    "applied",
    "interrupted",
    "lost",
    "joined",
    "moved",
    "imported",
    "made_owner",
    "made_reviewer",
    "mentioned",
    "noted",
    "overdue",
    "brought",
    "scored",
    "meeting_planned",
    "meeting_changed",
    "meeting_called_off",
    "meeting_without_you",
    "meeting_deserted",
]


class Notification(View, frozen=True, kw_only=True):
    """A line of a member's bell, in parts: the browser makes the sentence, so that no name is ever read as markup.

    `name` and `candidate` (the id that tints their initials) are the candidate's, empty and None when a colleague
    joined. `by`: the colleague who did it; None: the candidate. `about`: the job's title, or the role of who joined.
    `stage`: where a card was moved. `quiet`: without a toast. `mine`: about a candidate whom this member wrote to,
    noted or moved. `starts_at`: when the meeting is, of lines that tell of one.
    """

    id: UUID
    kind: NoticeKind
    name: str
    candidate: UUID | None
    poster: str | None
    by: Person | None
    job: UUID | None
    about: str
    stage: str
    answers: int
    quiet: bool
    mine: bool
    url: str
    at: datetime
    read: bool
    starts_at: datetime | None = None


class JobHearing(View, frozen=True, kw_only=True):
    """What I want to hear of a job. Muted without `until`: for good; `applications`: toasts for new ones too."""

    job: UUID
    title: str
    muted: bool
    until: datetime | None
    applications: bool


class Bell(View, frozen=True, kw_only=True):
    """What every page of a member carries of the bell. `mine`: there are lines that are mine. No hearing: the usual."""

    unread: int
    mine: bool
    hearings: list[JobHearing]
    epoch: str
    positions: dict[str, int]


class Inbox(View, frozen=True, kw_only=True):
    """The open bell: newest first, one page; `more`: there are older ones."""

    notifications: list[Notification]
    more: bool
    unread: int
    mine: bool
    hearings: list[JobHearing]
    epoch: str
    positions: dict[str, int]


class OlderNotifications(View, frozen=True, kw_only=True):
    """The next page, newest first."""

    notifications: list[Notification]
    more: bool
