"""The spine: from clone to first page, a card's way to the other browser, a full board, and the scripts' weight."""

import asyncio
import gzip
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.bench.greenroom import (
    ROOT,
    Member,
    Running,
    add_cards,
    first_page,
    open_job,
    recruiters,
    running,
    this_tree,
)
from tests.bench.load import cpu_of_all, put_load
from tests.bench.report import Report, percentile
from tests.e2e.browsers import CHROMIUM_FLAGS
from tests.e2e.engines import find

MOVES = 50
MOVE_SECONDS = 10.0
CARDS = 500
LOAD_SECONDS = 6.0
DIST = ROOT / "web" / "dist"
KILO = 1000
IMPORTS = re.compile(r"""(?:from|import)\s*\(?\s*["']\./([\w.-]+\.js)["']""")

# Leaves a promise behind of the moment (ms since 1970, on this machine's clock) when the card is shown in the stage.
WATCH = """([card, stage]) => {
  window.seen = new Promise((done) => {
    const look = () => {
      if (!document.querySelector(`[data-stage="${stage}"] [data-card="${card}"]`)) return;
      watching.disconnect();
      done(performance.timeOrigin + performance.now());
    };
    const watching = new MutationObserver(look);
    watching.observe(document.body, { childList: true, subtree: true, attributes: true });
  });
}"""

# Sends the move as the board does; resolves with the moment before it was sent and the card as it is then.
MOVE = """async ([url, stage, version, before]) => {
  const sent = performance.timeOrigin + performance.now();
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify({ stage, version, before: before ?? null }),
  });
  return { sent, status: reply.status, card: await reply.json() };
}"""


async def measure_start(report: Report, folder: Path) -> None:
    """A bare clone with empty caches, to the first page; then once more."""
    home = folder / "caches"
    path = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not p.startswith(str(ROOT)))
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "GREENROOM_", "DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | {
        "PATH": path,
        "XDG_CACHE_HOME": str(home),
        "UV_CACHE_DIR": str(home / "uv"),
        "PIP_CACHE_DIR": str(home / "pip"),
        "npm_config_cache": str(home / "npm"),
    }
    began = time.monotonic()
    clone = folder / "clone"
    cloning = await asyncio.create_subprocess_exec("git", "clone", "--quiet", "--no-local", str(ROOT), str(clone))
    assert await cloning.wait() == 0, "git clone did not work"
    words = [str(clone / "dev"), "run"]
    async with running(words, folder / "data", clone, environment) as started:
        report.goal("clone to first page", await first_page(started.link) - began, "s", 45, "empty caches, HEAD")
        report.row("clone to first page, CPU", cpu_of_all(started.process.pid), "s", "of all processes")
    began = time.monotonic()
    async with running(words, folder / "data", clone, environment) as started:
        report.goal("second start", await first_page(started.link) - began, "s", 3)
        report.row("second start, CPU", cpu_of_all(started.process.pid), "s", "of all processes")


async def measure_moves(report: Report, browser: Browser, place: Running, people: tuple[Member, Member]) -> None:
    """Cards that one browser moves, seen in another's board."""
    ada, _ = people
    job = await open_job(ada, "Moving")
    await add_cards(place.database_url, job, 40)
    board = f"{place.origin}/w/{ada.slug}/jobs/{job['id']}"
    pages = [await _page(browser, member, board) for member in people]
    cards = (await ada.api("GET", f"/jobs/{job['id']}/board"))["cards"]
    stages = [stage["id"] for stage in job["stages"] if stage["kind"] != "declined"]
    times: list[float] = []
    for number in range(MOVES + 5):
        card = cards[number % len(cards)]
        stage = stages[(number + 1 + number // len(stages)) % len(stages)]
        if stage == card["stage"]:
            stage = stages[stages.index(stage) - 1]
        took, moved = await _move(pages[0], pages[1], f"/w/{ada.slug}/api/applications/{card['id']}/moves", card, stage)
        cards[number % len(cards)] = moved
        if number >= 5:  # the first ones compile scripts and prepare statements
            times.append(took)
    for page in pages:
        await page.context.close()
    report.row("card move to other browser, p50", percentile(times, 0.5), "ms", f"{len(times)} moves, two Chromiums")
    report.goal("card move to other browser, p99", percentile(times, 0.99), "ms", 1000, f"worst {max(times):.0f} ms")


async def _move(mine: Page, other: Page, url: str, card: Any, stage: str) -> tuple[float, Any]:
    """One move: milliseconds from the request to the change in the other page, and the moved card."""
    async with asyncio.timeout(MOVE_SECONDS):
        await other.evaluate(WATCH, [card["id"], stage])
        done = await mine.evaluate(MOVE, [url, stage, card["version"]])
        assert done["status"] == 200, done
        seen = await other.evaluate("() => window.seen")
        return seen - done["sent"], done["card"]


async def _page(browser: Browser, member: Member, url: str) -> Page:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies(member.cookies())  # type: ignore[arg-type]  # a TypedDict there
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_selector("[data-card]")
    await page.wait_for_timeout(1000)  # until the socket follows the board
    return page


async def measure_board(report: Report, place: Running, ada: Member) -> None:
    """The page of a board with many cards, as it is served to browsers."""
    job = await open_job(ada, "Crowded")
    await add_cards(place.database_url, job, CARDS)
    url = f"{place.origin}/w/{ada.slug}/jobs/{job['id']}"
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in ada.cookies())
    for concurrent in (1, 16):
        load = await put_load(place.process.pid, url, cookie, concurrent, LOAD_SECONDS)
        name = f"board, {CARDS} cards, {concurrent} at once"
        report.row(f"{name}: requests", load.per_second, "1/s", f"{load.requests} requests of {load.size} bytes gzip")
        report.row(f"{name}: p50", load.p50, "ms")
        report.row(f"{name}: p99", load.p99, "ms")
        report.row(f"{name}: CPU web", load.web_ms, "ms", "per request")
        report.row(f"{name}: CPU Postgres", load.postgres_ms, "ms", "per request")


async def measure_scripts(report: Report, browser: Browser, place: Running, ada: Member) -> None:
    """What the recorder page and the board load, gzip over the built files."""
    job = await open_job(ada, "Light")
    await add_cards(place.database_url, job, 3)
    token = job["public_url"].rsplit("/", 1)[1]
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.goto(f"{place.origin}/c/jobs/{token}")
    person = {"name": "Cleo Marchetti", "email": "cleo@mail.example", "consent": True}
    entered = await page.evaluate(
        "async ([url, person]) => (await fetch(url, {method: 'POST', headers: {'content-type': 'application/json', "
        "'idempotency-key': crypto.randomUUID()}, body: JSON.stringify(person)})).json()",
        [f"/c/jobs/{token}/applications", person],
    )
    recorder = "/".join(entered["next"].split("/")[:4]) + "/record"
    await _weigh(report, context, f"{place.origin}{recorder}", "recorder page", "main")
    await context.close()
    team = await browser.new_context()
    await team.add_cookies(ada.cookies())  # type: ignore[arg-type]  # a TypedDict there
    await _weigh(report, team, f"{place.origin}/w/{ada.slug}/jobs/{job['id']}", "board page", "[data-card]")
    await team.close()


async def _weigh(report: Report, context: BrowserContext, url: str, name: str, ready: str) -> None:
    page = await context.new_page()
    loaded: dict[str, set[str]] = {"script": set(), "stylesheet": set()}
    page.on("request", lambda r: loaded.get(r.resource_type, set()).add(r.url.rsplit("/", 1)[1]))
    reply = await page.goto(url)
    assert reply is not None and reply.ok, f"{name}: {reply and reply.status}"
    assert page.url == url, f"{name}: led to {page.url}"
    await page.wait_for_selector(ready)
    await page.wait_for_timeout(2000)
    scripts = {file for file in loaded["script"] if (DIST / file).exists()}
    assert scripts, f"{name}: no script was loaded"
    report.goal(f"{name}, script", weight(scripts), "kB", 60, f"{len(scripts)} files, gzip")
    report.row(f"{name}, script with all it may load later", weight(closure(scripts)), "kB", "gzip")
    report.row(f"{name}, styles", weight(loaded["stylesheet"]), "kB", "gzip")
    report.row(f"{name}, HTML", len(gzip.compress(await reply.body(), 6)) / KILO, "kB", "gzip")
    await page.close()


def weight(files: set[str]) -> float:
    """Kilobytes (1000 bytes) of built files, each compressed by itself as it is served."""
    return sum(len(gzip.compress((DIST / file).read_bytes(), 6)) for file in files) / KILO


def closure(files: set[str]) -> set[str]:
    """These scripts with everything they import, at once or later."""
    found: set[str] = set()
    waiting = set(files)
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= {name for name in IMPORTS.findall((DIST / file).read_text()) if (DIST / name).exists()} - found
    return found


async def main() -> int:
    """Measure everything; the exit status."""
    report = Report("spine")
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        await measure_start(report, folder)
        async with this_tree(folder / "board") as place, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM_FLAGS)
            people = await recruiters(place)
            await measure_moves(report, browser, place, people)
            await measure_scripts(report, browser, place, people[0])
            await browser.close()
            await measure_board(report, place, people[0])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
