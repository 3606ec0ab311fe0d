"""The floor: no framework, no bus. One prebuilt frame is written into every transport, which Python cannot undercut."""

import asyncio
import base64
import hashlib
import re
from typing import cast

from tests.bench.peers.common import obey, run, say

KEY = re.compile(rb"sec-websocket-key: *(\S+)", re.IGNORECASE)
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
open_sockets: set[asyncio.Transport] = set()


class Socket(asyncio.Protocol):
    """Answers the handshake, ignores everything after it."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        if self.transport not in open_sockets and (found := KEY.search(data)):
            accept = base64.b64encode(hashlib.sha1(found[1] + MAGIC, usedforsecurity=False).digest())
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            open_sockets.add(self.transport)

    def connection_lost(self, _error: Exception | None) -> None:
        open_sockets.discard(self.transport)


async def publish(text: str) -> None:
    data = text.encode()
    frame = bytes((0x81, 126)) + len(data).to_bytes(2, "big") + data
    for transport in open_sockets:
        transport.write(frame)


async def main(_redis_url: str) -> None:
    server = await asyncio.get_running_loop().create_server(Socket, "127.0.0.1", 0, backlog=2048)
    say(server.sockets[0].getsockname()[1])
    await obey(publish)


if __name__ == "__main__":
    run(main)
