"""What somebody is doing just now, as others see it in a topic's presence: one small typed state per tab.

Travels by websocket only, is never stored and may be lost. `fits` is what the live core asks about every state that a
browser sends: whatever is not of these shapes, or does not belong to that kind of topic, is refused as `invalid`.
"""

from typing import Annotated
from uuid import UUID

import msgspec

from server.hiring.views.base import View

ROWS = 60  # rows of cards, or columns, that a hand is from the place it is told relative to
LONGEST = 24 * 60 * 60  # seconds; no recording is longer
Number = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Distance = Annotated[float, msgspec.Meta(ge=-ROWS, le=ROWS)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=LONGEST)]


class Activity(View, frozen=True, kw_only=True, tag_field="view", forbid_unknown_fields=True):
    """Base of everything that somebody can be doing."""


class OnBoard(Activity, frozen=True, kw_only=True, tag="board"):
    """Looks at the job's board."""


class OnCard(Activity, frozen=True, kw_only=True, tag="application"):
    """Looks at the page of one application."""

    card: UUID


class OnProfile(Activity, frozen=True, kw_only=True, tag="profile"):
    """Looks at somebody's profile."""


class Watching(Activity, frozen=True, kw_only=True, tag="answer"):
    """Watches the answer to question number `answer` (from 1); was at second `at` when this was told."""

    card: UUID
    answer: Number
    at: Seconds


class Editing(Activity, frozen=True, kw_only=True, tag="edit"):
    """Edits the job."""


class AtRecorder(Activity, frozen=True, kw_only=True, tag="recording"):
    """Records: the answer to question number `answer` (from 1), or the job's own video (null)."""

    answer: Number | None


class AtPlace(Activity, frozen=True, kw_only=True, tag="place"):
    """The candidate looks at their own page."""


class AtMonitor(Activity, frozen=True, kw_only=True, tag="monitor"):
    """Watches the live monitor."""


Doing = OnBoard | OnCard | OnProfile | Watching | Editing | AtRecorder | AtPlace | AtMonitor

# What may be said where: on a kind of topic that is not named, nothing.
WHERE: dict[str, tuple[type[Activity], ...]] = {
    "job": (OnBoard, OnCard, Watching, Editing, AtRecorder),
    "application": (OnCard, Watching),
    "profile": (OnProfile,),
    "candidate": (AtPlace, AtRecorder),
    "monitor": (AtMonitor,),
}

_decode = msgspec.json.Decoder(Doing).decode


class Dragging(View, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On `job:`. A hand holds a card over a stage: before the card `before` of it, else behind its last one.

    Windows differ, so there are no pixels: the upper corner of the card is `x` widths of the column to the right of the
    column's edge, and `y` heights of the card below the upper edge of `before`, or below the end of the last card.
    """

    card: UUID
    stage: UUID
    before: UUID | None
    x: Distance
    y: Distance


_decode_gesture = msgspec.json.Decoder(Dragging).decode


def gesture_fits(topic: str, body: bytes) -> bool:
    """Whether a hand can do this in this topic."""
    try:
        _decode_gesture(body)
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return topic.startswith("job:")


def fits(topic: str, state: bytes) -> bool:
    """Whether `state` says what somebody can be doing in this topic."""
    try:
        doing = _decode(state)
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return isinstance(doing, WHERE.get(topic.partition(":")[0], ()))
