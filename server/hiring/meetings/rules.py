"""Rules of meetings: pure functions. What a meeting must say, and how its time is put into words."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from server.core.errors import Invalid, Refusal
from server.core.words import clean
from server.hiring.views.applications import MessageAbout
from server.hiring.views.base import View
from server.hiring.views.meetings import MeetingView
from server.hiring.workspaces.rules import check_name

LONGEST_TITLE = 120
LONGEST_PLACE = 500
SHORTEST, LONGEST = 5, 480  # minutes
MOST_MEMBERS = 20
LONGEST_SPAN = timedelta(days=32)  # of a list
AHEAD = timedelta(days=366)
LATE = timedelta(minutes=5)  # who plans for now has typed for a while
NO_ZONES = frozenset({"Factory", "localtime"})  # files beside the zones that name no place
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_BARE = re.compile(r"^(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"]+$", re.IGNORECASE | re.MULTILINE)  # as rooms are copied


class MeetingMoved(Refusal):
    """A meeting was changed by somebody else since it was read."""

    code = "meeting_changed"
    status = HTTPStatus.CONFLICT


class MeetingOff(Refusal):
    """Somebody changes a meeting that was called off."""

    code = "meeting_called_off"
    status = HTTPStatus.CONFLICT


class MeetingOver(Refusal):
    """Somebody changes a meeting that has been."""

    code = "meeting_over"
    status = HTTPStatus.CONFLICT
    message = "This meeting is over. What has been cannot be changed; plan another one."


class Planning(View, frozen=True, kw_only=True):
    """What a meeting is to be; `starts_at` with its offset, `zone` by its IANA name."""

    title: str
    starts_at: datetime
    minutes: int
    zone: str
    members: list[UUID]
    place: str = ""


class Changing(Planning, frozen=True, kw_only=True):
    """What it is to be from now on. `version` is the one that was changed."""

    version: int


P = TypeVar("P", bound=Planning)


def check(wanted: P, now: datetime, stood: datetime | None = None) -> P:
    """The same with tidy words, in UTC, to the minute. Raises Invalid with all that does not fit.

    `stood`: when it was to begin before. One that goes on already may keep its beginning.
    """
    faults = _faults(wanted, now, stood)
    title = ""
    try:
        title = check_name(wanted.title, "title", LONGEST_TITLE)
    except Invalid as error:
        faults = error.fields | faults
    if faults:
        raise Invalid(fields=faults)
    return msgspec.structs.replace(
        wanted,
        title=title,
        starts_at=_to_the_minute(wanted.starts_at),
        place=_lines(wanted.place),
        members=list(dict.fromkeys(wanted.members)),
    )


def _faults(wanted: Planning, now: datetime, stood: datetime | None) -> dict[str, str]:
    found = {
        "starts_at": _fault_of_time(wanted.starts_at, now, stood),
        "minutes": ""
        if SHORTEST <= wanted.minutes <= LONGEST
        else f"From {SHORTEST} minutes to {LONGEST // 60} hours.",
        "zone": "" if wanted.zone in zones() else "There is no such time zone. Choose one such as Europe/Paris.",
        "place": "" if len(_lines(wanted.place)) <= LONGEST_PLACE else f"At most {LONGEST_PLACE} characters, please.",
        "members": _fault_of_members(set(wanted.members)),
    }
    return {field: fault for field, fault in found.items() if fault}


def _fault_of_time(starts_at: datetime, now: datetime, stood: datetime | None) -> str:
    if starts_at.tzinfo is None:
        return "Say the time with its zone."
    if not now - AHEAD < starts_at < now + AHEAD:  # before it is turned into UTC, which year 1 and 9999 cannot be
        return "A meeting is at most a year ahead." if starts_at > now else "This time has passed. Choose a later one."
    if _to_the_minute(starts_at) != stood and starts_at < now - LATE:
        return "This time has passed. Choose a later one."
    return ""


def _fault_of_members(members: set[UUID]) -> str:
    if not members:
        return "Say who takes part."
    return "" if len(members) <= MOST_MEMBERS else f"At most {MOST_MEMBERS} people of the team."


def _lines(text: str) -> str:
    """An address may have several."""
    return "\n".join(line.strip() for line in clean(text).splitlines() if line.strip())


def _to_the_minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def check_span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """A span of time to look at, at most LONGEST_SPAN. Raises Invalid."""
    for field, at in (("from", since), ("until", until)):
        if at is None or at.tzinfo is None:
            raise Invalid(fields={field: "Say the time with its zone."})
    assert since is not None
    assert until is not None
    if not since < until:
        raise Invalid(fields={"until": "It ends before it begins."})
    if until - since > LONGEST_SPAN:
        raise Invalid(fields={"until": f"At most {LONGEST_SPAN.days} days at once."})
    return since, until


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Names of all time zones. Read once: they are files."""
    return frozenset(available_timezones()) - NO_ZONES


def ends(starts_at: datetime, minutes: int) -> datetime:
    """When it is over."""
    return starts_at + timedelta(minutes=minutes)


def link_in(place: str) -> str:
    """The first address of a web page in a place, "" when there is none.

    One without "https://" counts when it has a line of its own: `meet.google.com/abc-defg-hij`.
    """
    found = _LINK.search(place) or _BARE.search(place)
    if not found:
        return ""
    link = found[0].rstrip(".,;:!?)]}'")
    return link if "://" in link[:8] else f"https://{link}"


def in_words(starts_at: datetime, minutes: int, zone: str) -> str:
    """The time on the clocks of its zone: `Thursday 3 December 2026, 10:00 to 10:30 (Europe/Berlin, UTC+01:00)`."""
    begins, over = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends(starts_at, minutes)))
    until = f"{over:%H:%M}" if over.date() == begins.date() else f"{_day(over)}, {over:%H:%M}"
    where = ", ".join(dict.fromkeys((zone, _offset(begins))))
    return f"{_day(begins)}, {begins:%H:%M} to {until} ({where})"


def _offset(at: datetime) -> str:
    away = f"{at:%z}"
    return "UTC" if away == "+0000" else f"UTC{away[:3]}:{away[3:5]}"


def _day(at: datetime) -> str:
    """Not by the machine's language."""
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[at.weekday()]
    month = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )[at.month - 1]  # fmt: skip
    return f"{weekday} {at.day} {month} {at.year}"


def with_whom(names: Sequence[str]) -> str:
    """`With Ada, Ben and Rae`; empty without anybody."""
    *others, last = names or [""]
    return f"With {', '.join(others)} and {last}" if others else f"With {last}" if last else ""


def told(kind: str, meeting: MeetingView, before: str = "") -> tuple[MessageAbout, str]:
    """What the candidate reads of an event in the conversation, the first line first. `before`: when it was to be."""
    about: MessageAbout
    match kind:
        case "meeting_changed":
            about, head = "meeting_changed", "Your meeting has changed"
        case "meeting_called_off":
            about, head = "meeting_called_off", "Your meeting is called off"
        case _:
            about, head = "meeting_planned", "A meeting with you"
    lines = [f"{head}: {meeting.title}", in_words(meeting.starts_at, meeting.minutes, meeting.zone)]
    if before:
        lines.append(f"Before: {before}")
    if about != "meeting_called_off":
        lines += [meeting.place, with_whom([one.name for one in meeting.members])]
    return about, "\n".join(line for line in lines if line)
