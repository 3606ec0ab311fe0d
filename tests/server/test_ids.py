"""Ids sort by the time they were made: a timeline read by id is in the order in which things happened."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.core.ids import uuid7


def test_ids_of_one_process_keep_their_order_within_a_millisecond() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}
    assert len({one.int & (1 << 62) - 1 for one in made}) == len(made)
    assert abs((made[-1].int >> 80) - time.time() * 1000) < 1000


def test_ids_keep_their_order_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = uuid7()
    an_hour_ago = time.time_ns() - 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: an_hour_ago)
    after = [uuid7() for _ in range(100)]
    assert [before, *after] == sorted({before, *after})


def test_threads_never_make_the_same_id_in_time() -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: [uuid7() for _ in range(2000)], range(8)))
    for made in found:
        assert made == sorted(made)
    assert len({one.int >> 62 for made in found for one in made}) == 16_000
