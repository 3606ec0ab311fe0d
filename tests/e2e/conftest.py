"""The whole product for browser tests: an installation to use and one to break, each started when first needed."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright

from tests.e2e.browsers import launched
from tests.e2e.fragile import Fragile, fragile
from tests.e2e.installation import Furnished, Installation, furnish, started

ROOM = 8  # recordings at once in the one to break; few enough to be filled by a test


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, engine: str) -> AsyncIterator[Browser]:
    """One of each engine for all these tests, with a small camera where the camera can be chosen."""
    async with launched(playwright, engine, small=True) as running:
        yield running


@pytest.fixture(scope="session")
async def installation() -> AsyncIterator[Installation]:
    """One per session, as a person starts it."""
    async with started() as running:
        yield running


@pytest.fixture(scope="module")
async def workspace(installation: Installation) -> Furnished:
    """A workspace in it, with an open job of two questions, and Cleo Marchetti in Review.

    For each file one of its own: a board shows the first twenty of a stage, and every test adds candidates.
    """
    return await furnish(installation)


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[Fragile]:
    """Another one, for tests that break it and see it recover, reachable by every address of this machine."""
    settings = {"GREENROOM_RECORDINGS_PER_PROCESS": str(ROOM)}
    async with fragile("--host", "0.0.0.0", **settings) as running:  # noqa: S104 - an insecure address is one test
        yield running


@pytest.fixture(scope="session")
async def shop(house: Fragile) -> Furnished:
    """The same in that one."""
    return await furnish(house)
