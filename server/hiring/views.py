"""What goes over the wire: the shapes that pages, replies and live events are made of.

Pure structs without behaviour. The browser's types (`web/src/live/protocol.gen.ts`) are generated from this module and
from `realtime/frames.py` by `server/schema.py`. A shape holds only what everybody who may see its topic may see; what
is narrower has a shape of its own (see ARCHITECTURE.md, "Topics").

Times are RFC 3339 strings in UTC, durations seconds unless the name ends in `_ms`, ids UUID strings.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from server.core.errors import Failure

__all__ = ["Failure"]  # the refusal every route may answer with; generated along with these shapes

Role = Literal["owner", "admin", "recruiter", "reviewer"]
JobState = Literal["draft", "open", "closed"]
StageKind = Literal["inbox", "questions", "review", "task", "conversation", "interview", "offer", "hired", "declined"]
TakeState = Literal["recording", "processing", "ready", "interrupted", "failed"]
AnswerKind = Literal["video", "audio", "text", "file"]
Progress = Literal["applied", "recording", "answering", "submitted"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every shape that leaves the server."""


# Who


class Person(View, frozen=True, kw_only=True):
    """A member as colleagues see them; `colour` is 1 to 12, `face` picks the drawn portrait."""

    id: UUID
    name: str
    colour: int


class Me(View, frozen=True, kw_only=True):
    """The signed-in member in one workspace."""

    id: UUID
    name: str
    email: str
    colour: int
    role: Role
    workspace: UUID
    workspace_name: str
    slug: str
    unread: int


class WorkspaceRow(View, frozen=True, kw_only=True):
    """A workspace that the signed-in account is a member of."""

    slug: str
    name: str
    current: bool


class MemberRow(View, frozen=True, kw_only=True):
    """A line of the people page."""

    id: UUID
    name: str
    email: str
    colour: int
    role: Role
    joined_at: datetime


class InvitationRow(View, frozen=True, kw_only=True):
    """An invitation that nobody has accepted yet."""

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


# Job


class QuestionView(View, frozen=True, kw_only=True):
    """A question as it is asked. `think` seconds (0: no limit), `longest` answer in seconds, `takes` attempts."""

    id: UUID
    position: int
    text: str
    think: int
    longest: int
    takes: int


class StageView(View, frozen=True, kw_only=True):
    """One column of the board; `colour` is 1 to 12."""

    id: UUID
    name: str
    kind: StageKind
    colour: int


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
    questions: list[QuestionView]
    stages: list[StageView]
    public_url: str
    version: int


class PublicJob(View, frozen=True, kw_only=True):
    """What anybody may read about an open job."""

    token: str
    title: str
    location: str
    remote: bool
    description_html: str
    workspace_name: str
    video_url: str | None
    video_ms: int
    questions: list[QuestionView]
    minutes: int
    state: JobState


# Card and application


class Card(View, frozen=True, kw_only=True):
    """One application on the board. `rank` orders within its stage (compare as plain bytes, ties by id).

    `answering` is the number of the question being recorded right now, 0 when none. `waiting`: the candidate wrote
    last. `opened`: somebody of the team has looked since the answers came.
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
    notes: int
    messages: int
    waiting: bool
    opened: bool
    created_at: datetime
    changed_at: datetime


class Board(View, frozen=True, kw_only=True):
    """A job's board. `positions` are the topics' sequence numbers this was read at, in the same transaction."""

    job: JobRow
    stages: list[StageView]
    cards: list[Card]
    people: list[Person]
    epoch: str
    positions: dict[str, int]


class TakeView(View, frozen=True, kw_only=True):
    """One attempt at an answer; `url` plays it, empty until there is a file."""

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
    created_at: datetime


class AnswerView(View, frozen=True, kw_only=True):
    """An answer to one question. `take` is the accepted one; `text` is set when the answer is written."""

    question: QuestionView
    kind: AnswerKind | None
    take: TakeView | None
    text: str
    takes_left: int


class NoteView(View, frozen=True, kw_only=True):
    """A team note: candidates never see it. `key` repeats the sender's Idempotency-Key."""

    id: UUID
    author: Person
    body: str
    created_at: datetime
    key: str | None = None


class MessageView(View, frozen=True, kw_only=True):
    """A message between the team and the candidate. `author` is None when the candidate wrote it."""

    id: UUID
    author: Person | None
    author_name: str
    body: str
    created_at: datetime
    key: str | None = None


class ApplicationView(View, frozen=True, kw_only=True):
    """The candidate page of the team. `previous` and `next` are neighbours in the same stage, in board order."""

    card: Card
    name: str
    email: str
    job: JobRow
    stages: list[StageView]
    answers: list[AnswerView]
    notes: list[NoteView]
    messages: list[MessageView]
    people: list[Person]
    previous: UUID | None
    next: UUID | None
    place: int
    places: int
    epoch: str
    positions: dict[str, int]


# The candidate's own place


class CandidateView(View, frozen=True, kw_only=True):
    """Everything the candidate's own page shows. `resume` is the question to go on with, None when all are answered."""

    application: UUID
    name: str
    email: str
    job: PublicJob
    progress: Progress
    stage: str
    answers: list["OwnAnswer"]
    resume: UUID | None
    messages: list[MessageView]
    submitted_at: datetime | None
    epoch: str
    positions: dict[str, int]


class OwnAnswer(View, frozen=True, kw_only=True):
    """The candidate's own answer: the accepted take, and every take that is still there."""

    question: QuestionView
    kind: AnswerKind | None
    accepted: UUID | None
    takes: list[TakeView]
    takes_left: int
    text: str


class RecordingTicket(View, frozen=True, kw_only=True):
    """What a browser needs to send a recording: POST the offer to `whip_url`, the ticket as Bearer token."""

    take: UUID | None
    recording: UUID
    number: int
    whip_url: str
    ticket: str
    ice_servers: list[dict[str, str | list[str]]]
    longest: int


class Notification(View, frozen=True, kw_only=True):
    """A line of a member's bell."""

    id: UUID
    kind: str
    text: str
    url: str
    at: datetime
    read: bool


class Inbox(View, frozen=True, kw_only=True):
    """The bell: newest first, at most 50."""

    notifications: list[Notification]
    unread: int
    epoch: str
    positions: dict[str, int]


# Live payloads: the tagged union that travels inside an event frame


class Payload(View, frozen=True, kw_only=True, tag_field="type"):
    """Base of everything that is delivered on a topic."""


class CardChanged(Payload, frozen=True, kw_only=True, tag="card"):
    """On `job:`. The card's full new projection; `verb` says what happened, `by` who did it (None: the candidate)."""

    card: Card
    verb: Literal["applied", "moved", "recording", "answered", "submitted", "noted", "messaged", "changed"]
    by: Person | None
    key: str | None = None


class JobChanged(Payload, frozen=True, kw_only=True, tag="job"):
    """On `job:` and `workspace:`. Id only: counts and texts are fetched again."""

    job: UUID


class ApplicationChanged(Payload, frozen=True, kw_only=True, tag="application"):
    """On `application:`. The same card as on the board."""

    card: Card
    by: Person | None
    key: str | None = None


class AnswerChanged(Payload, frozen=True, kw_only=True, tag="answer"):
    """On `application:`. An accepted answer arrived or changed."""

    answer: AnswerView


class NoteAdded(Payload, frozen=True, kw_only=True, tag="note"):
    """On `application:`. Never on `conversation:` or `candidate:`."""

    note: NoteView


class MessageSent(Payload, frozen=True, kw_only=True, tag="message"):
    """On `conversation:`."""

    message: MessageView


class OwnTakeChanged(Payload, frozen=True, kw_only=True, tag="take"):
    """On `candidate:`. A take of theirs became ready, was interrupted or failed."""

    question: UUID
    take: TakeView


class OwnPlaceChanged(Payload, frozen=True, kw_only=True, tag="place"):
    """On `candidate:`. Something else of theirs changed: fetch the page's data again."""

    application: UUID


class Notified(Payload, frozen=True, kw_only=True, tag="notified"):
    """On `member:`."""

    notification: Notification
    unread: int


class InboxRead(Payload, frozen=True, kw_only=True, tag="inbox_read"):
    """On `member:`. Read in another tab or on another device: the lines that lead to `url`, or all of them (None)."""

    unread: int
    url: str | None = None


class PeopleChanged(Payload, frozen=True, kw_only=True, tag="people"):
    """On `workspace:`. Members or roles changed: fetch them again."""

    workspace: UUID


AnyPayload = (
    CardChanged
    | JobChanged
    | ApplicationChanged
    | AnswerChanged
    | NoteAdded
    | MessageSent
    | OwnTakeChanged
    | OwnPlaceChanged
    | Notified
    | InboxRead
    | PeopleChanged
)
