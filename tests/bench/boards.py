"""Greenroom as a whole: moves of cards over HTTP, to a thousand tabs in two web processes, which go and come back.

The first web process is the supervisor's own, the second is ours, to be ended and started again. Tabs belong to ten
members and follow what a board's page follows, with the presence that goes with it.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from realtime import log
from server.core.folder import DataFolder
from tests.bench.crowd import Crowd, Greenroom, Socket, address_of
from tests.bench.greenroom import (
    PASSWORD,
    ROOT,
    Member,
    Running,
    add_cards,
    first_page,
    open_job,
    recruiters,
    this_tree,
)
from tests.bench.load import cpu_seconds, serving
from tests.bench.report import Report, percentile

TABS = 1000
MEMBERS = 10
RATE = 10.0  # moves a second
MOVES = 200
MISSED = 20  # moves while the second process is away
REPLAYED = 500
REPLAYS = 20
CARDS = 40
TRIES = 5
UNAVAILABLE = 503


class Board(Greenroom):
    """A member's tab on a board."""

    def __init__(self, members: list[Member], origin: str, topics: list[str], own: list[str]) -> None:
        super().__init__([*topics, ""])  # the last one is the member's own
        self.path = f"/w/{members[0].slug}/live"
        self.sent: dict[str, int] = {}  # idempotency key -> ns
        self.shared = topics
        self._own = own
        self._moments: dict[int, int] = {}
        self._heads = [
            {"Origin": origin, "Cookie": "; ".join(f"{c.name}={c.value}" for c in member.http.cookies.jar)}
            for member in members
        ]

    def address(self, _number: int) -> str:
        return self.path

    def headers(self, number: int) -> dict[str, str]:
        return self._heads[number % len(self._heads)]

    def topics_of(self, number: int) -> list[str]:
        return [*self.shared, self._own[number % len(self._own)]]

    def wish(self, socket: Socket, topic: str) -> dict[str, Any]:
        wish = super().wish(socket, topic)
        return wish | {"state": {"view": "board"}} if topic == self.shared[0] else wish

    def event(self, socket: Socket, text: bytes) -> None:
        super().event(socket, text)
        topic, seq = address_of(text)
        if topic == self.shared[0]:
            if seq not in self._moments:
                self._moments[seq] = self.sent.get(json.loads(text)["payload"].get("key"), 0)
            if began := self._moments[seq]:
                socket.crowd.delays.append((time.monotonic_ns() - began) / 1e6)


class SecondWeb:
    """Another web process of the same installation."""

    def __init__(self, place: Running) -> None:
        folder = DataFolder(place.data)
        note = folder.running()
        assert note
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None
        self._environment = os.environ | {
            "DATABASE_URL": note.database_url,
            "REDIS_URL": note.redis_url,
            "GREENROOM_SECRET": folder.secret(),
            "GREENROOM_DATA": str(place.data),
            "GREENROOM_PORT": str(self.port),
        }

    async def start(self) -> None:
        """Until it answers."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "web", cwd=ROOT, env=self._environment, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """As a deploy does it."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await self.process.wait()


@contextlib.asynccontextmanager
async def second_web(place: Running) -> AsyncIterator[SecondWeb]:
    """A second web process for as long as it is wanted."""
    web = SecondWeb(place)
    await web.start()
    try:
        yield web
    finally:
        await web.stop()


class Mover:
    """Moves cards of one board, through either process."""

    def __init__(self, members: list[Member], job: Any, cards: list[Any], dialects: list[Board]) -> None:
        self.members = members
        self.stages = [stage["id"] for stage in job["stages"]]
        self.cards = cards
        self.dialects = dialects
        self.count = 0
        self.repeats = 0

    async def move(self, through: int) -> None:
        """The next card to the next stage."""
        place, member = self.count % len(self.cards), self.members[through]
        self.count += 1
        card = self.cards[place]
        stage = self.stages[(self.stages.index(card["stage"]) + 1) % len(self.stages)]
        key = str(uuid.uuid4())
        for dialect in self.dialects:
            dialect.sent[key] = time.monotonic_ns()
        path = f"/w/{member.slug}/api/applications/{card['id']}/moves"
        wish = {"stage": stage, "version": card["version"], "before": None}
        for _attempt in range(TRIES):  # with the same key, as browsers do
            with contextlib.suppress(httpx.TransportError):  # an idle connection was closed under us
                headers = {"origin": member.origin, "idempotency-key": key}
                reply = await member.http.post(path, json=wish, headers=headers)
                if reply.status_code != UNAVAILABLE:
                    break
            self.repeats += 1
            await asyncio.sleep(0.2)
        assert reply.is_success, reply.text
        self.cards[place] = reply.json()

    async def keep_moving(self, count: int, rate: float, through: list[int]) -> None:
        """So many moves at that rate, taking turns between processes."""
        began = time.monotonic()
        tasks = []
        for turn in range(count):
            await asyncio.sleep(began + turn / rate - time.monotonic())
            tasks.append(asyncio.create_task(self.move(through[turn % len(through)])))
        await asyncio.gather(*tasks)


async def staff(place: Running) -> list[Member]:
    """Ten members of one workspace, signed in."""
    members = list(await recruiters(place))
    for number in range(len(members), MEMBERS):
        member = Member(place.origin, f"Recruiter Number {number}")
        member.slug = members[0].slug
        wish = {"email": f"recruiter{number}@bench.example", "role": "recruiter"}
        token = (await members[0].api("POST", "/invitations", wish))["link"].rsplit("/", 1)[1]
        await member.send("POST", f"/api/invitations/{token}/acceptance", {"name": member.name, "password": PASSWORD})
        members.append(member)
    return members


async def measure_boards(report: Report) -> None:
    """Moves, replay and the storm, one after the other on one installation."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        async with this_tree(folder / "data") as place, second_web(place) as second:
            await _measure(report, place, second)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(report: Report, place: Running, second: SecondWeb) -> None:
    await first_page(place.origin)
    members = await staff(place)
    job = await open_job(members[0], "Watched")
    await add_cards(place.database_url, job, CARDS)
    cards = (await members[0].api("GET", f"/jobs/{job['id']}/board"))["cards"]
    me = [await member.api("GET", "/me") for member in members]
    topics = [f"job:{job['id']}", f"workspace:{me[0]['workspace']}"]
    own = [f"member:{who['id']}" for who in me]
    dialects = [Board(members, origin, topics, own) for origin in (place.origin, second.origin)]
    crowds = [
        Crowd(int(origin.rsplit(":", 1)[1]), dialect)
        for origin, dialect in zip((place.origin, second.origin), dialects, strict=True)
    ]
    elsewhere = Member(second.origin, "Ada Okafor")
    elsewhere.slug = members[0].slug
    elsewhere.http.cookies = members[0].http.cookies
    mover = Mover([members[0], elsewhere], job, cards, dialects)
    database = await asyncpg.connect(place.database_url)
    await _moves(report, place, second, crowds, mover)
    await _replay(report, members, second, database)
    for crowd in crowds:
        await crowd.close()
    await _storm(report, second, dialects[1], mover, database)
    await database.close()


async def _moves(report: Report, place: Running, second: SecondWeb, crowds: list[Crowd], mover: Mover) -> None:
    for crowd in crowds:
        await crowd.connect(TABS // 2)
    await mover.keep_moving(20, RATE, [0, 1])  # statements are prepared
    await asyncio.sleep(1)
    assert second.process
    web, postgres = serving(place.process.pid)
    web.add(second.process.pid)
    for crowd in crowds:
        crowd.delays = type(crowd.delays)("d")
    received = sum(crowd.received for crowd in crowds)
    before = cpu_seconds(web), cpu_seconds(postgres), time.process_time()
    await mover.keep_moving(MOVES, RATE, [0, 1])
    await asyncio.sleep(1)
    spent = [
        after - earlier
        for after, earlier in zip((cpu_seconds(web), cpu_seconds(postgres), time.process_time()), before, strict=True)
    ]
    delays = [delay for crowd in crowds for delay in crowd.delays]
    got = sum(crowd.received for crowd in crowds) - received
    wrong = sum(crowd.wrong + crowd.lost_sockets for crowd in crowds)
    if len(delays) != MOVES * TABS or wrong:
        raise RuntimeError(f"{len(delays)} of {MOVES * TABS} moves arrived, {wrong} wrong")
    name = f"move to {TABS} sockets in 2 processes"
    report.row(
        f"{name}, p50",
        percentile(delays, 0.5),
        "ms",
        f"{MOVES} moves at {RATE:g}/s over HTTP, {mover.repeats} repeated",
    )
    report.goal(f"{name}, p99", percentile(delays, 0.99), "ms", 250, f"worst {max(delays):.0f} ms")
    report.row(
        f"{name}, CPU per delivery",
        spent[0] / got * 1e6,
        "us",
        f"both web processes, moves included; Postgres {spent[1] / MOVES * 1e3:.1f} ms per move, "
        f"client {spent[2] / got * 1e6:.1f} us",
    )


async def _replay(report: Report, members: list[Member], second: SecondWeb, database: asyncpg.Connection) -> None:
    """A tab that missed 500 events of a board that nobody has open here, then others that missed the same."""
    job = await open_job(members[0], "Missed")
    topic = f"job:{job['id']}"
    payload = json.dumps({"type": "job", "job": job["id"], "text": "x" * 400}).encode()
    async with database.transaction():
        head = (await log.append(database, [(topic, payload)] * REPLAYED))[-1].seq
    times = [await _missed(members, second, topic, head) for _ in range(REPLAYS)]
    report.row(f"replay of {REPLAYED} events, first tab", times[0], "ms", "topic opened, one reading of the log")
    report.row(f"replay of {REPLAYED} events, later tabs", statistics.median(times[1:]), "ms", "median; from memory")


async def _missed(members: list[Member], second: SecondWeb, topic: str, head: int) -> float:
    class Late(Board):
        began = done = 0.0

        def topics_of(self, _number: int) -> list[str]:
            return self.shared

        def wish(self, socket: Socket, topic: str) -> dict[str, Any]:
            self.began = time.perf_counter()
            return super().wish(socket, topic)

        def event(self, socket: Socket, text: bytes) -> None:
            super().event(socket, text)
            if socket.positions[topic] == head:
                self.done = time.perf_counter()

    late = Late(members, second.origin, [topic], [])
    late.topics = [topic]
    crowd = Crowd(second.port, late)
    await crowd.open(0, {topic: head - REPLAYED})
    async with asyncio.timeout(10):
        while not late.done:
            await asyncio.sleep(0.005)
    if crowd.received != REPLAYED or crowd.wrong or late.resyncs:
        raise RuntimeError(f"{crowd.received} events replayed, {crowd.wrong} wrong, {late.resyncs} resyncs")
    await crowd.close()
    return (late.done - late.began) * 1000


async def _storm(report: Report, second: SecondWeb, dialect: Board, mover: Mover, database: asyncpg.Connection) -> None:
    """All tabs are on the process that restarts; they come back as browsers do, to news they have missed."""
    topic = dialect.shared[0]
    crowd = Crowd(second.port, dialect)
    await crowd.connect(TABS)
    returning: set[asyncio.Task[None]] = set()

    async def come_back(gone: Socket) -> None:
        attempt = 0
        while True:  # web/src/live/wire.ts: pause()
            await asyncio.sleep(min(15.0, 0.5 * 2**attempt) * (0.3 + 0.7 * random.random()))
            attempt += 1
            with contextlib.suppress(OSError):
                await crowd.open(gone.number, gone.positions)
                return

    def lost(gone: Socket) -> None:
        task = asyncio.create_task(come_back(gone))
        returning.add(task)
        task.add_done_callback(returning.discard)

    crowd.on_lost = lost
    await asyncio.sleep(2)  # counters of Postgres are written out once a second
    reads = await _log_reads(database)
    began = time.perf_counter()
    await second.stop()
    stopped = time.perf_counter() - began
    moving = asyncio.create_task(mover.keep_moving(MISSED, 50, [0]))
    await second.start()
    started = time.perf_counter() - began
    await moving
    head = (await log.heads(database, [topic]))[topic]
    async with asyncio.timeout(60):
        while len(crowd.sockets) < TABS or any(tab.positions.get(topic) != head for tab in crowd.sockets):
            await asyncio.sleep(0.01)
    took = time.perf_counter() - began
    if crowd.wrong or dialect.resyncs:
        raise RuntimeError(f"{crowd.wrong} events wrong, {dialect.resyncs} resyncs")
    await asyncio.sleep(2.5)
    reads = await _log_reads(database) - reads
    followed = len(dialect.shared) + MEMBERS
    note = f"stopped after {stopped:.1f} s, answering again after {started:.1f} s; {MISSED} moves missed"
    report.row(f"storm: {TABS} tabs current after a restart", took, "s", note)
    report.row("storm: after the process answers again", took - started, "s", "of it, back-off of the tabs")
    report.goal("storm: readings of the log", reads, "reads", followed, f"{followed} topics followed by {TABS} tabs")
    await crowd.close()


async def _log_reads(database: asyncpg.Connection) -> int:
    """How often the log's table was read so far, by Postgres' own count."""
    await database.execute("SELECT pg_stat_clear_snapshot()")
    return int(
        await database.fetchval(
            "SELECT coalesce(idx_scan, 0) + coalesce(seq_scan, 0) FROM pg_stat_user_tables "
            "WHERE relname = 'realtime_log'"
        )
    )
