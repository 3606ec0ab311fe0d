"""What a candidate sees of their own place."""

from datetime import datetime
from uuid import UUID

from server.hiring.views.applications import AnswerKind, MessageView, Progress, TakeView
from server.hiring.views.base import View
from server.hiring.views.jobs import PublicJob, QuestionView
from server.hiring.views.meetings import OwnMeeting


class CandidateView(View, frozen=True, kw_only=True):
    """Everything the candidate's own page shows. `resume` is the question to go on with, None when all are answered.

    `added`: the team did, by hand or from a list; they never applied. `consented`: they agreed to being kept; until
    then nothing but messages is taken. `promised`: until when the team has promised an answer, None without a promise
    that stands. `meetings`: those that are not over, the next one first.
    """

    application: UUID
    name: str
    email: str
    added: bool
    consented: bool
    job: PublicJob
    progress: Progress
    stage: str
    answers: list["OwnAnswer"]
    resume: UUID | None
    messages: list[MessageView]
    meetings: list[OwnMeeting]
    submitted_at: datetime | None
    promised: datetime | None
    epoch: str
    positions: dict[str, int]


class OwnAnswer(View, frozen=True, kw_only=True):
    """The candidate's own answer: the accepted take, and every take that is still there.

    `given_at`: when it was last chosen, None without an answer; what was recorded later is not decided on yet.
    """

    question: QuestionView
    kind: AnswerKind | None
    accepted: UUID | None
    given_at: datetime | None
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
