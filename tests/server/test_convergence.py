"""Convergence: every action of the application, on every kind of page (`convergence.py` says how)."""

import json
from collections.abc import AsyncIterator

import pytest

from server.core import db
from tests.cast import Cast, Json, assemble
from tests.realtime.browser import Browser, browser_code
from tests.server.conftest import forget_throttles
from tests.server.convergence import SCENARIOS, Scenario, Scene, Watched, actions, events_since, pages, watched_tasks
from tests.server.house import House
from tests.server.scenarios import KINDS, NOTHING_TO_SEE


@pytest.fixture(scope="module")
async def tab() -> AsyncIterator[Browser]:
    async with browser_code() as running:
        yield running


def test_every_action_names_its_scenario(house: House) -> None:
    proven = {name for scenario in SCENARIOS.values() for name in scenario.proves}
    assert not proven & set(NOTHING_TO_SEE)
    named = proven | set(NOTHING_TO_SEE)
    assert sorted(actions(house.app) - named) == [], "an action without a scenario"
    assert sorted(named - actions(house.app)) == [], "there is no such action"


def test_every_page_has_a_kind(house: House) -> None:
    assert sorted(pages(house.app)) == sorted(path for kind in KINDS.values() for path in kind.paths)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
async def test_every_page_arrives_where_a_fresh_one_would(
    house: House, tab: Browser, monkeypatch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    await forget_throttles(house)
    transport = Watched(house.transport, house.app)
    cast = await assemble(house.origin, transport)
    begun = await db.value("SELECT clock_timestamp()")
    scene = Scene(house, cast, tab, KINDS)
    with watched_tasks(monkeypatch) as tasks_done:
        await scenario.play(scene)
    seen = transport.done | tasks_done | scene.arrived | await events_since(begun)
    assert sorted(scenario.proves - seen) == [], "named, but not done"


async def test_events_that_come_twice_or_late_change_nothing(cast: Cast, tab: Browser) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    paths = {"board": f"/jobs/{job['id']}/board", "application": f"/applications/{cleo.application}"}
    before = {kind: await cast.ada.read(path) for kind, path in paths.items()}
    stages = [stage["id"] for stage in job["stages"]]
    for stage in (stages[2], stages[4], stages[1]):
        body = {"stage": stage, "version": 10_000}
        await cast.ben.make("POST", f"/applications/{cleo.application}/moves", body)
        await cast.ben.make("POST", f"/applications/{cleo.application}/notes", {"body": "Moved"})
    for kind, path in paths.items():
        fresh = await cast.ada.read(path)
        told = await delivered(before[kind]["positions"])
        for order in (told + told, told + told[:3], [*told, told[0]]):
            reached = await tab.reduce(kind, before[kind], order)
            card = reached["cards"][0] if kind == "board" else reached["card"]
            assert card == (fresh["cards"][0] if kind == "board" else fresh["card"])
            if kind == "application":
                assert [note["id"] for note in reached["notes"]] == [note["id"] for note in fresh["notes"]]


async def delivered(positions: dict[str, int]) -> list[Json]:
    """The payloads in the log after these positions."""
    told: list[Json] = []
    for topic, seq in positions.items():
        rows = await db.rows(
            bytes, "SELECT payload FROM realtime_log WHERE topic = $1 AND seq > $2 ORDER BY seq", topic, seq
        )
        told += [json.loads(payload) for payload in rows]
    return told
