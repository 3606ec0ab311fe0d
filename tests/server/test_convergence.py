"""Convergence: what a tab showed, plus the events that were delivered since, is what a fresh page shows.

Every action of a candidate's way is done once; before each, all four kinds of pages are read, and after it the
browser's own reducers (`web/src/live/store.ts`, in Node) bring the old state forward by the payloads in the live log.
A payload that only says "changed" makes the page fetch again: what it covers is left out of the comparison.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor
from tests.realtime.browser import Browser, browser_code
from tests.server import takes
from tests.server.house import House, drain

REFETCHED = {"job", "place", "people"}  # payload types that carry an id only
OF_OTHER_CARDS = {"previous", "next", "place", "places"}  # follow from the column, fetched when the page is left
OF_ITS_CARDS = {"counts", "people", "new"}  # of the board's job: the page counts its cards


@pytest.fixture(scope="module")
async def tab() -> AsyncIterator[Browser]:
    async with browser_code() as running:
        yield running


def plain(value: Json) -> Json:
    """Without the sender's key, which only the event repeats; lists of cards in no order."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name != "key"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


@dataclass
class Pages:
    """The four kinds of pages of one application."""

    tab: Browser
    ada: Colleague
    cleo: Visitor
    job: str
    before: dict[str, Json] = field(default_factory=dict)
    refetched: set[str] = field(default_factory=set)

    async def read(self) -> dict[str, Json]:
        return {
            "board": await self.ada.read(f"/jobs/{self.job}/board"),
            "application": await self.ada.read(f"/applications/{self.cleo.application}"),
            "candidate": await self.cleo.read("/place"),
            "inbox": await self.ada.read("/inbox"),
        }

    async def after(self, action: Callable[[], Awaitable[object]]) -> None:
        """Do it; then every old page and its events must equal the fresh page."""
        self.before = await self.read()
        await action()
        await drain()
        await self.compare()

    async def compare(self) -> None:
        payloads = {kind: await self.delivered(state["positions"]) for kind, state in self.before.items()}
        fresh = await self.read()
        for kind, old in self.before.items():
            told = payloads[kind]
            stale = {p["type"] for p in told} & REFETCHED
            self.refetched |= stale
            if kind == "candidate" and stale:
                continue
            reached = await self.tab.reduce(kind, old, told)
            left_out = {"positions", "epoch"} | ({"job"} if "job" in stale or kind == "application" else set())
            left_out |= {"application": OF_OTHER_CARDS, "candidate": {"job"}}.get(kind, set())  # a posting is read once
            assert self.shape(kind, reached, left_out) == self.shape(kind, fresh[kind], left_out), kind

    def shape(self, kind: str, state: Json, left_out: set[str]) -> Json:
        found = plain({name: value for name, value in state.items() if name not in left_out})
        if kind == "board":
            found["job"] = {k: v for k, v in found.get("job", {}).items() if k not in OF_ITS_CARDS}
            found["cards"] = sorted(found["cards"], key=lambda card: (card["stage"], card["rank"].encode(), card["id"]))
        return found

    async def delivered(self, positions: dict[str, int]) -> list[Json]:
        told: list[Json] = []
        for topic, seq in positions.items():
            rows = await db.rows(
                bytes, "SELECT payload FROM realtime_log WHERE topic = $1 AND seq > $2 ORDER BY seq", topic, seq
            )
            told += [json.loads(payload) for payload in rows]
        return told


async def test_every_page_arrives_where_a_fresh_one_would(house: House, cast: Cast, tab: Browser) -> None:
    job = await cast.job(questions=2)
    cleo = await cast.cleo(job, "Cleo")
    pages = Pages(tab, cast.ada, cleo, job["id"])
    path = f"/applications/{cleo.application}"
    stages = [stage["id"] for stage in job["stages"]]
    first, second = await cleo.questions()
    ticket: dict[str, Json] = {}

    async def record(*outcomes: str, **more: object) -> None:
        ticket.update(await takes.begin(house, cleo, first))
        await takes.report(house, ticket["recording"], outcomes, **more)

    async def keep() -> None:
        await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})

    def move(stage: str, before: str | None = None) -> Callable[[], Awaitable[Json]]:
        body = {"stage": stage, "before": before, "version": 10_000}
        return lambda: cast.ben.make("POST", f"{path}/moves", body)

    await pages.after(lambda: cast.cleo(job, "Somebody Else"))
    other = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"][-1]["id"]
    await pages.after(lambda: cast.ben.make("POST", f"{path}/notes", {"body": "Fine"}))
    await pages.after(lambda: cast.ben.make("POST", f"{path}/messages", {"body": "Hello"}))
    await pages.after(lambda: cleo.make("POST", "/messages", {"body": "Hello team"}))
    await pages.after(lambda: record("recording"))
    await pages.after(lambda: takes.report(house, ticket["recording"], ["complete"]))
    await pages.after(keep)
    await pages.after(lambda: cleo.make("PUT", f"/questions/{second}/text", {"text": "In words"}))
    await pages.after(lambda: record("recording", "interrupted"))
    await pages.after(lambda: record("failed", duration_ms=0))
    await pages.after(move(stages[0], other))
    await pages.after(move(stages[0]))
    await pages.after(move(stages[1]))
    await pages.after(lambda: cleo.make("POST", "/submission", {}))
    await pages.after(lambda: cast.ben.read(path))  # somebody looks
    await pages.after(move(stages[3]))
    await pages.after(lambda: cast.ada.make("POST", "/inbox/reading", {}))
    await pages.after(lambda: cast.ada.make("PUT", f"/jobs/{job['id']}/state", {"state": "closed"}))
    assert pages.refetched == {"job", "place"}


async def test_events_that_come_twice_or_late_change_nothing(cast: Cast, tab: Browser) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    pages = Pages(tab, cast.ada, cleo, job["id"])
    pages.before = await pages.read()
    stages = [stage["id"] for stage in job["stages"]]
    for stage in (stages[2], stages[4], stages[1]):
        body = {"stage": stage, "version": 10_000}
        await cast.ben.make("POST", f"/applications/{cleo.application}/moves", body)
        await cast.ben.make("POST", f"/applications/{cleo.application}/notes", {"body": "Moved"})
    fresh = await pages.read()
    for kind in ("board", "application"):
        told = await pages.delivered(pages.before[kind]["positions"])
        for order in (told + told, told + told[:3], [*told, told[0]]):
            reached = await tab.reduce(kind, pages.before[kind], order)
            card = reached["cards"][0] if kind == "board" else reached["card"]
            assert card == (fresh[kind]["cards"][0] if kind == "board" else fresh[kind]["card"])
            if kind == "application":
                assert plain(reached["notes"]) == plain(fresh[kind]["notes"])
