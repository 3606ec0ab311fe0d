"""Tasks by the queue itself, while what they need is away: none is lost or set aside, and none keeps others waiting."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.queries import Queries

from media.storage import AwayError
from server.core import db, tasks
from server.core.errors import OUTAGES
from tests.cast import until
from tests.server.house import House

Act = Callable[[], Awaitable[None]]


pytestmark = pytest.mark.usefixtures("wired")


@pytest.fixture(autouse=True)
async def hurried(house: House, wired: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Nothing but our own is in the queue, and pauses are short."""
    await db.execute("DELETE FROM queue.pgqueuer")
    await db.execute("DELETE FROM task_start")
    monkeypatch.setattr(tasks, "AWAY_PAUSE", timedelta(0))
    monkeypatch.setattr(tasks, "FULL_PAUSE", timedelta(0))
    monkeypatch.setattr(tasks, "LOOK_AGAIN", timedelta(seconds=0.5))
    monkeypatch.setattr(tasks, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(tasks, "DATABASE_PAUSE", 0.05)
    yield
    await house.wire.mend()
    await db.execute("DELETE FROM queue.pgqueuer")
    await db.execute("DELETE FROM task_start")


@contextlib.asynccontextmanager
async def working() -> AsyncIterator[None]:
    """As the worker does: again and again, for an outage ends it."""
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            with contextlib.suppress(*OUTAGES):
                await tasks.work(stop)

    running = asyncio.create_task(work())
    try:
        yield
    finally:
        stop.set()
        await running


class Doing:
    """A task that does one thing after the other, each time it is begun, and then nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *acts: Act, name: str = "doing") -> None:
        self.acts = list(acts)
        self.begun = 0
        self.name = name
        monkeypatch.setitem(tasks._TASKS, name, self._run)

    async def _run(self, _: bytes) -> None:
        self.begun += 1
        if self.acts:
            await self.acts.pop(0)()

    async def enqueue(self) -> None:
        async with db.transaction():
            await tasks.enqueue(self.name, b"")

    async def has_begun(self) -> None:
        async with asyncio.timeout(20):
            while not self.begun:
                await asyncio.sleep(0.01)


async def nothing_left() -> bool:
    return bool(await db.value("SELECT count(*) = 0 FROM queue.pgqueuer"))


@pytest.mark.parametrize("end", ["done", "failed", "storage away"])
async def test_what_ends_while_the_database_is_away_is_done_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """What became of it cannot be written down there; pgqueuer would set it aside for that, for good."""

    async def unlucky() -> None:
        await house.wire.cut()
        if end == "storage away":
            raise AwayError
        if end == "failed":
            await db.value("SELECT 1")

    task = Doing(monkeypatch, unlucky)
    await task.enqueue()
    async with working():
        await task.has_begun()
        await asyncio.sleep(0.5)
        await house.wire.mend()
        await until(nothing_left, 30)
    assert task.begun == 1 if end == "done" else task.begun > 1
    assert await db.value("SELECT count(*) FROM task_start") == 0


async def test_a_queue_that_ends_by_a_failure_deletes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks and schedules are two halves of it: where one has fallen and waits for what it has under way, and then the
    other one falls, that is cancelled, and pgqueuer would delete it.
    """
    away, fallen, dequeue = False, asyncio.Event(), Queries.dequeue

    async def perhaps(*told: Any, **named: Any) -> list[Any]:
        if not away:
            return await dequeue(*told, **named)
        fallen.set()
        raise ConnectionRefusedError

    async def falls_then(_: SchedulerManager) -> None:
        await fallen.wait()
        await asyncio.sleep(0.2)
        raise ConnectionRefusedError

    task = Doing(monkeypatch, asyncio.Event().wait)  # type: ignore[arg-type]  # for ever
    await task.enqueue()
    with monkeypatch.context() as broken:
        broken.setattr(Queries, "dequeue", perhaps)
        broken.setattr(SchedulerManager, "run", falls_then)
        queue = asyncio.create_task(tasks.work(asyncio.Event()))
        await task.has_begun()
        away = True
        with pytest.raises(ConnectionRefusedError):
            await queue
    assert await db.value("SELECT status::text FROM queue.pgqueuer") == "picked"
    await db.execute("UPDATE queue.pgqueuer SET heartbeat = heartbeat - interval '1 minute'")
    async with working():
        await until(nothing_left, 20)
    assert task.begun == 2


async def test_after_an_outage_nothing_waits_for_what_goes_on_for_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pgqueuer ends with an outage, but first waits for all that is under way: a film may take an hour."""

    async def a_film() -> None:
        await tasks.unless_stopped(asyncio.sleep(3600))

    film, quick = Doing(monkeypatch, a_film, name="film"), Doing(monkeypatch, name="quick")
    await film.enqueue()
    async with working():
        await film.has_begun()
        await house.wire.cut()
        await asyncio.sleep(1.5)  # the queue has asked
        await house.wire.mend()
        await quick.enqueue()
        await quick.has_begun()
        await until(nothing_left, 20)
    assert film.begun == 2


async def test_an_outage_is_no_try(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """More often than what fails by itself is tried; and the database is there again when it is asked whether it is."""

    async def in_the_middle() -> None:
        async with db.transaction():
            await house.wire.cut()
            await house.wire.mend()
            await db.value("SELECT 1")

    task = Doing(monkeypatch, *[in_the_middle] * (tasks.MOST_TRIES + 2))
    await task.enqueue()

    async def nothing_left_after_all() -> bool:
        with contextlib.suppress(*OUTAGES):  # which meet us as well
            return await nothing_left()
        return False

    async with working():
        await until(nothing_left_after_all, 60)
    assert task.begun == tasks.MOST_TRIES + 3


async def test_a_full_disk_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    task = Doing(monkeypatch, *[full] * (tasks.MOST_TRIES + 4))
    await task.enqueue()
    async with working():
        await until(nothing_left, 30)
    assert task.begun == tasks.MOST_TRIES + 5


async def test_who_waits_for_a_task_is_told_of_its_end_even_if_the_database_is_away_just_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    async def fails() -> None:
        await house.wire.cut()
        raise tasks.GiveUpError from ConnectionRefusedError()  # which is no reason to wait once it has given up

    async def fails_again() -> None:
        raise tasks.GiveUpError

    async def tell(_: bytes) -> None:
        told.append(await db.value("SELECT 'told'"))

    task = Doing(monkeypatch, fails, *[fails_again] * 100)
    monkeypatch.setitem(tasks._GIVEN_UP, task.name, tell)

    async def is_held() -> bool:
        return bool(await db.value("SELECT count(*) = 1 FROM queue.pgqueuer WHERE status = 'failed'"))

    await task.enqueue()
    async with working():
        await task.has_begun()
        await asyncio.sleep(0.3)
        await house.wire.mend()
        await until(is_held, 30)
    assert told == ["told"]
