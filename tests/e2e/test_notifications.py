"""The bell in real browsers: tabs and devices in step, toasts, mutes, and one browser notification for many tabs."""

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.browsers import NARROW, People, axe, in_chromium
from tests.e2e.installation import Candidate, Furnished, Installation, apply, furnish
from tests.e2e.steps import SEE, at, has_focus

BOLD = "Zoë <b>Ångström</b> **Bold**"
# Playwright shows every page as visible: `hide()` says otherwise. What the browser is asked to show is written down.
BACKGROUND = """
(() => {
  let hidden = false;
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  Object.defineProperty(document, "hidden", { get: () => hidden });
  window.hide = (value) => {
    hidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  window.Notification = class extends window.Notification {
    static permission = "granted";  // a browser without windows of its own grants nothing, and shows nothing
    static requestPermission = async () => "granted";
    constructor(title, options) {
      super(title, options);
      window.shown = this;
      void window.told(title, options.body);
    }
  };
})();
"""


async def applicant(installation: Installation, shop: Furnished, name: str) -> Candidate:
    who = Candidate(installation.origin)
    who.name = name
    who.application = await apply(who, shop.public, name)
    who.place = f"/c/a/{who.application}"
    return who


async def submit(who: Candidate) -> None:
    for answer in (await who("GET", f"{who.place}/api/place"))["answers"]:
        await who("PUT", f"{who.place}/api/questions/{answer['question']['id']}/text", {"text": "A ferry timetable."})
    await who("POST", f"{who.place}/api/submission", {})


async def write(who: Candidate, words: str = "Hello") -> None:
    await who("POST", f"{who.place}/api/messages", {"body": words})


async def quiet(shop: Furnished, expected: int) -> None:
    """Until the worker has written what happened so far; then everything is read."""
    async with asyncio.timeout(30):
        while len((await shop.ada("GET", f"{shop.base}/api/inbox"))["notifications"]) < expected:
            await asyncio.sleep(0.1)
    await shop.ada("POST", f"{shop.base}/api/inbox/reading", {})


def bell(page: Page) -> Locator:
    return page.locator("gr-bell > :is(a, button)")


def count(page: Page) -> Locator:
    return bell(page).locator(".count")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Notifications")


def toasts(page: Page) -> Locator:
    return page.locator("#toasts .toast")


@in_chromium
async def test_tabs_and_devices_are_in_step(people: People, installation: Installation) -> None:
    shop = await furnish(installation, "In step")
    await quiet(shop, 3)
    people_page = f"{shop.base}/people"
    first = await at(people, shop.ada, "Ada", people_page)
    second = await at(people, shop.ada, "Ada", f"{shop.base}/jobs")
    phone = await at(people, shop.ada, "Ada's phone", f"{shop.base}/inbox", size=NARROW)
    await expect(phone.locator("[data-line]")).to_have_count(3, timeout=SEE)
    zoe = await applicant(installation, shop, BOLD)
    await submit(zoe)
    for page in (first, second):
        await expect(toasts(page)).to_have_count(1, timeout=SEE)
    await write(zoe, "Secret words")
    for page in (first, second):
        await expect(count(page)).to_contain_text("3", timeout=SEE)
        await expect(page).to_have_title(re.compile(r"^\(3\) "))
        await expect(toasts(page)).to_have_count(2)  # whoever applies is not announced aloud
        await expect(toasts(page).first).to_contain_text(BOLD + " sent 2 answers")
    await expect(toasts(phone)).to_have_count(0)
    await expect(phone.locator("[data-line].new")).to_have_count(3, timeout=SEE)

    await bell(first).click()
    lines = panel(first).locator("[data-line]")
    await expect(lines).to_have_count(6, timeout=SEE)
    await expect(panel(first).get_by_role("heading", name="Today")).to_be_visible()
    await expect(lines.first).to_contain_text(BOLD + " wrote to you")
    await expect(lines.first.locator("b")).to_have_text(BOLD)
    assert "Secret words" not in await first.content()
    await first.bring_to_front()
    await has_focus(lines.first.locator("a"))
    await first.keyboard.press("ArrowDown")
    await has_focus(lines.nth(1).locator("a"))
    await first.keyboard.press("Tab")
    await has_focus(lines.nth(1).get_by_role("button"))
    await first.keyboard.press("Enter")  # ticks it off
    for page in (first, second):
        await expect(count(page)).to_contain_text("2", timeout=SEE)
    await expect(phone.locator("[data-line].new")).to_have_count(2, timeout=SEE)
    for _ in range(12):  # round and round: Tab does not leave the panel
        await first.keyboard.press("Tab")
        assert await first.evaluate("document.activeElement.closest('.inbox') !== null")
    await first.keyboard.press("Escape")
    await expect(panel(first)).to_be_hidden()
    await has_focus(bell(first))

    await phone.get_by_role("button", name="Mark all read").click()
    for page in (first, second):
        await expect(count(page)).to_have_count(0, timeout=SEE)
        await expect(page).to_have_title(re.compile(r"^[^(]"))
    await write(zoe)
    await expect(count(second)).to_contain_text("1", timeout=SEE)
    await bell(first).click()
    await expect(lines).to_have_count(7, timeout=SEE)
    await lines.first.locator("a").click()
    await first.wait_for_url(f"**/applications/{zoe.application}")
    await expect(count(second)).to_have_count(0, timeout=SEE)
    await expect(phone.locator("[data-line].new")).to_have_count(0, timeout=SEE)


@in_chromium
async def test_many_at_once_are_one_toast_and_none_is_shown_where_it_happens(
    people: People, installation: Installation
) -> None:
    shop = await furnish(installation, "Crowded")
    crowd = [await applicant(installation, shop, f"Robin {number}") for number in range(4)]
    await quiet(shop, 7)
    page = await at(people, shop.ada, "Ada", f"{shop.base}/people")
    there = await at(people, shop.ada, "Ada", f"{shop.base}/applications/{crowd[0].application}")
    await expect(there.get_by_role("heading", name="Robin 0")).to_be_visible(timeout=SEE)
    await write(crowd[0])
    await expect(toasts(page)).to_contain_text("Robin 0 wrote to you", timeout=SEE)
    await toasts(page).hover()
    await asyncio.gather(*(write(who) for who in crowd[1:3]))
    await expect(toasts(page)).to_contain_text("3 candidates wrote to you", timeout=SEE)
    await asyncio.gather(*(submit(who) for who in crowd))
    await expect(toasts(page).last).to_contain_text("4 candidates submitted answers", timeout=SEE)
    await expect(toasts(page)).to_have_count(2)
    await page.wait_for_timeout(8500)
    await expect(toasts(page)).to_have_count(2)  # they wait under the pointer
    await expect(toasts(there).filter(has_text="Robin 0")).to_have_count(0)
    await expect(count(page)).to_contain_text("5")  # what happened on the open page was read there
    await page.mouse.move(5, 5)
    await expect(toasts(page)).to_have_count(0, timeout=SEE)
    await asyncio.gather(*(write(who, "Once more") for who in crowd[1:3]))
    await toasts(page).get_by_role("button", name="Show").click(timeout=SEE)
    await expect(panel(page).locator("[data-line].new")).to_have_count(7, timeout=SEE)


@in_chromium
async def test_a_job_is_muted_from_its_board_and_heard_again_from_the_bell(
    people: People, installation: Installation
) -> None:
    shop = await furnish(installation, "Muted")
    robin = await applicant(installation, shop, "Robin")
    await quiet(shop, 4)
    board = await at(people, shop.ada, "Ada", f"{shop.base}/jobs/{shop.job['id']}")
    other = await at(people, shop.ada, "Ada", f"{shop.base}/people")
    await board.get_by_role("button", name="Notifications of this job").click()
    await board.get_by_role("menuitem", name="Until tomorrow").click()
    await expect(board.get_by_role("button", name=re.compile("Notifications of this job: muted to"))).to_be_visible(
        timeout=SEE
    )
    await expect(toasts(board)).to_contain_text("is muted to")
    await bell(other).click()
    foot = panel(other).locator("footer")
    await expect(foot).to_contain_text(re.compile("Senior Product Engineer.* muted to"), timeout=SEE)
    await write(robin, "Is anybody there?")
    await submit(robin)
    job = await shop.ada("POST", f"{shop.base}/api/jobs", {"title": "Another one"})
    await shop.ada("PUT", f"{shop.base}/api/jobs/{job['id']}/hearing", {"muted": False, "applications": True})
    await expect(panel(other).locator("[data-line]")).to_have_count(4)
    await foot.get_by_role("button", name=re.compile("^Change: Senior")).click()
    await other.get_by_role("menuitem", name="Unmute").click()
    await expect(panel(other)).to_be_visible()
    await expect(board.get_by_role("button", name="Notifications of this job", exact=True)).to_be_visible(timeout=SEE)
    await write(robin, "Now?")
    await expect(panel(other).locator("[data-line]")).to_have_count(5, timeout=SEE)
    await expect(count(board)).to_contain_text("1", timeout=SEE)


@in_chromium
async def test_one_of_three_hidden_tabs_shows_the_browsers_notification(
    people: People, installation: Installation
) -> None:
    shop = await furnish(installation, "Background")
    robin = await applicant(installation, shop, "Robin")
    await quiet(shop, 4)
    told: list[tuple[str, str]] = []
    first = await at(people, shop.ada, "Ada", f"{shop.base}/people")
    context = people.contexts["Ada"]
    await context.expose_binding("told", lambda _, title, body: told.append((title, body)))
    await context.add_init_script(BACKGROUND)
    tabs = [first, await people("Ada"), await people("Ada")]
    for page in tabs:
        await page.goto(f"{installation.origin}{shop.base}/people")
    await expect(bell(tabs[2])).to_be_visible(timeout=SEE)
    await write(robin, "Before anything was turned on")
    await expect(count(tabs[1])).to_contain_text("1", timeout=SEE)
    await bell(first).click()
    await panel(first).get_by_role("button", name="Turn on").click()
    await expect(panel(first).locator("footer")).to_contain_text("Browser notifications are on")
    await first.keyboard.press("Escape")

    for page in tabs[1:]:
        await page.evaluate("hide(true)")
    await write(robin, "One tab is looked at")
    await expect(toasts(first)).to_contain_text("wrote to you", timeout=SEE)
    await page.wait_for_timeout(1500)
    assert told == []
    await first.evaluate("hide(true)")
    await write(robin, "Secret words")
    await expect(count(first)).to_contain_text("3", timeout=SEE)
    await page.wait_for_timeout(2500)
    assert told == [("Robin wrote to you", shop.job["title"])]
    await asyncio.gather(write(robin), submit(robin))
    await expect(count(first)).to_contain_text("5", timeout=SEE)
    await page.wait_for_timeout(2500)
    assert 2 <= len(told) <= 3  # together when they came together, and none of them twice
    assert not any("Secret" in title + body for title, body in told)

    (showing,) = [page for page in tabs if await page.evaluate("window.shown !== undefined")][:1]
    await showing.evaluate("shown.onclick()")
    await showing.wait_for_url(f"**/applications/{robin.application}")
    for page in tabs:
        await page.evaluate("hide(false)")
    await expect(count(tabs[2])).to_have_count(0, timeout=SEE)


@in_chromium
async def test_a_browser_that_was_told_no_explains_itself(people: People, installation: Installation) -> None:
    shop = await furnish(installation, "Blocked")
    page = await at(people, shop.ada, "Ada", f"{shop.base}/inbox")
    await page.add_init_script('Object.defineProperty(Notification, "permission", { get: () => "denied" })')
    await page.reload()
    await expect(page.locator(".ask")).to_contain_text("This browser blocks notifications from Greenroom")
    await expect(page.get_by_role("button", name="Turn on")).to_have_count(0)


async def fits(page: Page) -> list[str]:
    """What axe finds in either theme."""
    found = []
    for theme in ("light", "dark"):
        await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        await page.wait_for_timeout(300)  # until colours have faded over
        found += [f"{page.url} ({theme}): {line}" for line in await axe(page)]
    return found


@in_chromium
async def test_the_panel_and_the_page_are_fit_for_everybody(people: People, installation: Installation) -> None:
    shop = await furnish(installation, "Fit")
    robin = await applicant(installation, shop, "Wolfeschlegelsteinhausenbergerdorff-" * 4)
    for number in range(40):
        await write(robin, f"Message {number}")
    async with asyncio.timeout(30):
        while (await shop.ada("GET", f"{shop.base}/api/inbox"))["unread"] < 44:
            await asyncio.sleep(0.2)
    page = await at(people, shop.ada, "Ada", f"{shop.base}/jobs")
    await bell(page).click()
    lines = panel(page).locator("[data-line]")
    await expect(lines).to_have_count(30, timeout=SEE)
    wrong = await fits(page)
    await lines.last.scroll_into_view_if_needed()
    await expect(lines).to_have_count(44, timeout=SEE)
    phone = await at(people, shop.ada, "Ada's phone", f"{shop.base}/inbox", size=(360, 640))
    await expect(phone.locator("[data-line]")).to_have_count(30, timeout=SEE)
    wrong += await fits(phone)
    assert await phone.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    await phone.goto(f"{installation.origin}{shop.base}/jobs")
    await bell(phone).click()  # small screens have a page instead of a panel
    await phone.wait_for_url("**/inbox")
    assert not wrong, "\n".join(wrong)
