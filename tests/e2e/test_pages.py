"""Every page, as it is: nothing for axe to complain of in either theme, nothing wider than a phone, no console errors.

With GREENROOM_SHOTS=folder every page is also written there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.e2e.browsers import People, axe
from tests.e2e.installation import Caller, Furnished, Installation, apply, furnish

LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 8
NAMES = ("نور الدين رحماني", "渡辺 健二", LONG, "Zoë <b>Ångström</b> 🎈")
SIZES = {"wide": (1440, 900), "phone": (390, 844), "small": (360, 640)}
DARK = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(part => part < 90)"
AT_REST = """async () => {
    await document.fonts.ready;
    const passing = document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 2000);
    await Promise.allSettled(passing.map(animation => animation.finished));
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
        "jobs": f"{made.base}/jobs",
        "board": f"{made.base}/jobs/{made.job['id']}",
        "job-edit": f"{made.base}/jobs/{made.job['id']}/edit",
        "application": f"{made.base}/applications/{made.application}",
        "people": f"{made.base}/people",
        "missing": f"{made.base}/nowhere",
        "public-job": made.public,
        "apply": f"{made.public}/apply",
        "check-mail": f"{made.public}/check-mail",
        "lost-link": "/c/lost-link",
        "lost-link-of-job": f"{made.public}/lost-link",
        "home": made.place,
        "check": f"{made.place}/check",
        "record-done": f"{made.place}/record",
        "welcome": made.waiting,
        "record": f"{made.waiting}/record",
    }


@pytest.mark.browser
@pytest.mark.timeout(400)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_page(people: People, installation: Installation, furnished: Furnished, theme: str) -> None:
    options: dict[str, Any] = {"permissions": ["camera", "microphone"]} if people.engine == "chromium" else {}
    page = await people("Ada", theme=theme, **options)
    context = people.contexts["Ada"]
    if people.engine == "firefox":  # cannot be told what it prefers: the page's own switch can
        await context.add_init_script(
            f"if (location.protocol === 'http:') localStorage.setItem('greenroom-theme', '{theme}')"
        )
    await context.add_cookies([*furnished.ada.cookies(), *furnished.cleo.cookies()])
    setup = (await installation.setup_link()).removeprefix(installation.origin)
    invitation = await furnished.ada(
        "POST", f"{furnished.base}/api/invitations", {"email": f"{theme}@example.org", "role": "reviewer"}
    )
    addresses = pages_of(furnished) | {
        "setup": setup,
        "invitation": invitation["link"].removeprefix(installation.origin),
    }
    wrong: list[str] = []
    for name, address in addresses.items():
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.goto(installation.origin + address)
        await settle(page)
        assert await page.evaluate(DARK) == (theme == "dark"), f"{name} is not {theme}"
        wrong += [f"{name} ({theme}): {line}" for line in await axe(page)]
        for size, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await settle(page)
            if SHOTS:
                await page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{size}.png")
            wide = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if wide > 0:
                wrong.append(f"{name} ({size}): {wide} px wider than the screen")
        wrong += [f"{name} (phone, {theme}): {line}" for line in await axe(page)]
    assert not wrong, "\n".join(wrong)


async def settle(page: Page) -> None:
    """Until fonts are there, nothing moves that will come to rest, and scripts have left the page alone for a while."""
    await page.wait_for_load_state("load")
    await page.evaluate(AT_REST)
