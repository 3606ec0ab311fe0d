"""The harness of convergence: what a tab showed, plus the frames it heard since, is what a fresh page shows.

Before an action every kind of page is read and its topics are followed by real sockets from the positions it was read
at. Afterwards the browser's own reducers (`web/src/live/store.ts`, in Node) bring the old state forward by the events
that arrived, and the result must equal what is read now. Where a payload only says "changed", the page fetches again:
then it must have come whenever the fresh page differs. What a page deliberately reads once is named with the reason.

A scenario names the actions it proves, and must be seen doing them; `actions` reads from the code what there is.
"""

import contextlib
import importlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import get_args

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template
from litestar.routes import HTTPRoute

from server.core import db, live, tasks
from server.core.events import Event
from server.hiring.views import payloads
from tests.cast import Cast, Colleague, Json, Visitor
from tests.realtime.browser import Browser
from tests.realtime.client import Client
from tests.server.house import House, drain
from tests.server.sockets import socket

SAFE = {"GET", "HEAD", "OPTIONS"}


# What there is to prove, from the code


def actions(app: Litestar) -> set[str]:
    """Everything that can change what somebody sees: unsafe routes, kinds of events, payloads, background tasks."""
    found = {f"{method} {path}" for method, path, _ in _handlers(app) if method not in SAFE}
    found |= {
        f"event {kind.kind}"
        for kind in _descendants(Event)
        if kind.__module__.startswith("server.") and not kind.__subclasses__()  # a base of others never happens itself
    }
    importlib.import_module("server.worker")  # has schedules of its own
    found |= {f"payload {cls.__struct_config__.tag}" for cls in get_args(payloads.AnyPayload)}
    return found | {f"task {name}" for name in tasks._TASKS} | {f"schedule {name}" for name in tasks._SCHEDULES}


def pages(app: Litestar) -> set[str]:
    """The paths of all pages with live data: members' and candidates' shells."""
    return {
        path
        for method, path, handler in _handlers(app)
        if method == "GET"
        and path.startswith(("/w/{slug}", "/c/a/"))
        and handler.parsed_fn_signature.return_type.is_subclass_of(Template)
    }


def _handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    yield str(method), route.path_format, handler


def _descendants(base: type[Event]) -> Iterator[type[Event]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _descendants(cls)


class Watched(httpx.AsyncHTTPTransport):
    """Passes requests on, and notes which of the application's routes did what was asked."""

    def __init__(self, inner: httpx.AsyncHTTPTransport, app: Litestar) -> None:
        super().__init__()
        self.done: set[str] = set()
        self._inner = inner
        self._routes = [(method, path, _pattern(path)) for method, path, _ in _handlers(app)]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if response.status_code < 300:
            self.done |= {
                f"{method} {path}"
                for method, path, pattern in self._routes
                if method == request.method and pattern.fullmatch(request.url.path)
            }
        return response


def _pattern(path: str) -> re.Pattern[str]:
    """What addresses of a route look like; names in braces stand for one part."""
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


# Pages


@dataclass(frozen=True)
class Kind:
    """A kind of page: how it is read, what it follows, and how it keeps up.

    `asks`: payloads (as `topic kind/type`) upon which it fetches again. `once`: what is not compared, and why.
    """

    paths: tuple[str, ...]
    read: "Callable[[Scene], Awaitable[Json]]"
    topics: "Callable[[Scene], list[str]]"
    reducer: str = ""
    asks: frozenset[str] = frozenset()
    once: dict[str, str] = field(default_factory=dict)
    by_candidate: bool = False


@dataclass
class Tab:
    """One page that was opened: its state then, and what it has heard since."""

    state: Json
    seqs: dict[str, int]
    heard: list[tuple[str, Json]] = field(default_factory=list)


class Scene:
    """A job with one candidate, and every kind of page open in front of somebody."""

    def __init__(self, house: House, cast: Cast, tab: Browser, kinds: dict[str, Kind]) -> None:
        self.house = house
        self.cast = cast
        self.kinds = kinds
        self.ada: Colleague = cast.ada
        self.job: Json = None
        self.cleo: Visitor = Visitor(cast.origin, cast.transport)
        self.candidate = ""
        self.more: list[str] = []  # applications of the same person under another name
        self.arrived: set[str] = set()  # types of payloads that pages heard
        self._node = tab

    async def furnish(self, questions: int = 2) -> "Scene":
        """The usual scene."""
        self.job = await self.cast.job(questions=questions)
        self.cleo = await self.cast.cleo(self.job, "Cleo")
        view = await self.ada.read(f"/applications/{self.cleo.application}")
        self.candidate = str(view["card"]["candidate"])
        await drain()
        return self

    async def after(self, action: Callable[[], Awaitable[object]]) -> None:
        """Do it with all pages open; then every one of them shows what a fresh one does, or has been told to fetch."""
        async with self._open() as (tabs, clients):
            await action()
            await drain()
            for member, client in clients.items():
                await self._hear(client, [tab for kind, tab in tabs.items() if self.kinds[kind].by_candidate != member])
        for name, tab in tabs.items():
            await self._compare(name, self.kinds[name], tab)

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[dict[str, Tab], dict[bool, Client]]]:
        tabs = {name: await self._read(kind) for name, kind in self.kinds.items()}
        epoch = (await live.positions())[0]
        async with (
            socket(self.house, self.ada.at("/live"), self.ada) as team,
            socket(self.house, self.cleo.at("/live"), self.cleo) as candidate,
        ):
            clients = {True: team, False: candidate}
            for member, client in clients.items():
                await client.next("hello")
                mine = [tab for name, tab in tabs.items() if self.kinds[name].by_candidate != member]
                for topic in sorted({topic for tab in mine for topic in tab.seqs}):
                    after = min(tab.seqs[topic] for tab in mine if topic in tab.seqs)
                    told = await client.subscribe(topic, after=after, epoch=epoch)
                    assert told["type"] == "subscribed", told
            yield tabs, clients

    async def _read(self, kind: Kind) -> Tab:
        """The page, and where its topics stood: as it says itself, or else before it was read."""
        topics = kind.topics(self)
        heads = (await live.positions(*topics))[1]
        state = await kind.read(self)
        told = state.get("positions", {}) if isinstance(state, dict) else {}
        assert set(told) <= set(topics), "the page knows a topic that its kind does not follow"
        return Tab(state, heads | told)

    async def _hear(self, client: Client, tabs: list[Tab]) -> None:
        """Take in events until every topic is where the log is."""
        topics = {topic for tab in tabs for topic in tab.seqs}
        heads = (await live.positions(*topics))[1]
        reached = {topic: min(tab.seqs[topic] for tab in tabs if topic in tab.seqs) for topic in topics}
        events = [frame for frame in client.frames if frame["type"] == "event"]
        while True:
            for event in events:
                topic, seq = event["topic"], event["seq"]
                assert seq == reached[topic] + 1, "not the next event"
                reached[topic] = seq
                for tab in tabs:
                    if seq > tab.seqs.get(topic, seq):
                        tab.heard.append((topic, event["payload"]))
            if all(reached[topic] >= heads[topic] for topic in topics):
                return
            events = [await client.next("event", 10.0)]

    async def _compare(self, name: str, kind: Kind, tab: Tab) -> None:
        fresh = await kind.read(self)
        heard = [payload for _, payload in tab.heard]
        self.arrived |= {f"payload {payload['type']}" for payload in heard}
        told = {f"{topic.partition(':')[0]}/{payload['type']}" for topic, payload in tab.heard}
        reached = await self._node.reduce(kind.reducer, tab.state, heard) if kind.reducer else tab.state
        if kind.reducer == "board":
            reached, fresh = windows(reached, fresh)
        if shape(reached, kind) != shape(fresh, kind):
            assert told & kind.asks, f"{name} is not what it was, and was not told: {difference(reached, fresh)}"


def windows(one: Json, other: Json) -> tuple[Json, Json]:
    """Two boards as far as both are loaded: of every column the cards up to the nearer of its two ends.

    Where both are loaded to the end, all cards; then they must be as many as the count says.
    """
    ends: dict[str, list[tuple[bytes, str]]] = {}
    for board in (one, other):
        for column in board["columns"]:
            if column["end"] is not None:
                ends.setdefault(column["stage"], []).append((column["end"]["rank"].encode(), column["end"]["id"]))
            else:
                loaded = [card for card in board["cards"] if card["stage"] == column["stage"]]
                assert len(loaded) == column["count"], "a column that is loaded to its end has all its cards"

    def within(card: Json) -> bool:
        return all((card["rank"].encode(), card["id"]) <= end for end in ends.get(card["stage"], []))

    one, other = (
        board
        | {
            "cards": [card for card in board["cards"] if within(card)],
            "columns": [column | {"end": None} for column in board["columns"]],
        }
        for board in (one, other)
    )
    return one, other


def shape(state: Json, kind: Kind) -> Json:
    """A page's state as it is compared: without positions, senders' keys and what is read once; cards as sorted."""
    found = _plain(state, "", {"positions", "epoch", *kind.once})
    if isinstance(found, dict) and "cards" in found:
        found["cards"] = sorted(found["cards"], key=lambda card: (card["stage"], card["rank"].encode(), card["id"]))
    return found


def _plain(value: Json, path: str, left_out: set[str]) -> Json:
    if isinstance(value, dict):
        inner = {name: f"{path}.{name}".lstrip(".") for name in value if name != "key"}
        return {name: _plain(value[name], at, left_out) for name, at in inner.items() if at not in left_out}
    if isinstance(value, list):
        return [_plain(item, path, left_out) for item in value]
    return value


def difference(one: Json, other: Json) -> list[str]:
    """Where two states differ, for people."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [name for name in one | other if one.get(name) != other.get(name) and name not in {"positions", "key"}]
        return [f"{name}: {found}" for name in names for found in difference(one.get(name), other.get(name))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [found for pair in zip(one, other, strict=True) if pair[0] != pair[1] for found in difference(*pair)]
    return [f"{one!r:.120} is now {other!r:.120}"]


# Scenarios

Play = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """What is done, and which actions that proves."""

    name: str
    play: Play
    proves: frozenset[str]


SCENARIOS: dict[str, Scenario] = {}


def scenario(*proves: str) -> Callable[[Play], Play]:
    """Register a scenario with the actions it is seen doing."""

    def register(play: Play) -> Play:
        name = play.__name__
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, play, frozenset(proves))
        return play

    return register


@contextlib.contextmanager
def watched_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The background tasks that ran to their end meanwhile."""
    done: set[str] = set()

    def noted(name: str, task: tasks.Task) -> tasks.Task:
        async def run(payload: bytes) -> None:
            await task(payload)
            done.add(f"task {name}")

        return run

    with monkeypatch.context() as patch:
        for name, task in list(tasks._TASKS.items()):
            patch.setitem(tasks._TASKS, name, noted(name, task))
        yield done


async def events_since(begun: object) -> set[str]:
    """The kinds of events that were recorded since."""
    kinds = await db.rows(str, "SELECT DISTINCT kind FROM event WHERE at >= $1", begun)
    return {f"event {kind}" for kind in kinds}
