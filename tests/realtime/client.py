"""A browser's worth of the live protocol, for tests: collects frames, and keeps count of what must never happen."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]


class Client:
    """One open socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []
        self.read = 0

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def next(self, kind: str, seconds: float = 3.0, **wanted: Any) -> Frame:
        """The next frame of that kind (and those fields); others are passed over but remembered in `frames`."""
        wanted["type"] = kind
        return await self.until(lambda frame: all(frame.get(key) == value for key, value in wanted.items()), seconds)

    async def until(self, fits: Callable[[Frame], bool], seconds: float = 3.0) -> Frame:
        async with asyncio.timeout(seconds):
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                if frame["type"] == "ping":
                    await self.send(type="pong")
                    continue
                self.frames.append(frame)
                if fits(frame):
                    return frame

    async def quiet(self, kind: str, seconds: float) -> None:
        """Nothing of that kind arrives for so long."""
        with contextlib.suppress(TimeoutError):
            found = await self.next(kind, seconds)
            raise AssertionError(f"unexpected {found}")

    async def subscribe(self, topic: str, **fields: Any) -> Frame:
        await self.send(type="subscribe", topic=topic, **fields)
        return await self.until(lambda f: f["type"] in {"subscribed", "resync", "error"} and f["topic"] == topic)

    async def closed(self, seconds: float = 5.0) -> tuple[int, str]:
        """The code and reason it is closed with."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")


@contextlib.asynccontextmanager
async def visit(url: str, who: str = "ada", session: str = "", **options: Any) -> AsyncIterator[Client]:
    """A client that has been greeted."""
    query = f"?who={who}&session={session or who}" if who else ""
    async with connect(url + query, compression=None, proxy=None, **options) as socket:
        client = Client(socket)
        if who:
            await client.next("hello")
        yield client
