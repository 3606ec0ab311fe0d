"""For files in which the size of the picture matters: their browser, with a camera as large as the page asks for."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright

from tests.e2e.browsers import launched


@pytest.fixture(scope="module")
async def browser(playwright: Playwright, engine: str) -> AsyncIterator[Browser]:
    """Import it: then it takes the place of the one with a small camera."""
    async with launched(playwright, engine) as running:
        yield running
