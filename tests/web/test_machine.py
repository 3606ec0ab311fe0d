"""The recorder's state machine, through every path: the browser's own code in Node, walked by hand and at random.

What must hold on every walk: a recorded take is never dropped without the person choosing so, no phase is a dead end,
recording begins and ends exactly as often as it says, and clocks end their phases when they promise to.
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

SCRIPT = Path(__file__).with_name("machine.ts")
LIMITS = {"think": 30, "longest": 60, "takesLeft": 3}
LIVE = {"recording", "grace"}
COUNTDOWN, HOLD, GRACE, MORE, SHORTEST = 3000, 8000, 5000, 60_000, 800

Event = dict[str, Any]
Seen = list[dict[str, Any]]
Walk = Callable[..., Seen]


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """`walk((ms, event), ...)` begins with a fresh question (or a take to watch) and tells all that was seen."""
    words = [node_program(), "--experimental-strip-types", "--no-warnings", str(SCRIPT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(*steps: tuple[int, Event], resumed: int | None = None, at: int = 1000, **limits: Any) -> Seen:
            order = {"limits": LIMITS | limits, "resumed": resumed, "at": at, "steps": steps}
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            seen: Seen = json.loads(stdout.readline())
            return seen

        yield ask
        stdin.close()


def do(name: str, **more: Any) -> Event:
    return {"type": name, **more}


TICK = do("tick")
START = [(0, do("begin")), (500, do("prepared")), (COUNTDOWN - 500, TICK)]
STOP = [(4000, do("finish")), (300, do("stopped", ms=4000))]


def phases(seen: Seen) -> list[str]:
    return [step["state"]["phase"] for step in seen]


def effects(seen: Seen, name: str = "") -> list[str]:
    """What was asked for; `say` and its sentence as "say:sentence"."""
    done = [e["do"] if e["do"] != "say" else f"say:{e['what']}" for step in seen for e in step["effects"]]
    return [effect for effect in done if not name or effect == name]


def last(seen: Seen) -> dict[str, Any]:
    state: dict[str, Any] = seen[-1]["state"]
    return state


def test_a_take_from_thinking_to_kept(walk: Walk) -> None:
    seen = walk(*START, *STOP, (1000, do("keep")), (900, do("kept")))
    assert phases(seen) == ["think", "countdown", "countdown", "recording", "finishing", "review", "keeping", "kept"]
    said = ["say:countdown", "say:started", "say:stopped", "say:kept"]
    assert [effect for effect in effects(seen) if effect.startswith("say:")] == said
    assert [e for e in effects(seen) if not e.startswith("say:")] == ["prepare", "roll", "stop", "keep"]
    assert last(seen)["recordedMs"] == 4000
    assert last(seen)["takesLeft"] == 2


def test_the_clock_of_thinking_asks_and_never_records_by_itself(walk: Walk) -> None:
    seen = walk((29_999, TICK), (1, TICK), (3_600_000, TICK))
    assert phases(seen) == ["think", "think", "ready", "ready"]
    assert effects(seen) == ["say:think_over"]
    endless = walk((3_600_000, TICK), think=0)
    assert phases(endless) == ["think", "think"]


def test_one_more_minute_is_one(walk: Walk) -> None:
    seen = walk((10_000, do("more")), (0, do("more")), (79_999, TICK), (1, TICK), (0, do("more")))
    assert phases(seen) == ["think", "think", "think", "think", "ready", "ready"]
    late = walk((30_000, TICK), (5_000, do("more")), (MORE - 1, TICK), (1, TICK))
    assert phases(late)[1:] == ["ready", "think", "think", "ready"]


def test_the_countdown_lasts_three_seconds_and_holds_for_the_connection(walk: Walk) -> None:
    seen = walk((0, do("begin")), (COUNTDOWN - 1, TICK), (1, TICK), (HOLD - 1, TICK), (0, do("prepared")))
    assert phases(seen) == ["think", "countdown", "countdown", "hold", "hold", "recording"]
    assert last(seen)["rolledAt"] == seen[-1]["now"]
    assert effects(seen)[-3:] == ["say:hold", "roll", "say:started"]  # nobody speaks into the silence after "one"
    quick = walk((0, do("begin")), (10, do("prepared")), (COUNTDOWN - 11, TICK), (1, TICK))
    assert phases(quick) == ["think", "countdown", "countdown", "countdown", "recording"]


def test_without_a_connection_the_device_records_alone_where_it_can(walk: Walk) -> None:
    waiting = [(0, do("begin")), (COUNTDOWN, TICK), (HOLD, TICK)]
    assert phases(walk(*waiting))[-1] == "recording"
    cannot = walk(*waiting, alone=False)
    assert phases(cannot)[-1] == "ready"
    assert last(cannot)["trouble"] == "no_connection"
    assert effects(cannot)[-1] == "release"


def test_a_double_tap_on_start_does_not_take_it_back(walk: Walk) -> None:
    assert phases(walk((0, do("begin")), (200, do("back"))))[-1] == "countdown"
    assert phases(walk((0, do("begin")), (200, do("back", sure=True))))[-1] == "ready"


def test_not_yet_costs_no_take(walk: Walk) -> None:
    for wait in (600, COUNTDOWN):
        seen = walk((0, do("begin")), (wait, TICK), (10, do("back")), (60_000, TICK))
        assert phases(seen)[-2:] == ["ready", "ready"]
        assert effects(seen)[-1] == "release"
        assert last(seen)["takesLeft"] == 3


def test_time_up_leaves_five_seconds_for_the_sentence(walk: Walk) -> None:
    seen = walk(*START, (29_999, TICK), (1, TICK), (29_999, TICK), (1, TICK), (GRACE - 1, TICK), (1, TICK))
    assert phases(seen)[3:] == ["recording", "recording", "recording", "recording", "grace", "grace", "finishing"]
    assert [step["amber"] for step in seen[3:]] == [False, False, False, True, True, True, False]
    assert effects(seen, "say:thirty_left") == []  # of a minute, amber begins at 20 seconds
    assert last(seen)["recordedMs"] == 60_000 + GRACE
    assert effects(seen, "say:time_up") == ["say:time_up"]


def test_half_a_minute_before_the_end_is_said_once(walk: Walk) -> None:
    seen = walk(*START, (89_999, TICK), (1, TICK), (1000, TICK), longest=120)
    assert [step["amber"] for step in seen[3:]] == [False, False, True, True]
    assert effects(seen, "say:thirty_left") == ["say:thirty_left"]
    short = walk(*START, (19_999, TICK), (1, TICK), longest=30)
    assert [step["amber"] for step in short[3:]] == [False, False, True]
    assert effects(short, "say:thirty_left") == []


def test_a_tab_that_slept_hears_of_the_end(walk: Walk) -> None:
    seen = walk(*START, (300_000, TICK), longest=120)
    assert phases(seen)[-1] == "grace"
    assert effects(seen)[-1] == "say:time_up"


def test_a_double_click_is_no_answer(walk: Walk) -> None:
    seen = walk(*START, (SHORTEST - 1, do("finish")), (1, do("finish")))
    assert phases(seen)[-2:] == ["recording", "finishing"]


def test_a_lost_network_neither_stops_nor_hides(walk: Walk) -> None:
    seen = walk(*START, (2000, do("lost")), (10, do("lost")), (9000, do("found")), (10, do("lost")), *STOP)
    assert [step["state"]["link"] for step in seen[3:]] == ["up", "lost", "lost", "up", "lost", "lost", "lost"]
    assert [e for e in effects(seen) if e in {"say:lost", "say:found"}] == ["say:lost", "say:found", "say:lost"]
    again = walk((0, do("lost")), *START)
    assert last(again)["link"] == "up"
    assert effects(again, "say:lost") == []  # nothing is being recorded yet


def test_an_unplugged_camera_ends_the_take_and_keeps_it(walk: Walk) -> None:
    seen = walk(*START, (2500, do("fault", code="camera_gone")), (200, do("stopped", ms=2500)))
    assert phases(seen)[-2:] == ["finishing", "review"]
    assert last(seen)["trouble"] == "camera_gone"
    assert last(seen)["held"]


def test_a_refused_ticket_says_why_and_lets_one_try_again(walk: Walk) -> None:
    for wait in (0, COUNTDOWN):
        seen = walk((0, do("begin")), (wait, TICK), (0, do("refused", code="storage_low")), (0, do("begin")))
        assert phases(seen)[-2:] == ["ready", "countdown"]
        assert seen[-2]["state"]["trouble"] == "storage_low"
        assert last(seen)["trouble"] is None


def test_takes_are_counted_when_they_end_and_spared_when_they_break(walk: Walk) -> None:
    once = [*START, *STOP]
    again = [(0, do("retake")), *once]
    seen = walk(*once, *again, (0, do("retake")), (0, do("begin")), takesLeft=2)
    assert phases(seen)[-2:] == ["review", "review"]
    assert last(seen)["takesLeft"] == 0
    spared = walk(*once, (0, do("spared")), (0, do("spared")), takesLeft=2)
    assert last(spared)["takesLeft"] == 2
    none = walk((0, do("begin")), takesLeft=0)
    assert phases(none) == ["think", "think"]
    assert last(none)["trouble"] == "takes_used_up"


def test_the_old_take_can_be_kept_after_all(walk: Walk) -> None:
    seen = walk(*START, *STOP, (0, do("retake")), (5, do("watch", ms=4000)), (5, do("keep")), (5, do("kept")))
    assert phases(seen)[-4:] == ["ready", "review", "keeping", "kept"]
    assert last(seen)["recordedMs"] == 4000
    changed = walk(*START, *STOP, (0, do("retake")), (0, do("begin")), (900, do("back")), (0, do("watch", ms=4000)))
    assert phases(changed)[-2:] == ["ready", "review"]
    nothing = walk((0, do("watch", ms=1)))
    assert phases(nothing) == ["think", "think"]


def test_what_could_not_be_kept_is_still_there(walk: Walk) -> None:
    seen = walk((0, do("keep")), (0, do("unkept", code="unreachable")), (0, do("keep")), (0, do("kept")), resumed=7000)
    assert phases(seen) == ["review", "keeping", "review", "keeping", "kept"]
    assert seen[2]["state"]["trouble"] == "unreachable"
    assert seen[2]["state"]["recordedMs"] == 7000


SMALL = st.sampled_from([0, 1, 200, 799, 800, 2999, 3000, 4999, 5000, 8000, 30_000, 60_000, 300_000])
EVENTS = st.one_of(
    st.sampled_from(
        [TICK] * 4
        + [do(name) for name in ("begin", "begin", "more", "back", "prepared", "prepared", "lost", "found", "finish")]
        + [do(name) for name in ("finish", "retake", "keep", "kept", "spared")]
    ),
    st.sampled_from(
        [do(name, code="storage_low") for name in ("refused", "fault", "unkept")]
        + [do(name, ms=5000) for name in ("stopped", "stopped", "watch")]
    ),
)
WALKS = st.lists(st.tuples(SMALL, EVENTS), max_size=40)
QUESTIONS = st.fixed_dictionaries(
    {
        "think": st.sampled_from([0, 30]),
        "longest": st.sampled_from([30, 60, 300]),
        "takesLeft": st.integers(0, 3),
        "alone": st.booleans(),
        "resumed": st.none() | st.just(9000),
    }
)
# What a person, or the studio for them, does next in each phase until there is an answer.
WAY_OUT = {
    "think": do("begin"),
    "ready": do("begin"),
    "countdown": do("prepared"),
    "hold": do("prepared"),
    "recording": do("finish"),
    "grace": do("finish"),
    "finishing": do("stopped", ms=5000),
    "review": do("keep"),
    "keeping": do("kept"),
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=WALKS, question=QUESTIONS)
def test_on_every_walk(walk: Walk, steps: list[tuple[int, Event]], question: dict[str, Any]) -> None:
    seen = walk(*steps, **question)
    begun = effects(seen, "roll")
    ended = effects(seen, "stop")
    assert len(begun) - len(ended) == (phases(seen)[-1] in LIVE)
    for (_, event), before, after in zip(steps, seen, seen[1:], strict=False):
        holds(event, before, after, limits=question)
    assert_way_out(walk, steps, question, seen)


def holds(event: Event, before: dict[str, Any], after: dict[str, Any], limits: dict[str, Any]) -> None:
    """One step keeps its promises."""
    was, now = before["state"], after["state"]
    done = [effect["do"] for effect in after["effects"]]
    where = f"{event['type']} in {was['phase']}"
    # Nothing that was recorded is dropped: only keeping it ends having it, and every recording leads to having one.
    if was["held"] and not now["held"]:
        assert (was["phase"], now["phase"]) == ("keeping", "kept"), where
    if was["phase"] in LIVE:
        assert now["phase"] in LIVE | {"finishing"}, where
    if was["phase"] == "finishing":
        assert now["phase"] in {"finishing", "review"}, where
    if now["phase"] in {"review", "keeping"}:
        assert now["held"], where
    # Recording only begins from a countdown that was over, and never without its effect.
    assert ("roll" in done) == (now["phase"] == "recording" and was["phase"] != "recording"), where
    if "roll" in done:
        assert was["phase"] in {"countdown", "hold"}, where
        assert after["now"] >= was["since"] + (COUNTDOWN if was["phase"] == "countdown" else 0), where
        assert was["takesLeft"] > 0, where
    assert ("stop" in done) == (now["phase"] == "finishing" and was["phase"] != "finishing"), where
    # Leaving a countdown any other way lets go of the connection.
    if was["phase"] in {"countdown", "hold"} and now["phase"] not in {"countdown", "hold", "recording"}:
        assert "release" in done, where
    assert 0 <= now["takesLeft"] <= limits["takesLeft"], where
    assert 0 <= after["left"] <= max(limits["longest"], limits["think"]) * 1000 + MORE, where
    # A clock that ran out ends its phase at the next tick.
    if event["type"] == "tick" and was["until"] and after["now"] >= was["until"]:
        assert (now["phase"], now["until"]) != (was["phase"], was["until"]), where


def assert_way_out(walk: Walk, steps: list[tuple[int, Event]], question: dict[str, Any], seen: Seen) -> None:
    """From wherever the walk ended, a person who goes on reaches an answer, unless no take was left to record."""
    rest = list(steps)
    for _ in range(12):
        phase = phases(seen)[-1]
        if phase == "kept":
            return
        state = last(seen)
        if phase in {"think", "ready"} and state["takesLeft"] == 0:
            if not state["held"]:
                return  # writing and files remain
            rest.append((1000, do("watch", ms=5000)))
        else:
            rest.append((1000, WAY_OUT[phase]))
        if phase == "countdown":
            rest.append((COUNTDOWN, TICK))
        seen = walk(*rest, **question)
    pytest.fail(f"no way out of {phases(seen)[-13:]}")
