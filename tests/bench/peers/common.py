"""What all servers under comparison share: the payload, the orders on standard input, and uvicorn with equal settings.

An order is a line `{"first": 1, "count": 50, "rate": 10}`: publish that many numbered payloads at that rate. The first
line that a server prints is its port; after each order it prints the number of the last payload it published.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

TEXT = "Ben moved Cleo Marchetti to Interview; her answers are complete. "
PLAIN = "websockets-sansio"

Publish = Callable[[str], Awaitable[None]]


def payload(number: int) -> str:
    """300 bytes of JSON with its number and the moment it was made (ns, the clock that all processes share)."""
    head = f'{{"n":"{number:08}","at":"{time.monotonic_ns():020}","text":"'
    return head + (TEXT * 5)[: 298 - len(head)] + '"}'


def say(word: int) -> None:
    """A line for the bench."""
    print(word, flush=True)


async def obey(publish: Publish) -> None:
    """Carry out orders until standard input ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        began = loop.time()
        for turn in range(order["count"]):
            await asyncio.sleep(began + turn / order["rate"] - loop.time())
            await publish(payload(order["first"] + turn))
        say(order["first"] + order["count"] - 1)


async def serve(app: Any, publish: Publish, *, ws: str = PLAIN) -> None:
    """Serve an ASGI application on a free port and carry out orders beside it."""
    config = uvicorn.Config(
        app, port=0, ws=ws, ws_per_message_deflate=False, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn tells by a flag
        await asyncio.sleep(0.01)
    say(server.servers[0].sockets[0].getsockname()[1])
    await obey(publish)
    server.should_exit = True
    await serving


def run(main: Callable[[str], Awaitable[None]]) -> None:
    """Run `main(redis_url)` on the event loop that uvicorn would choose."""

    async def begin() -> None:
        await main(sys.argv[1])

    uvloop.run(begin())
