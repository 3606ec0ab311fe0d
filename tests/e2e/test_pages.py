"""Every page, as it is: nothing for axe to complain of in either theme, nothing wider than a phone, no console errors.

With GREENROOM_SHOTS=folder every page is also written there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browsers import COME_TO_REST, People, axe, in_chromium
from tests.e2e.installation import Caller, Furnished, Installation, apply, furnish
from tests.e2e.steps import SEE

LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 8
NAMES = ("نور الدين رحماني", "渡辺 健二", LONG, "Zoë <b>Ångström</b> 🎈")
SIZES = {"wide": (1440, 900), "phone": (390, 844), "small": (360, 640)}
THEMES: dict[str, tuple[str, ...]] = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
DARK = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(part => part < 90)"
AT_REST = """async () => {
    await document.fonts.ready;
    await new Promise(done => {
        let timer = setTimeout(done, 120);
        new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 120); }).observe(
            document, { subtree: true, childList: true, attributes: true, characterData: true });
        setTimeout(done, 1000);  // a level meter never rests
    });
}"""
SHOTS = os.environ.get("GREENROOM_SHOTS")


@pytest.fixture(scope="session")
async def furnished(installation: Installation) -> Furnished:
    """A workspace in which people have difficult names."""
    made = await furnish(installation, "Kestrel & Söhne")
    for name in NAMES:
        await apply(Caller(installation.origin), made.public, name)
    made.waiting = f"/c/a/{await apply(made.cleo, made.public, 'Cleo Again')}"
    card = next(c for c in (await board(made))["cards"] if c["name"] == NAMES[0])
    await made.ada("POST", f"{made.base}/api/applications/{card['id']}/notes", {"body": "Reads well. " + LONG})
    await made.ada("POST", f"{made.base}/api/applications/{made.application}/messages", {"body": "Thank you, Cleo!"})
    view = await made.ada("GET", f"{made.base}/api/applications/{made.application}")
    made.person = view["card"]["candidate"]
    person = f"{made.base}/api/candidates/{made.person}"
    await made.ada("PUT", f"{person}/tags", {"tags": ["Rich text", LONG[:40], "نص غني"]})
    await made.ada("POST", f"{made.base}/api/fields", {"name": LONG[:60], "kind": "text"})
    await made.ada("POST", f"{made.base}/api/invitations", {"email": "ben@example.org", "role": "reviewer"})
    return made


async def board(made: Furnished) -> dict[str, list[dict[str, str]]]:
    """The board's data."""
    found: dict[str, list[dict[str, str]]] = await made.ada("GET", f"{made.base}/api/jobs/{made.job['id']}/board")
    return found


def pages_of(made: Furnished) -> dict[str, str]:
    """The address of every page that needs no one-time link."""
    return {
        "sign-in": "/sign-in",
        "forgot": "/forgot",
        "team-home": f"{made.base}/home",
        "candidates": f"{made.base}/candidates",
        "jobs": f"{made.base}/jobs",
        "board": f"{made.base}/jobs/{made.job['id']}",
        "list": f"{made.base}/jobs/{made.job['id']}/list",
        "job-edit": f"{made.base}/jobs/{made.job['id']}/edit",
        "application": f"{made.base}/applications/{made.application}",
        "profile": f"{made.base}/candidates/{made.person}?application={made.application}",
        "people": f"{made.base}/people",
        "templates": f"{made.base}/templates",
        "missing": f"{made.base}/nowhere",
        "public-job": made.public,
        "apply": f"{made.public}/apply",
        "check-mail": f"{made.public}/check-mail",
        "lost-link": "/c/lost-link",
        "lost-link-of-job": f"{made.public}/lost-link",
        "home": made.place,
        "consent": f"{made.place}/consent",
        "check": f"{made.place}/check",
        "record-done": f"{made.place}/record",
        "welcome": made.waiting,
        "record": f"{made.waiting}/record",
    }


@pytest.mark.browser
@pytest.mark.timeout(400)
async def test_every_page(people: People, installation: Installation, furnished: Furnished) -> None:
    """All of axe in light; what may differ in dark is colours, so there its rules of colour.

    What axe reads is the same in every engine. Firefox lays every page out on the smallest screen.
    """
    judged = people.engine == "chromium"
    options: dict[str, Any] = {"permissions": ["camera", "microphone"]} if judged else {}
    page = await people("Ada", **options)
    await people.contexts["Ada"].add_cookies([*furnished.ada.cookies(), *furnished.cleo.cookies()])
    invitation = await furnished.ada(
        "POST",
        f"{furnished.base}/api/invitations",
        {"email": f"{people.engine}@example.org", "role": "reviewer"},
    )
    addresses = pages_of(furnished) | {
        "setup": (await installation.setup_link()).removeprefix(installation.origin),
        "invitation": invitation["link"].removeprefix(installation.origin),
    }
    wrong: list[str] = []
    for name, address in addresses.items():
        await page.goto(installation.origin + address)
        if judged and name == "check":  # what cannot be pressed before the camera is open is pale
            await expect(page.get_by_role("button", name="Try it")).to_be_enabled(timeout=SEE)
        for size in SIZES if judged else ("small",):
            width, height = SIZES[size]
            await page.set_viewport_size({"width": width, "height": height})
            for theme, rules in THEMES.items() if SHOTS or size != "small" else [("light", ())]:
                await page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
                await settle(page)
                assert await page.evaluate(DARK) == (theme == "dark"), f"{name} is not {theme}"
                if SHOTS:
                    await page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{size}.png")
                if size != "small":
                    wrong += [f"{name} ({size}, {theme}): {line}" for line in await axe(page, rules)]
            if (wide := await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")) > 0:
                wrong.append(f"{name} ({size}): {wide} px wider than the screen")
            tall = await page.evaluate("document.scrollingElement.scrollHeight - innerHeight")
            if tall > 0 and address.startswith("/w/"):  # whose frame stays, and what is in it scrolls
                wrong.append(f"{name} ({size}): {tall} px taller than the screen")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("chosen", ["light", "dark"])
async def test_the_theme_is_the_systems_until_somebody_chooses(
    people: People, installation: Installation, chosen: str
) -> None:
    page = await people("Ada")
    await page.goto(f"{installation.origin}/sign-in")
    assert not await page.evaluate(DARK)
    await page.evaluate("theme => localStorage.setItem('greenroom-theme', theme)", chosen)
    await page.reload()
    assert await page.evaluate(DARK) == (chosen == "dark")


@in_chromium
async def test_a_system_in_dark_has_dark_pages(people: People, installation: Installation) -> None:
    page = await people("Ada", theme="dark")
    await page.goto(f"{installation.origin}/sign-in")
    assert await page.evaluate(DARK)


async def settle(page: Page) -> None:
    """Until fonts are there, nothing moves that will come to rest, and scripts have left the page alone for a while."""
    await page.wait_for_load_state("load")
    await page.evaluate(COME_TO_REST)
    await page.evaluate(AT_REST)
