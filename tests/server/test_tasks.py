"""Background work: done at least once, mailed once, set aside when it cannot be done; and what is forgotten in time."""

import asyncio
import re
from email.message import EmailMessage
from functools import partial
from uuid import UUID

import msgspec
import pytest

from server import worker
from server.core import db, mail, runtime, tasks
from server.core.ids import uuid7
from tests.cast import Cast, until
from tests.server.house import House, command, drain


class Unwilling(mail.Outbox):
    """A mail server that is away for the first mails."""

    def __init__(self, folder: object, away: int) -> None:
        super().__init__(folder)  # type: ignore[arg-type]  # a Path
        self.away = away

    async def send(self, message: EmailMessage) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError
        await super().send(message)


async def test_a_task_that_fails_is_tried_again_by_the_real_queue(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.execute("DELETE FROM queue.pgqueuer")  # what others left, and put off
    await db.execute("DELETE FROM task_start")  # of workers that others killed
    tried: list[bytes] = []

    async def stubborn(payload: bytes) -> None:
        tried.append(payload)
        if len(tried) == 1:
            raise RuntimeError("not yet")

    monkeypatch.setitem(tasks._TASKS, "stubborn", stubborn)
    async with db.transaction():
        await tasks.enqueue("stubborn", b"work")
    with pytest.raises(ZeroDivisionError):
        await enqueue_and_fail()
    stop = asyncio.Event()
    working = asyncio.create_task(tasks.work(stop))

    async def done() -> bool:
        return len(tried) >= 2

    try:
        await until(done, 20)
        await until(queue_is_empty, 10)
    finally:
        stop.set()
        await working
    assert tried == [b"work", b"work"]
    assert await db.value("SELECT count(*) FROM task_start") == 0


async def test_what_is_held_is_listed_without_its_words_and_done_after_all_when_somebody_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.execute("DELETE FROM queue.pgqueuer")
    await db.execute("DELETE FROM task_start")
    assert await command(house, "held") == await command(house, "held", "--retry") == "No task is held.\n"
    tried: list[bytes] = []

    async def hopeless(payload: bytes) -> None:
        tried.append(payload)
        if len(tried) < 3:
            raise tasks.GiveUpError("what Cleo said")
        if len(tried) < 5:
            raise RuntimeError("what Cleo said")

    async def is_held(count: int) -> bool:
        found = await db.value("SELECT count(*) FROM queue.pgqueuer WHERE status = 'failed'")
        return bool(found == count)

    monkeypatch.setitem(tasks._TASKS, "hopeless", hopeless)
    monkeypatch.setattr(tasks, "FIRST_PAUSE", 0.05)
    async with db.transaction():
        for words in (b"Cleo", b"too"):
            await tasks.enqueue("hopeless", words)
    stop = asyncio.Event()
    working = asyncio.create_task(tasks.work(stop))
    try:
        await until(partial(is_held, 2), 20)
        await db.execute("UPDATE queue.pgqueuer SET attempts = 9 WHERE payload = 'too'")
        await db.execute(
            "UPDATE task_start SET starts = 12 WHERE task IN (SELECT id::text FROM queue.pgqueuer WHERE attempts = 9)"
        )
        *lines, last = (await command(house, "held")).splitlines()
        held = [
            re.fullmatch(r"hopeless: since \d{4}-\d\d-\d\d \d\d:\d\d UTC, begun (.*), GiveUpError", line)
            for line in lines
        ]
        assert sorted(line[1] for line in held if line) == ["12 times", "once"], lines
        assert last.startswith("2 tasks are held.")
        assert "`greenroom held --retry`" in last
        assert await command(house, "held", "--retry") == "2 tasks are back in the queue.\n"
        await until(queue_is_empty, 20)
        assert await is_held(0)
    finally:
        stop.set()
        await working
    assert sorted(tried)[:3] == [b"Cleo"] * 3
    assert len(tried) == 6
    assert await db.value("SELECT count(*) FROM task_start") == 0


async def enqueue_and_fail() -> None:
    async with db.transaction():
        await tasks.enqueue("stubborn", b"never")
        print(1 / 0)


async def queue_is_empty() -> bool:
    return bool(await db.value("SELECT count(*) = 0 FROM queue.pgqueuer WHERE status IN ('queued', 'picked')"))


async def test_a_mail_that_could_not_be_sent_is_sent_later_and_once(house: House, cast: Cast) -> None:
    here = runtime.here()
    runtime.start(msgspec.structs.replace(here, sender=Unwilling(house.settings.outbox, 1)))
    try:
        cleo = await cast.cleo(await cast.job())
        queued = await db.rows(
            lambda *c: c, "SELECT entrypoint, payload FROM queue.pgqueuer WHERE status = 'queued' ORDER BY id"
        )
        with pytest.raises(ConnectionRefusedError):
            await drain()
        assert house.mails(cleo.email) == []
        for _ in range(3):
            for name, payload in queued:
                await tasks._TASKS[name](payload)
        assert len(house.mails(cleo.email)) == 1
    finally:
        runtime.start(here)
    assert (await cast.nobody().page(house.links(cleo.email)[0])).status_code == 200


async def test_mail_has_one_receiver_and_no_headers_of_strangers(house: House, cast: Cast) -> None:
    job = await cast.job(title="Engineer\r\nBcc: all@example.org")
    cleo = await cast.cleo(job, "Cleo\nX-Evil: 1")
    await drain()
    (sent,) = house.mails(cleo.email)
    assert set(sent.keys()) >= {"From", "To", "Subject", "Date", "Message-ID"}
    assert "Bcc" not in sent
    assert "X-Evil" not in sent
    assert "Engineer" in sent["Subject"]
    modes = {path.stat().st_mode & 0o777 for path in house.settings.outbox.glob("*.eml")}
    assert modes == {0o600}


async def test_what_has_served_its_time_is_forgotten_and_the_rest_stays(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await cleo.make("POST", "/messages", {"body": "Hello"}, key="an-old-key")
    await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "Hi"}, key="a-new-key")
    old = UUID(cleo.application)
    await db.execute("UPDATE stored_reply SET at = now() - interval '3 days' WHERE key = 'an-old-key'")
    await db.execute("UPDATE realtime_log SET at = now() - interval '8 days' WHERE topic = $1", f"candidate:{old}")
    await db.execute(
        "INSERT INTO sign_in (id, account_id, token_hash, device, expires_at) "
        "VALUES ($1, $2, $3, '', now() - interval '1 s')",
        uuid7(),
        cast.ben.account,
        f"ended {old}",
    )
    await worker.tidy()
    assert await db.value("SELECT count(*) FROM stored_reply WHERE key = 'an-old-key'") == 0
    assert await db.value("SELECT count(*) FROM stored_reply WHERE key = 'a-new-key'") == 1
    assert await db.value("SELECT count(*) FROM sign_in WHERE account_id = $1", cast.ben.account) == 1
    assert (await cast.ben.do("GET", "/me")).status_code == 200
    assert len((await cleo.read("/place"))["messages"]) == 2
