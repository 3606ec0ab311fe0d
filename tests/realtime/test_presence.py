"""Presence and typing over real websockets and real Valkey."""

import asyncio
import contextlib
import os
import signal
import sys
import time

import pytest

from tests.realtime.client import Client, Frame, visit
from tests.realtime.node import Node, node

Person = dict[str, object]


async def here(client: Client, *names: str, seconds: float = 4.0) -> None:
    """Follow the frames until exactly these people are there."""
    known = getattr(client, "known", {})
    async with asyncio.timeout(seconds):
        while set(known) != set(names):
            frame = await client.until(lambda f: f["type"] in {"presence", "presence_diff"}, seconds)
            if frame["type"] == "presence":
                known = {}
            known |= {person["id"]: person for person in frame.get("people") or frame.get("joined") or ()}
            known = {name: person for name, person in known.items() if name not in frame.get("left", [])}
            client.known = known  # type: ignore[attr-defined]  # only here


async def test_people_come_change_and_go_in_every_process(two: tuple[Node, Node]) -> None:
    first, second = two
    async with visit(first.url) as ada, visit(second.url, "ben") as ben:
        await ada.subscribe("open:1", state={"view": "board"})
        await here(ada, "ada")
        await ben.subscribe("open:1", state={"view": "board"})
        await here(ada, "ada", "ben")
        await here(ben, "ada", "ben")
        await ben.send(type="state", topic="open:1", state={"view": "application", "card": "7"})
        told = await ada.next("presence_diff")
        assert (told["left"], told["joined"][0]["id"]) == ([], "ben")
        assert told["joined"][0]["state"] == {"view": "application", "card": "7"}
        await ben.send(type="state", topic="open:1", state=None)
        await here(ada, "ada")


async def test_two_tabs_count_once_and_the_last_tab_ends_it(two: tuple[Node, Node]) -> None:
    first, second = two
    async with visit(first.url) as ada:
        await ada.subscribe("open:1")
        async with visit(second.url, "ben") as other:
            await other.subscribe("open:1", state=2)
            async with visit(first.url, "ben") as tab:
                await tab.subscribe("open:1", state=1)
                await here(ada, "ben")
            with pytest.raises(TimeoutError):  # longer than the tab's two seconds of grace
                await ada.until(lambda frame: bool(frame.get("left")), 2.4)
        await here(ada, seconds=4)


async def shown(client: Client, who: str, seconds: float = 3.0, **wanted: object) -> Person:
    """The next word about a person that says so."""

    def said(frame: Frame) -> list[Person]:
        people = frame.get("people") or frame.get("joined") or []
        return [person for person in people if person["id"] == who and wanted.items() <= person.items()]

    return said(await client.until(lambda frame: bool(said(frame)), seconds))[0]


async def test_a_person_is_idle_when_all_their_tabs_are(two: tuple[Node, Node]) -> None:
    first, second = two
    async with (
        visit(first.url) as ada,
        visit(first.url, "ben") as here_too,
        visit(first.url, "ben") as tab,
        visit(second.url, "ben") as phone,
    ):
        await ada.subscribe("open:1")
        await here_too.subscribe("open:1", state="here too")
        await tab.subscribe("open:1", state="tab")
        await shown(ada, "ben", state="tab")
        await phone.subscribe("open:1", state="phone")
        await shown(ada, "ben", state="phone", idle=None)
        await phone.send(type="state", topic="open:1", state="phone", idle=True)
        await shown(ada, "ben", state="tab", idle=None)  # where somebody sits, though it was set before
        await tab.send(type="state", topic="open:1", state="tab", idle=True)
        await shown(ada, "ben", state="here too", idle=None)
        before = time.time()
        await here_too.send(type="state", topic="open:1", state="here too", idle=True)
        found = await ada.until(lambda frame: any(person["idle"] for person in frame.get("joined", ())))
        assert int(before) <= found["joined"][0]["idle"] <= time.time()
        async with visit(second.url, "cleo") as cleo:
            await cleo.subscribe("open:1")
            await shown(cleo, "ben", 5.0, idle=found["joined"][0]["idle"])
        await phone.send(type="state", topic="open:1", state="phone again")
        await shown(ada, "ben", state="phone again", idle=None)


async def test_tabs_that_fall_asleep_together_are_one_piece_of_news(one: Node) -> None:
    async with contextlib.AsyncExitStack() as stack:
        ada = await stack.enter_async_context(visit(one.url))
        tabs = [await stack.enter_async_context(visit(one.url, "ben")) for _ in range(10)]
        await ada.subscribe("open:1")
        for tab in tabs:
            await tab.subscribe("open:1", state="board")
        for tab in tabs:
            await tab.send(type="state", topic="open:1", state="board", idle=True)
        told = await ada.until(lambda frame: any(person["idle"] for person in frame.get("joined", ())))
        assert told["joined"][0]["id"] == "ben"
        await ada.quiet("presence_diff", 0.5)


async def test_a_state_set_before_the_subscription_stands_is_kept_for_it(one: Node) -> None:
    async with visit(one.url) as ada, visit(one.url, "ben") as ben:
        await ada.subscribe("open:1")
        await ben.send(type="subscribe", topic="open:1", after=0, epoch=one.hub.epoch)
        await ben.send(type="state", topic="open:1", state="at once")
        await shown(ada, "ben", state="at once")
        await ben.send(type="subscribe", topic="open:1", state="again")
        await ben.send(type="subscribe", topic="open:1", after=0, epoch=one.hub.epoch)
        await shown(ada, "ben", state="again")
        await ben.send(type="subscribe", topic="open:2")
        await ben.send(type="state", topic="open:2", state="never")
        await ben.send(type="unsubscribe", topic="open:2")
        await ben.subscribe("open:2")
        await ben.quiet("presence_diff", 0.3)


async def test_a_state_that_is_refused_costs_no_subscription(one: Node) -> None:
    one.hub.states(lambda _topic, state: state == b'"fine"')
    async with visit(one.url) as ada:
        for state, code in (("else", "invalid"), ("x" * 300, "too_large")):
            assert (await ada.subscribe("open:1", state=state))["type"] == "subscribed"
            refused = await ada.next("error")
            assert (refused["code"], refused["topic"]) == (code, None)
            await ada.send(type="state", topic="open:1", state=state)
            assert (await ada.next("error"))["code"] == code
        await ada.send(type="state", topic="open:1", state="fine")
        await here(ada, "ada")
        await ada.send(type="state", topic="open:1", state=None)  # leaving needs no permission
        await here(ada)


async def test_a_reload_is_no_leaving(one: Node) -> None:
    async with visit(one.url) as ada:
        await ada.subscribe("open:1")
        async with visit(one.url, "ben") as ben:
            await ben.subscribe("open:1", state=1)
            await here(ada, "ben")
        async with visit(one.url, "ben") as ben:
            await ben.subscribe("open:1", state=1)
            await ada.quiet("presence_diff", 2.5)


async def test_typing_reaches_the_others_at_most_every_two_seconds(two: tuple[Node, Node]) -> None:
    first, second = two
    async with visit(first.url) as ada, visit(second.url, "ben") as ben:
        await ada.subscribe("talk:1")
        await ben.subscribe("talk:1")
        for _ in range(5):
            await ada.send(type="typing", topic="talk:1")
        told = await ben.next("typing")
        assert told["person"] == {"id": "ada", "name": "Ada", "kind": "member", "colour": 0}
        await ben.quiet("typing", 0.5)
        async with visit(second.url) as phone:  # one person in two processes is one person
            await phone.subscribe("talk:1")
            await phone.send(type="typing", topic="talk:1")
            await ben.quiet("typing", 0.3)
            await asyncio.sleep(2)
            await phone.send(type="typing", topic="talk:1")
            assert (await ben.next("typing"))["person"]["id"] == "ada"
        assert not [frame for frame in ada.frames if frame["type"] == "typing"]
        assert not [frame for frame in [*ada.frames, *ben.frames] if frame["type"].startswith("presence")]


async def test_people_of_a_process_that_stops_stay_until_they_had_time_to_come_back(
    one: Node, journal: str, redis_url: str
) -> None:
    async with visit(one.url) as ada:
        await ada.subscribe("open:1")
        async with node(journal, redis_url) as other, visit(other.url, "ben") as ben, visit(other.url, "cleo") as cleo:
            await ben.subscribe("open:1", state=1)
            await cleo.subscribe("open:1", state=1)
            await here(ada, "ben", "cleo")
        async with visit(one.url, "ben") as ben:
            await ben.subscribe("open:1", state=1)
            await here(ada, "ben", seconds=8)
        assert not [frame for frame in ada.frames if "ben" in frame.get("left", [])]


async def test_ghosts_of_a_killed_process_are_gone_within_fifteen_seconds(
    one: Node, journal: str, redis_url: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.realtime.node", journal, redis_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        url = (await process.stdout.readline()).decode().strip()
        async with visit(one.url) as ada:
            await ada.subscribe("open:1")
            async with visit(url, "ben") as ben, visit(url, "cleo") as cleo:
                await ben.subscribe("open:1", state=1)
                await cleo.subscribe("open:1", state=1)
                await here(ada, "ben", "cleo")
                os.kill(process.pid, signal.SIGKILL)
                began = time.monotonic()
                await here(ada, seconds=20)
        assert time.monotonic() - began < 15
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
