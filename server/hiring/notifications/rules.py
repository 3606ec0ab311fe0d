"""Who is told what, unless they asked otherwise."""

from datetime import UTC, datetime, timedelta

from server.core.errors import Invalid
from server.hiring.views.notifications import NoticeKind

KEPT_DAYS = 90
LONGEST_MUTE = timedelta(days=366)

DECISIONS = frozenset({"offer", "hired"})
"""Kinds of stages whose cards everybody hears of; other moves are the daily work of the board."""

MOST_LINES = 5  # about one thing done to many candidates; of more there is one line for all

QUIET: frozenset[NoticeKind] = frozenset({"applied"})
"""In the bell without a toast: there may be fifty a day."""

FOR_HELPERS: frozenset[NoticeKind] = frozenset({"interrupted", "lost"})
"""For those who can write to the candidate and help; reviewers could only worry."""

ONCE: frozenset[NoticeKind] = FOR_HELPERS | {"brought"}
"""Of a candidate who does so again and again, one unread line is enough."""

MEETINGS: frozenset[NoticeKind] = frozenset(
    {"meeting_planned", "meeting_changed", "meeting_called_off", "meeting_without_you", "meeting_deserted"}
)
"""Of meetings they are told who are expected there, or no longer."""

DIRECT: frozenset[NoticeKind] = MEETINGS | {"made_owner", "made_reviewer", "mentioned", "overdue"}
"""Meant for one member alone: told also to whoever does not follow."""

LOUD: frozenset[NoticeKind] = MEETINGS | {"overdue"}
"""Told of a job that somebody muted as well: a person waits for them."""

OF_THE_CANDIDATE = frozenset(
    {"stopped", "left", "limit", "too_large", "ice_timeout", "no_media", "no_video", "bad_offer", "never_began", ""}
)
"""Why recordings end on the candidate's side (codes of `media/manifest.py` and of the sweep); all others are ours."""


def broke_on_our_side(error: str) -> bool:
    """Whether a recording that ended with this code was cut by a recorder, a disk or a restart of ours."""
    return error not in OF_THE_CANDIDATE


def check_until(until: datetime | None) -> datetime | None:
    """The end of a mute in UTC; None is for good. Raises Invalid unless it lies between now and a year ahead."""
    if until is None:
        return None
    if until.tzinfo is None:
        raise Invalid(fields={"until": "Say the time with its zone."})
    now = datetime.now(UTC)
    if not now < until <= now + LONGEST_MUTE:
        raise Invalid(fields={"until": "Choose a time within the next year."})
    return until.astimezone(UTC)
