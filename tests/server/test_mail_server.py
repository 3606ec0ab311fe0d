"""A mail server that is away, busy or hangs: every mail goes out in the end, and nothing else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import msgspec
import pytest

from server.core import db, mail, runtime, tasks
from tests.cast import Cast, until
from tests.server.house import House


class MailServer:
    """Speaks as much SMTP as a mail needs. `busy`, `refusing`: what it says to a receiver; `hanging`: says nothing."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.calls = 0
        self.busy = self.refusing = self.hanging = False
        self.server: asyncio.Server | None = None
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        self._open.add(writer)
        with suppress(ConnectionError):
            await self._talk(reader, writer)
        self._open.discard(writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.hanging:
            await reader.read()
            return
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.received.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            if word == b"RCPT" and self.busy:
                writer.write(b"451 later\r\n")
            elif word == b"RCPT" and self.refusing:
                writer.write(b"550 nobody of that name\r\n")
            else:
                writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")


@pytest.fixture
async def server(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailServer]:
    await db.execute("DELETE FROM queue.pgqueuer")
    await db.execute("DELETE FROM task_start")
    monkeypatch.setattr(mail, "AWAY_PAUSE", timedelta(0))
    monkeypatch.setattr(mail, "REFUSED_PAUSE", timedelta(0))
    monkeypatch.setattr(tasks, "LOOK_AGAIN", timedelta(seconds=0.2))
    monkeypatch.setattr(tasks, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(tasks, "LONGEST_PAUSE", 0.05)
    here, made = runtime.here(), MailServer()
    await made.open()
    runtime.start(msgspec.structs.replace(here, sender=mail.Smtp(f"smtp://127.0.0.1:{made.port}")))
    yield made
    await made.close()
    runtime.start(here)
    await db.execute("DELETE FROM queue.pgqueuer")


@asynccontextmanager
async def worker() -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(tasks.work(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def _nothing_left() -> bool:
    return bool(await db.value("SELECT count(*) = 0 FROM queue.pgqueuer WHERE entrypoint LIKE 'mail%'"))


async def test_a_mail_waits_for_its_server_for_as_long_as_it_takes(cast: Cast, server: MailServer) -> None:
    """Longer than a task that is broken is tried; away first, then busy."""
    cleo = await cast.cleo(await cast.job())
    await server.close()
    rounds = "SELECT last_value FROM queue.pgqueuer_id_seq"
    before = await db.value(rounds)
    async with worker():
        async with asyncio.timeout(60):
            while await db.value(rounds) < before + tasks.MOST_TRIES + 4:
                await asyncio.sleep(0.05)
            server.busy = True
            await server.open()
            while server.calls < tasks.MOST_TRIES + 4:
                await asyncio.sleep(0.05)
        server.busy = False
        await until(_nothing_left, 30)
    (received,) = server.received
    assert f"To: {cleo.email}" in received


async def is_held() -> bool:
    return bool(
        await db.value("SELECT count(*) FROM queue.pgqueuer WHERE entrypoint LIKE 'mail%' AND status = 'failed'")
    )


async def test_a_mail_that_is_refused_for_now_is_set_aside_after_two_days(cast: Cast, server: MailServer) -> None:
    await cast.cleo(await cast.job())
    server.busy = True
    async with worker():
        async with asyncio.timeout(60):
            while server.calls < tasks.MOST_STARTS + 2:
                await asyncio.sleep(0.05)
        assert not await is_held()
        await db.execute(
            "UPDATE queue.pgqueuer SET created = created - interval '3 days' WHERE entrypoint LIKE 'mail%'"
        )
        await until(is_held, 60)


async def test_a_mail_that_its_server_refuses_is_set_aside(cast: Cast, server: MailServer) -> None:
    await cast.cleo(await cast.job())
    server.refusing = True
    async with worker():
        await until(is_held, 60)
    assert server.calls == tasks.MOST_TRIES + 1


async def test_a_server_that_hangs_holds_up_nothing_but_mails(
    cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, done = await cast.job(), asyncio.Event()
    for number in range(12):
        await cast.cleo(job, f"Cleo {number}")
    server.hanging = True

    async def other(_: bytes) -> None:
        await db.value("SELECT 1")
        done.set()

    monkeypatch.setitem(tasks._TASKS, "other", other)
    async with worker():
        async with asyncio.timeout(20):
            while server.calls < mail.AT_ONCE:
                await asyncio.sleep(0.05)
            async with db.transaction():
                await tasks.enqueue("other", b"")
            await done.wait()
        assert server.calls == mail.AT_ONCE
        server.hanging = False
        await server.close()
        await server.open()
        await until(_nothing_left, 60)
    assert len(server.received) == 12
