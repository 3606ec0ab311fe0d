"""The recorder nodes that are alive now: each announces itself in Redis every few seconds, and whoever needs one picks.

A node's entry expires ten seconds after its last announcement, so a dead node is noticed by its absence. A node
that drains announces a limit of 0 and is picked no more.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "media:node:"
ALIVE = 10  # seconds an announcement is believed
EVERY = 3.0  # seconds between announcements


class Node(msgspec.Struct, frozen=True):
    """A recorder process. `url` is its private listener, `load` recordings now, `limit` how many it takes."""

    id: str
    url: str
    load: int = 0
    limit: int = 0
    version: str = ""


async def announce(redis: Any, node: Callable[[], Node]) -> None:
    """Announces `node()` for ever; when cancelled, takes the announcement back. Outlives a Redis that is away."""
    try:
        while True:
            try:
                await tell(redis, node())
            except (RedisError, OSError) as error:
                logger.warning("cannot announce this recorder: %s", error)
            await asyncio.sleep(EVERY)
    finally:
        with contextlib.suppress(RedisError, OSError, asyncio.TimeoutError):
            async with asyncio.timeout(1):
                await redis.delete(PREFIX + node().id)


async def tell(redis: Any, node: Node) -> None:
    """One announcement."""
    await redis.set(PREFIX + node.id, msgspec.json.encode(node), ex=ALIVE)


async def alive(redis: Any) -> list[Node]:
    """All nodes that announced themselves within the last ten seconds, by id."""
    keys = [key async for key in _keys(redis)]
    values = await redis.mget(keys) if keys else []
    nodes: list[Node] = []
    for value in values:
        with contextlib.suppress(msgspec.MsgspecError, TypeError):  # expired meanwhile, or of another version
            nodes.append(msgspec.json.decode(value, type=Node))
    return sorted(nodes, key=lambda node: node.id)


async def pick(redis: Any) -> Node | None:
    """The node with the most room, as a share of its limit; None when all are full or gone."""
    free = [node for node in await alive(redis) if node.load < node.limit]
    return min(free, key=lambda node: (node.load / node.limit, node.id), default=None)


async def _keys(redis: Any) -> AsyncIterator[Any]:
    async for key in redis.scan_iter(match=PREFIX + "*", count=200):
        yield key
