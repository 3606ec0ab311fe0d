"""One process of an installation that only knows the live protocol: a small Litestar application around a hub.

Used inside the tests, and as a program of its own (`python -m tests.realtime.node DATABASE REDIS [TOPIC ...]`) that can
be killed; it writes to the topics it is given, so that it dies between a commit and its publish.
Its door believes what the address says: `/live?who=ada&session=s1`. Topics `open:` are for everybody, `own:{who}` for
that person, `talk:` gives typing without presence, everything else is refused.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import redis.asyncio
import uvicorn
from litestar import Litestar, WebSocket, websocket

from realtime import log
from realtime.bus import Bus
from realtime.connection import refuse, serve
from realtime.frames import Close
from realtime.hub import Hub
from realtime.packet import uvicorn_protocol
from realtime.presence import Presence
from realtime.rooms import Grant, Who

SHARED = uvicorn_protocol()


class Door:
    """The gate of the tests; `denied` holds topics that are refused from now on, `closed` people who are not let in."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.closed: set[str] = set()
        self.asked = 0

    async def grant(self, who: Who, topic: str) -> Grant | None:
        self.asked += 1
        if topic in self.denied:
            return None
        if topic.startswith("open:") or topic == f"own:{who.id}":
            return Grant(events=True, presence=True, typing=True)
        if topic.startswith("talk:"):
            return Grant(events=True, presence=False, typing=True)
        return None


class Node:
    """A hub behind a websocket at `url`."""

    def __init__(self, hub: Hub, door: Door, bus: Bus, pool: asyncpg.Pool) -> None:
        self.hub = hub
        self.door = door
        self.bus = bus
        self.pool = pool
        self.url = ""


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:  # the test runner's signals are its own
        yield


@contextlib.asynccontextmanager
async def node(database_url: str, redis_url: str, protocol: str = SHARED) -> AsyncIterator[Node]:
    """A running node."""
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=4)
    client = redis.asyncio.Redis.from_url(redis_url)
    bus, door = Bus(redis_url), Door()
    hub = Hub(pool, bus, Presence(client), door.grant)
    found = Node(hub, door, bus, pool)

    @websocket("/live")
    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        name = socket.query_params.get("who", "")
        if not name or name in door.closed:
            await refuse(socket, Close.NOT_SIGNED_IN)
            return
        who = Who(id=name, name=name.title(), kind="member", session=socket.query_params.get("session", name))
        await serve(socket, hub, who)

    await hub.start()
    config = uvicorn.Config(
        Litestar([live]),
        port=0,
        log_level="warning",
        ws=protocol,
        ws_per_message_deflate=False,
        lifespan="off",
        timeout_graceful_shutdown=2,  # it does not see a socket that came while it began to shut down
    )
    server = Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn tells by a flag
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    found.url = f"ws://127.0.0.1:{port}/live"
    try:
        yield found
    finally:
        await hub.stop()
        server.should_exit = True
        await running
        pool.terminate()
        await client.aclose()


async def main(database_url: str, redis_url: str, *topics: str) -> None:
    async with node(database_url, redis_url) as running:
        print(running.url, flush=True)
        while topics:
            with contextlib.suppress(Exception):  # the wire was cut: committed or not, nobody publishes it
                async with running.pool.acquire(timeout=2) as connection, connection.transaction():
                    written = await log.append(connection, [(topic, b'{"type":"x"}') for topic in topics])
                await asyncio.sleep(0.02)
                running.hub.publish(written)
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
