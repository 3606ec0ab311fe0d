"""Presence and typing over real websockets and real Valkey."""

import asyncio
import os
import signal
import sys
import time

from tests.realtime.client import Client, visit
from tests.realtime.node import Node, node


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
            await ada.quiet("presence", 0.1)
            await asyncio.sleep(2.2)  # the tab's two seconds of grace
            assert not [frame for frame in ada.frames if frame.get("left")]
        await here(ada, seconds=4)


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
