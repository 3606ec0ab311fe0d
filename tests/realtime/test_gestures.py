"""Gestures over real websockets: to the others who are there, at once, never again, and the first to be dropped."""

import asyncio

import asyncpg
import pytest

from realtime import bus, connection, log
from realtime.frames import GESTURE_LIMIT, Close
from tests.realtime.client import Client, visit
from tests.realtime.conftest import BOTH_WAYS, Write
from tests.realtime.node import Node

ADA = {"id": "ada", "name": "Ada", "kind": "member", "colour": 0}


async def move(client: Client, body: object, topic: str = "open:1") -> None:
    await client.send(type="gesture", topic=topic, body=body)


async def seen(client: Client) -> list[object]:
    """The gestures that this client has been told of by now."""
    await client.send(type="ping")
    await client.next("pong")
    return [frame["body"] for frame in client.frames if frame["type"] == "gesture"]


@BOTH_WAYS
async def test_the_others_see_it_in_both_processes_and_nobody_else(two: tuple[Node, Node]) -> None:
    first, second = two
    async with (
        visit(first.url) as ada, visit(first.url) as phone, visit(first.url, "rae") as rae,
        visit(second.url, "ben") as ben, visit(second.url, "dan") as dan,
    ):  # fmt: skip
        for client in (ada, phone, rae, ben):
            await client.subscribe("open:1")
        await dan.subscribe("open:2")
        await dan.subscribe("talk:1")
        for body in ({"x": 1}, {"x": 2}, None):
            await move(ada, body)
            for client in (rae, ben):
                assert await client.next("gesture") == {
                    "type": "gesture",
                    "topic": "open:1",
                    "person": ADA,
                    "body": body,
                }
        await move(ada, None)  # an end of nothing
        await move(ada, 1, "open:2")  # a topic that is not followed
        await move(dan, 1, "talk:1")  # no presence there
        assert (await dan.next("error"))["code"] == "forbidden"
        assert await seen(ada) == await seen(phone) == await seen(dan) == []
        assert len(await seen(ben)) == 3


async def test_it_is_in_no_log_and_not_told_to_who_comes_later(one: Node, pool: asyncpg.Pool, write: Write) -> None:
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await write("open:1")
        await move(ada, 1)
        await ben.subscribe("open:1", after=0, epoch=one.hub.epoch)
        assert await seen(ben) == []
        async with pool.acquire() as database:
            assert [found.payload for found in await log.read(database, "open:1", 0, 10)] == [b"{}"]


async def test_a_hand_that_goes_without_a_word_is_told_to_have_ended(two: tuple[Node, Node]) -> None:
    first, second = two
    async with visit(second.url, "ben") as ben:
        await ben.subscribe("open:1")
        async with visit(first.url) as ada:
            await ada.subscribe("open:1")
            await move(ada, 1)
            await ben.next("gesture", body=1)
            await ada.send(type="unsubscribe", topic="open:1")
            await ben.next("gesture", body=None)
            await ada.subscribe("open:1")
            await move(ada, 2)
            await ben.next("gesture", body=2)
        await ben.next("gesture", body=None, seconds=1)


@BOTH_WAYS
async def test_faster_than_anybody_sees_is_dropped_and_a_flood_ends_the_socket(one: Node) -> None:
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await ben.subscribe("open:1")
        for number in range(60):
            await move(ada, number)
        await move(ada, None)
        await ben.next("gesture", body=None)
        told = await seen(ben)
        assert connection.GESTURE_BURST <= len(told) - 1 < 40
        await asyncio.sleep(0.5)
        await move(ada, "again")
        await ben.next("gesture", body="again")
        for number in range(400):
            await move(ada, number)
        assert await ada.closed() == Close.THROTTLED
        await ben.next("gesture", body=None)


async def test_within_its_pace_it_leaves_the_other_frames_their_own(one: Node) -> None:
    async with visit(one.url) as ada:
        await ada.subscribe("open:1")
        (socket,) = one.hub.connections
        for _ in range(int(connection.BURST - 5)):
            await ada.send(type="ping")
        for number in range(int(connection.GESTURE_BURST)):
            await move(ada, number)
        await ada.send(type="ping")
        await ada.next("pong")
        assert not socket._closing


async def test_size_and_shape_are_refused(one: Node) -> None:
    one.hub.gestures.fits = lambda topic, body: topic == "open:1" and body.startswith(b'"')
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await ben.subscribe("open:1")
        for body, code in (("x" * GESTURE_LIMIT, "too_large"), (5, "invalid"), ([], "invalid")):
            await move(ada, body)
            refused = await ada.next("error")
            assert (refused["code"], refused["topic"]) == (code, None)
        await move(ada, "x" * (GESTURE_LIMIT - 2))
        await ben.next("gesture")
        assert len(await seen(ben)) == 1


@BOTH_WAYS
async def test_it_is_the_first_to_be_dropped(
    two: tuple[Node, Node], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    async with visit(first.url) as ada, visit(first.url, "rae") as rae, visit(second.url, "ben") as ben:
        for client in (ada, rae, ben):
            await client.subscribe("open:1")
        with monkeypatch.context() as busy:
            busy.setattr(bus, "SPARE_LIMIT", -1)  # whatever waits for the bus is too much
            await move(ada, 1)
            await rae.next("gesture", body=1)
        with monkeypatch.context() as busy:
            busy.setattr(connection, "SPARE_BYTES", -1)  # every socket is behind
            await move(ada, 2)
            await seen(ada)
            first.hub.publish(await write("open:1"))
            for client in (rae, ben):
                await client.next("event")
        assert (await seen(rae), await seen(ben)) == ([1], [])
