"""The pace of a recording: bits per second, of the last few seconds alone."""

from media.glance import Pace


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert pace.rate(0.0, 0) == 0
    received = 0
    for tenth in range(200):  # ten seconds at 1 Mbit/s, then ten at 200 kbit/s
        received += 12_500 if tenth < 100 else 2_500
        pace.note(tenth / 10, received)
        if tenth == 99:
            assert 0.9e6 < pace.rate(tenth / 10, received) < 1.1e6
    assert 180_000 < pace.rate(20.0, received) < 220_000


def test_the_pace_falls_when_nothing_comes_any_more() -> None:
    pace = Pace()
    pace.note(0.0, 0)
    assert pace.rate(0.1, 50_000) == 0  # too early to say
    assert pace.rate(1.0, 125_000) == 1_000_000
    for second in range(1, 9):
        pace.note(float(second), 125_000)
    assert pace.rate(9.0, 125_000) == 0
