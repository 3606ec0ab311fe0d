"""How much picture goes out: the browser's own rule in Node, told twice a second what the link carries.

The promise: on a good link the picture keeps its size from the first one on, on a narrow one it shrinks, where there is
no room for any the voice goes alone; and nothing flaps.
"""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Ask

Looks = list[int | str]
Sight = dict[str, float]


def fits(ask: Ask, *looks: int | str, uplink: int = 0) -> list[str]:
    """What it is after each look, changes alone."""
    found = [fit for fit, _ in ask("fit", uplink=uplink, looks=looks)]
    return found[:1] + [now for before, now in pairwise(found) if now != before]


def offers(ask: Ask, *looks: int | str) -> list[bool]:
    return [offered for _, offered in ask("fit", uplink=0, looks=looks)]


def test_a_good_link_is_sharp_soon_and_a_known_one_at_once(ask: Ask) -> None:
    assert fits(ask, *[4_000_000] * 4, uplink=5_000_000) == ["sharp"]
    assert fits(ask, 4_000_000, uplink=900_000) == ["soft"]
    assert fits(ask, *[4_000_000] * 2) == ["soft", "sharp"]  # after a second
    assert fits(ask, 4_000_000, 800_000, 4_000_000, 800_000) == ["soft"]
    assert fits(ask, 0, 0, 0, 0, uplink=5_000_000) == ["sharp"]  # a browser that does not say
    assert fits(ask, 0, 0, 0, 0) == ["soft"]


def test_what_was_thought_to_be_good_shrinks(ask: Ask) -> None:
    assert fits(ask, *[390_000] * 5, 500_000, *[390_000] * 5, uplink=5_000_000) == ["sharp"]
    assert fits(ask, *[390_000] * 6, uplink=5_000_000) == ["sharp", "soft"]
    assert fits(ask, *[600_000] * 60, uplink=5_000_000) == ["sharp"]  # between the two it stays as it is
    assert fits(ask, *[600_000] * 60) == ["soft"]
    assert fits(ask, *[390_000] * 6, *[2_000_000] * 11, uplink=5_000_000) == ["sharp", "soft"]  # a longer proof
    assert fits(ask, *[390_000] * 6, *[2_000_000] * 12, uplink=5_000_000) == ["sharp", "soft", "sharp"]


def test_the_voice_goes_alone_where_there_is_no_room_for_more(ask: Ask) -> None:
    assert fits(ask, *[90_000] * 5) == ["soft"]
    assert fits(ask, *[90_000] * 6) == ["soft", "sound"]
    assert fits(ask, *[90_000] * 12, uplink=5_000_000) == ["sharp", "soft", "sound"]
    assert fits(ask, *[90_000] * 6, *[5_000_000] * 60) == ["soft", "sound"]  # the person says when
    assert fits(ask, *[90_000] * 6, *[5_000_000] * 4, "again", *[5_000_000] * 12) == ["soft", "sound", "soft", "sharp"]
    assert fits(ask, "again", *[90_000] * 5) == ["soft"]
    assert fits(ask, 70_000, 70_000, uplink=72_000) == ["sound"]  # known before


def test_the_picture_is_offered_when_there_is_room(ask: Ask) -> None:
    assert not any(offers(ask, *[90_000] * 6, *[210_000] * 3))
    assert offers(ask, *[90_000] * 6, *[210_000] * 4)[-1]
    assert offers(ask, *[90_000] * 6, *[210_000] * 4, *[90_000] * 3)[-1]
    assert not offers(ask, *[90_000] * 6, *[210_000] * 4, *[90_000] * 4)[-1]
    assert not offers(ask, *[90_000] * 6, *[210_000] * 4, "again")[-1]


def sights(rate: int, seconds: float, *, lost: float = 0.0, trip: float = 0.05, sent: float = 30.0) -> list[Sight]:
    """So many bits per second go out, looked at twice a second."""
    return [
        {"at": 500 * n, "bytes": rate * n / 16, "lost": lost, "trip": trip, "camera": 30.0, "sent": sent}
        for n in range(round(seconds * 2))
    ]


def after(first: list[Sight], then: list[Sight]) -> list[Sight]:
    """One after the other."""
    end = first[-1]
    at, sent = end["at"] + 500, end["bytes"] + then[1]["bytes"]
    return [*first, *({**sight, "at": sight["at"] + at, "bytes": sight["bytes"] + sent} for sight in then)]


def estimates(ask: Ask, found: list[Sight]) -> list[tuple[int, str]]:
    return [(bits, fit) for bits, fit in ask("estimate", sights=found)]


def test_a_browser_that_does_not_say_is_watched(ask: Ask) -> None:
    assert estimates(ask, sights(60_000, 20)) == [(0, "soft")] * 40  # a face that hardly moves
    assert estimates(ask, sights(60_000, 20, lost=0.1)) == [(0, "soft")] * 40  # of which all pictures go out
    assert estimates(ask, sights(60_000, 20, sent=8)) == [(0, "soft")] * 40  # a busy machine, no full link
    assert estimates(ask, sights(1_200_000, 5))[-1] == (1_200_000, "sharp")
    thin = estimates(ask, sights(60_000, 20, lost=0.1, sent=8))
    assert thin[-1] == (60_000, "sound")
    assert [fit for _, fit in thin].index("sound") in range(6, 10)  # after as many looks as with any other browser


def test_a_full_link_stays_known_when_the_browser_has_slowed_down(ask: Ask) -> None:
    """It sends less until reports come in time again: then few pictures are the only sign that is left."""
    good = sights(500_000, 6)
    full = after(good, sights(150_000, 3, trip=1.2, sent=12))
    slow = after(full, sights(50_000, 8, sent=5))
    found = estimates(ask, slow)
    assert found[len(good) - 1] == (0, "soft")
    assert found[-1][1] == "sound"
    calm = estimates(ask, after(full, sights(50_000, 30, sent=30)))
    assert calm[-1] == (0, "soft")  # all pictures go out: it carries them


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    looks=st.lists(st.sampled_from([0, 50_000, 150_000, 300_000, 600_000, 1_500_000]), max_size=120),
    uplink=st.sampled_from([0, 200_000, 5_000_000]),
)
def test_nothing_flaps(ask: Ask, looks: Looks, uplink: int) -> None:
    found = [fit for fit, _ in ask("fit", uplink=uplink, looks=looks)]
    turns = [at for at, (before, now) in enumerate(pairwise(found), 1) if before != now]
    assert all(later - earlier >= 6 for earlier, later in pairwise(turns)), (found, turns)
    assert found.count("sound") == 0 or "sound" in found[-1:]  # it does not come back by itself
