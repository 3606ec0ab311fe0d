"""Jobs with their stages and questions: in lists, in the editor, on the public page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View

MovieState = Literal["", "waiting", "ready", "failed"]
JobState = Literal["draft", "open", "closed"]
StageKind = Literal["inbox", "questions", "review", "task", "conversation", "interview", "offer", "hired", "declined"]


class QuestionView(View, frozen=True, kw_only=True):
    """A question as it is asked. `think` seconds (0: no limit), `longest` answer in seconds, `takes` attempts."""

    id: UUID
    position: int
    text: str
    think: int
    longest: int
    takes: int


class CriterionView(View, frozen=True, kw_only=True):
    """What people are judged by in a job: a line of its scorecards."""

    id: UUID
    name: str


class StageView(View, frozen=True, kw_only=True):
    """One column of the board; `colour` is 1 to 12. More people than `hint` are too many at once; 0 is no hint."""

    id: UUID
    name: str
    kind: StageKind
    colour: int
    hint: int


class OpenJob(View, frozen=True, kw_only=True):
    """A job that takes applications, as every page lists it at its side."""

    id: UUID
    title: str
    colour: int
    people: int


class JobRow(View, frozen=True, kw_only=True):
    """A job in lists; `counts` are people per stage in the order of the flow, `new` unseen submissions."""

    id: UUID
    title: str
    location: str
    remote: bool
    state: JobState
    colour: int
    questions: int
    has_video: bool
    people: int
    counts: list[tuple[StageView, int]]
    new: int
    created_at: datetime
    closed_at: datetime | None
    version: int


class JobLine(JobRow, frozen=True, kw_only=True):
    """A job among all: how many wait for the team, how many of them past their promise, and when the next one ends."""

    waiting: int
    overdue: int
    due: datetime | None


class FilmView(View, frozen=True, kw_only=True):
    """A job video: `url` plays what was recorded (`mime`), `mp4` a copy for other browsers, `captions` are its WebVTT.

    Both are "" while there are none; `movie` and `movie_percent` say how far the copy is.
    """

    url: str
    mime: str
    mp4: str
    movie: MovieState
    movie_percent: int
    captions: str


class JobView(View, frozen=True, kw_only=True):
    """A job in its editor. `video` is the recording id of the accepted job video; `public_url` the candidates' page."""

    id: UUID
    title: str
    location: str
    remote: bool
    description: str
    description_html: str
    state: JobState
    colour: int
    video: UUID | None
    video_ms: int
    film: FilmView | None
    questions: list[QuestionView]
    criteria: list[CriterionView]
    stages: list[StageView]
    public_url: str
    promise_days: int
    version: int


class PublicJob(View, frozen=True, kw_only=True):
    """What anybody may read about an open job."""

    token: str
    title: str
    location: str
    remote: bool
    description_html: str
    workspace_name: str
    film: FilmView | None
    video_ms: int
    questions: list[QuestionView]
    minutes: int
    promise_days: int
    state: JobState
