"""Meetings for tests: planned over HTTP, found on pages, and whether they fit there."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page

from tests.e2e.browsers import axe
from tests.e2e.installation import Candidate, Furnished

# A zone in which it is morning now: what is soon is today at every hour at which this runs.
AHEAD = (9 - datetime.now(UTC).hour + 12) % 24 - 12
MORNING = ZoneInfo(f"Etc/GMT{-AHEAD:+d}")  # named the other way round
ARABIC = "مقابلة تقنية مع الفريق"


def soon(minutes: int = 5) -> datetime:
    return datetime.now(MORNING).replace(second=0, microsecond=0) + timedelta(minutes=minutes)


async def planned(workspace: Furnished, who: Candidate, starts_at: datetime, **other: Any) -> Any:
    """A meeting with Ada, over HTTP."""
    ada, base = workspace.ada, workspace.base
    body = {
        "title": "Interview",
        "starts_at": starts_at.isoformat(),
        "minutes": 30,
        "zone": MORNING.key,
        "place": "https://meet.example.org/room",
        "members": [(await ada("GET", f"{base}/api/me"))["id"]],
    }
    return await ada("POST", f"{base}/api/applications/{who.application}/meetings", body | other)


async def choose(page: Page, starts_at: datetime) -> None:
    """Day and time in the dialog, on the browser's clock, where it is morning."""
    await page.get_by_label("Day", exact=True).fill(f"{starts_at:%Y-%m-%d}")
    await page.get_by_label("Time", exact=True).fill(f"{starts_at:%H:%M}")


def chip(page: Page) -> Locator:
    """The meetings of whom the page is about, in its bar."""
    return page.locator("gr-meetings > button")


async def fits(page: Page) -> None:
    """Nothing for axe to say, in dark neither, and nothing beside the window."""
    assert await axe(page) == []
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert await axe(page, ["color-contrast"]) == []
    await page.evaluate("delete document.documentElement.dataset.theme")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
