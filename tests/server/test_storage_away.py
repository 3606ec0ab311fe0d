"""S3 goes away and comes back: people are told in words, what was acknowledged stays, and work that waits is done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from media.storage import Storage
from server.core import db, runtime, tasks
from tests.bucket import Bucket
from tests.cast import Visitor
from tests.server.copies import begin, offset, send, take_of
from tests.server.house import House


@pytest.fixture
async def stored(house: House, tmp_path: Path, s3: Bucket) -> AsyncIterator[Storage]:
    here = runtime.here()
    store = Storage.open(f"s3://films/{uuid4()}", tmp_path, **s3.known)
    runtime.start(msgspec.structs.replace(here, storage=store))
    yield store
    await db.execute("DELETE FROM queue.pgqueuer")  # what is left to do is about files that nobody finds any more
    runtime.start(here)


async def test_a_film_does_not_play_while_the_storage_is_away(
    house: House, cleo: Visitor, stored: Storage, s3: Bucket, film: bytes
) -> None:
    (question,) = await cleo.questions()
    headers = {"content-type": "video/webm"}
    own = await cleo.make("POST", f"/questions/{question}/file", content=film, headers=headers)
    url = own["takes"][0]["url"]
    assert (await cleo.get(url)).content == film
    with s3.away():
        reply = await cleo.get(url)
        assert (reply.status_code, reply.json()["code"]) == (503, "storage_away")
        assert reply.json()["message"].endswith(".")
        assert reply.headers["retry-after"]
        assert "127.0.0.1" not in reply.text
    assert (await cleo.get(url)).content == film


async def test_a_piece_that_cannot_be_stored_is_not_acknowledged(
    house: House, cleo: Visitor, stored: Storage, s3: Bucket, film: bytes
) -> None:
    path, half = await begin(cleo, len(film)), len(film) // 2
    assert (await send(cleo, path, 0, film[:half])).status_code == 204
    with s3.away():
        reply = await send(cleo, path, half, film[half:])
        assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
        assert await offset(cleo, path) == half
    assert (await send(cleo, path, half, film[half:])).status_code == 204


async def test_work_waits_for_the_storage_for_as_long_as_it_takes(
    house: House, cleo: Visitor, stored: Storage, s3: Bucket, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the queue itself: more failures than a task that is broken may have, and it is done in the end."""
    monkeypatch.setattr(tasks, "AWAY_PAUSE", timedelta(0))
    await send(cleo, await begin(cleo, len(film), kept="true"), 0, film)
    tries = 0

    async def count(_: str) -> int:
        nonlocal tries
        tries += 1
        return 1

    monkeypatch.setattr(tasks, "_starts", count)
    stop = asyncio.Event()
    with s3.away():
        working = asyncio.create_task(tasks.work(stop))
        async with asyncio.timeout(120):
            while tries < 3:
                await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        while (await take_of(cleo))["state"] != "ready":
            await asyncio.sleep(0.1)
    stop.set()
    await working
    assert (await cleo.get((await take_of(cleo))["url"])).content == film
    assert await db.value("SELECT count(*) FROM queue.pgqueuer WHERE entrypoint = 'join_upload'") == 0
