"""Times of meetings as the browser says them: its own code in Node, on a clock that shows UTC."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.web.conftest import Ask


def at(day: int, hour: int, minute: int = 0) -> str:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC).isoformat()


@pytest.mark.parametrize(
    ("now", "day", "time"),
    [
        (at(3, 9, 10), "2026-12-03", "10:30"),  # a Thursday
        (at(3, 9), "2026-12-03", "10:00"),
        (at(3, 16, 55), "2026-12-04", "10:00"),
        (at(3, 5), "2026-12-03", "10:00"),
        (at(3, 23, 20), "2026-12-04", "10:00"),
        (at(4, 17, 30), "2026-12-07", "10:00"),  # a Friday evening
        (at(5, 12), "2026-12-07", "10:00"),
        (at(6, 23, 45), "2026-12-07", "10:00"),
    ],
)
def test_a_new_meeting_is_proposed_for_when_people_work(ask: Ask, now: str, day: str, time: str) -> None:
    assert ask("proposed", now=now) == {"day": day, "time": time}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(1, 10), ["Thu 3 Dec", "", False, False]),
        (at(2, 10), ["Tomorrow", "", False, False]),
        (at(3, 6), ["Today", "", False, False]),
        (at(3, 8), ["Today", "in 2 h", False, False]),
        (at(3, 9, 49), ["Today", "in 11 min", False, False]),
        (at(3, 9, 50), ["Today", "in 10 min", True, False]),
        (at(3, 10), ["Today", "now", True, False]),
        (at(3, 10, 44), ["Today", "now", True, False]),
        (at(3, 10, 45), ["Today", "", False, True]),
        (at(4, 1), ["Yesterday", "", False, True]),
    ],
)
def test_a_meeting_can_be_joined_from_ten_minutes_before_until_its_end(ask: Ask, now: str, said: list[Any]) -> None:
    assert ask("soon", meeting={"starts_at": at(3, 10), "minutes": 45}, now=now) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["me"], "With you"),
        (["Ade Obi", "me"], "With you and Ade"),
        (["Ade Obi", "Ben"], "With Ade and Ben"),
        (["Ade Obi", "Ben", "me"], "With you, Ade and Ben"),
        (["Ade Obi", "Ben", "Rae", "me"], "With you, Ade and 2 others"),
    ],
)
def test_who_takes_part_is_said_with_me_first(ask: Ask, names: list[str], said: str) -> None:
    assert ask("withWhom", members=[{"id": name, "name": name} for name in names]) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Lisbon", "Lisbon time (UTC)"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time (UTC-3)"),
        ("Asia/Kolkata", "Kolkata time (UTC+5:30)"),
        ("UTC", "UTC"),
        ("Etc/GMT+3", "UTC-3"),
    ],
)
def test_a_zone_is_named_by_its_place_and_how_far_it_is(ask: Ask, zone: str, said: str) -> None:
    assert ask("zoneWords", zone=zone, at=at(3, 10)) == said
