"""The delivery log on real Postgres."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from realtime import log
from realtime.log import Delivery, GoneError
from tests.realtime.conftest import Write


async def test_numbers_each_topic_from_one_and_keeps_the_order_of_several_payloads(write: Write) -> None:
    assert await write("b:1", b"1", b"2") == [Delivery("b:1", 1, b"1"), Delivery("b:1", 2, b"2")]
    assert await write("b:2", b"3") == [Delivery("b:2", 1, b"3")]
    assert await write("b:1", b"4") == [Delivery("b:1", 3, b"4")]


async def test_a_rolled_back_append_leaves_no_hole(pool: asyncpg.Pool, write: Write) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await log.append(connection, [("b:1", b"lost")])
        await transaction.rollback()
    assert (await write("b:1"))[0].seq == 1


async def test_two_hundred_topics_at_once_from_many_writers_never_deadlock(pool: asyncpg.Pool) -> None:
    topics = [f"b:{number}" for number in range(200)]

    async def writer(turn: int) -> None:
        mine = topics[turn * 10 :] + topics[: turn * 10]
        for _ in range(4):
            async with pool.acquire() as connection, connection.transaction():
                await log.append(connection, [(topic, b"{}") for topic in (mine if turn % 2 else reversed(mine))])

    await asyncio.gather(*(writer(turn) for turn in range(12)))
    async with pool.acquire() as connection:
        assert set((await log.heads(connection, topics)).values()) == {48}
        assert [d.seq for d in await log.read(connection, "b:7", 0, 100)] == list(range(1, 49))


async def test_reads_on_from_a_position_and_says_when_history_is_gone(pool: asyncpg.Pool, write: Write) -> None:
    await write("b:1", *(b"%d" % number for number in range(10)))
    async with pool.acquire() as connection:
        assert [d.seq for d in await log.read(connection, "b:1", 7, 2)] == [8, 9]
        assert await log.read(connection, "b:1", 10, 5) == []
        assert await log.read(connection, "b:none", 0, 5) == []
        with pytest.raises(GoneError):
            await log.read(connection, "b:1", 11, 5)
        await connection.execute("UPDATE realtime_log SET at = now() - interval '8 days' WHERE seq <= 4")
        assert await log.trim(connection, timedelta(days=7), batch=3) == 4
        assert [d.seq for d in await log.read(connection, "b:1", 4, 2)] == [5, 6]
        with pytest.raises(GoneError):
            await log.read(connection, "b:1", 3, 5)
        await connection.execute("UPDATE realtime_log SET at = now() - interval '8 days'")
        await log.trim(connection, timedelta(days=7))
        with pytest.raises(GoneError):
            await log.read(connection, "b:1", 9, 5)
    assert (await write("b:1"))[0].seq == 11


async def test_survey_tells_epoch_and_heads_in_one_query(pool: asyncpg.Pool, write: Write) -> None:
    await write("b:1", b"1", b"2")
    async with pool.acquire() as connection:
        assert await log.survey(connection, ["b:1", "b:2"]) == (await log.epoch(connection), {"b:1": 2, "b:2": 0})
        assert await log.survey(connection, []) == (await log.epoch(connection), {})


async def test_a_restored_log_has_another_epoch(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        before = await log.epoch(connection)
        await connection.execute("DROP TABLE realtime_topic, realtime_log")
        await connection.execute(log.SCHEMA)
        assert await log.epoch(connection) != before
