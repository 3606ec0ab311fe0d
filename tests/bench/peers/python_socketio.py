"""python-socketio on uvicorn with its Redis manager."""

import json
from typing import Any

import socketio

from tests.bench.peers.common import run, serve


async def main(redis_url: str) -> None:
    server = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(redis_url))

    async def connect(sid: str, _environ: dict[str, Any]) -> None:
        await server.enter_room(sid, "board")

    server.on("connect", connect)

    async def publish(text: str) -> None:
        await server.emit("event", json.loads(text), room="board")

    await serve(socketio.ASGIApp(server), publish)


if __name__ == "__main__":
    run(main)
