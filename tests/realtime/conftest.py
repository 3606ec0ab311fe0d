"""A database with nothing but the log, and nodes that share it."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from realtime import log
from realtime.log import Delivery
from realtime.packet import PLAIN_PROTOCOL
from tests.realtime.node import SHARED, Node, node

Write = Callable[..., Awaitable[list[Delivery]]]
BOTH_WAYS = pytest.mark.parametrize("protocol", [SHARED, PLAIN_PROTOCOL])


@pytest.fixture
async def journal(bare_database: str) -> str:
    """The URL of a database with the log's tables."""
    connection = await asyncpg.connect(bare_database)
    await connection.execute(log.SCHEMA)
    await connection.close()
    return bare_database


@pytest.fixture
async def pool(journal: str) -> AsyncIterator[asyncpg.Pool]:
    made = await asyncpg.create_pool(journal, min_size=1, max_size=16)
    yield made
    made.terminate()


@pytest.fixture
async def write(pool: asyncpg.Pool) -> Write:
    """Append payloads to a topic and commit, without publishing."""

    async def append(topic: str, *payloads: bytes) -> list[Delivery]:
        async with pool.acquire() as connection, connection.transaction():
            return await log.append(connection, [(topic, payload) for payload in payloads or (b"{}",)])

    return append


@pytest.fixture
def protocol() -> str:
    """How uvicorn speaks websockets; a test marked `BOTH_WAYS` is run with the plain way as well."""
    return SHARED


@pytest.fixture
async def one(journal: str, redis_url: str, protocol: str) -> AsyncIterator[Node]:
    async with node(journal, redis_url, protocol) as running:
        yield running


@pytest.fixture
async def two(journal: str, redis_url: str, protocol: str) -> AsyncIterator[tuple[Node, Node]]:
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(node(journal, redis_url, protocol))
        yield first, await stack.enter_async_context(node(journal, redis_url, protocol))
