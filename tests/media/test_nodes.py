"""Who records: nodes come, fill up, drain and die."""

import asyncio
import contextlib

import pytest
import redis.asyncio

from media import nodes
from media.nodes import Node


async def test_the_emptiest_node_is_picked_and_a_dead_one_is_not(redis_url: str) -> None:
    bus = redis.asyncio.from_url(redis_url)
    assert await nodes.pick(bus) is None
    await nodes.tell(bus, Node("a", "http://a", 5, 10, "1"))
    await nodes.tell(bus, Node("b", "http://b", 5, 20, "1"))
    await nodes.tell(bus, Node("full", "http://c", 3, 3, "1"))
    await nodes.tell(bus, Node("drains", "http://d", 0, 0, "1"))
    await nodes.tell(bus, Node("stranger", "http://e", 0, 99, "9", speaks=nodes.SPEAKS + 1))
    picked = await nodes.pick(bus)
    assert picked == Node("b", "http://b", 5, 20, "1")
    assert [node.id for node in await nodes.alive(bus)] == ["a", "b", "drains", "full", "stranger"]
    assert await nodes.pick(bus, {"b"}) == Node("a", "http://a", 5, 10, "1")
    assert await nodes.pick(bus, {"a", "b"}) is None
    assert 0 < await bus.ttl(nodes.PREFIX + "a") <= nodes.ALIVE
    await bus.delete(nodes.PREFIX + "a", nodes.PREFIX + "b")
    await bus.set(nodes.PREFIX + "strange", b"not json")
    assert await nodes.pick(bus) is None
    await bus.aclose()


async def test_a_node_announces_itself_and_says_goodbye(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "EVERY", 0.05)
    bus = redis.asyncio.from_url(redis_url)
    load = 0
    news = asyncio.Event()
    task = asyncio.create_task(nodes.announce(bus, lambda: Node("a", "http://a", load, 10), news))
    async with asyncio.timeout(5):
        while await nodes.pick(bus) != Node("a", "http://a", 0, 10):
            await asyncio.sleep(0.02)
        monkeypatch.setattr(nodes, "EVERY", 60.0)
        await asyncio.sleep(0.1)  # it waits for so long now, unless there is news
        load = 4
        news.set()
        while await nodes.pick(bus) != Node("a", "http://a", 4, 10):
            await asyncio.sleep(0.02)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await nodes.alive(bus) == []
    await bus.aclose()


async def test_a_bus_that_is_away_is_outlived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(nodes, "EVERY", 0.02)
    bus = redis.asyncio.from_url("redis://127.0.0.1:1")
    task = asyncio.create_task(nodes.announce(bus, lambda: Node("a", "http://a", 0, 10), asyncio.Event()))
    await asyncio.sleep(0.2)
    assert not task.done()
    assert "cannot announce" in caplog.text
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await bus.aclose()
