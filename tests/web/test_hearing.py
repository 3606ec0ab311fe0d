"""When a page believes that its recorder is dead, and when that it is back: the browser's own rule in Node.

The times are those of the page's own clock, which it is told: how busy this machine is makes no difference.
"""

from tests.web.conftest import Ask

LOOK = 500  # milliseconds from one look to the next
Look = tuple[int, int, bool]
Word = str | Look


def looks(begin: int, end: int, came: int = 0, *, online: bool = True) -> list[Look]:
    """A look twice a second; `came`: bytes that come back in between."""
    return [(at * came // LOOK, at, online) for at in range(begin, end, LOOK)]


def hears(ask: Ask, *told: Word) -> list[bool]:
    found: list[bool] = ask("hearing", told=told)
    return [not lost for lost in found]


def test_a_dead_recorder_is_noticed_within_three_seconds(ask: Ask) -> None:
    for death in range(5_000, 5_000 + LOOK, 100):  # whenever it dies between two looks
        alive = looks(0, death, 100)
        silent = [(alive[-1][0], at, True) for at in range(len(alive) * LOOK, death + 3_001, LOOK)]
        found = hears(ask, "flows", *alive, *silent)
        assert all(found[: len(alive) + 1])
        assert not found[-1]


def test_one_report_too_few_is_no_death(ask: Ask) -> None:
    calm = [(at // 2_000, at, True) for at in range(0, 20_000, LOOK)]  # something comes every two seconds
    assert all(hears(ask, "flows", *calm))


def test_silence_is_no_sign_before_media_flows(ask: Ask) -> None:
    assert all(hears(ask, *looks(0, 20_000)))


def test_a_connection_that_failed_comes_back_by_itself(ask: Ask) -> None:
    """Disconnected after 6 s, failed after 16 s, and back after the cut of 30 s, as measured in Chromium."""
    cut: list[Word] = [(100, at, True) for at in range(1_000, 30_000, LOOK)]
    cut.insert(12, "disconnected")
    cut.insert(32, "failed")
    found = hears(ask, "flows", *looks(0, 1_000, 100), *cut, "connected", *looks(31_000, 33_000, 100))
    assert not any(found[10 : len(cut)])
    assert all(found[-5:])


def test_what_comes_back_on_a_dead_connection_is_not_believed(ask: Ask) -> None:
    assert not any(hears(ask, "failed", *looks(1_000, 3_000, 100)))
    assert not any(hears(ask, "offline", *looks(1_000, 3_000, 100, online=False)))
    assert hears(ask, "offline", *looks(1_000, 3_000, 100))[-1]
