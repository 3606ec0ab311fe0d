"""One application for all tests of the server, and a cast of their own for each."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import pytest
import redis.asyncio

from media.storage import Storage
from server.core import runtime, throttle
from tests.bucket import Bucket, bucket
from tests.cast import Cast, Visitor, assemble
from tests.conftest import Services
from tests.server import takes
from tests.server.house import House, on_the_wire, open_house


@pytest.fixture(scope="package")
async def house(services: Services, template: str) -> AsyncIterator[House]:
    """The running application."""
    owner = await asyncpg.connect(services.database_url)
    await owner.execute(f"CREATE DATABASE test_house TEMPLATE {template}")
    async with open_house(services.database("test_house")) as running:
        yield running
    await owner.execute("DROP DATABASE test_house WITH (FORCE)")
    await owner.close()


@pytest.fixture(scope="module")
async def wired(house: House, services: Services) -> AsyncIterator[None]:
    """For a whole file Postgres is reached by a wire."""
    administrator = await asyncpg.connect(services.database_url)
    async with on_the_wire(house, administrator):
        yield
    await administrator.close()


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


@pytest.fixture(scope="module")
def s3() -> Iterator[Bucket]:
    """A bucket."""
    with bucket() as known:
        yield known


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, house: House, tmp_path: Path) -> Iterator[Storage]:
    """The house's storage, for this test."""
    here = runtime.here()
    store = here.storage
    if request.param == "s3":
        store = Storage.open(f"s3://films/{uuid4()}", tmp_path, **request.getfixturevalue("s3").known)
    runtime.start(msgspec.structs.replace(here, storage=store))
    yield store
    runtime.start(here)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a person who does not exist."""
    return takes.clip(tmp_path_factory.mktemp("film"), 2.0)


@pytest.fixture
async def cleo(cast: Cast) -> Visitor:
    """She applies to a job with one question."""
    return await cast.cleo(await cast.job(questions=1))
