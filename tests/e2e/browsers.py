"""Real browsers for tests, each with a fake camera and microphone.

A test that asks for `browser` or `people` runs once per engine, Chromium and Firefox, or those named by `--browser`.
One browser serves the session; `await people("Ada")` opens a context of one's own, so that nobody shares cookies.
A script error or a breach of the content security policy on any page fails the test that caused it; of a test that
fails, what its pages showed last is printed.
"""

import asyncio
import contextlib
import shlex
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, async_playwright

from tests.e2e import engines, small_camera

HERE = Path(__file__).resolve().parent
AXE = HERE.parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# What Playwright turns off, which the last such flag has to repeat, and the pages behind the address bar: every window
# loads two of them for somebody who types there, which takes longer (0.9 s of a processor) than a page of ours.
UNUSED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
)  # fmt: skip
# The camera gives twelve pictures a second, as one does in a dim room: what these tests are about is not their number.
CHROMIUM_FLAGS = [
    "--use-fake-device-for-media-stream=fps=12",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    f"--disable-features={','.join(UNUSED)}",
]
FIREFOX_PREFERENCES: dict[str, str | float | bool] = {
    "media.navigator.streams.fake": True,
    "media.navigator.video.default_fps": 12,
    "layout.frame_rate": 20,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    # axe reads what `aria-controls` and others name as elements, which no page of ours does; 153 ESR can crash of it.
    "accessibility.ARIAElementReflection.enabled": False,
}
Test = TypeVar("Test", bound=Callable[..., Any])
WIDE = (1440, 900)
FAILED = pytest.StashKey[bool]()
REMEMBERED = 20  # requests that failed
SHOWN = 3000  # characters of a page
NARROW = (390, 844)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        here = getattr(metafunc.function, "engines", engines.ENGINES)
        wanted = [name for name in _wanted(metafunc.config) if name in here]
        metafunc.parametrize("engine", wanted or here, scope="session")


def in_chromium(test: Test) -> Test:
    """For what is about the server, or needs Chromium's own tools: once is enough."""
    test.engines = ("chromium",)  # type: ignore[attr-defined]  # read above
    return test


def in_firefox(test: Test) -> Test:
    """For what Firefox does in its own way, and another test has seen Chromium do."""
    test.engines = ("firefox",)  # type: ignore[attr-defined]  # read above
    return test


def _wanted(config: pytest.Config) -> list[str]:
    return list(dict.fromkeys(config.getoption("--browser") or engines.ENGINES))


def _engines_of(item: pytest.Function) -> set[str]:
    if "engine" in item.fixturenames:
        return {str(item.callspec.params["engine"])}
    return set(getattr(item.function, "engines", ()))  # it starts its own


def leave_out_other_engines(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the browser tests, and deselect those for which no engine of theirs was asked for."""
    others = []
    for item in items:
        if isinstance(item, pytest.Function) and (here := _engines_of(item)):
            item.add_marker(pytest.mark.browser)
            if here.isdisjoint(_wanted(config)):
                others.append(item)
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    wanted = _wanted(config)
    for engine in set(engines.ENGINES) - set(wanted):
        terminalreporter.write_line(
            f"Left out: what is tested in {engine.title()} alone, for {' and '.join(wanted)} was asked for."
        )


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest.fixture(scope="session")
async def browser(playwright: Playwright, engine: str) -> AsyncIterator[Browser]:
    """One browser of each engine for the session. Fails, and never skips, when it cannot be had."""
    async with launched(playwright, engine) as running:
        yield running


@contextlib.asynccontextmanager
async def launched(playwright: Playwright, engine: str, *, small: bool = False) -> AsyncIterator[Browser]:
    """A browser; `small`: Chromium's camera costs less than one of the size that pages ask for."""
    with tempfile.TemporaryDirectory(prefix="greenroom-browser-") as folder:
        flags = []
        if small:
            film = await asyncio.to_thread(small_camera.film, Path(folder) / "camera.y4m")
            flags.append(f"--use-file-for-fake-video-capture={film}")
        running = await _launch(playwright, engine, Path(folder), flags)
        yield running
        await running.close()


async def _launch(playwright: Playwright, engine: str, folder: Path, flags: Sequence[str]) -> Browser:
    program = engines.installed(engine)
    if engine == "chromium":
        return await playwright.chromium.launch(executable_path=program, args=[*CHROMIUM_FLAGS, *flags])
    if program is None:
        return await playwright.firefox.launch(firefox_user_prefs=FIREFOX_PREFERENCES)
    relay = folder / "firefox"
    words = [sys.executable, str(HERE / "firefox_bidi.py"), str(program)]
    relay.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    relay.chmod(0o755)
    return await playwright.firefox.launch(
        channel="moz-firefox", executable_path=relay, firefox_user_prefs=FIREFOX_PREFERENCES
    )


class People:
    """Opens a page for each person of a test and remembers what went wrong on it."""

    def __init__(self, browser: Browser, engine: str) -> None:
        self.browser = browser
        self.engine = engine
        self.contexts: dict[str, BrowserContext] = {}
        self.problems: list[str] = []
        self.troubles: deque[str] = deque(maxlen=REMEMBERED)

    async def __call__(self, name: str, *, size: tuple[int, int] = WIDE, theme: str = "light", **options: Any) -> Page:
        """A page in a new context (or another page in the context this person already has)."""
        if name not in self.contexts:
            if self.engine == "chromium":
                options.setdefault("color_scheme", theme)
            viewport = {"width": size[0], "height": size[1]}
            self.contexts[name] = await self.browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        page = await self.contexts[name].new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{name} at {page.url}: {_describe(error)}"))
        page.on("console", lambda message: self._console(name, page, message))
        page.on("crash", lambda _: self.problems.append(f"{name} at {page.url}: the page crashed"))
        page.on("requestfailed", lambda asked: self._note(name, f"{asked.failure}: {asked.method} {asked.url}"))
        page.on(
            "response", lambda reply: self._note(name, f"{reply.status}: {reply.url}" if reply.status >= 400 else "")
        )
        return page

    def _note(self, name: str, trouble: str) -> None:
        if trouble:
            self.troubles.append(f"{datetime.now(UTC):%H:%M:%S.%f} {name}: {trouble}")

    async def show(self) -> None:
        """Print what every page shows now, and what went wrong before."""
        for name, context in self.contexts.items():
            for page in context.pages:
                with contextlib.suppress(Error, TimeoutError):
                    shown = await asyncio.wait_for(page.locator("body").aria_snapshot(timeout=2000), 4)
                    print(f"{name} at {page.url}:\n{shown[:SHOWN]}")
        print(*self.troubles, sep="\n")

    def _console(self, name: str, page: Page, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Content Security Policy" in message.text:
            self.problems.append(f"{name} at {page.url}: {message.text}")

    async def leave(self, name: str) -> None:
        """Close everything of one person."""
        await self.contexts.pop(name).close()

    async def close(self) -> None:
        """Close everything of everybody."""
        for name in list(self.contexts):
            await self.leave(name)


def _describe(error: Error) -> str:
    return f"{error.name}: {error.message}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
async def people(browser: Browser, engine: str, request: pytest.FixtureRequest) -> AsyncIterator[People]:
    """`page = await people("Ada")`; every script error on these pages fails the test at its end."""
    opened = People(browser, engine)
    yield opened
    if request.node.stash.get(FAILED, False):
        await opened.show()
    await opened.close()
    assert not opened.problems, "\n".join(opened.problems)


# What fades in is not as it will be.
COME_TO_REST = """() => Promise.allSettled(
    document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < 2000).map((a) => a.finished))"""


async def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong with the page as it is now, by all its rules or those named; one line per violation."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    await page.evaluate(COME_TO_REST)
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    report = await page.evaluate("async (options) => await axe.run(document, options)", options)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}; "
        + ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
        for violation in report["violations"]
    ]
