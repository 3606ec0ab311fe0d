"""The browser's outbox, its own code in Node: what was changed arrives once and in order, whatever the network does.

The last test is the promise itself: a server that applies each key once, a network that loses requests and replies at
random, and at the end every change was applied exactly once or refused, each lane in the order it was made.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.realtime.browser import node_program

SCRIPT = Path(__file__).with_name("outbox.ts")

Step = dict[str, Any]
Seen = list[dict[str, Any]]
Live = Callable[..., tuple[Seen, Seen]]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """`live(step, ...)` begins with an empty outbox; returns what was seen after each step, and every attempt."""
    words = [node_program(), "--experimental-strip-types", "--no-warnings", str(SCRIPT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(*steps: Step) -> tuple[Seen, Seen]:
            stdin.write(json.dumps(steps) + "\n")
            stdin.flush()
            seen, sent = json.loads(stdout.readline())
            return seen, sent

        yield ask
        stdin.close()


def send(key: str, lane: str = "card:1", **more: Any) -> Step:
    return {"do": "send", "key": key, "lane": lane, "body": {"words": key}, **more}


def do(what: str, key: str = "", **more: Any) -> Step:
    return {"do": what, "key": key, **more}


def wait(ms: int) -> Step:
    return do("tick", ms=ms)


AGES = wait(60_000)


def test_a_change_is_sent_at_once_and_its_reply_handed_on(live: Live) -> None:
    seen, sent = live(send("a"), do("reply", "a"))
    assert seen[0]["flying"] == ["a"]
    assert (seen[0]["waiting"], seen[0]["unsafe"]) == (1, False)
    assert (seen[1]["waiting"], seen[1]["outcomes"], seen[1]["kept"]) == (0, {"a": {"done": "a"}}, [])
    assert sent == [{"key": "a", "method": "POST", "path": "/card:1", "body": {"words": "a"}, "attempt": 0}]


def test_what_got_lost_is_sent_again_with_the_same_key_and_body(live: Live) -> None:
    seen, sent = live(
        send("a", late="answered"),
        do("lose", "a"),
        AGES,
        do("lose", "a"),
        AGES,
        do("lose", "a"),
        AGES,
        do("reply", "a"),
    )
    assert [(attempt["key"], attempt["body"], attempt["attempt"]) for attempt in sent] == [
        ("a", 0, n) for n in range(4)
    ]
    assert [step["failing"] for step in seen] == [False, True, True, True, True, True, True, False]
    assert (seen[1]["unsafe"], seen[-1]["unsafe"]) == (True, False)
    assert seen[-1]["outcomes"] == {"a": {"done": "a"}}


def test_it_waits_longer_each_time_but_never_longer_than_a_quarter_of_a_minute(live: Live) -> None:
    losses = [step for _ in range(12) for step in (do("lose", "a"), wait(15_000))]
    seen, _ = live(send("a"), *losses)
    assert seen[-1]["sent"] == 13
    seen, _ = live(send("a"), do("lose", "a"), wait(140), wait(360))
    assert [step["sent"] for step in seen] == [1, 1, 1, 2]
    seen, _ = live(send("a"), *losses[:10], do("lose", "a"), wait(4_000))
    assert seen[-1]["sent"] == 6  # by now it waits for more than four seconds


def test_a_server_that_is_busy_says_when_to_come_back(live: Live) -> None:
    seen, _ = live(send("a"), do("busy", "a"), wait(6_900), wait(200))
    assert [step["sent"] for step in seen] == [1, 1, 1, 2]


def test_changes_of_one_card_keep_their_order_and_other_cards_do_not_wait(live: Live) -> None:
    seen, sent = live(
        send("a"), send("b"), send("x", "card:2"), do("lose", "a"), do("reply", "x"), do("reply", "a"), do("reply", "b")
    )
    assert seen[2]["flying"] == ["a", "x"]
    # An answer for one card tells that the network is back: the other one does not sit its time out.
    assert seen[4]["flying"] == ["a"]
    assert [attempt["key"] for attempt in sent] == ["a", "x", "a", "b"]
    assert list(seen[-1]["outcomes"]) == ["x", "a", "b"]


def test_a_refusal_goes_back_to_whoever_asked_and_the_next_goes_on(live: Live) -> None:
    seen, sent = live(send("words"), send("note"), do("refuse", "words"), do("reply", "note"))
    assert seen[-1]["outcomes"] == {"words": {"refused": "no words"}, "note": {"done": "note"}}
    assert [attempt["key"] for attempt in sent] == ["words", "note"]
    assert not seen[-1]["failing"]


def test_a_body_is_asked_for_when_its_turn_comes_and_what_is_not_wanted_any_more_is_not_sent(live: Live) -> None:
    _, sent = live(send("a"), send("b", late="answered"), do("reply", "a"), do("lose", "b"), AGES)
    assert [attempt["body"] for attempt in sent] == [{"words": "a"}, 1, 1]
    seen, sent = live(send("a"), send("b", late="unwanted"), send("c"), do("reply", "a"))
    assert [attempt["key"] for attempt in sent] == ["a", "c"]
    assert seen[-1]["outcomes"] == {"a": {"done": "a"}, "b": "nothing"}


def test_what_is_taken_back_is_not_sent_again_and_holds_nothing_up(live: Live) -> None:
    seen, sent = live(send("a"), send("b"), do("lose", "a"), do("withdraw", "a"), AGES, do("reply", "b"))
    assert [attempt["key"] for attempt in sent] == ["a", "b"]
    assert seen[-1]["outcomes"] == {"a": "nothing", "b": {"done": "b"}}
    seen, _ = live(send("a"), do("withdraw", "a"), AGES)
    assert (seen[-1]["flying"], seen[-1]["waiting"], seen[-1]["failing"]) == ([], 0, False)


def test_a_request_that_hangs_is_made_anew_and_after_sleep_at_once(live: Live) -> None:
    seen, _ = live(send("a"), wait(19_900), wait(200), wait(1_000))
    assert [step["sent"] for step in seen] == [1, 1, 1, 2]
    assert seen[2]["failing"]
    seen, _ = live(send("a"), wait(6_000), do("nudge"), wait(500))
    assert [step["sent"] for step in seen] == [1, 1, 1, 2]
    seen, _ = live(send("a"), wait(1_000), do("nudge"))
    assert (seen[-1]["sent"], seen[-1]["flying"]) == (1, ["a"])  # young: it may well be answered
    losses = [step for _ in range(9) for step in (do("lose", "a"), wait(15_000))]
    seen, _ = live(send("a"), *losses, do("lose", "a"), do("nudge"))
    assert seen[-1]["flying"] == ["a"]


def test_closing_is_safe_only_when_nothing_could_be_lost(live: Live) -> None:
    seen, _ = live(send("a"), wait(900), wait(200), do("reply", "a"))
    assert [step["unsafe"] for step in seen] == [False, False, True, False]
    seen, _ = live(send("a"), send("b"))
    assert [step["unsafe"] for step in seen] == [False, True]


def test_the_next_page_gets_what_was_sent_and_what_was_plainly_written(live: Live) -> None:
    seen, _ = live(send("a", late="answered"), send("b"), send("c", late="answered"))
    assert [(kept["key"], kept["body"]) for kept in seen[-1]["kept"]] == [("a", 0), ("b", {"words": "b"})]


NETWORK = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["reply", "lose", "drop", "refuse", "busy"]), st.integers(0, 5)),
        st.tuples(st.sampled_from(["tick", "nudge"]), st.sampled_from([50, 700, 6_000, 25_000])),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NETWORK)
def test_every_change_is_applied_once_or_refused_in_its_lanes_order(live: Live, moves: list[tuple[str, int]]) -> None:
    lanes: list[str] = []
    fates: list[tuple[Step, str]] = []
    for what, number in moves:
        if what == "send":
            fates.append((send(f"k{len(lanes)}", f"card:{number}"), ""))
            lanes.append(f"card:{number}")
        elif what in {"tick", "nudge"}:
            fates.append((do(what, ms=number), ""))
        elif lanes:
            # `lose` loses the reply after the server applied it, `drop` the request before.
            fates.append((do("lose" if what == "drop" else what, f"k{number % len(lanes)}"), what))
    for _ in [*lanes, *"more"]:  # and in the end the network is good
        fates += [(wait(16_000), ""), *((do("reply", f"k{n}"), "reply") for n in range(len(lanes)))]
    seen, sent = live(*(step for step, _ in fates))

    applied: list[str] = []
    flying: list[str] = []
    for (step, fate), after in zip(fates, seen, strict=True):
        if step["key"] in flying and fate in {"reply", "lose"} and step["key"] not in applied:
            applied.append(step["key"])
        flying = after["flying"]
    outcomes = seen[-1]["outcomes"] if seen else {}
    refused = {key for key, outcome in outcomes.items() if "refused" in outcome}
    assert len(outcomes) == len(lanes)
    assert {f"k{n}" for n in range(len(lanes))} - set(applied) <= refused
    for lane in set(lanes):
        order = [int(key[1:]) for key in applied if lanes[int(key[1:])] == lane]
        assert order == sorted(order)
    bodies: dict[str, Any] = {}
    for attempt in sent:
        assert bodies.setdefault(attempt["key"], attempt["body"]) == attempt["body"]
    assert not seen or (seen[-1]["waiting"], seen[-1]["kept"]) == (0, [])
