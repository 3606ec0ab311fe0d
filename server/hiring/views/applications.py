"""What the team sees of an application: its card, its answers, its two threads."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.jobs import JobRow, MovieState, QuestionView, StageView
from server.hiring.views.people import Person

TakeState = Literal["recording", "processing", "ready", "interrupted", "failed"]
AnswerKind = Literal["video", "audio", "text", "file"]
Warning = Literal["silent", "black"]  # noqa: A001 - the domain's word
Progress = Literal["applied", "recording", "answering", "submitted"]
MessageAbout = Literal["", "meeting_planned", "meeting_changed", "meeting_called_off"]


class CardTag(View, frozen=True, kw_only=True):
    """A tag as a card shows it; `colour` is 1 to 12."""

    name: str
    colour: int


class Card(View, frozen=True, kw_only=True):
    """One application on the board. `rank` orders within its stage (compare as plain bytes, ties by id).

    `answering` is the number of the question being recorded right now, 0 when none. `waiting`: the candidate wrote
    last. `opened`: somebody of the team has looked since the answers came. `preparing`: percent of the copies for other
    browsers that are being made, None when none is. `owner`, `reviewers`: ids of members.
    `promised`: until when they were promised an answer, None when nothing is promised. `scored`: how many scorecards
    were submitted, `reviewed`: by how many of the reviewers; what they say is for those alone who may see it yet
    (`Scores`).
    """

    id: UUID
    job: UUID
    candidate: UUID
    name: str
    line: str
    stage: UUID
    rank: str
    version: int
    progress: Progress
    answering: int
    answers: int
    questions: int
    answers_ms: int
    poster: str | None
    preparing: int | None
    notes: int
    messages: int
    waiting: bool
    opened: bool
    created_at: datetime
    changed_at: datetime
    owner: UUID | None
    reviewers: list[UUID]
    tags: list[CardTag]
    promised: datetime | None
    scored: int
    reviewed: int


class Spot(View, frozen=True, kw_only=True):
    """A place in the order of a stage."""

    rank: str
    id: UUID


class Column(View, frozen=True, kw_only=True):
    """What is loaded of a stage: its first cards up to `end`, which included; None: all. `count` is of all, always."""

    stage: UUID
    count: int
    end: Spot | None


class Board(View, frozen=True, kw_only=True):
    """A job's board: of every column the first cards. More of them come by `CardPage`, from the column's `end` on.

    `filtered`: only candidates that a filter lets through are in it and counted; `similar`: nobody has the words that
    were looked for, so names that are nearly so are shown. `positions` are the topics' sequence numbers this was read
    at, in the same transaction.
    """

    job: JobRow
    filtered: bool
    similar: bool
    stages: list[StageView]
    columns: list[Column]
    cards: list[Card]
    people: list[Person]
    epoch: str
    positions: dict[str, int]


class CardPage(View, frozen=True, kw_only=True):
    """The next cards of a stage, up to `end` (None: to its end), as of `positions`."""

    stage: UUID
    cards: list[Card]
    end: Spot | None
    epoch: str
    positions: dict[str, int]


class NotMoved(View, frozen=True, kw_only=True):
    """A card that stays where it is: somebody else moved it first, or its stage asks for more; `message` says which."""

    card: Card
    message: str


class ManyMoved(View, frozen=True, kw_only=True):
    """What became of many moves."""

    moved: list[Card]
    refused: list[NotMoved]


class Together(View, frozen=True, kw_only=True):
    """What was done to many candidates at once: the cards that are others now. `event` None: it was so already."""

    event: UUID | None
    cards: list[Card]


class TakeView(View, frozen=True, kw_only=True):
    """One attempt at an answer; `url` plays it, empty until there is a file.

    `mp4` plays a copy for browsers that cannot play `mime`; `movie` says how far that is, "" when it is not being made.
    `warnings`: nobody can be heard, nothing can be seen. `captions` is their WebVTT file, "" without any; others
    have another address.
    `frames` are its pictures. `damaged`: some of it never reached the recorder; the browser's own copy is wanted.
    `silent`: it is being recorded, and nothing has come for some seconds.
    """

    id: UUID
    recording: UUID
    number: int
    state: TakeState
    kind: AnswerKind
    duration_ms: int
    width: int
    height: int
    url: str
    mime: str
    mp4: str
    movie: MovieState
    movie_percent: int
    warnings: list[Warning]
    captions: str
    frames: int
    damaged: bool
    silent: bool
    created_at: datetime


class AnswerView(View, frozen=True, kw_only=True):
    """An answer to one question. `take` is the accepted one; `text` is set when the answer is written."""

    question: QuestionView
    kind: AnswerKind | None
    take: TakeView | None
    text: str
    takes_left: int


class NoteView(View, frozen=True, kw_only=True):
    """A team note: candidates never see it. `key` repeats the sender's Idempotency-Key.

    `body` has `<@id>` where a member is named; `mentions` are those members.
    """

    id: UUID
    author: Person
    body: str
    mentions: list[Person]
    created_at: datetime
    key: str | None = None


class MessageView(View, frozen=True, kw_only=True):
    """A message between the team and the candidate. `author` is None when the candidate wrote it.

    `about`: what it tells of by itself, "" when somebody wrote it. Then it is nobody's: `author` is None, and
    `author_name` the workspace's.
    """

    id: UUID
    author: Person | None
    author_name: str
    body: str
    created_at: datetime
    about: MessageAbout = ""
    key: str | None = None


class ApplicationView(View, frozen=True, kw_only=True):
    """The candidate page of the team. `following`: whoever asked hears of what happens here.

    `previous` and `next` are neighbours in the same stage, in board order.
    """

    card: Card
    name: str
    email: str
    job: JobRow
    stages: list[StageView]
    answers: list[AnswerView]
    notes: list[NoteView]
    messages: list[MessageView]
    people: list[Person]
    following: bool
    previous: UUID | None
    next: UUID | None
    place: int
    places: int
    epoch: str
    positions: dict[str, int]
