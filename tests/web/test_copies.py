"""What becomes of a copy on somebody's device: the browser's own code in Node.

The promise: what the server does not have whole is never dropped within a week, unless nothing more is taken from this
person; and what it does have is neither sent again nor left lying.
"""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Ask

NOW = 1_800_000_000_000
DAY = 24 * 60 * 60 * 1000
TOLERANCE = 1500
GIVEN = "2027-01-15T07:00:00.123456Z"  # when the answer was, if there is one

Words = dict[str, Any]


def copy(**more: Any) -> Words:
    """A copy of ten seconds, made an hour ago, of a page that died."""
    return {
        "id": "c",
        "application": "a",
        "question": "q",
        "take": "t",
        "kind": "video",
        "mime": "video/webm",
        "started": NOW - DAY // 24,
        "ms": 10_000,
        "bytes": 3_000_000,
        "complete": False,
        "kept": False,
        "over": "",
        "upload": "",
        "sent": False,
        "pictures": 290,
        "lacking": False,
    } | more


def fate(ask: Ask, known: Words | None = None, answer: str = "", *, closed: bool = False, **more: Any) -> str:
    situation = {"take": known, "answer": answer, "given": GIVEN if answer else "", "closed": closed}
    found: str = ask("fate", manifest=copy(**more), situation=situation, now=NOW)
    return found


def server(state: str, ms: int = 10_000, *, frames: int = 290, damaged: bool = False) -> Words:
    return {"state": state, "duration_ms": ms, "frames": frames, "damaged": damaged}


def test_what_the_server_lacks_is_sent(ask: Ask) -> None:
    assert fate(ask) == "send"
    assert fate(ask, take="") == "send"
    assert fate(ask, server("failed", 0)) == "send"
    assert fate(ask, server("interrupted", 9900)) == "send"
    assert fate(ask, server("ready", 7000)) == "send"
    assert fate(ask, server("ready", damaged=True)) == "send"
    assert fate(ask, server("ready", frames=270)) == "send"
    assert fate(ask, server("ready"), lacking=True) == "send"  # the page knows why
    assert fate(ask, server("ready", damaged=True), answer="t", kept=True) == "send"  # the answer, and not all of it


def test_what_it_has_whole_is_dropped(ask: Ask) -> None:
    assert fate(ask, server("ready")) == "drop"
    assert fate(ask, server("ready", 10_000 - TOLERANCE)) == "drop"
    assert fate(ask, server("ready"), answer="t", kept=True) == "drop"
    assert fate(ask, server("ready"), sent=True) == "drop"


def test_while_the_server_is_about_to_say_nothing_is_done(ask: Ask) -> None:
    for state in ("recording", "processing"):
        assert fate(ask, server(state, 0)) == "wait"
        assert fate(ask, server(state, 0), sent=True) == "wait"


def test_a_take_that_was_decided_against_stays_here(ask: Ask) -> None:
    assert fate(ask, answer="text") == "rest"
    assert fate(ask, answer="another") == "rest"
    assert fate(ask, server("interrupted", 1), answer="t") == "send"
    assert fate(ask, answer="another", kept=True, over=GIVEN) == "send"  # chosen, but the page went before it was sent
    assert fate(ask, answer="another", over=GIVEN) == "send"  # answered again, and nothing was decided
    assert fate(ask, answer="another", kept=True, over="2027-01-15T06:00:00Z") == "rest"  # another was chosen since
    assert fate(ask, answer="text", kept=True) == "rest"


def test_nothing_is_sent_twice(ask: Ask) -> None:
    assert fate(ask, server("failed", 0), sent=True) == "rest"
    assert fate(ask, server("ready", 7000), sent=True) == "drop"  # the better of the two
    assert fate(ask, server("interrupted", 9900), sent=True, lacking=True) == "drop"  # a cut film, and still the better


def test_a_week_is_the_longest_and_an_empty_copy_is_none(ask: Ask) -> None:
    assert fate(ask, started=NOW - 7 * DAY) == "send"
    assert fate(ask, started=NOW - 7 * DAY - 1) == "drop"
    assert fate(ask, started=NOW + 8 * DAY) == "drop"
    assert fate(ask, bytes=0, ms=0) == "drop"
    assert fate(ask, closed=True) == "drop"


def test_what_was_chosen_is_sent_whatever_the_clock_says(ask: Ask) -> None:
    for started in (NOW - 8 * DAY, NOW + 8 * DAY, NOW - 400 * DAY):
        assert fate(ask, started=started, kept=True) == "send"
        assert fate(ask, server("processing", 0), started=started, kept=True) == "wait"
        assert fate(ask, started=started, kept=True, closed=True) == "drop"
        assert fate(ask, server("ready"), started=started, kept=True) == "drop"
        assert fate(ask, started=started, kept=True, sent=True) == "drop"
        assert fate(ask, answer="text", started=started, kept=True) == "drop"  # and then they chose otherwise
    assert not ask("abandoned", manifest=copy(started=NOW - 8 * DAY, kept=True), now=NOW)  # of another place
    assert ask("abandoned", manifest=copy(started=NOW - 85 * DAY, kept=True), now=NOW)
    assert ask("abandoned", manifest=copy(started=NOW - 8 * DAY), now=NOW)
    assert ask("abandoned", manifest=copy(started=NOW - 8 * DAY, kept=True, sent=True), now=NOW)


def test_what_was_chosen_goes_first_then_the_latest(ask: Ask) -> None:
    copies = [copy(id="old", started=1), copy(id="new", started=9), copy(id="chosen", started=5, kept=True)]
    assert ask("order", manifests=copies) == ["chosen", "new", "old"]


def test_a_manifest_is_one_write_of_one_size(ask: Ask) -> None:
    made = ask("begun", now=NOW)
    assert (made["ms"], made["bytes"], made["complete"], made["sent"]) == (0, 0, False, False)
    for manifest in (made, copy(), copy(upload="/c/a/" + "x" * 300, ms=123456.789)):
        told = ask("round", manifest=manifest)
        assert told == {"size": 1024, "found": manifest}


def test_what_is_no_manifest_is_none(ask: Ask) -> None:
    for text in ("", "{}", "null", "[]", json.dumps(copy())[:40], *map(json.dumps, (copy(id=""), copy(bytes=None)))):
        assert ask("read", text=text) is None


def test_the_picture_is_as_good_as_there_is_room(ask: Ask) -> None:
    assert ask("room", free=10**10, seconds=300) == 2_500_000
    assert ask("room", free=80_000_000, seconds=300) == 1_536_000
    assert ask("room", free=30_000_000, seconds=300) == 0
    assert ask("room", free=30_000_000, seconds=60) == 1_269_333
    assert ask("room", free=0, seconds=30) == 0


def eased(ask: Ask, *looks: tuple[int, int, bool]) -> list[str]:
    found: list[str] = ask("ease", looks=looks)
    return [what for what in found if what]


def test_the_copy_is_made_smaller_before_it_is_given_up(ask: Ask) -> None:
    starved, well, narrow = (30, 10, False), (30, 29, False), (30, 10, True)
    assert eased(ask, *[well] * 40) == []
    assert eased(ask, *[starved] * 5, well, *[starved] * 5) == []
    assert eased(ask, *[starved] * 6) == ["less"]
    assert eased(ask, *[starved] * 6, *[well] * 40) == ["less"]
    assert eased(ask, *[starved] * 23) == ["less"]  # it is given time to help
    assert eased(ask, *[starved] * 24) == ["less", "stop"]
    assert eased(ask, *[narrow] * 40) == []  # the network's fault, not the copy's
    assert eased(ask, *[(8, 8, False)] * 40) == []  # a dark room
    assert eased(ask, *[(0, 0, False)] * 40) == []  # sound only, or a browser that does not say


COPIES = st.fixed_dictionaries(
    {
        "take": st.sampled_from(["", "t"]),
        "started": st.integers(NOW - 8 * DAY, NOW),
        "ms": st.integers(0, 300_000),
        "bytes": st.integers(0, 90_000_000),
        "complete": st.booleans(),
        "kept": st.booleans(),
        "over": st.sampled_from(["", GIVEN]),
        "upload": st.sampled_from(["", "/u"]),
        "sent": st.booleans(),
        "pictures": st.sampled_from([0, 290]),
        "lacking": st.booleans(),
    }
)
TAKES = st.none() | st.fixed_dictionaries(
    {
        "state": st.sampled_from(["recording", "processing", "ready", "interrupted", "failed"]),
        "duration_ms": st.integers(0, 300_000),
        "frames": st.sampled_from([0, 200, 281, 290]),
        "damaged": st.booleans(),
    }
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=COPIES, known=TAKES, answer=st.sampled_from(["", "t", "other", "text"]))
def test_nothing_is_lost(ask: Ask, found: Words, known: Words | None, answer: str) -> None:
    becomes = fate(ask, known, answer, **found)
    whole = known is not None and known["state"] == "ready" and known["duration_ms"] >= found["ms"] - TOLERANCE
    if whole and known is not None:
        missing = known["damaged"] or found["lacking"] or known["frames"] < found["pictures"] * 0.98 - 4
        whole = not missing
    compared = found["sent"] and known is not None and known["state"] in {"ready", "interrupted"}
    since = GIVEN if answer else ""
    theirs = answer in {"", found["take"]} or found["over"] == since
    awaited = known is not None and known["state"] in {"recording", "processing"}
    promised = found["kept"] and not found["sent"] and (theirs or awaited)
    young = NOW - found["started"] <= 7 * DAY or promised
    if young and found["bytes"] >= 2000 and not whole and not compared:
        assert becomes != "drop"
    if not young or whole or compared:
        assert becomes == "drop"
    if becomes == "send":
        assert not found["sent"]
        assert theirs, "what was chosen later stays"


def test_the_second_half_of_a_double_tap_means_nothing(ask: Ask) -> None:
    def counts(*taps: tuple[int, int, int], **more: Any) -> list[bool]:
        told = [{"timeStamp": at, "clientX": x, "clientY": y, "detail": 1, **more} for at, x, y in taps]
        return [bool(one) for one in ask("taps", taps=told)]

    assert counts((1000, 200, 700), (1300, 205, 702)) == [True, False]  # "Finish", and then "Keep" stands there
    assert counts((1000, 200, 700), (1300, 290, 700)) == [True, True]  # another button was meant
    assert counts((1000, 200, 700), (1900, 200, 700)) == [True, True]
    assert all(counts((1000, 200, 300), (1100, 200, 300), button=False))  # a word chosen in a text
    assert all(counts((1000, 0, 0), (1100, 0, 0), detail=0))  # two presses of a key
    held = [{"repeat": repeat, "key": "Enter"} for repeat in (False, True, True)]
    assert ask("taps", taps=held) == [True, False, False]
    assert ask("taps", taps=[{"repeat": True, "key": "ArrowRight"}]) == [True]


def taken(ask: Ask, *takes: Words, **more: Any) -> str | None:
    """The take that is offered, of takes by their second."""
    made = [
        {"id": f"t{at}", "number": at, "state": "ready", "url": "/u", "created_at": f"2027-01-15T07:00:0{at}Z"} | take
        for at, take in enumerate(takes, 1)
    ]
    answer = {"kind": None, "accepted": None, "given_at": None, "takes": made} | more
    found: str | None = ask("undecided", answer=answer)
    return found


def test_what_was_recorded_after_the_answer_is_not_decided_on_yet(ask: Ask) -> None:
    assert taken(ask) is None
    assert taken(ask, {}, {}) == "t2"
    assert taken(ask, {}, {"state": "recording"}) == "t1"
    assert taken(ask, {}, {"state": "interrupted", "url": ""}) == "t1"
    kept = {"kind": "video", "accepted": "t1", "given_at": "2027-01-15T07:00:02.5Z"}
    assert taken(ask, {}, {}, **kept) is None, "of two they chose the first"
    assert taken(ask, {}, {}, {}, **kept) == "t3", "answered again, and the page was left"
    assert taken(ask, {}, {}, {"state": "processing"}, **kept) == "t3"
    assert taken(ask, {}, {}, {}, **(kept | {"accepted": "t3"})) is None, "whatever two clocks say"
    assert taken(ask, {}, {}, {}, **(kept | {"kind": "text", "accepted": None})) == "t3"


def test_what_is_asked_for_last_is_opened(ask: Ask) -> None:
    """Sound only, while the browser still asks about the camera: that must not go on unseen."""
    assert ask("opened", kinds=["video"]) == ["video", False, [["video", True]]]
    assert ask("opened", kinds=["video", "video"]) == ["video", False, [["video", True]]]
    assert ask("opened", kinds=["video", "audio"]) == ["audio", False, [["video", False], ["audio", True]]]
