"""Twenty people move the same hundred cards at random, all at once: one order, nothing lost, every collision told.

Each has the board open, knows what its socket has told so far, and moves cards from what it knows. Afterwards every
board, brought forward by the browser's own reducer, is the database's. `GREENROOM_SOAK_SECONDS` makes it longer.
"""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from server.core import db, live
from tests.cast import Cast, Colleague, Json, join
from tests.realtime.browser import browser_code
from tests.realtime.client import Client
from tests.server import crowd
from tests.server.convergence import windows
from tests.server.house import House
from tests.server.sockets import socket

WRITERS = 20
CARDS = 100
SECONDS = float(os.environ.get("GREENROOM_SOAK_SECONDS", "6"))


@dataclass
class Writer:
    """Somebody with the board open. `seen`: the version at which each card was last heard of."""

    who: Colleague
    client: Client
    board: Json
    seen: dict[str, int] = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    position: int = 0
    moved: list[tuple[str, int, int]] = field(default_factory=list)  # card, version sent, version then
    refused: list[tuple[str, int, str]] = field(default_factory=list)  # card, version sent, what was said

    async def listen(self, topic: str) -> None:
        """Take in what happens, until cancelled."""
        while True:
            frame = await self.client.next("event", 60.0, topic=topic)
            assert frame["seq"] == self.position + 1, "not the next event"
            self.position = frame["seq"]
            self.told.append(frame["payload"])
            card = frame["payload"]["card"]
            self.seen[card["id"]] = max(card["version"], self.seen.get(card["id"], 0))

    async def work(self, cards: list[str], stages: list[str], until: float, chance: random.Random) -> None:
        """Move cards, as known, until the time is over."""
        while time.monotonic() < until:
            card, before = chance.sample(cards, 2)
            version = self.seen.get(card, 1)
            body = {"stage": chance.choice(stages), "before": before, "version": version}
            reply = await self.who.do("POST", f"/applications/{card}/moves", body)
            if reply.status_code == HTTPStatus.OK:
                self.moved.append((card, version, reply.json()["version"]))
            else:
                assert (reply.status_code, reply.json()["code"]) == (409, "moved_meanwhile"), reply.text
                self.refused.append((card, version, reply.json()["message"]))
            await asyncio.sleep(chance.random() * 0.1)


async def test_twenty_people_move_the_same_hundred_cards(house: House, cast: Cast) -> None:
    job = await cast.job()
    stages = [stage["id"] for stage in job["stages"][:4]]
    cards = await crowd.fill(job["id"], stages, CARDS)
    topic = f"job:{job['id']}"
    async with contextlib.AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(_open(house, cast, job, topic)) for _ in range(WRITERS)]
        hearing = [asyncio.create_task(writer.listen(topic)) for writer in writers]
        until = time.monotonic() + SECONDS
        seeds = [random.Random(number) for number in range(WRITERS)]
        pairs = zip(writers, seeds, strict=True)
        await asyncio.gather(*(writer.work(cards, stages, until, chance) for writer, chance in pairs))
        head = (await live.positions(topic))[1][topic]
        async with asyncio.timeout(60):
            while any(writer.position < head for writer in writers):
                await asyncio.sleep(0.05)
        for task in hearing:
            task.cancel()
    history = writers[0].told
    _judge(writers, history)
    await _same_order(writers, job, stages)
    refused = sum(len(writer.refused) for writer in writers)
    print(f"{len(history)} moves, {refused} collisions by {WRITERS} people in {SECONDS:g} s")


@contextlib.asynccontextmanager
async def _open(house: House, cast: Cast, job: Json, topic: str) -> AsyncIterator[Writer]:
    who = await join(cast.origin, cast.transport, cast.ada.workspace, cast.ada.slug, "Mover", "recruiter")
    async with socket(house, who.at("/live"), who) as client:
        await client.next("hello")
        board = await who.read(f"/jobs/{job['id']}/board")
        after = board["positions"][topic]
        await client.subscribe(topic, after=after, epoch=board["epoch"])
        writer = Writer(who, client, board, position=after)
        writer.seen = {card["id"]: card["version"] for card in board["cards"]}
        yield writer


def _judge(writers: list[Writer], history: list[Json]) -> None:
    """No move is lost or made up, and whoever was refused had been overtaken; whoever was not, had not."""
    assert history
    done = Counter((card, version) for writer in writers for card, _, version in writer.moved)
    told = Counter((event["card"]["id"], event["card"]["version"]) for event in history)
    assert done == told
    assert max(done.values()) == 1
    left: dict[str, list[int]] = {}
    for event in history:
        if event["left"]:
            left.setdefault(event["card"]["id"], []).append(event["card"]["version"])
    for writer in writers:
        for card, sent, said in writer.refused:
            assert any(version > sent for version in left.get(card, [])), "refused, though nobody was first"
            assert said.startswith("Mover moved Candidate Number "), said
        for card, sent, version in writer.moved:
            if version in left.get(card, []):
                assert not any(sent < other < version for other in left[card]), "a change of stage was overwritten"


async def _same_order(writers: list[Writer], job: Json, stages: list[str]) -> None:
    """All boards are the database's, whose order is total and whose counts are true."""
    fresh = await writers[0].who.read(f"/jobs/{job['id']}/board")
    whole: list[Any] = []
    for stage in stages:
        page = await writers[0].who.read(f"/jobs/{job['id']}/stages/{stage}/cards?limit=500")
        ranks = [card["rank"].encode() for card in page["cards"]]
        assert all(one < other for one, other in pairwise(ranks)), "the order is not total"
        assert [card["id"] for card in page["cards"]] == await crowd.order(stage)
        whole += page["cards"]
    assert len(whole) == CARDS
    assert {column["stage"]: column["count"] for column in fresh["columns"] if column["count"]} == dict(
        await db.rows(lambda *c: (str(c[0]), c[1]), "SELECT stage_id, count(*) FROM application "
                      "WHERE job_id = $1 GROUP BY stage_id", job["id"])
    )  # fmt: skip
    async with browser_code() as tab:
        for writer in writers:
            reached, expected = windows(await tab.reduce("board", writer.board, writer.told), fresh)
            assert reached["columns"] == expected["columns"]
            assert sorted(reached["cards"], key=_place) == sorted(expected["cards"], key=_place)


def _place(card: Json) -> tuple[str, bytes, str]:
    return card["stage"], card["rank"].encode(), card["id"]
