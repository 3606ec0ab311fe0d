"""Takes without a camera: a recorder that is announced, and one that reports as the real process does."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import redis.asyncio

from media import nodes
from media.manifest import Manifest
from media.synth import make_clip
from server.core import db
from server.recorder import Reporter
from tests.cast import Json, Visitor
from tests.server.house import House, drain

PHANTOM = nodes.Node(id="phantom", url="http://127.0.0.1:9", load=0, limit=99, version="1")


async def announce(house: House, *found: nodes.Node) -> None:
    """These recorders are alive for ten seconds from now, and no others."""
    client = redis.asyncio.Redis.from_url(house.settings.redis_url)
    if keys := [key async for key in client.scan_iter(match=f"{nodes.PREFIX}*")]:
        await client.delete(*keys)
    for node in found:
        await nodes.tell(client, node)
    await client.aclose()


async def begin(house: House, cleo: Visitor, question: str) -> Json:
    """A ticket for a take."""
    await announce(house, PHANTOM)
    return await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})


async def report(
    house: House, recording: str, outcomes: Sequence[str] = ("recording", "complete"), **more: object
) -> None:
    """What a recorder tells about a recording, one after the other, each followed by the worker's part."""
    for outcome in outcomes:
        told = {"duration_ms": 9000, "bytes": 100_000, "width": 640, "height": 360, "video": True, "audio": True}
        manifest = Manifest(id=UUID(recording), node="phantom", outcome=outcome, **(told | more))  # type: ignore[arg-type]
        await tell(house, manifest)


async def tell(house: House, manifest: Manifest) -> None:
    """The same with a manifest that a recorder has written."""
    reporter = Reporter(house.settings.database_url)
    try:
        await db.execute("UPDATE recording SET node = 'phantom', ticket_hash = '' WHERE id = $1", manifest.id)
        await (reporter.started(manifest) if manifest.outcome == "recording" else reporter.finished(manifest))
        await drain()
    finally:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_close(reporter), reporter._loop))
        reporter.close()


async def hear(house: House, recording: str, *, silent: bool) -> None:
    """A recorder tells that nothing comes any more, or that it does again."""
    reporter = Reporter(house.settings.database_url)
    try:
        await reporter.silence(Manifest(id=UUID(recording), node="phantom"), silent)
        await drain()
    finally:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_close(reporter), reporter._loop))
        reporter.close()


async def _close(reporter: Reporter) -> None:
    if reporter._connection is not None:
        await reporter._connection.close()


async def recorded(house: House, cleo: Visitor, question: str, **more: object) -> Json:
    """A take that a recorder has finished."""
    ticket = await begin(house, cleo, question)
    await report(house, ticket["recording"], **more)  # type: ignore[arg-type]
    return ticket


async def answered(house: House, cleo: Visitor) -> None:
    """Every question answered by a kept take, and handed in."""
    for question in await cleo.questions():
        ticket = await recorded(house, cleo, question)
        await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    await cleo.make("POST", "/submission", {})
    await drain()


def clip(folder: Path, seconds: float = 1.0) -> bytes:
    """A small WebM file of a person who does not exist."""
    path = folder / "clip.webm"
    make_clip(path, 7, seconds, 160, 90)
    return path.read_bytes()
