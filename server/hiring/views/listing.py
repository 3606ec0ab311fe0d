"""A job's candidates as a list, and the views that people keep of boards and lists."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.applications import Card
from server.hiring.views.base import View
from server.hiring.views.jobs import JobRow, StageView
from server.hiring.views.people import Person
from server.hiring.views.profiles import FieldKind, TagView

Layout = Literal["board", "list"]
FoundIn = Literal["note", "answer", "captions", "file"]


class Found(View, frozen=True, kw_only=True):
    """Where the words that were looked for stand: `hit`, and what is before and after it. All of it is plain text."""

    where: FoundIn
    before: str
    hit: str
    after: str


class Finds(View, frozen=True, kw_only=True):
    """Where the words that were looked for stand, by card; without those whose names have them, or that have none."""

    found: dict[UUID, Found]


class ListRow(View, frozen=True, kw_only=True):
    """A line of the list. `person` is the profile; `fields`: what the workspace's own fields say about them, by id.

    `score`: the average of the scorecards, None without any and while this member does not see it yet. `spot`: its
    place in the order.
    """

    card: Card
    person: UUID
    source: str
    score: float | None
    phone: str
    location: str
    headline: str
    fields: dict[str, str]
    found: Found | None
    spot: str


class ListPage(View, frozen=True, kw_only=True):
    """Lines in order. `end`: the spot from which the next page goes on, None when there is no more.

    `count` is of all whom the filter lets through, None on a further page that is empty. `similar`: as on a board.
    """

    rows: list[ListRow]
    count: int | None
    end: str | None
    filtered: bool
    similar: bool


class ListField(View, frozen=True, kw_only=True):
    """A field of the workspace's own, which may be a column."""

    id: UUID
    name: str
    kind: FieldKind
    choices: list[str]


class Choices(View, frozen=True, kw_only=True):
    """What a job's candidates can be narrowed to besides stages and people. `sources`: where they came from."""

    tags: list[TagView]
    sources: list[str]


class SavedView(View, frozen=True, kw_only=True):
    """A view that somebody keeps: `query` is what its address says. `job` None: for all jobs. `by` made it."""

    id: UUID
    job: UUID | None
    by: Person
    name: str
    layout: Layout
    query: str
    shared: bool
    version: int
    changed_at: datetime


class ListView(View, frozen=True, kw_only=True):
    """The list page: the first lines, and what its columns and filters need, read in one moment."""

    job: JobRow
    stages: list[StageView]
    people: list[Person]
    fields: list[ListField]
    choices: Choices
    views: list[SavedView]
    page: ListPage
    epoch: str
    positions: dict[str, int]
