"""The recorder nodes that are alive now: each announces itself in Redis every few seconds, and whoever needs one picks.

A node's entry expires five seconds after its last announcement, so a dead node is noticed by its absence. A node
that drains announces a limit of 0 at once and is picked no more; it stays announced until its last recording has ended,
for whoever wants to end that. Processes of different releases may run side by side while one is rolled out: what they
have to agree on is the private listener, whose version a node announces as `speaks`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

import msgspec
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "media:node:"
ALIVE = 5  # seconds an announcement is believed
EVERY = 1.0  # seconds between announcements; what changes meanwhile is told at once
SPEAKS = 1  # raised when `media.whip` and `media.recorder` of an older release would misunderstand each other


class Node(msgspec.Struct, frozen=True):
    """A recorder process. `url` is its private listener, `load` recordings now, `limit` how many it takes.

    `version` is the program's, for people to read.
    """

    id: str
    url: str
    load: int = 0
    limit: int = 0
    version: str = ""
    speaks: int = SPEAKS

    @property
    def takes_more(self) -> bool:
        """Whether it understands us and does not drain: what it has no room for now it will have in a moment."""
        return self.speaks == SPEAKS and self.limit > 0

    @property
    def has_room(self) -> bool:
        """Whether it can be given a recording now: it takes more, and has fewer than it takes."""
        return self.takes_more and self.load < self.limit


async def announce(redis: Any, node: Callable[[], Node], news: asyncio.Event) -> None:
    """Announces `node()` for ever, at once when `news` is set; when cancelled, takes the announcement back.

    Outlives a Redis that is away.
    """
    try:
        while True:
            news.clear()
            try:
                await tell(redis, node())
            except (RedisError, OSError) as error:
                logger.warning("cannot announce this recorder: %s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await news.wait()
    finally:
        with contextlib.suppress(RedisError, OSError, asyncio.TimeoutError):
            async with asyncio.timeout(1):
                await redis.delete(PREFIX + node().id)


async def tell(redis: Any, node: Node) -> None:
    """One announcement."""
    await redis.set(PREFIX + node.id, msgspec.json.encode(node), ex=ALIVE)


async def alive(redis: Any) -> list[Node]:
    """All nodes that announced themselves within the last five seconds, by id."""
    keys = [key async for key in _keys(redis)]
    values = await redis.mget(keys) if keys else []
    nodes: list[Node] = []
    for value in values:
        with contextlib.suppress(msgspec.MsgspecError, TypeError):  # expired meanwhile, or of another version
            nodes.append(msgspec.json.decode(value, type=Node))
    return sorted(nodes, key=lambda node: node.id)


async def pick(redis: Any, without: Collection[str] = ()) -> Node | None:
    """The node with the most room, as a share of its limit; None when all others than `without` are full or gone."""
    free = [node for node in await alive(redis) if node.has_room and node.id not in without]
    return min(free, key=lambda node: (node.load / node.limit, node.id), default=None)


async def _keys(redis: Any) -> AsyncIterator[Any]:
    async for key in redis.scan_iter(match=PREFIX + "*", count=200):
        yield key
