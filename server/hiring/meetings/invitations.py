"""A meeting as a file that calendars take (RFC 5545), and as the invitation that comes with a mail (RFC 5546).

Times are on the clocks of the meeting's zone, whose rules are in the file, so that a calendar keeps them when summer
time begins or ends. Pure.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
from icalendar import STATUS
from msgspec import Struct

from server.hiring.meetings.rules import ends

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
NAME = "meeting.ics"
ABOUT = timedelta(hours=2)


class Entry(Struct, frozen=True, kw_only=True):
    """What a calendar is told. `uid` is the same for every version of a meeting, and `sequence` grows with them.

    `organizer` and `attendee`: name and e-mail address.
    """

    uid: str
    sequence: int
    changed_at: datetime
    title: str
    text: str
    starts_at: datetime
    minutes: int
    zone: str
    place: str
    url: str
    organizer: tuple[str, str]
    attendee: tuple[str, str] | None = None


def uid_of(meeting: UUID, host: str) -> str:
    """Under which all calendars know it, whoever's they are."""
    return f"{meeting}@{host}"


def calendar(entry: Entry, method: Method) -> bytes:
    """The file. CANCEL takes the meeting out again."""
    begins, over = _span(entry)
    event = icalendar.Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=entry.changed_at.astimezone(UTC),
        start=begins,
        end=over,
        summary=" ".join(entry.title.split()),
        description=entry.text,
        location=entry.place or None,
        url=entry.url,
        status=STATUS.CANCELLED if method == "CANCEL" else STATUS.CONFIRMED,
        organizer=icalendar.vCalAddress.new(entry.organizer[1], cn=entry.organizer[0]),
        attendees=[icalendar.vCalAddress.new(entry.attendee[1], cn=entry.attendee[0], rsvp=False)]
        if entry.attendee
        else None,
    )
    whole = icalendar.Calendar()
    whole.add("prodid", "-//Greenroom//Meetings//EN")
    whole.add("version", "2.0")
    whole.add("method", method)
    whole.add_component(event)
    whole.add_missing_timezones(first_date=date(begins.year - 1, 1, 1), last_date=date(over.year + 2, 1, 1))
    return bytes(whole.to_ical())


def _span(entry: Entry) -> tuple[datetime, datetime]:
    """When it begins and ends, on the zone's clocks; in UTC where they are changed about then.

    Of an hour that clocks show twice they cannot tell which is meant, and programs differ in when exactly a zone's rule
    in the file begins.
    """
    zone, begins, over = ZoneInfo(entry.zone), entry.starts_at, ends(entry.starts_at, entry.minutes)
    before, after = (at.astimezone(zone).utcoffset() for at in (begins - ABOUT, over + ABOUT))
    return begins.astimezone(zone if before == after else UTC), over.astimezone(zone if before == after else UTC)
