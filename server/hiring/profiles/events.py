"""What the team does to profiles. The words are in the rows, not here, and can be erased."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class ProfileEdited(Event, frozen=True, kw_only=True):
    """Contact or other particulars changed; `what` names the fields."""

    kind: ClassVar[str] = "profile_edited"
    candidate: UUID
    what: list[str]


class CandidateTagged(Event, frozen=True, kw_only=True):
    """Tags were put on a person or taken off."""

    kind: ClassVar[str] = "candidate_tagged"
    candidate: UUID
    put: list[UUID]
    taken: list[UUID]


class TagChanged(Event, frozen=True, kw_only=True):
    """A tag is called or coloured otherwise."""

    kind: ClassVar[str] = "tag_changed"
    tag: UUID


class TagDropped(Event, frozen=True, kw_only=True):
    """A tag is gone, from so many people."""

    kind: ClassVar[str] = "tag_dropped"
    tag: UUID
    people: int


class TagsMerged(Event, frozen=True, kw_only=True):
    """A tag became part of another, which so many people got by that."""

    kind: ClassVar[str] = "tags_merged"
    tag: UUID
    gone: UUID
    people: int


class FieldFilled(Event, frozen=True, kw_only=True):
    """A field of the workspace's own says something else about a person."""

    kind: ClassVar[str] = "field_filled"
    candidate: UUID
    field: UUID


class FileAdded(Event, frozen=True, kw_only=True):
    """A file was put to a profile; by the candidate, when it came with an `application`."""

    kind: ClassVar[str] = "file_added"
    candidate: UUID
    file: UUID
    application: UUID | None = None


class FileRemoved(Event, frozen=True, kw_only=True):
    """A file was deleted."""

    kind: ClassVar[str] = "file_removed"
    candidate: UUID
    file: UUID
    application: UUID | None = None


class FieldMade(Event, frozen=True, kw_only=True):
    """The workspace has one more field."""

    kind: ClassVar[str] = "field_made"
    field: UUID


class FieldDropped(Event, frozen=True, kw_only=True):
    """A field is gone, with all that it said."""

    kind: ClassVar[str] = "field_dropped"
    field: UUID


class CandidatesMerged(Event, frozen=True, kw_only=True):
    """A profile was taken into another."""

    kind: ClassVar[str] = "candidates_merged"
    candidate: UUID
    gone: UUID


class CandidatesSetApart(Event, frozen=True, kw_only=True):
    """Two who look alike are two people."""

    kind: ClassVar[str] = "candidates_set_apart"
    candidate: UUID
    other: UUID


class MergeUndone(Event, frozen=True, kw_only=True):
    """They are two profiles again."""

    kind: ClassVar[str] = "merge_undone"
    candidate: UUID
    gone: UUID


class CandidatesTagged(Event, frozen=True, kw_only=True):
    """A tag was put on many people of a job, or taken off (`put` is false); those are named whom it changed."""

    kind: ClassVar[str] = "candidates_tagged"
    job: UUID
    tag: UUID
    put: bool
    candidates: list[UUID]
    undoes: UUID | None = None
