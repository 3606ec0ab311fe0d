"""Lets Playwright drive a stock Firefox over WebDriver BiDi.

`firefox_bidi.py FIREFOX ARGUMENTS...` starts Firefox and stands between it and Playwright's `moz-firefox` channel: it
passes every message on and answers the few commands that this Firefox does not know, without which Playwright cannot
open a context. What they would have done (emulating a colour scheme) does not happen.
"""

import asyncio
import contextlib
import json
import re
import signal
import sys

import aiohttp
from aiohttp import web

UNKNOWN_TO_FIREFOX = frozenset({"emulation.setMediaFeaturesOverride"})
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


class Relay:
    """A websocket server in front of Firefox's."""

    def __init__(self) -> None:
        self.firefox: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self) -> int:
        """Listen on a free port and return it."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self.handle)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Relay one session, both ways, until either side hangs up."""
        near = web.WebSocketResponse(max_msg_size=0)
        await near.prepare(request)
        address = await self.firefox + request.path
        async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as far:
            replies = asyncio.create_task(self._replies(far, near))
            async for message in near:
                call = json.loads(message.data)
                if call["method"] in UNKNOWN_TO_FIREFOX:
                    await near.send_json({"type": "success", "id": call["id"], "result": {}})
                else:
                    await far.send_str(message.data)
            await far.close()
            await replies
        return near

    @staticmethod
    async def _replies(far: aiohttp.ClientWebSocketResponse, near: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            async for message in far:
                await near.send_str(message.data)
        await near.close()


async def main(program: str, arguments: list[str]) -> int:
    """Run Firefox behind the relay, its announcement rewritten to the relay's port."""
    relay = Relay()
    port = await relay.start()
    firefox = await asyncio.create_subprocess_exec(program, *arguments, stderr=asyncio.subprocess.PIPE)
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, firefox.terminate)
    assert firefox.stderr is not None
    while line := await firefox.stderr.readline():
        if announced := LISTENING.search(line):
            relay.firefox.set_result(announced[1].decode())
            line = line.replace(announced[1], f"ws://127.0.0.1:{port}".encode())
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2:])))
