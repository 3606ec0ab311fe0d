"""The browser's own live code in Node: reducers, and the socket against a real server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from realtime import log
from realtime.connection import Connection
from realtime.frames import Close
from server import schema
from tests.cast import until
from tests.realtime.browser import Browser, browser_code
from tests.realtime.client import visit
from tests.realtime.conftest import Write
from tests.realtime.node import Node, node


@pytest.fixture
async def tab() -> AsyncIterator[Browser]:
    async with browser_code() as running:
        yield running


def card(number: int, version: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": f"c{number}", "job": "j1", "stage": "s1", "rank": "a", "version": version, "name": "Cleo", **fields}


def card_event(number: int, version: int, key: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"type": "card", "card": card(number, version, **fields), "verb": "moved", "by": None, "key": key}


async def test_a_board_takes_cards_by_id_and_never_an_older_version(tab: Browser) -> None:
    board = board_of(card(1), card(2), s1=2, s2=0)
    after = await tab.reduce("board", board, [card_event(1, 3, stage="s2"), card_event(1, 2), card_event(3, 1)])
    assert after["cards"] == [card(1, 3, stage="s2"), card(2), card(3)]
    assert counts(after) == {"s1": 1, "s2": 1}
    assert await tab.reduce("board", after, [card_event(1, 3, stage="s2"), card_event(3, 1)]) == after
    assert await tab.reduce("board", board, [card_event(9, 1, job="j2"), {"type": "job", "job": "j1"}]) == board


def board_of(*cards: dict[str, Any], end: dict[str, Any] | None = None, **count: int) -> dict[str, Any]:
    columns = [{"stage": stage, "count": number, "end": end} for stage, number in count.items()]
    return {"job": {"id": "j1", "people": sum(count.values())}, "columns": columns, "cards": list(cards)}


def counts(board: dict[str, Any]) -> dict[str, int]:
    return {column["stage"]: column["count"] for column in board["columns"]}


async def test_cards_that_are_not_loaded_are_counted_once(tab: Browser) -> None:
    board = board_of(card(1), end={"rank": "a", "id": "c1"}, s1=5, s2=0)
    left = card_event(4, 7, stage="s2", rank="z") | {"left": "s1"}
    after = await tab.reduce("board", board, [left, left, card_event(5, 2, rank="z")])
    assert counts(after) == {"s1": 4, "s2": 1}
    back = card_event(4, 8, stage="s1", rank="z") | {"left": "s2"}
    assert counts(await tab.reduce("board", after, [back, left, back])) == {"s1": 5, "s2": 0}
    new = card_event(9, 1, rank="z") | {"verb": "applied"}
    grown = await tab.reduce("board", after, [new, new])
    assert (counts(grown), grown["job"]["people"]) == ({"s1": 5, "s2": 1}, 6)


async def test_a_further_page_is_older_than_what_was_heard_since(tab: Browser) -> None:
    board = board_of(card(1), end={"rank": "a", "id": "c1"}, s1=4, s2=0)
    heard = [card_event(2, 5, stage="s2", rank="b") | {"left": "s1"}, card_event(3, 4, rank="c", name="Renamed")]
    before = await tab.reduce("board", board, heard)
    page = {"stage": "s1", "cards": [card(2, 4, rank="b"), card(3, 3, rank="c"), card(4, rank="d")], "end": None}
    after = await tab.add_page(before, page)
    assert counts(after) == {"s1": 3, "s2": 1}
    cards = {one["id"]: (one["stage"], one["version"], one["name"]) for one in after["cards"]}
    assert cards == {
        "c1": ("s1", 1, "Cleo"), "c2": ("s2", 5, "Cleo"), "c3": ("s1", 4, "Renamed"), "c4": ("s1", 1, "Cleo"),
    }  # fmt: skip
    assert [column["end"] for column in after["columns"]] == [None, {"rank": "a", "id": "c1"}]


async def test_of_a_long_column_only_what_is_near_is_drawn(tab: Browser) -> None:
    tall = [100] * 50
    top = await tab.near(tall, top=0, view=300)
    assert top == [*({"at": at} for at in range(8)), {"gap": 4200, "before": 50}]
    middle = await tab.near(tall, top=2000, view=300, keep=[1, 49, -1])
    drawn = [piece["at"] for piece in middle if "at" in piece]
    assert drawn == [1, *range(15, 28), 49]
    assert sum(piece.get("gap", 100) for piece in middle) == sum(tall)  # no pixel is lost
    assert await tab.near([], top=0, view=300) == []


async def test_moves_on_their_way_stand_where_they_were_put_and_count_there(tab: Browser) -> None:
    cards = [card(n, rank=f"a{n}") for n in range(1, 5)] + [card(9, rank="z")]
    board = board_of(*cards, end={"rank": "a4", "id": "c4"}, s1=9, s2=0)
    plain = {"s1": ["c1", "c2", "c3", "c4"], "s2": []}  # what was only heard of is not shown
    assert await tab.in_order(board, []) == [plain, {"s1": 9, "s2": 0}]
    moves = [["c3", {"stage": "s2", "before": None}], ["c1", {"stage": "s2", "before": "c3"}]]
    moves.append(["c4", {"stage": "s1", "before": "c2"}])
    assert await tab.in_order(board, moves) == [{"s1": ["c4", "c2"], "s2": ["c1", "c3"]}, {"s1": 7, "s2": 2}]


async def test_an_application_takes_answers_notes_and_messages_once(tab: Browser) -> None:
    first, second = ({"question": {"id": f"q{n}", "position": n}, "text": ""} for n in (1, 2))
    view = {"card": card(1), "name": "Cleo", "answers": [second], "notes": [], "messages": []}
    note = {"type": "note", "note": {"id": "n1", "body": "Good", "key": None}}
    message = {"type": "message", "message": {"id": "m1", "body": "Hello", "key": None}}
    payloads = [
        {"type": "answer", "answer": first},
        {"type": "answer", "answer": second | {"text": "new"}},
        note,
        message,
        note,
        {"type": "application", "card": card(1, 2, name="Cleo B"), "by": None, "key": None},
    ]
    after = await tab.reduce("application", view, payloads)
    assert after == {
        "card": card(1, 2, name="Cleo B"),
        "name": "Cleo B",
        "answers": [first, second | {"text": "new"}],
        "notes": [note["note"]],
        "messages": [message["message"]],
    }


async def test_a_candidate_and_a_bell_take_theirs(tab: Browser) -> None:
    place = {"answers": [{"question": {"id": "q1"}, "takes": [{"id": "t1", "state": "processing"}]}], "messages": []}
    take = {"type": "take", "question": "q1", "take": {"id": "t1", "state": "ready"}}
    assert (await tab.reduce("candidate", place, [take]))["answers"][0]["takes"] == [{"id": "t1", "state": "ready"}]
    bell = {"notifications": [{"id": "1", "read": False}], "unread": 1}
    news = {"type": "notified", "notification": {"id": "2", "read": False}, "unread": 2}
    after = await tab.reduce("inbox", bell, [news, news])
    assert ([line["id"] for line in after["notifications"]], after["unread"]) == (["2", "1"], 2)
    after = await tab.reduce("inbox", after, [{"type": "inbox_read", "unread": 0}])
    assert (all(line["read"] for line in after["notifications"]), after["unread"]) == (True, 0)


async def test_an_optimistic_change_lasts_until_its_echo_its_reply_or_its_refusal(tab: Browser) -> None:
    board = board_of(card(1), s1=1) | {"shown": 0}
    steps = [
        {"do": "add", "key": "k1", "change": {"shown": 1}},
        {"do": "add", "key": "k2", "change": {"shown": 2}},
        {"do": "apply", "payload": card_event(1, 2, key="other")},
        {"do": "reject", "key": "k2"},
        {"do": "apply", "payload": card_event(1, 3, key="k1")},
    ]
    seen = await tab.optimistic("board", board, steps)
    assert [(step["state"]["shown"], step["waiting"]) for step in seen] == [
        (1, True),
        (2, True),
        (2, True),
        (1, True),
        (0, False),
    ]
    assert seen[-1]["state"]["cards"][0]["version"] == 3


async def test_resumes_after_a_cut_and_gets_what_it_missed_once(tab: Browser, one: Node, write: Write) -> None:
    await write("open:1", b'{"n":1}', b'{"n":2}')
    await tab.order("connect", url=one.url + "?who=ada")
    await tab.order("subscribe", topic="open:1", after=1, epoch=one.hub.epoch)
    assert (await tab.sees("event"))["seq"] == 2
    for connection in list(one.hub.connections):
        connection.close(Close.SLOW_READER)
    await write("open:1")
    await tab.sees("event", seq=3)
    one.hub.publish(await write("open:1"))
    await tab.sees("event", seq=4)
    assert [line["seq"] for line in tab.seen if line["saw"] == "event"] == [2, 3, 4]
    # A cut of less than a second and a half is not shown to anybody.
    assert [line["connection"] for line in tab.seen if line["saw"] == "connection"] == ["online"]


async def test_several_followers_of_one_topic_each_get_their_own_past(tab: Browser, one: Node, write: Write) -> None:
    await write("open:1", b"1", b"2", b"3")
    await tab.order("connect", url=one.url + "?who=ada")
    await tab.order("subscribe", topic="open:1", name="late", after=2, epoch=one.hub.epoch)
    await tab.sees("event", seq=3, name="late")
    await tab.order("subscribe", topic="open:1", name="early", after=0, epoch=one.hub.epoch)
    for seq in (1, 2, 3):
        await tab.sees("event", seq=seq, name="early")
    one.hub.publish(await write("open:1"))
    assert {(await tab.sees("event"))["name"] for _ in range(2)} == {"late", "early"}
    assert len([line for line in tab.seen if line.get("name") == "late"]) == 2


async def test_fetches_again_when_history_is_gone(tab: Browser, one: Node, write: Write, pool: asyncpg.Pool) -> None:
    await write("open:1", b"1", b"2")
    await tab.order("connect", url=one.url + "?who=ada")
    await tab.order("subscribe", topic="open:1", after=2, epoch=one.hub.epoch)
    async with pool.acquire() as connection:
        await connection.execute("DROP TABLE realtime_topic, realtime_log;" + log.SCHEMA)
        await write("open:1", b"1", b"2", b"3")
        position = {"epoch": await log.epoch(connection), "positions": {"open:1": 2}}
    await tab.order("snapshot", snapshot=position)
    await tab.sees("resync")
    await tab.sees("event", seq=3)


async def test_stops_when_told_to_and_says_why(tab: Browser, one: Node) -> None:
    await tab.order("connect", url=one.url + "?who=ada&session=s1")
    await tab.order("subscribe", topic="own:dan")
    await tab.sees("refused", code="forbidden")
    one.hub.end_session("s1")
    told = await tab.sees("connection", connection="refused")
    assert told["refusal"] == "not_signed_in"
    await asyncio.sleep(1.5)
    assert not one.hub.connections


async def test_comes_in_again_when_a_topic_it_followed_is_taken_and_the_door_says_why(
    tab: Browser, one: Node, write: Write
) -> None:
    async def both_followed() -> set[Connection]:
        return {connection for connection in one.hub.connections if len(connection.topics) == 2}

    await tab.order("connect", url=one.url + "?who=ada")
    await tab.order("subscribe", topic="open:1")
    await tab.order("subscribe", topic="open:2", after=0, epoch=one.hub.epoch)
    (first,) = await until(both_followed)
    one.door.denied.add("open:1")
    await one.hub.reread_grants()
    await tab.sees("refused", topic="open:1", code="forbidden")  # by the door itself, on another socket
    (second,) = one.hub.connections
    assert first is not second
    one.hub.publish(await write("open:2"))
    assert (await tab.sees("event"))["topic"] == "open:2"  # the others go on from where they were
    await one.hub.reread_grants()
    one.hub.publish(await write("open:2"))
    await tab.sees("event", seq=2)
    assert one.hub.connections == {second}  # once: what the door has refused is not asked for on and on
    assert [line["connection"] for line in tab.seen if line["saw"] == "connection"] == ["online"]


async def test_a_page_that_loses_everything_reads_the_doors_word(tab: Browser, one: Node) -> None:
    """As when a member is removed and the word of it is lost: the topic goes first, then the door is closed."""
    await tab.order("connect", url=one.url + "?who=ada")
    await tab.order("subscribe", topic="open:1")
    await tab.sees("presence")
    one.door.closed.add("ada")
    one.door.denied.add("open:1")
    await one.hub.reread_grants()
    told = await tab.sees("connection", connection="refused")
    assert told["refusal"] == "not_signed_in"
    assert not one.hub.connections


async def test_shows_reconnecting_while_the_server_is_away(tab: Browser, journal: str, redis_url: str) -> None:
    async with node(journal, redis_url) as running:
        await tab.order("connect", url=running.url + "?who=ada")
        await tab.order("subscribe", topic="open:1")
        await tab.sees("presence")
    await tab.sees("connection", connection="reconnecting")


HELLO = {"type": "hello", "protocol": 1, "connection": "c", "epoch": "e", "ping": 10}
PING, PONG = {"type": "ping"}, {"type": "pong"}


async def test_a_machine_that_slept_long_has_a_new_connection_at_once(tab: Browser) -> None:
    *_, slept, awake, again = await tab.lid({"say": HELLO}, {"sleep": 3_600_000}, {"run": 5_000}, {"say": HELLO})
    assert (slept["sockets"], awake["sockets"], again["sockets"]) == (1, 2, 2)
    assert {step["shown"] for step in (slept, awake, again)} == {"online"}  # nobody needs to hear of it


async def test_a_machine_that_slept_a_little_asks_whether_its_connection_lives(tab: Browser) -> None:
    nap: list[dict[str, Any]] = [{"say": HELLO}, {"sleep": 12_000}, {"run": 5_000}]
    *_, asked, answered, later = await tab.lid(*nap, {"say": PONG}, {"run": 4_500})
    assert (asked["sent"], answered["sockets"], later["sockets"]) == (["ping"], 1, 1)
    *_, asked, dead = await tab.lid(*nap, {"run": 4_500})
    assert (asked["sockets"], dead["sockets"]) == (1, 2)


async def test_a_server_that_says_nothing_for_long_is_given_up(tab: Browser) -> None:
    heard: list[dict[str, Any]] = [{"run": 10_000}, {"say": PING}] * 4
    kept = await tab.lid({"say": HELLO}, *heard)
    assert (kept[-1]["sockets"], kept[-1]["sent"]) == (1, ["pong"] * 4)
    given_up = await tab.lid({"say": HELLO}, {"run": 24_000}, {"run": 6_500}, {"run": 2_000})
    assert [step["sockets"] for step in (given_up[1], given_up[-1])] == [1, 2]
    assert given_up[-1]["shown"] == "reconnecting"


async def test_pauses_grow_to_a_quarter_of_a_minute_and_never_fall_together(tab: Browser) -> None:
    for attempt in range(12):
        longest = min(15_000, 500 * 2**attempt)
        found = await tab.pauses(*[attempt] * 50)
        assert all(0.3 * longest <= pause <= longest for pause in found)
        assert max(found) - min(found) > 0.3 * longest  # a thousand tabs do not come back in one moment


async def test_hands_are_seen_until_they_end_or_nothing_more_comes(tab: Browser, one: Node) -> None:
    async with visit(one.url, "ben") as ben, visit(one.url, "rae") as rae:
        await tab.order("connect", url=one.url + "?who=ada")
        await tab.order("subscribe", topic="open:1")
        await tab.sees("presence", people=[])
        for client in (ben, rae):
            await client.subscribe("open:1")
        await ben.send(type="gesture", topic="open:1", body={"x": 1})
        await tab.sees("hands", hands=[["ben", {"x": 1}]])
        await rae.send(type="gesture", topic="open:1", body={"x": 2})
        await tab.sees("hands", hands=[["ben", {"x": 1}], ["rae", {"x": 2}]])
        await ben.send(type="gesture", topic="open:1", body=None)
        await tab.sees("hands", hands=[["rae", {"x": 2}]])
        await ben.send(type="gesture", topic="open:1", body={"x": 3})  # overtaken by the end: it is over all the same
        await tab.sees("hands", hands=[], seconds=4)  # Rae's hand said nothing more
        await tab.order("gesture", topic="open:1", gesture={"x": 4})
        await ben.next("gesture", body={"x": 4})
        await ben.send(type="gesture", topic="open:1", body={"x": 5})
        await tab.sees("hands", hands=[["ben", {"x": 5}]])
        one.hub.end_session("ada", Close.RESTART)
        await tab.sees("hands", hands=[])


async def test_presence_typing_and_commands(tab: Browser, one: Node) -> None:
    async def echo(call: Any) -> bytes:
        return bytes(call.body)

    one.hub.command("echo", echo)
    async with visit(one.url, "ben") as ben:
        await tab.order("connect", url=one.url + "?who=ada")
        await tab.order("subscribe", topic="open:1")
        await tab.order("state", topic="open:1", state={"view": "board"})
        await tab.sees("presence", people=["ada"])
        await ben.subscribe("open:1", state=1)
        await tab.sees("presence", people=["ada", "ben"])
        await ben.send(type="typing", topic="open:1")
        await tab.sees("typing", people=["ben"])
        await tab.sees("typing", people=[], seconds=6)
        await tab.order("typing", topic="open:1")
        await tab.order("typing", topic="open:1")
        await ben.next("typing")
        await tab.order("command", name="echo", body={"a": 1})
        assert (await tab.sees("reply"))["body"] == {"a": 1}
        await tab.order("command", name="none")
        assert (await tab.sees("reply"))["code"] == "unknown_command"


async def test_what_i_do_goes_with_the_subscription_and_comes_back_after_a_cut(tab: Browser, one: Node) -> None:
    board, card = {"view": "board"}, {"view": "application", "card": "7"}
    async with visit(one.url, "ben") as ben:
        await ben.subscribe("open:1")
        await tab.order("connect", url=one.url + "?who=ada")
        await tab.order("subscribe", topic="open:1", state=board, name="first")
        await tab.sees("presence", people=["ada"], doing=[board], idle=[False])
        await tab.order("subscribe", topic="open:1", state=card, name="second")
        await tab.sees("presence", doing=[card])
        await tab.order("idle", idle=True)
        await tab.sees("presence", doing=[card], idle=[True])
        for connection in list(one.hub.connections - {c for c in one.hub.connections if c.who.id == "ben"}):
            connection.close(Close.SLOW_READER)
        with pytest.raises(TimeoutError):  # longer than the grace of somebody who left
            await ben.until(lambda frame: "ada" in frame.get("left", ()), 3.5)
        await tab.order("idle", idle=False)
        await tab.sees("presence", people=["ada"], doing=[card], idle=[False])
        await tab.order("unsubscribe", name="second")
        await tab.sees("presence", doing=[board])
        await tab.order("unsubscribe", name="first")
        await ben.until(lambda frame: "ada" in frame.get("left", ()), 5.0)


async def test_a_tab_is_idle_after_a_minute_without_input(tab: Browser) -> None:
    nothing: list[bool] = []
    steps: list[tuple[int | str, list[bool]]] = [
        (59_000, nothing), ("keydown", nothing), (59_000, nothing), ("pointermove", nothing), (59_999, nothing),
        (1, [True]), (600_000, nothing), ("visibilitychange", nothing), ("keydown", [False]), ("keydown", nothing),
        (30_000, nothing), ("timeupdate", nothing), (40_000, nothing), (20_000, [True]), ("wheel", [False]),
    ]  # fmt: skip
    assert await tab.idleness(*(step for step, _ in steps)) == [told for _, told in steps]


def test_the_generated_types_are_up_to_date() -> None:
    assert schema.main(["--check"]) == 0
