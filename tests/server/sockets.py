"""Websockets to the running application, opened as a browser opens them."""

import contextlib
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect

from tests.cast import Browser
from tests.realtime.client import Client
from tests.server.house import House


@contextlib.asynccontextmanager
async def socket(house: House, path: str, who: Browser, origin: str | None = "") -> AsyncIterator[Client]:
    """An opened websocket; `origin` empty means our own page, None sends none."""
    headers = {"cookie": who.cookies(path)} if who.cookies(path) else {}
    if origin is not None:
        headers["origin"] = origin or house.origin
    url = house.origin.replace("http", "ws", 1) + path
    async with connect(url, additional_headers=headers, compression=None, proxy=None) as opened:
        yield Client(opened)
