"""A worker that is killed in the middle of every kind of job, and what becomes of the jobs."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import msgspec
import redis.asyncio

from media import nodes
from media.manifest import Manifest
from server.core import tasks
from server.recorder import Reporter
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Furnished
from tests.e2e.speaker import RATE, Speaker, copy_of, small_film, speaker

QUICK = ("make_poster", "listen", "look")
BEGIN_NO_DELETING = """
BEGIN; INSERT INTO task_start (id, task, starts, at) SELECT gen_random_uuid(), id::text, 0, now()
FROM queue.pgqueuer WHERE entrypoint = 'delete_files'
"""  # that it has begun is what this job would write there itself; it waits for what becomes of our row


async def kill_the_worker(house: Fragile, shop: Furnished) -> dict[str, Speaker]:
    """In the middle of every kind of job at once: each has begun its work and waits for a lock of ours.

    It has nothing else to do by then: frozen in the middle of other work it would keep us from locking, and what it
    began besides would wait with a connection each, until none is left for these. One answer begins and another one
    ends: of a single one, the job of its begin finds it ended and has nothing to do, if it is the first of the two.
    Returns whose answers they were about when all has been done again, by the names of the jobs.
    """
    begins, ends, second = [await reported(house, shop) for _ in range(3)]
    await _started(house, ends)
    await _finished(house, second)
    await second.settled("ready", film=True)
    await _nothing_to_do(house)
    unwanted = uuid4()
    storage = house.data / "media" / str(unwanted)
    storage.mkdir()
    (storage / "poster.jpg").write_bytes(b"to be deleted")
    c = await asyncpg.connect(house.services().database_url)
    try:
        async with house.frozen("worker"):
            await _started(house, begins)
            await _finished(house, ends)
            await second.send_copy()
            take = await second.take()
            assert take is not None
            await _enqueue(house, "make_movie", UUID(take["recording"]))
            await _enqueue(house, "delete_files", unwanted)
            await c.execute(BEGIN_NO_DELETING)
            await c.execute("LOCK TABLE event, realtime_log IN SHARE MODE")
            await c.execute("SELECT id FROM upload FOR UPDATE")
        await _begun(house, {"recording_started", "recording_finished", "join_upload", "make_movie", "delete_files"})
        await house.kill("worker")
        await c.execute("ROLLBACK")
        # as if half a minute had passed: then the queue believes that the worker is dead
        await c.execute("UPDATE queue.pgqueuer SET heartbeat = heartbeat - interval '1 minute'")
    finally:
        await c.close()
    await _finished(house, begins)
    for here in (begins, ends, second):
        await here.settled("ready", film=True)
    async with asyncio.timeout(120):
        while storage.exists() and any(storage.iterdir()):
            await asyncio.sleep(0.1)
    await _in_the_quick_ones(house, ends)
    return {
        "recording_started": begins,
        "recording_finished": ends,
        "join_upload, make_movie": second,
        "make_poster, listen, look": ends,
    }


async def _in_the_quick_ones(house: Fragile, here: Speaker) -> None:
    """The same once more for the three that look at a film; all at once would be more than the worker has connections.

    They have done their work and are about to say so: what they had made is gone, so that it has to be made again.
    """
    assert here.ticket is not None
    recording = UUID(here.ticket["recording"])
    await _nothing_to_do(house)
    c = await asyncpg.connect(house.services().database_url)
    try:
        async with house.frozen("worker"):
            await c.execute(
                "UPDATE recording SET derivatives = derivatives - 'poster' - 'peaks', warnings = '{black}' "
                "WHERE id = $1",
                recording,
            )
            for path in (house.data / "media" / str(recording)).glob("p*"):
                path.unlink()
            for name in QUICK:
                await _enqueue(house, name, recording)
            await c.execute("BEGIN")
            await c.execute("SELECT 1 FROM application WHERE id = $1 FOR UPDATE", UUID(here.who.application))
        await _begun(house, set(QUICK))
        await house.kill("worker")
        await c.execute("ROLLBACK")
        await c.execute("UPDATE queue.pgqueuer SET heartbeat = heartbeat - interval '1 minute'")
        await _nothing_to_do(house)
        files, warnings = await c.fetchrow("SELECT derivatives, warnings FROM recording WHERE id = $1", recording)
        assert {"poster", "peaks"} <= set(msgspec.json.decode(files))
        assert warnings == []
    finally:
        await c.close()


async def reported(house: Fragile, shop: Furnished) -> Speaker:
    """Somebody whose film lies in storage already; what is told of it comes by `_started` and `_finished`."""
    here = await speaker(house, shop)
    reply = await here.ask("POST", f"{here.who.place}/api/questions/{here.question}/takes", json={"kind": "video"})
    here.ticket = reply.json()
    here.sender.shown = list(range(len(small_film().pictures)))
    here.sender.frames, here.sender.sounds = len(here.sender.shown), 100
    folder = house.data / "media" / here.ticket["recording"]
    folder.mkdir()
    (folder / "video.webm").write_bytes(copy_of(here.sender))
    return here


async def _started(house: Fragile, here: Speaker) -> None:
    """As a recorder tells it, by its own reporter; one that is there, for what a dead one records is given up."""
    async with redis.asyncio.Redis.from_url(house.services().redis_url) as client:
        node = (await nodes.alive(client))[0].id
    manifest, reporter = _manifest(here, node), Reporter(house.services().database_url)
    c = await asyncpg.connect(house.services().database_url)
    await c.execute("UPDATE recording SET node = $2 WHERE id = $1", manifest.id, node)
    await c.close()
    await reporter.started(manifest)
    reporter.close()


async def _finished(house: Fragile, here: Speaker) -> None:
    reporter = Reporter(house.services().database_url)
    await reporter.finished(_manifest(here, "gone"))
    reporter.close()


def _manifest(here: Speaker, node: str) -> Manifest:
    assert here.ticket is not None
    name = here.ticket["recording"]
    manifest = Manifest(id=UUID(name), node=node, outcome="complete", key=f"{name}/video.webm", video=True, audio=True)
    manifest.duration_ms, manifest.frames = here.said * 1000 // RATE, here.said
    return manifest


async def _enqueue(house: Fragile, name: str, recording: UUID) -> None:
    c = await asyncpg.connect(house.services().database_url)
    await tasks.enqueue(name, msgspec.json.encode(recording), connection=c)
    await c.close()


async def _nothing_to_do(house: Fragile) -> None:
    c = await asyncpg.connect(house.services().database_url)
    try:
        async with asyncio.timeout(120):
            while await c.fetchval("SELECT count(*) FROM queue.pgqueuer WHERE status IN ('queued', 'picked')"):
                await asyncio.sleep(0.05)
    finally:
        await c.close()


async def _begun(house: Fragile, jobs: set[str]) -> None:
    """Until all of them have been picked up, and as many connections wait for a lock."""
    c = await asyncpg.connect(house.services().database_url)
    try:
        async with asyncio.timeout(120):
            while True:
                picked = await c.fetch("SELECT entrypoint FROM queue.pgqueuer WHERE status = 'picked'")
                waiting = await c.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                if jobs <= {row["entrypoint"] for row in picked} and waiting >= len(jobs):
                    break
                await asyncio.sleep(0.05)
    finally:
        await c.close()
