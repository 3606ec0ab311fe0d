"""What goes to a candidate about a meeting: words in the conversation, mails, and files for calendars."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest

from server.core import db
from server.hiring.meetings.invitations import Entry, calendar
from server.hiring.meetings.rules import in_words, link_in, with_whom
from tests.cast import Cast, Json, Visitor
from tests.server.house import House, drain
from tests.server.test_meetings import TOMORROW, call_off, change, meet


async def told(cleo: Visitor) -> list[Json]:
    return [one for one in (await cleo.read("/place"))["messages"] if one["about"]]


async def test_the_candidate_reads_it_in_the_conversation_in_nobodys_name(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await cleo.make("POST", "/messages", {"body": "When could we talk?"})
    winter = datetime(TOMORROW.year + 1, 1, 12, 9, 30, tzinfo=UTC)
    if winter > datetime.now(UTC) + timedelta(days=360):
        winter = winter.replace(year=winter.year - 1)
    made = await meet(
        cast.ben, cleo, cast.ada, cast.rae, starts_at=winter.isoformat(), place="Hall 2\r\n\r\nMain street 1"
    )
    assert made["place"] == "Hall 2\nMain street 1"
    card = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]
    assert (card["waiting"], card["messages"]) == (False, 2)
    moved = await change(cast.ben, made, starts_at=(winter + timedelta(hours=1)).isoformat())
    await call_off(cast.ben, moved)
    first, second, third = await told(cleo)
    day = f"{winter:%A} {winter.day} January {winter.year}"
    assert first["body"].splitlines() == [
        "A meeting with you: First call", f"{day}, 10:30 to 11:00 (Europe/Berlin, UTC+01:00)",
        "Hall 2", "Main street 1", "With Ada and Rae",
    ]  # fmt: skip
    assert second["body"].splitlines()[:3] == [
        "Your meeting has changed: First call", f"{day}, 11:30 to 12:00 (Europe/Berlin, UTC+01:00)",
        f"Before: {day}, 10:30 to 11:00 (Europe/Berlin, UTC+01:00)",
    ]  # fmt: skip
    assert third["body"].splitlines()[0] == "Your meeting is called off: First call"
    assert {(one["author"], one["author_name"]) for one in (first, second, third)} == {(None, "Ada's company")}
    assert "Ben" not in str(await cleo.read("/place")), "who arranged it is nobody's business"
    assert (await cast.rae.read(f"/applications/{cleo.application}"))["messages"][1:] == [first, second, third]


async def test_planning_answers_who_waits_and_calling_off_does_not(cast: Cast) -> None:
    job = await cast.job()
    job = await cast.ada.make("PATCH", f"/jobs/{job['id']}", {"version": job["version"], "promise_days": 5})
    cleo = await cast.cleo(job)
    made = await meet(cast.ada, cleo)
    await cleo.make("POST", "/messages", {"body": "I cannot come."})

    async def waiting() -> bool:
        return bool((await cast.ada.read(f"/applications/{cleo.application}"))["card"]["waiting"])

    await call_off(cast.ada, made)
    assert await waiting()
    await cleo.write_everything()
    await cleo.make("POST", "/submission")
    assert (await cleo.read("/place"))["promised"] is not None
    await meet(cast.ada, cleo)
    assert not await waiting()
    assert (await cleo.read("/place"))["promised"] is None


async def test_a_message_soon_after_a_meeting_is_mailed_all_the_same(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await drain()
    await meet(cast.ada, cleo)
    await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "Looking forward to it"})
    await drain()
    assert [mail["Subject"].split(": ")[1] for mail in house.mails(cleo.email)[1:]] == [
        "a meeting with you", "there is a message for you",
    ]  # fmt: skip


def event_in(content: bytes) -> Any:
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def file_in(mail: Any) -> tuple[str, Any]:
    """The method and the event of an invitation, which is the same as part and as file."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    (file,) = [one for one in mail.walk() if one.get_content_type() == "application/ics"]
    content = file.get_payload(decode=True)
    assert part.get_payload(decode=True) == content
    assert file.get_filename() == "meeting.ics"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    method = str(icalendar.Calendar.from_ical(content)["method"])
    assert part.get_param("method") == method
    return method, event_in(content)


async def test_every_change_comes_by_mail_with_an_invitation(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(title="Engineer, backend; a\\b"), "Cleo")
    await drain()
    made = await meet(cast.ada, cleo, cast.ben, title="First call,\nwith; all \\ of us")
    await drain()
    moved = await change(cast.ada, made, minutes=60)
    await drain()
    await call_off(cast.ada, moved)
    await drain()
    mails = house.mails(cleo.email)[1:]
    assert [mail["Subject"].rsplit(": ", 1)[1] for mail in mails] == [
        "a meeting with you", "your meeting has changed", "your meeting is called off",
    ]  # fmt: skip
    found = [file_in(mail) for mail in mails]
    assert [(method, event["sequence"], str(event["status"])) for method, event in found] == [
        ("REQUEST", 0, "CONFIRMED"), ("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, "CANCELLED"),
    ]  # fmt: skip
    assert len({str(event["uid"]) for _, event in found}) == 1
    event = found[1][1]
    assert str(event["summary"]) == "First call, with; all \\ of us, Ada's company"
    assert (event.start, event.end) == (TOMORROW, TOMORROW + timedelta(hours=1))
    assert event.start.tzinfo == ZoneInfo("Europe/Berlin")
    assert str(event["location"]) == "https://meet.example/first"
    assert str(event["attendee"]) == f"mailto:{cleo.email}"
    assert cast.ben.email not in str(event)
    for mail in mails:
        text = mail.get_body(("plain",)).get_content()
        assert "Europe/Berlin" in text
        assert house.origin + "/c/link/" in text
        assert "Ada\n" not in text
    entered = await cast.nobody().page(house.links(cleo.email)[-1])
    assert entered.status_code == 200


async def test_what_was_called_off_before_the_mail_went_is_not_told_of_as_planned(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await drain()
    await call_off(cast.ada, await meet(cast.ada, cleo))
    await drain()
    (mail,) = house.mails(cleo.email)[1:]
    assert file_in(mail)[0] == "CANCEL"


async def test_the_file_is_for_the_team_and_for_this_candidate(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Other")
    made = await meet(cast.ada, cleo, cast.ada, cast.rae)
    path = f"/meetings/{made['id']}/calendar.ics"
    for who in (cast.rae, cleo):
        reply = await who.do("GET", path)
        assert reply.headers["content-type"].startswith("text/calendar")
        assert "attachment" in reply.headers["content-disposition"]
        event = event_in(reply.content)
        assert event.start == TOMORROW
        assert (
            str(event["url"])
            == f"{house.origin}{who.at(f'/applications/{cleo.application}' if who is cast.rae else '')}"
        )
    for stranger in (other, cast.dan):
        assert (await stranger.do("GET", path)).status_code == 404
    assert (await cast.nobody().get(cleo.at(f"/api{path}"))).status_code == 401
    await call_off(cast.ada, made)
    assert b"METHOD:CANCEL" in (await cast.rae.do("GET", path)).content
    assert (await cleo.do("GET", path)).status_code == 404


async def test_who_has_not_agreed_sees_no_meetings(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    made = await meet(cast.ada, cleo)
    await db.execute("UPDATE application SET consent_at = NULL WHERE id = $1", UUID(cleo.application))
    assert (await cleo.read("/place"))["meetings"] == []
    reply = await cleo.do("GET", f"/meetings/{made['id']}/calendar.ics")
    assert (reply.status_code, reply.json()["code"]) == (403, "consent_needed")


async def test_wall_times_stay_when_clocks_change(cast: Cast) -> None:
    """Ten in the morning in Berlin is ten, on both sides of a change."""
    berlin = ZoneInfo("Europe/Berlin")
    for month, away in ((1, "+01:00"), (7, "+02:00")):
        at = datetime(TOMORROW.year + 1, month, 15, 10, 0, tzinfo=berlin)
        if at > datetime.now(UTC) + timedelta(days=360):
            at = at.replace(year=at.year - 1)
        cleo = await cast.cleo(await cast.job())
        made = await meet(cast.ada, cleo, starts_at=at.isoformat())
        assert f"10:00 to 10:30 (Europe/Berlin, UTC{away})" in (await told(cleo))[0]["body"]
        content = (await cast.ada.do("GET", f"/meetings/{made['id']}/calendar.ics")).text
        assert f"DTSTART;TZID=Europe/Berlin:{at:%Y%m%dT%H%M%S}" in content
        assert "BEGIN:VTIMEZONE" in content


@pytest.mark.parametrize(
    ("at", "minutes", "zone", "words"),
    [
        ("2027-03-28T00:30", 60, "Europe/Berlin", "Sunday 28 March 2027, 01:30 to 03:30 (Europe/Berlin, UTC+01:00)"),
        ("2026-12-31T23:45", 30, "UTC", "Thursday 31 December 2026, 23:45 to Friday 1 January 2027, 00:15 (UTC)"),
        ("2026-06-01T04:00", 30, "Asia/Kathmandu", "Monday 1 June 2026, 09:45 to 10:15 (Asia/Kathmandu, UTC+05:45)"),
        ("2026-06-01T04:00", 5, "America/St_Johns", "Monday 1 June 2026, 01:30 to 01:35 (America/St_Johns, UTC-02:30)"),
    ],
)  # fmt: skip
def test_times_are_said_on_the_clocks_of_their_zone(at: str, minutes: int, zone: str, words: str) -> None:
    assert in_words(datetime.fromisoformat(at).replace(tzinfo=UTC), minutes, zone) == words


def entry(**other: Any) -> Entry:
    given: dict[str, Any] = {
        "uid": "a@b", "sequence": 0, "changed_at": TOMORROW, "title": "T", "text": "", "starts_at": TOMORROW,
        "minutes": 30, "zone": "Europe/Berlin", "place": "", "url": "https://g.example",
        "organizer": ("W", "g@example.org"),
    }  # fmt: skip
    return Entry(**(given | other))


@pytest.mark.parametrize("minute", [0, 30, 60, 90, 120])
@pytest.mark.parametrize("day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
def test_about_the_time_when_clocks_change_no_clock_is_asked(day: datetime, minute: int) -> None:
    at = day + timedelta(minutes=minute)
    content = calendar(entry(starts_at=at), "PUBLISH")
    assert f"DTSTART:{at:%Y%m%dT%H%M%S}Z".encode() in content
    event = event_in(content)
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (at, at + timedelta(minutes=30))


NAMES = [
    "\u05e9\u05dc\u05d5\u05dd, \u05e2\u05d5\u05dc\u05dd",
    "\u0645\u0631\u062d\u0628\u0627;" * 40,
    "A" * 300,
    'Q"uo\\te^',
    "\N{GRINNING FACE}" * 60,
]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_people_are_called_comes_out_of_the_file_again(name: str) -> None:
    title, text = f"{name}\r\nBEGIN:VALARM", f"{name}\nEND:VEVENT\nATTACH:x"
    content = calendar(entry(title=title, text=text, place=text, organizer=(name, "g@example.org")), "REQUEST")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\nBEGIN:VALARM" not in content
    assert b"\nATTACH" not in content
    event = event_in(content)
    assert str(event["summary"]) == " ".join(title.split())
    assert (str(event["description"]), str(event["location"])) == (text, text)
    assert event["organizer"].params["cn"] == name


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("https://meet.example/a?b=c", "https://meet.example/a?b=c"), ("javascript:alert(1)", ""), ("", ""),
        ("Here: HTTP://x.example/y, PIN 12", "HTTP://x.example/y"), ("+31 10 555 01", ""),
        ("(see https://x.example/y).", "https://x.example/y"),
        ("meet.example.com/abc-defg", "https://meet.example.com/abc-defg"), ("Main St. 5/7", ""),
        ("Room 4\nzoom.example/j/1?pwd=2", "https://zoom.example/j/1?pwd=2"), ("see c.example/y there", ""),
    ],
)  # fmt: skip
def test_a_link_is_an_address_of_the_web_and_nothing_else(place: str, link: str) -> None:
    assert link_in(place) == link


def test_who_takes_part_is_listed_as_people_do() -> None:
    assert [with_whom(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "", "With A", "With A and B", "With A, B and C",
    ]  # fmt: skip
