"""Greenroom's live core as the web process runs it: position in Postgres, commit, bus, hub, shared frames on uvicorn.

Called with the URLs of Redis and of a database that holds the log's tables. The door lets everybody in.
"""

import gc
import sys
from typing import Any

import asyncpg
from litestar import Litestar, WebSocket, websocket
from redis.asyncio import Redis

from realtime import log
from realtime.bus import Bus
from realtime.connection import serve as speak
from realtime.hub import Hub
from realtime.packet import uvicorn_protocol
from realtime.presence import Presence
from realtime.rooms import Grant, Who
from tests.bench.peers.common import run, serve

TOPIC = "board:1"


async def grant(_who: Who, _topic: str) -> Grant:
    return Grant()


async def main(redis_url: str) -> None:
    pool = await asyncpg.create_pool(sys.argv[2], min_size=2, max_size=4)
    hub = Hub(pool, Bus(redis_url), Presence(Redis.from_url(redis_url)), grant)

    @websocket("/board")
    async def board(socket: WebSocket[Any, Any, Any]) -> None:
        name = socket.query_params["who"]
        await speak(socket, hub, Who(id=name, name=name, kind="member", session=name))

    async def publish(text: str) -> None:
        async with pool.acquire() as connection, connection.transaction():
            written = await log.append(connection, [(TOPIC, text.encode())])
        hub.publish(written)

    await hub.start()
    gc.collect()  # as server/app.py does
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await serve(Litestar([board], logging_config=None), publish, ws=uvicorn_protocol())
    await hub.stop()


if __name__ == "__main__":
    run(main)
