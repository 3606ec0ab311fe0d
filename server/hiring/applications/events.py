"""What happens to applications."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from server.core.events import Event


class Applied(Event, frozen=True, kw_only=True):
    """Somebody applied."""

    kind: ClassVar[str] = "applied"
    application: UUID
    job: UUID


class ApplicationAdded(Event, frozen=True, kw_only=True):
    """A member put somebody into a job; `mail`: they are to get their personal link."""

    kind: ClassVar[str] = "application_added"
    application: UUID
    job: UUID
    mail: bool = False


class ConsentGiven(Event, frozen=True, kw_only=True):
    """Somebody whom the team added agreed to being kept; `version`: of the words they read."""

    kind: ClassVar[str] = "consent_given"
    application: UUID
    version: int


class SourceSet(Event, frozen=True, kw_only=True):
    """Somebody said where a candidate came from."""

    kind: ClassVar[str] = "source_set"
    application: UUID


class LinkAsked(Event, frozen=True, kw_only=True):
    """A candidate wants their personal link by mail."""

    kind: ClassVar[str] = "link_asked"
    application: UUID


class ApplicationMoved(Event, frozen=True, kw_only=True):
    """A card changed its stage or its place; `automatic` when progress did it. `into`: the kind of its stage now.

    `acts`: one of the two stages does something by itself about it. `rank_from`: where it stood; `version`: the card's
    when it left its stage, by which is seen whether somebody moved it since. `undoes`: the event that this takes back.
    """

    kind: ClassVar[str] = "application_moved"
    application: UUID
    job: UUID
    stage_from: UUID
    stage: UUID
    into: str = ""
    acts: bool = False
    automatic: bool = False
    rank_from: str = ""
    version: int = 0
    undoes: UUID | None = None


class Step(Struct, frozen=True, kw_only=True):
    """What happened to one card; fields as in ApplicationMoved. `message`: the one that was written with it."""

    application: UUID
    stage_from: UUID
    stage: UUID
    into: str
    acts: bool
    rank_from: str = ""
    version: int = 0
    message: UUID | None = None


class ApplicationsMoved(Event, frozen=True, kw_only=True):
    """Many cards of a job changed their stages or places together."""

    kind: ClassVar[str] = "applications_moved"
    job: UUID
    steps: list[Step]
    undoes: UUID | None = None


class Assigned(Event, frozen=True, kw_only=True):
    """A member became owner or reviewer, or is neither any more (`part` is empty).

    `was`: what they were before, `owner`: who owned it; None and None in events of long ago, which did not say.
    """

    kind: ClassVar[str] = "assigned"
    application: UUID
    member: UUID
    part: str
    was: str | None = None
    owner: UUID | None = None


class Part(Struct, frozen=True, kw_only=True):
    """What a member was to an application before, and who its owner was."""

    application: UUID
    was: str
    owner: UUID | None


class AssignedTogether(Event, frozen=True, kw_only=True):
    """A member became owner or reviewer of many applications of a job, or is neither any more."""

    kind: ClassVar[str] = "assigned_together"
    job: UUID
    member: UUID
    part: str
    steps: list[Part]
    undoes: UUID | None = None


class FollowingSet(Event, frozen=True, kw_only=True):
    """A member wants to hear of an application, or no longer."""

    kind: ClassVar[str] = "following_set"
    application: UUID
    wanted: bool


class PromiseMade(Event, frozen=True, kw_only=True):
    """A stage promised a candidate an answer until `due`."""

    kind: ClassVar[str] = "promise_made"
    application: UUID
    stage: UUID
    due: datetime


class PromiseBroken(Event, frozen=True, kw_only=True):
    """A candidate was promised an answer until `due` and has none. Told once for each promise."""

    kind: ClassVar[str] = "promise_broken"
    application: UUID
    job: UUID
    due: datetime


class ApplicationOpened(Event, frozen=True, kw_only=True):
    """Somebody of the team looked at the answers for the first time."""

    kind: ClassVar[str] = "application_opened"
    application: UUID
