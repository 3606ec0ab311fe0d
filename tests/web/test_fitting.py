"""How much picture goes out: the browser's own rule in Node, told twice a second what the link carries.

The promise: on a good link the picture keeps its size from the first one on, on a narrow one it shrinks, where there is
no room for any the voice goes alone; and nothing flaps.
"""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Ask

Looks = list[int | str]


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
