"""One job's board at 500 and at 5,000 candidates, in a real browser: it must not grow with them.

(The live core under a thousand tabs of boards is `boards.py`.) Peers' figures are not measured here: they are what was
measured earlier on such a machine, with the same kind of cards, and are named so.
"""

import asyncio
import shutil
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.bench.greenroom import Member, Running, add_cards, open_job, recruiters, this_tree
from tests.bench.load import put_load
from tests.bench.report import Report, percentile
from tests.bench.spine import MOVE, WATCH
from tests.e2e.browsers import CHROMIUM_FLAGS
from tests.e2e.engines import find

SIZES = (500, 5000)
LOADS = 5
MOVES = 50
WARM = 5  # moves before those that count: scripts are compiled and statements prepared
LOAD_SECONDS = 6.0
SETTLED_MS = 2500
KEYS = "marchetti"
TEXT_KEYS = ("re", "rea", "react", "react ber", "react berlin", "react berlin 7")
NOTE, CV = 40, 300  # words
KILO = 1000
MEGA = 1e6

# The moment (ms since the navigation began) when the first cards have been painted.
FIRST_BOARD = """() => {
  window.firstBoard = new Promise((done) => {
    const look = () => {
      if (!document.querySelector("gr-board [data-card]")) return;
      watching.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    };
    const watching = new MutationObserver(look);
    watching.observe(document, { childList: true, subtree: true });
  });
}"""
# A key in the search field, until its answer is drawn: the field says for which words the board stands.
KEYSTROKE = """async (words) => {
  const field = document.querySelector("gr-board input[type=search]");
  const board = document.querySelector("gr-board");
  const began = performance.now();
  field.value = words;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  while (board.dataset.found !== words) await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - began;
}"""
# A note and a CV for everybody, of words that many have and numbers that few have.
TEXTS = """
WITH said AS (
    SELECT a.id, a.workspace_id, a.candidate_id, (SELECT min(id::text)::uuid FROM member m
        WHERE m.workspace_id = a.workspace_id) AS member, row_number() OVER (ORDER BY a.rank) AS n
    FROM application a WHERE a.job_id = $1),
texts AS (
    SELECT said.*, (SELECT string_agg((ARRAY['react', 'rust', 'design', 'berlin', 'lisbon', 'led', 'the', 'of', 'team',
        'build'])[1 + (n * 7 + w * w) % 10] || CASE WHEN w % 5 = 0 THEN ' ' || (n * w) % 4999 ELSE '' END, ' ')
        FROM generate_series(1, $3) w) AS cv FROM said),
notes AS (
    INSERT INTO note (id, workspace_id, application_id, member_id, body)
    SELECT gen_random_uuid(), workspace_id, id, member, left(cv, $2 * 6) FROM texts)
INSERT INTO candidate_file (id, workspace_id, candidate_id, member_id, name, kind, state, text)
SELECT gen_random_uuid(), workspace_id, candidate_id, member, 'cv.pdf', 'pdf', 'read', cv FROM texts
"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# What the machine's peers needed, as measured on 22 November 2026 (Planka 2.1.1, Horilla 1.5.0, Kanboard 1.2.53).
PEERS: dict[int, dict[str, str]] = {
    500: {
        "first board": "Planka 2.8 s, Horilla 10.4 s, Kanboard 0.53 s",
        "load, main thread": "Planka 1.83 s, Horilla 2.29 s, Kanboard 0.89 s",
        "heap": "Planka 53 MB, Horilla 15 MB, Kanboard 4 MB",
        "data": "Planka 40 kB, Kanboard 122 kB, if they were compressed",
        "server": "Planka 460 ms, Horilla 8000 ms, Kanboard 140 ms",
        "move seen": "Planka 165 ms; Horilla and Kanboard push nothing",
        "move, receiver": "Planka 126 ms",
    },
    5000: {
        "first board": "Planka 22.4 s, Horilla 9.6 s, Kanboard 2.6 s",
        "load, main thread": "Planka 13.5 s, Horilla 2.66 s",
        "heap": "Planka 336 MB, Horilla 15 MB (80 cards shown)",
        "data": "Planka 344 kB, Kanboard 1100 kB, if they were compressed",
        "server": "Planka 1810 ms, Horilla 9200 ms",
        "move seen": "Planka 1260 ms; Horilla and Kanboard push nothing",
        "move, receiver": "Planka 1130 ms",
    },
}


@dataclass(frozen=True)
class Loaded:
    """One cold load: seconds, megabytes, kilobytes."""

    first: float
    cpu: float
    heap: float
    data: float
    cards: int


async def crowded_job(place: Running, ada: Member, size: int) -> Any:
    """A job of eight stages with so many candidates, who have answered, written and waited as people do."""
    job = await open_job(ada, f"Crowd of {size}")
    connection = await asyncpg.connect(place.database_url)
    try:
        await connection.execute(
            "INSERT INTO stage (id, workspace_id, job_id, position, name, kind, colour) "
            "SELECT $2, workspace_id, id, 8, 'Later', 'interview', 3 FROM job WHERE id = $1",
            uuid.UUID(job["id"]),
            uuid.uuid4(),
        )
        job = await ada.api("GET", f"/jobs/{job['id']}")
        await add_cards(place.database_url, job, size)
        await connection.execute(
            "UPDATE application SET progress = (ARRAY['applied', 'answering', 'submitted'])[1 + n % 3], "
            "answers = n % 4, notes = n % 5, messages = n % 7, waiting = n % 6 = 0, "
            "submitted_at = CASE WHEN n % 3 = 2 THEN now() END, opened_at = CASE WHEN n % 6 = 2 THEN now() END "
            "FROM (SELECT id, row_number() OVER (ORDER BY rank) AS n FROM application WHERE job_id = $1) AS one "
            "WHERE one.id = application.id",
            uuid.UUID(job["id"]),
        )
        await connection.execute(
            "UPDATE candidate c SET name = 'Cleo Marchetti', plain = 'cleo marchetti' FROM application a "
            "WHERE a.candidate_id = c.id AND a.job_id = $1 AND right(a.id::text, 2) = '07'",
            uuid.UUID(job["id"]),
        )
        await connection.execute(TEXTS, uuid.UUID(job["id"]), NOTE, CV)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return job


async def metrics(session: CDPSession) -> dict[str, float]:
    """The renderer's own counters: seconds and bytes."""
    found = await session.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in found["metrics"]}


async def open_page(browser: Browser, member: Member) -> tuple[Page, CDPSession]:
    """An empty tab with an empty cache, and its counters on thread time."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies(member.cookies())  # type: ignore[arg-type]  # a TypedDict there
    await context.add_init_script(f"({FIRST_BOARD})()")
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return page, session


async def load_once(browser: Browser, member: Member, url: str) -> Loaded:
    """One cold load, until nothing happens any more."""
    page, session = await open_page(browser, member)
    await session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    reply = await page.goto(url)
    assert reply is not None and reply.ok, reply
    first = await page.evaluate("() => window.firstBoard")
    await page.wait_for_timeout(SETTLED_MS)
    cpu = (await metrics(session))["TaskDuration"]
    await session.send("HeapProfiler.collectGarbage")
    heap = (await metrics(session))["JSHeapUsedSize"]
    data = sum(size for request, size in sizes.items() if kinds.get(request) in {"Document", "XHR", "Fetch"})
    cards = await page.locator("[data-card]").count()
    await page.context.close()
    return Loaded(first / KILO, cpu, heap / MEGA, data / KILO, cards)


async def measure_loads(report: Report, browser: Browser, member: Member, url: str, size: int) -> None:
    """Cold loads in the browser."""
    loads = [await load_once(browser, member, url) for _ in range(LOADS)]
    peers = PEERS[size]

    def goal(name: str, values: list[float], unit: str, limit: float, peer: str) -> None:
        note = f"p50 of {LOADS}, worst {max(values):.3g}; earlier: {peers[peer]}"
        report.goal(f"{size} cards, {name}", percentile(values, 0.5), unit, limit, note)

    goal("first board", [load.first for load in loads], "s", 1.0, "first board")
    goal("load, main-thread CPU", [load.cpu for load in loads], "s", 1.0, "load, main thread")
    goal("heap after GC", [load.heap for load in loads], "MB", 40, "heap")
    goal("data, gzip", [load.data for load in loads], "kB", 60, "data")
    report.row(f"{size} cards, cards in the document", loads[-1].cards, "")


async def measure_server(report: Report, place: Running, member: Member, url: str, size: int) -> None:
    """What serving the page costs."""
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in member.cookies())
    for concurrent in (1, 16):
        load = await put_load(place.process.pid, url, cookie, concurrent, LOAD_SECONDS)
        name = f"{size} cards, page, {concurrent} at once"
        report.row(f"{name}: CPU web", load.web_ms, "ms", f"{load.requests} requests, {load.per_second:.0f}/s")
        report.row(f"{name}: CPU Postgres", load.postgres_ms, "ms")
        report.row(f"{name}: p99", load.p99, "ms", f"p50 {load.p50:.1f} ms")
        if concurrent == 1:
            both = load.web_ms + load.postgres_ms
            report.goal(f"{size} cards, server CPU", both, "ms", 6, f"earlier: {PEERS[size]['server']}")


async def measure_moves(
    report: Report, browser: Browser, people: tuple[Member, Member], job: Any, url: str, size: int
) -> None:
    """Moves that one browser makes, seen in the other."""
    board = await people[0].api("GET", f"/jobs/{job['id']}/board")
    tops: dict[str, list[Any]] = {column["stage"]: [] for column in board["columns"]}
    for card in board["cards"]:
        tops[card["stage"]].append(card)
    stages = list(tops)[:5]  # those that a screen shows without scrolling sideways
    (mine, _), (other, session) = [await open_page(browser, member) for member in people]
    for page in (mine, other):
        await page.goto(url)
        await page.evaluate("() => window.firstBoard")
        await page.wait_for_timeout(1000)  # until the socket follows the board
    seen, cpu, inner = [], [], []
    for number in range(MOVES + WARM):
        source, target = stages[number % 5], stages[(number + 1) % 5]
        card = tops[source].pop(0)
        before = await metrics(session)
        took, moved = await _move(mine, other, people[0], card, target, tops[target][0]["id"])
        await other.evaluate(PAINTED)
        after = await metrics(session)
        tops[target].insert(0, moved)
        if number >= WARM:
            spent = {name: (after[name] - before[name]) * KILO for name in after}
            seen.append(took)
            cpu.append(spent["TaskDuration"])
            inner.append(spent["ScriptDuration"] + spent["LayoutDuration"] + spent["RecalcStyleDuration"])
    for page in (mine, other):
        await page.context.close()
    peers, name = PEERS[size], f"{size} cards, move"
    report.row(f"{name} seen, p50", percentile(seen, 0.5), "ms", f"{MOVES} moves; earlier: {peers['move seen']}")
    report.goal(f"{name} seen, p99", percentile(seen, 0.99), "ms", 150)
    report.row(f"{name}, receiver's main thread, p50", percentile(cpu, 0.5), "ms", "all of it, the watching too")
    report.row(
        f"{name}, receiver's main thread, p99", percentile(cpu, 0.99), "ms", f"earlier: {peers['move, receiver']}"
    )
    report.goal(f"{name}, receiver's script, style and layout", percentile(inner, 0.5), "ms", 5, "p50")


async def _move(mine: Page, other: Page, ada: Member, card: Any, stage: str, before: str) -> tuple[float, Any]:
    """One move to the top of a stage: ms from the request to the change in the other page, and the moved card."""
    await other.evaluate(WATCH, [card["id"], stage])
    url = f"/w/{ada.slug}/api/applications/{card['id']}/moves"
    done = await mine.evaluate(MOVE, [url, stage, card["version"], before])
    assert done["status"] == 200, done
    async with asyncio.timeout(10):
        return await other.evaluate("() => window.seen") - done["sent"], done["card"]


async def measure_filter(report: Report, browser: Browser, member: Member, url: str, size: int) -> None:
    """A name typed letter by letter, with a typo of it at the end."""
    page, _ = await open_page(browser, member)
    await page.goto(url)
    await page.evaluate("() => window.firstBoard")
    await page.wait_for_timeout(1000)
    words = [KEYS[:length] for length in range(1, len(KEYS) + 1)] + ["marcheti", "marchety"]
    for name, keys in (("filter by name", words), ("filter by words in notes and CVs", TEXT_KEYS)):
        times = [await page.evaluate(KEYSTROKE, word) for word in [*keys, *keys]]
        report.row(f"{size} cards, {name}, p50", percentile(times, 0.5), "ms", f"{len(times)} keystrokes")
        report.goal(f"{size} cards, {name}, worst", max(times), "ms", 100)
    await page.context.close()


async def main() -> int:
    """Measure everything; the exit status."""
    report = Report("board")
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        async with this_tree(folder / "board") as place, async_playwright() as playwright:
            people = await recruiters(place)
            for size in SIZES:
                job = await crowded_job(place, people[0], size)
                url = f"{place.origin}/w/{people[0].slug}/jobs/{job['id']}"
                await measure_server(report, place, people[0], url, size)
                browser = await playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM_FLAGS)
                await measure_loads(report, browser, people[0], url, size)
                await measure_moves(report, browser, people, job, url, size)
                await measure_filter(report, browser, people[0], url, size)
                await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
