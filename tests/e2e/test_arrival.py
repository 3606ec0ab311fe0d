"""A network that changes while a page loads takes a part of it away: what people see then."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.browsers import People, in_chromium
from tests.e2e.installation import Furnished, Installation
from tests.e2e.steps import SEE, at

ALIVE = "() => !!customElements.get('gr-face')"  # the script of the page has run


class Fault:
    """Lets the next `times` requests for what the pattern says fail."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.seen: list[str] = []
        self.held = asyncio.Event()
        self.held.set()

    async def on(self, page: Page, pattern: str) -> "Fault":
        await page.route(pattern, self._answer)
        return self

    async def _answer(self, route: Route) -> None:
        if self.times == 0:
            await route.continue_()
            return
        self.times -= 1
        self.seen.append(route.request.url)
        await self.held.wait()
        await route.abort("connectionaborted")


@pytest.mark.parametrize("part", ["**/chunk-*.js", "**/team-*.css"])
async def test_a_page_of_which_a_part_is_missing_comes_by_itself(
    people: People, workspace: Furnished, part: str
) -> None:
    ada = await at(people, workspace.ada, "Ada", "/sign-in")
    fault = await Fault(1).on(ada, part)
    await ada.goto(str(workspace.ada.client.base_url.join(f"{workspace.base}/jobs/{workspace.job['id']}/edit")))
    await expect(ada.get_by_role("button", name="Record job video")).to_be_visible(timeout=SEE)
    await expect(ada.locator(".sidenav")).to_have_css("flex-direction", "column", timeout=SEE)  # in its styles
    assert len(fault.seen) == 1
    await expect(ada.get_by_text("did not load completely")).to_have_count(0)


async def test_what_was_typed_into_a_page_without_its_script_stays(people: People, installation: Installation) -> None:
    page = await people("Ada")
    fault = await Fault(1).on(page, "**/forms-*.js")
    fault.held.clear()
    await page.goto(f"{installation.origin}/sign-in", wait_until="commit")
    await page.get_by_label("E-mail").click()
    await page.keyboard.type("ada@example.org")
    fault.held.set()
    await expect(page.get_by_text("This page did not load completely.")).to_be_visible(timeout=SEE)
    await expect(page.get_by_label("E-mail")).to_have_value("ada@example.org")
    assert len(fault.seen) == 1
    await page.get_by_role("button", name="Load it again").click()
    await expect(page.get_by_text("This page did not load completely.")).to_have_count(0)
    await page.wait_for_function(ALIVE, timeout=SEE)


@in_chromium
async def test_a_page_that_never_arrives_whole_does_not_try_for_ever(
    people: People, installation: Installation
) -> None:
    page = await people("Ada")
    fault = await Fault(-1).on(page, "**/forms-*.js")
    await page.goto(f"{installation.origin}/sign-in")
    await expect(page.get_by_text("This page did not load completely.")).to_be_visible(timeout=SEE)
    assert len(fault.seen) == 4
    fault.times = 0
    await page.get_by_role("button", name="Load it again").click()
    await page.wait_for_function(ALIVE, timeout=SEE)
    await page.wait_for_load_state("load")
    await expect(page.get_by_text("This page did not load completely.")).to_have_count(0)
    fault.times = 1  # a whole one in between: it begins anew
    await page.reload()
    await page.wait_for_function(ALIVE, timeout=SEE)
    await expect(page.get_by_text("This page did not load completely.")).to_have_count(0)
