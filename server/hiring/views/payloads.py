"""Live payloads: the tagged union that travels inside an event frame."""

from typing import Literal
from uuid import UUID

from server.hiring.views.applications import AnswerView, Card, MessageView, NoteView, TakeView
from server.hiring.views.base import View
from server.hiring.views.meetings import MeetingView
from server.hiring.views.notifications import JobHearing, Notification
from server.hiring.views.people import Person
from server.hiring.views.transfers import ImportRow


class Payload(View, frozen=True, kw_only=True, tag_field="type"):
    """Base of everything that is delivered on a topic."""


class CardChanged(Payload, frozen=True, kw_only=True, tag="card"):
    """On `job:`. The card's full new projection; `verb` says what happened, `by` who did it (None: the candidate).

    `left` is the stage it stood in before, when that is another: who has not loaded the card counts all the same.
    """

    card: Card
    verb: Literal["applied", "moved", "recording", "answered", "submitted", "noted", "messaged", "scored", "changed"]
    by: Person | None
    left: UUID | None = None
    key: str | None = None


class MovedCard(View, frozen=True, kw_only=True):
    """One of many cards that are another now, and the stage it left, when that is another."""

    card: Card
    left: UUID | None


class CardsChanged(Payload, frozen=True, kw_only=True, tag="cards"):
    """On `job:`. `verb` was done to many cards together; a large number of them comes in several of these."""

    cards: list[MovedCard]
    verb: Literal["moved", "assigned", "tagged", "messaged"]
    by: Person
    key: str | None = None


class JobChanged(Payload, frozen=True, kw_only=True, tag="job"):
    """On `job:` and `workspace:`. Id only: counts and texts are fetched again.

    `moved`: people went from one stage to another, and nothing else: the job is as it was to whoever shows no stages.
    """

    job: UUID
    moved: bool = False


class DeskChanged(Payload, frozen=True, kw_only=True, tag="desk"):
    """On `workspace:`. Who waits for the team, whose they are or what they are called is another (None: of many).

    What shows it across jobs fetches it again.
    """

    application: UUID | None


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
    """On `member:`. Read somewhere: the lines that lead to `url`, or those with these `ids`; both None: all of them."""

    unread: int
    url: str | None = None
    ids: list[UUID] | None = None


class HearingChanged(Payload, frozen=True, kw_only=True, tag="hearing"):
    """On `member:`. What this member wants to hear of a job is another now."""

    hearing: JobHearing


class ImportChanged(Payload, frozen=True, kw_only=True, tag="import"):
    """On `job:`. How far an import of candidates is; its rows and columns are fetched."""

    row: ImportRow


class ProfileChanged(Payload, frozen=True, kw_only=True, tag="profile"):
    """On `profile:`, and on `workspace:` when all of them changed (None). Id only: the profile is fetched again."""

    candidate: UUID | None


class ViewsChanged(Payload, frozen=True, kw_only=True, tag="views"):
    """On `workspace:` for views that are shared, else on `member:`. Views of a job (None: of all jobs) are others now.

    They are fetched again.
    """

    job: UUID | None


class TemplatesChanged(Payload, frozen=True, kw_only=True, tag="templates"):
    """On `workspace:`. Message templates are others now; whoever writes to candidates fetches them again."""

    workspace: UUID


class FollowingChanged(Payload, frozen=True, kw_only=True, tag="following"):
    """On `member:`. This member follows an application now, or no longer."""

    application: UUID
    following: bool


class ScorecardsChanged(Payload, frozen=True, kw_only=True, tag="scorecards"):
    """On `application:`, and on `member:` of one's own. Id only: who may see what is decided when it is fetched."""

    application: UUID


class MeetingChanged(Payload, frozen=True, kw_only=True, tag="meeting"):
    """On `application:`, and on `member:` of those who take part or did, and of the owner. Planned or another now."""

    meeting: MeetingView


class PeopleChanged(Payload, frozen=True, kw_only=True, tag="people"):
    """On `workspace:`. Members or roles changed: fetch them again."""

    workspace: UUID


class SessionClosed(Payload, frozen=True, kw_only=True, tag="session_closed"):
    """On `monitor:`. Somebody was signed out in one browser."""

    session: UUID
    name: str
    by: Person


AnyPayload = (
    CardChanged
    | CardsChanged
    | JobChanged
    | DeskChanged
    | ApplicationChanged
    | AnswerChanged
    | NoteAdded
    | MessageSent
    | OwnTakeChanged
    | OwnPlaceChanged
    | Notified
    | InboxRead
    | HearingChanged
    | FollowingChanged
    | ImportChanged
    | ProfileChanged
    | ViewsChanged
    | TemplatesChanged
    | ScorecardsChanged
    | MeetingChanged
    | PeopleChanged
    | SessionClosed
)
