"""What crosses jobs: a member's home, what the palette finds, and all candidates of the workspace."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.applications import CardTag, NoteView
from server.hiring.views.base import View
from server.hiring.views.jobs import StageKind
from server.hiring.views.meetings import MeetingView

Part = Literal["", "owner", "reviewer"]


class HomeCard(View, frozen=True, kw_only=True):
    """An application as home shows it, whatever its job.

    `since`: when they handed in, or wrote last when we owe them a reply. `promised_at`, `promised`: from when until
    when an answer is promised, None without a promise that stands. `part`: what I am to it. `unseen`: lines of my bell
    about it that I have not read.
    """

    id: UUID
    job: UUID
    title: str
    candidate: UUID
    name: str
    poster: str | None
    stage: str
    colour: int
    answers: int
    answers_ms: int
    opened: bool
    waiting: bool
    since: datetime
    promised_at: datetime | None
    promised: datetime | None
    part: Part
    unseen: int


class HomeMention(View, frozen=True, kw_only=True):
    """A note that names me and that I have not read; `notice` is its line in my bell."""

    notice: UUID
    application: UUID
    name: str
    title: str
    note: NoteView


class HomeView(View, frozen=True, kw_only=True):
    """What needs me now: of each list the first, and how many there are.

    `overdue`: of those who wait, how many were promised an answer for earlier than now. `skipped`: how many of the list
    that is looked at alone come before what is here. `jobs`: how many there are. `meetings`: mine of the last day, for
    which days are today is known to clocks alone, and of the month to come, in order.
    """

    answers: list[HomeCard]
    answers_count: int
    waiting: list[HomeCard]
    waiting_count: int
    overdue: int
    reviews: list[HomeCard]
    reviews_count: int
    mentions: list[HomeMention]
    mentions_count: int
    meetings: list[MeetingView]
    skipped: int
    jobs: int
    epoch: str
    positions: dict[str, int]


class FoundPerson(View, frozen=True, kw_only=True):
    """A candidate in a job, as the palette shows them."""

    application: UUID
    candidate: UUID
    name: str
    poster: str | None
    job: UUID
    title: str
    stage: str
    promised: datetime | None


class FoundJob(View, frozen=True, kw_only=True):
    """A job, as the palette shows it."""

    id: UUID
    title: str
    state: str
    colour: int
    people: int


class Finding(View, frozen=True, kw_only=True):
    """What was found. `similar`: nobody has these words, but nearly."""

    people: list[FoundPerson]
    jobs: list[FoundJob]
    similar: bool


class ListedApplication(View, frozen=True, kw_only=True):
    """Where a candidate stands in one job."""

    id: UUID
    job: UUID
    title: str
    stage: str
    kind: StageKind
    colour: int


class ListedCandidate(View, frozen=True, kw_only=True):
    """A person of the workspace, in all of their jobs, the newest first."""

    id: UUID
    name: str
    email: str
    poster: str | None
    tags: list[CardTag]
    applications: list[ListedApplication]
    created_at: datetime


class CandidateList(View, frozen=True, kw_only=True):
    """A page of candidates, newest first; `next` is where the one behind it begins, None on the last.

    `count`: how many fit, of all pages. `similar`: nobody has these words, but nearly. `vocabulary`: all tags.
    """

    candidates: list[ListedCandidate]
    count: int
    next: UUID | None
    similar: bool
    vocabulary: list[CardTag]
