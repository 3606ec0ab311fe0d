"""What every test may ask for: real Postgres and Valkey, and a fresh migrated database each.

`services` runs once per session in a temporary folder. `database` is the URL of a copy of the migrated template made
for one test (some 30 ms), `bare_database` the same without any table, `redis_url` a bus without keys. The event loop
is one per session, so that fixtures and tests may share connections.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio
from hypothesis import HealthCheck, settings

from server.core.embedded import DATABASE, Embedded
from server.core.folder import DataFolder
from tests.costs import Costs
from tests.e2e.browsers import (  # noqa: F401 - fixtures and hooks, by being here
    browser,
    leave_out_other_engines,
    people,
    playwright,
    pytest_generate_tests,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from tests.prepared import prepare_postgres
from tests.workers import (  # noqa: F401 - hooks, by being here
    longest_first,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
    say_where_it_hangs,
    step_back,
    taking_turns,
)

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "template_greenroom"

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # others are at work too
settings.load_profile("here")

_numbers = count(1)


@dataclass(frozen=True)
class Services:
    """The session's own Postgres and Valkey."""

    database_url: str
    redis_url: str
    folder: Path

    def database(self, name: str) -> str:
        """The URL of another database on the same server."""
        return self.database_url.replace(f"/{DATABASE}?", f"/{name}?")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--browser",
        action="append",
        choices=["chromium", "firefox"],
        help="browser engine for browser tests; may be repeated; both when left out",
    )
    parser.addoption("--costs", action="store_true", help="say how much processor time each file took, on Linux")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--costs"):
        config.pluginmanager.register(Costs())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_other_engines(config, items)
    longest_first(items)
    for item in items:
        say_where_it_hangs(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with taking_turns(item):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    step_back(item)


@pytest.fixture
def temporary_folder() -> Iterator[Path]:
    """A folder with a short path, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def services() -> AsyncIterator[Services]:
    """Postgres and Valkey for the whole session."""
    place = Path(tempfile.mkdtemp(prefix="greenroom-test-"))
    await prepare_postgres(place)
    folder = DataFolder(place)
    await folder.lock()
    embedded = Embedded(folder, durable=False)
    await embedded.start()
    maintenance = embedded.database_url.replace(f"/{DATABASE}?", "/postgres?")
    await _execute(maintenance, f"ALTER DATABASE {DATABASE} RENAME TO {TEMPLATE}")
    await _execute(maintenance, f"CREATE DATABASE {DATABASE}")
    try:
        yield Services(embedded.database_url, embedded.redis_url, place)
    finally:
        await embedded.stop()
        folder.unlock()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def template(services: Services) -> str:
    """The name of a database with the whole schema and no rows, to which nobody is ever connected."""
    return TEMPLATE


@pytest.fixture
async def database(services: Services, template: str) -> AsyncIterator[str]:
    """The URL of a database of one's own, with the whole schema."""
    async for url in _own_database(services, f"TEMPLATE {template}"):
        yield url


@pytest.fixture
async def bare_database(services: Services) -> AsyncIterator[str]:
    """The URL of a database of one's own, without any table."""
    async for url in _own_database(services, ""):
        yield url


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to `database`."""
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


@pytest.fixture
async def redis_url(services: Services) -> str:
    """The URL of the bus, emptied."""
    client = redis.asyncio.Redis.from_url(services.redis_url)
    await client.flushall()
    await client.aclose()
    return services.redis_url


@pytest.fixture
async def fresh(services: Services, database: str, redis_url: str) -> Services:
    """`services` with a database of one's own and an empty bus."""
    return replace(services, database_url=database, redis_url=redis_url)


async def _own_database(services: Services, source: str) -> AsyncIterator[str]:
    name = f"test_{next(_numbers)}"
    await _execute(services.database_url, f"CREATE DATABASE {name} {source}")
    yield services.database(name)
    await _execute(services.database_url, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
