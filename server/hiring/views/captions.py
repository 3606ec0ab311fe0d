"""Captions of recordings: as they are edited, and as they are found."""

from typing import Literal
from uuid import UUID

from server.hiring.views.base import View

CaptionSource = Literal["written", "uploaded", "automatic"]


class CueView(View, frozen=True, kw_only=True):
    """Words, and from when to when they are said."""

    start_ms: int
    end_ms: int
    text: str


class CaptionsView(View, frozen=True, kw_only=True):
    """The captions of a recording; `version` is 0 before the first, and grows with every change."""

    recording: UUID
    version: int
    source: CaptionSource
    cues: list[CueView]


class CaptionHit(View, frozen=True, kw_only=True):
    """A recording whose captions have the words that were looked for, and the first cue with one of them.

    `application` and `question` (its number) are those of an answer; of a job video they are None and 0.
    """

    recording: UUID
    job: UUID
    job_title: str
    application: UUID | None
    name: str
    question: int
    start_ms: int
    text: str
