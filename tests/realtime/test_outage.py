"""Postgres or Valkey away for a while: sockets stay, pages wait, and everything goes on by itself."""

import asyncio
from pathlib import Path

import pytest

from realtime import bus
from tests.cast import until
from tests.realtime.client import visit
from tests.realtime.conftest import Write
from tests.realtime.faults import cable, valkey
from tests.realtime.node import node


async def test_with_postgres_away_sockets_stay_and_subscriptions_wait(
    journal: str, redis_url: str, temporary_folder: Path, write: Write
) -> None:
    async with (
        cable(journal, temporary_folder) as wire,
        node(wire.url, redis_url) as running,
        visit(running.url) as ada,
    ):
        await ada.subscribe("open:1")
        await wire.cut()
        await ada.send(type="subscribe", topic="open:2", after=0, epoch=running.hub.epoch)
        await write("open:1")
        await write("open:2")
        await ada.next("health", database=False, seconds=8)
        assert not running.hub.database_ok
        await wire.mend()
        found = [await ada.next("event", seq=1, seconds=5) for _ in range(2)]
        assert {event["topic"] for event in found} == {"open:1", "open:2"}
        if not any(f == {"type": "health", "database": True} for f in ada.frames):
            await ada.next("health", database=True, seconds=5)


async def test_with_valkey_away_events_arrive_by_the_log_and_people_stay_on_the_screen(
    journal: str, temporary_folder: Path, write: Write
) -> None:
    async with (
        valkey(temporary_folder) as server,
        node(journal, server.url) as first,
        node(journal, server.url) as second,
        visit(first.url) as ada,
        visit(second.url, "ben") as ben,
    ):
        await ada.subscribe("open:1", state=1)
        await ben.subscribe("open:1", state=2)
        await ada.until(lambda f: any(p["id"] == "ben" for p in f.get("joined") or f.get("people") or ()))
        await server.kill()
        second.hub.publish(await write("open:1"))
        await ben.next("event", seq=1, seconds=0.5)
        await ada.next("event", seq=1, seconds=2)
        await ada.subscribe("open:2")
        await server.start()
        await asyncio.sleep(3)
        second.hub.publish(await write("open:1"))
        await ada.next("event", seq=2, seconds=0.9)  # by the bus again
        await ada.quiet("event", 8)  # long enough for lists to be read again
        assert not [frame for frame in ada.frames if "ben" in frame.get("left", [])]
        lists = [frame for frame in ada.frames if frame["type"] == "presence" and frame["topic"] == "open:1"]
        assert {person["id"] for person in lists[-1]["people"]} == {"ada", "ben"}


async def test_with_valkey_hung_nobody_waits_and_little_is_kept_for_it(
    journal: str, temporary_folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "QUEUE_LIMIT", 20)
    async with (
        valkey(temporary_folder) as server,
        node(journal, server.url) as first,
        node(journal, server.url) as second,
        visit(first.url) as ada,
        visit(second.url, "ben") as ben,
    ):
        await ada.subscribe("open:1", state=1)
        await ben.subscribe("open:1", state=2)
        server.hang()
        try:
            for seq in range(1, 51):
                second.hub.publish(await write("open:1"))
                assert (await ben.next("event"))["seq"] == seq  # here at once, whatever becomes of the bus
                assert len(second.bus._queue) <= 20
            for seq in range(1, 51):
                assert (await ada.next("event"))["seq"] == seq  # there by the log
            await ada.subscribe("open:2")
            second.hub.publish(await write("open:2"))
            await ada.next("event", topic="open:2")

            async def cut() -> bool:
                await ada.send(type="ping")
                await ada.next("pong")
                return not second.bus.connected and second.bus.dropped > 0 and not second.bus._queue

            await until(cut)
        finally:
            server.go_on()

        async def back() -> bool:
            return first.bus.connected and second.bus.connected

        await until(back)
        second.hub.publish(await write("open:1"))
        assert (await ada.next("event", topic="open:1"))["seq"] == 51
        assert (await ben.next("event", topic="open:1"))["seq"] == 51
        assert not [frame for frame in [*ada.frames, *ben.frames] if frame.get("left")]
