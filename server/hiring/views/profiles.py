"""A person across all jobs, as the team sees them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.jobs import StageView
from server.hiring.views.people import Person

FieldKind = Literal["text", "number", "date", "choice", "link"]
FileKind = Literal["pdf", "docx", "png", "jpeg", "webp", "gif", "text"]
EntryKind = Literal[
    "applied", "imported", "application_moved", "application_opened", "answered", "submitted", "note_written",
    "message_written", "profile_edited", "candidate_tagged", "field_filled", "file_added", "file_removed",
    "candidates_merged", "merge_undone", "candidates_set_apart", "assigned", "assignment_taken_back",
    "application_added", "source_set", "link_asked", "promise_made", "promise_broken", "consent_given",
    "scorecard_submitted", "meeting_planned", "meeting_changed", "meeting_called_off",
]  # fmt: skip


class TagView(View, frozen=True, kw_only=True):
    """A word of the workspace's vocabulary; `colour` is 1 to 12.

    `was`: ids of tags that were merged into it; `once`: what they were called, in the form in which names are compared.
    """

    id: UUID
    name: str
    colour: int
    was: list[UUID]
    once: list[str]


class TagOverlap(View, frozen=True, kw_only=True):
    """How many people have a tag, the one it would be merged `into`, and both."""

    people: int
    into: int
    both: int


class TagRow(View, frozen=True, kw_only=True):
    """A tag with how many `people` have it, and what tags were called that were merged into it `once`."""

    id: UUID
    name: str
    colour: int
    people: int
    once: list[str]


class FieldView(View, frozen=True, kw_only=True):
    """A field of the workspace's own, and what it says about this person (empty: nothing)."""

    id: UUID
    name: str
    kind: FieldKind
    choices: list[str]
    value: str


class FileView(View, frozen=True, kw_only=True):
    """A file of a person. `url` downloads it; `pictures` show its first pages; `text` is how it begins.

    `by` None: the candidate brought it.
    """

    id: UUID
    name: str
    kind: FileKind
    bytes: int
    state: Literal["new", "read", "unreadable"]
    url: str
    pictures: list[str]
    text: str
    by: Person | None
    created_at: datetime


class OwnFile(View, frozen=True, kw_only=True):
    """A file that the candidate brought, as they see it; `url` downloads it."""

    id: UUID
    name: str
    bytes: int
    url: str
    created_at: datetime


class OwnFiles(View, frozen=True, kw_only=True):
    """The candidate's own files. `most` is how many there may be; `removable`: they have not handed in yet."""

    files: list[OwnFile]
    most: int
    removable: bool


class ProfileApplication(View, frozen=True, kw_only=True):
    """One application of the person.

    `consent_at`: when they agreed to its being kept; None: they never did. `consent_version`: of the words they agreed
    to, None for those of a time before versions.
    """

    id: UUID
    job: UUID
    title: str
    stage: StageView
    source: str
    answers: int
    poster: str | None
    consent_at: datetime | None
    consent_version: int | None
    created_at: datetime


class TimelineEntry(View, frozen=True, kw_only=True):
    """Something that happened, in parts: the browser makes the sentence. `by` None: the candidate, or by itself.

    `text` is what was written (of an assignment: owner, reviewer or nothing; of a meeting: what it is called), `what`
    names things (stages, tags, fields, a file, a member, when a meeting is), `was` what they were before.
    """

    id: UUID
    kind: EntryKind
    at: datetime
    by: Person | None
    application: UUID | None
    title: str
    text: str
    what: list[str]
    was: list[str]
    automatic: bool


class Timeline(View, frozen=True, kw_only=True):
    """A page of it, newest first; `more`: there are older ones."""

    entries: list[TimelineEntry]
    more: bool


class AlikeView(View, frozen=True, kw_only=True):
    """Somebody who is probably the same person, and `why`: the same mailbox, or the same phone and a similar name.

    Empty: somebody was looked for by name or address. `fields`: what the workspace's own say, by id.
    """

    id: UUID
    why: Literal["mailbox", "phone", ""]
    name: str
    email: str
    phone: str
    location: str
    headline: str
    version: int
    tags: list[str]
    files: list[str]
    applications: list[str]
    links: list[str]
    fields: dict[str, str]
    created_at: datetime
    poster: str | None


class MergedView(View, frozen=True, kw_only=True):
    """A profile that is a part of this one; `undoable`: it can be taken out again by `merge`."""

    id: UUID
    merge: UUID
    name: str
    email: str
    by: Person
    at: datetime
    undoable: bool


class Neighbour(View, frozen=True, kw_only=True):
    """Somebody beside a person: their profile, and the application that leads to it."""

    candidate: UUID
    application: UUID
    name: str


class Around(View, frozen=True, kw_only=True):
    """Whoever stands before and after an application in its stage; `place` of `places`."""

    application: UUID
    title: str
    previous: Neighbour | None
    next: Neighbour | None
    place: int
    places: int


class ProfileView(View, frozen=True, kw_only=True):
    """A person with everything that the workspace knows of them, and the newest of what happened.

    `around`: whoever came here by one of their applications goes on to the next one.
    """

    id: UUID
    name: str
    email: str
    phone: str
    location: str
    headline: str
    links: list[str]
    poster: str | None
    version: int
    tags: list[TagView]
    vocabulary: list[TagView]
    fields: list[FieldView]
    files: list[FileView]
    applications: list[ProfileApplication]
    timeline: Timeline
    alike: list[AlikeView]
    merged: list[MergedView]
    around: Around | None
    created_at: datetime
    epoch: str
    positions: dict[str, int]
