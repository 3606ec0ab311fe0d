"""The protocol over real websockets: what is promised, and what is refused."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from websockets.asyncio.client import connect

from realtime import connection, hub, log
from realtime.connection import COMMANDS
from realtime.frames import Close
from realtime.packet import PLAIN_PROTOCOL
from tests.cast import until
from tests.realtime.client import Client, visit
from tests.realtime.conftest import BOTH_WAYS, Write
from tests.realtime.node import Node, node


@BOTH_WAYS
async def test_an_event_arrives_in_both_processes_with_its_payload(two: tuple[Node, Node], write: Write) -> None:
    first, second = two
    async with visit(first.url) as ada, visit(second.url, "ben") as ben:
        assert (await ada.subscribe("open:1"))["seq"] == 0
        await ben.subscribe("open:1")
        first.hub.publish(await write("open:1", b'{"type":"card","n":1}'))
        for client in (ada, ben):
            event = await client.next("event", seconds=0.9)  # by the bus, not by the check of every second
            assert event == {"type": "event", "topic": "open:1", "seq": 1, "payload": {"type": "card", "n": 1}}


@BOTH_WAYS
async def test_a_publish_that_was_lost_or_came_too_early_is_healed_from_the_log(one: Node, write: Write) -> None:
    async with visit(one.url) as ada:
        await ada.subscribe("open:1")
        await write("open:1")  # died after its commit
        second = await write("open:1")
        third = await write("open:1")
        one.hub.publish(third)
        one.hub.publish(second)
        one.hub.publish(third)
        assert [(await ada.next("event"))["seq"] for _ in range(3)] == [1, 2, 3]
        await write("open:1")
        assert (await ada.next("event"))["seq"] == 4  # found by the head check
        await ada.quiet("event", 1.2)


@BOTH_WAYS
async def test_replay_after_a_position_joins_live_events_without_a_seam(one: Node, write: Write) -> None:
    await write("open:1", *(b"%d" % number for number in range(20)))
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        epoch = (await ada.subscribe("open:1", after=0, epoch=one.hub.epoch))["epoch"]
        one.hub.publish(await write("open:1"))
        assert [(await ada.next("event"))["seq"] for _ in range(21)] == list(range(1, 22))
        await ben.subscribe("open:1", after=18, epoch=epoch)
        assert [(await ben.next("event"))["seq"] for _ in range(3)] == [19, 20, 21]
    assert one.hub.stats()["loads"] == 1  # the second was served from history


async def test_a_topic_is_not_given_up_while_somebody_is_about_to_follow_it(
    one: Node, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write("open:1", b"1", b"2", b"3")
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await ada.send(type="unsubscribe", topic="open:1")
        gate = asyncio.Event()
        read = log.read

        async def slow(*asked: Any) -> list[log.Delivery]:
            await gate.wait()
            return await read(*asked)

        monkeypatch.setattr(log, "read", slow)
        await ben.send(type="subscribe", topic="open:1", after=0, epoch=one.hub.epoch)
        await ben.send(type="ping")
        await ben.next("pong")
        one.hub._feeds["open:1"].idle_since -= 100  # nobody has followed it for long
        await one.hub._check()
        gate.set()
        assert [(await ben.next("event"))["seq"] for _ in range(3)] == [1, 2, 3]


async def test_a_position_that_was_written_a_moment_ago_is_waited_for(one: Node, write: Write) -> None:
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await write("open:1")
        await ben.subscribe("open:1", after=1, epoch=one.hub.epoch)
        one.hub.publish(await write("open:1"))
        assert (await ben.next("event"))["seq"] == 2


@BOTH_WAYS
async def test_says_resync_when_history_does_not_reach_back(one: Node, write: Write, pool: asyncpg.Pool) -> None:
    await write("open:1", *([b"{}"] * 600))
    async with visit(one.url) as ada:
        assert (await ada.subscribe("open:1", after=3, epoch="another"))["reason"] == "epoch"
        assert (await ada.subscribe("open:1", after=3, epoch=one.hub.epoch))["reason"] == "behind"
        assert (await ada.subscribe("open:1", after=700, epoch=one.hub.epoch))["reason"] == "ahead"
        async with pool.acquire() as connection:
            await connection.execute("UPDATE realtime_log SET at = now() - interval '8 days' WHERE seq <= 550")
            await log.trim(connection, timedelta(days=7))
        told = await ada.subscribe("open:1", after=500, epoch=one.hub.epoch)
        assert (told["type"], told["reason"], told["seq"]) == ("resync", "trimmed", 600)
        assert (await ada.subscribe("open:1", after=550, epoch=one.hub.epoch))["type"] == "subscribed"
        for seq in range(551, 601):
            assert (await ada.next("event"))["seq"] == seq


async def test_a_restored_database_makes_everybody_resync(one: Node, write: Write, pool: asyncpg.Pool) -> None:
    await write("open:1", b"1", b"2")
    async with visit(one.url) as ada:
        await ada.subscribe("open:1")
        async with pool.acquire() as connection:
            await connection.execute("DROP TABLE realtime_topic, realtime_log;" + log.SCHEMA)
        told = await ada.next("resync")
        assert (told["reason"], told["seq"]) == ("epoch", 0)
        again = await ada.subscribe("open:1", after=0, epoch=told["epoch"])
        one.hub.publish(await write("open:1"))
        assert (again["type"], (await ada.next("event"))["seq"]) == ("subscribed", 1)


@BOTH_WAYS
async def test_a_thousand_who_come_back_cost_one_read_per_topic(one: Node, write: Write) -> None:
    await write("open:1", *([b"{}"] * 50))
    async with asyncio.TaskGroup() as group:

        async def come_back(number: int) -> None:
            async with visit(one.url, f"p{number}") as client:
                await client.subscribe("open:1", after=number % 40, epoch=one.hub.epoch)
                seqs = [(await client.next("event"))["seq"] for _ in range(50 - number % 40)]
                assert seqs == list(range(number % 40 + 1, 51))

        for number in range(100):
            group.create_task(come_back(number))
    assert one.hub.stats()["loads"] == 1


@BOTH_WAYS
async def test_a_stranger_is_told_to_stop_and_a_member_gets_only_what_is_granted(one: Node) -> None:
    async with visit(one.url, who="") as stranger:
        assert await stranger.closed() == Close.NOT_SIGNED_IN
    async with visit(one.url, "dan") as dan:
        told = await dan.subscribe("own:ada", after=0, epoch=one.hub.epoch)
        assert (told["type"], told["code"], told["retry"]) == ("error", "forbidden", False)
        await dan.send(type="typing", topic="own:ada")
        await dan.send(type="state", topic="own:ada", state={"view": "board"})
        await dan.send(type="command", id=1, name="anything", topic="own:ada")
        assert (await dan.next("reply"))["error"] == "unknown_command"
        await dan.subscribe("talk:1")
        await dan.send(type="state", topic="talk:1", state=1)
        assert (await dan.next("error"))["code"] == "forbidden"


@BOTH_WAYS
async def test_rights_that_are_taken_end_at_once_or_at_the_next_reading(two: tuple[Node, Node]) -> None:
    first, second = two
    async with visit(second.url) as ada, visit(second.url, "ben", "s7") as ben, visit(second.url, "cleo") as cleo:
        first.hub.revoke("ada")
        assert await ada.closed(1.0) == Close.RIGHTS_CHANGED
        first.hub.end_session("s7")
        assert await ben.closed(1.0) == Close.NOT_SIGNED_IN
        await cleo.subscribe("open:1")
        await cleo.subscribe("open:2")
        second.door.denied.add("open:1")
        await second.hub.reread_grants()  # runs every 25 s
        told = await cleo.next("error")
        assert (told["code"], told["topic"]) == ("forbidden", "open:1")


@BOTH_WAYS
async def test_a_slow_reader_is_closed_and_nobody_else_waits(one: Node, write: Write) -> None:
    running = one
    async with visit(running.url, "slow", max_queue=1) as slow, visit(running.url) as ada:
        await slow.subscribe("open:1")
        await ada.subscribe("open:1")
        payload = json.dumps({"text": "x" * 100_000}).encode()
        for seq in range(1, 101):
            running.hub.publish(await write("open:1", payload))
            assert (await ada.next("event"))["seq"] == seq
        await asyncio.sleep(0.1)
        assert {connection.who.id for connection in running.hub.connections} == {"ada"}
        code, _ = await slow.closed(10.0)
        assert code in {1006, Close.SLOW_READER[0]}


async def test_one_sign_in_has_so_many_sockets_and_no_more(one: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SOCKETS", 3)
    async with contextlib.AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(visit(one.url, session="s1")) for _ in range(3)]
        await stack.enter_async_context(visit(one.url, session="s2"))
        async with connect(f"{one.url}?who=ada&session=s1", compression=None, proxy=None) as fourth:
            assert await Client(fourth).closed() == Close.THROTTLED
        await tabs[0].socket.close()

        async def room() -> bool:
            return one.hub.sessions["s1"] == 2

        await until(room)
        await stack.enter_async_context(visit(one.url, session="s1"))

    async def nobody() -> bool:
        return not one.hub.connections and not one.hub.sessions

    await until(nobody)


async def test_so_many_commands_of_one_socket_at_once_and_no_more(one: Node) -> None:
    gate = asyncio.Event()

    async def slow(_call: object) -> bytes:
        await gate.wait()
        return b"1"

    one.hub.command("slow", slow)
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        for number in range(COMMANDS + 2):
            await ada.send(type="command", id=number, name="slow")
        refused = [await ada.next("reply") for _ in range(2)]
        assert [(reply["id"], reply["error"]) for reply in refused] == [(8, "throttled"), (9, "throttled")]
        await ben.send(type="command", id=1, name="slow")
        await ada.send(type="ping")
        await ada.next("pong")  # it stays open, and is heard
        gate.set()
        assert {(await ada.next("reply"))["id"] for _ in range(COMMANDS)} == set(range(COMMANDS))
        assert (await ben.next("reply"))["body"] == 1
        await ada.send(type="command", id=20, name="slow")
        assert (await ada.next("reply"))["error"] is None


async def test_rights_are_read_again_by_themselves_when_nobody_says_that_they_ended(
    journal: str, redis_url: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "GRANT_SECONDS", 0.2)
    async with node(journal, redis_url) as running, visit(running.url) as ada, visit(running.url, "ben") as ben:
        for client in (ada, ben):
            await client.subscribe("open:1", state="here")
            await client.subscribe("open:2")
        running.door.denied.add("open:1")
        for client in (ada, ben):
            told = await client.next("error")
            assert (told["code"], told["topic"], told["retry"]) == ("forbidden", "open:1", False)
        running.hub.publish(await write("open:1"))
        running.hub.publish(await write("open:2"))
        assert (await ada.next("event"))["topic"] == "open:2"
        assert (await ada.subscribe("open:1"))["code"] == "forbidden"
        assert len(running.hub.connections) == 2  # the sockets stay


async def test_the_plain_way_speaks_the_same_protocol(journal: str, redis_url: str, write: Write) -> None:
    async with node(journal, redis_url, PLAIN_PROTOCOL) as running, visit(running.url) as ada:
        await write("open:1", b'{"text":"\xc3\xa9\xe2\x82\xac"}')
        await ada.subscribe("open:1", after=0, epoch=running.hub.epoch)
        assert (await ada.next("event"))["payload"] == {"text": "é€"}
        running.hub.end_session("ada", Close.ENDED)
        assert await ada.closed() == Close.ENDED


@BOTH_WAYS
@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        '{"type":"event"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","topic":"%s"}' % ("x" * 129),
        '{"type":"subscribe","topic":"open:1","after":-1}',
        '{"type":"command","id":1,"name":"x","body":"%s"}' % ("x" * 20_000),
    ],
)
async def test_what_is_no_frame_ends_the_connection(one: Node, sent: str) -> None:
    async with visit(one.url) as ada:
        await ada.socket.send(sent)
        assert await ada.closed() == Close.BAD_FRAME


@BOTH_WAYS
async def test_limits_of_one_socket(one: Node) -> None:
    async with visit(one.url) as ada:
        for number in range(50):
            assert (await ada.subscribe(f"open:{number}"))["type"] == "subscribed"
        assert (await ada.subscribe("open:50"))["code"] == "too_many_topics"
        await ada.subscribe("open:49")  # again is not one more
        await ada.send(type="unsubscribe", topic="open:49")
        assert (await ada.subscribe("open:50"))["type"] == "subscribed"
        await ada.send(type="state", topic="open:1", state="x" * 300)
        assert (await ada.next("error"))["code"] == "too_large"
    async with visit(one.url) as eager:
        for _ in range(200):
            await eager.send(type="ping")
        assert await eager.closed() == Close.THROTTLED


@BOTH_WAYS
async def test_commands_are_registered_and_answered(one: Node) -> None:
    async def double(call: object) -> bytes:
        return b"%d" % (2 * int(call.body))  # type: ignore[attr-defined]  # a Call

    one.hub.command("double", double)
    async with visit(one.url) as ada:
        await ada.send(type="command", id=4, name="double", body=21)
        assert await ada.next("reply") == {"type": "reply", "id": 4, "body": 42, "error": None, "message": None}
        await ada.send(type="command", id=5, name="double", topic="open:1", body=21)
        assert (await ada.next("reply"))["error"] == "not_subscribed"
        await ada.send(type="command", id=6, name="double", body="x")
        assert (await ada.next("reply"))["error"] == "unavailable"
        await ada.send(type="ping")
        await ada.next("pong")
