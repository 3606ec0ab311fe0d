"""What happens in the threads. The events do not repeat what was written: the rows hold it, and can be erased."""

from typing import ClassVar
from uuid import UUID

import msgspec
from msgspec import Struct

from server.core.events import Event


class NoteWritten(Event, frozen=True, kw_only=True):
    """A team note, and whom it mentions."""

    kind: ClassVar[str] = "note_written"
    application: UUID
    note: UUID
    mentions: list[UUID] = msgspec.field(default_factory=list)


class MessageWritten(Event, frozen=True, kw_only=True):
    """A message, by the team or by the candidate."""

    kind: ClassVar[str] = "message_written"
    application: UUID
    message: UUID
    by_team: bool


class Sent(Struct, frozen=True, kw_only=True):
    """One of many messages."""

    application: UUID
    message: UUID


class MessagesWritten(Event, frozen=True, kw_only=True):
    """The team wrote to many candidates of a job at once, to each in their own conversation."""

    kind: ClassVar[str] = "messages_written"
    job: UUID
    messages: list[Sent]


class MessageTemplateSaved(Event, frozen=True, kw_only=True):
    """A template was made or changed; `name` is the one it has now."""

    kind: ClassVar[str] = "message_template_saved"
    template: UUID
    name: str


class MessageTemplateDropped(Event, frozen=True, kw_only=True):
    """A template is gone; what was written from it stays."""

    kind: ClassVar[str] = "message_template_dropped"
    template: UUID
    name: str
