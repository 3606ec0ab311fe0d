"""One application for all tests of the server, and a cast of their own for each."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
import redis.asyncio

from server.core import throttle
from tests.cast import Cast, assemble
from tests.conftest import Services
from tests.server.house import House, open_house


@pytest.fixture(scope="package")
async def house(services: Services, template: str) -> AsyncIterator[House]:
    """The running application."""
    owner = await asyncpg.connect(services.database_url)
    await owner.execute(f"CREATE DATABASE test_house TEMPLATE {template}")
    async with open_house(services.database("test_house")) as running:
        yield running
    await owner.execute("DROP DATABASE test_house WITH (FORCE)")
    await owner.close()


@pytest.fixture
async def cast(house: House) -> Cast:
    """Ada, Ben, Rae and Dan, unthrottled."""
    await forget_throttles(house)
    return await assemble(house.origin, house.transport)


async def forget_throttles(house: House) -> None:
    """As if nobody had tried anything yet, and with time left to try: windows end every ten minutes."""
    left = 600 - time.time() % 600
    if left < 6:
        await asyncio.sleep(left)
    throttle._own.clear()
    client = redis.asyncio.Redis.from_url(house.settings.redis_url)
    if keys := [key async for key in client.scan_iter(match="throttle:*")]:
        await client.delete(*keys)
    await client.aclose()
