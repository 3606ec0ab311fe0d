"""A uvicorn protocol class that joins the live protocol to the transport directly, without a task or a queue between.

uvicorn started with `ws="realtime.wire:SharedFrames"` puts itself into the websocket's scope as `realtime.wire`.
Finished frames go straight into the transport, so that one buffer serves all sockets; what the browser sends is handed
on as it arrives. It touches a few attributes of uvicorn that are nobody's interface: `fits` has a conversation with
the class itself, without a network, and `packet.uvicorn_protocol` falls back to the plain class when that goes wrong.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from realtime.packet import WIRE, Packet, wire_of


class SharedFrames(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol as a `realtime.packet.Wire`."""

    _hear: Callable[[bytes], None] | None = None
    _choked: Callable[[], None] | None = None

    async def run_asgi(self) -> None:
        # Compression is negotiated per socket, so a frame could not be shared; the plain way remains.
        if not self.conn.extensions:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WIRE] = self
        await super().run_asgi()

    def join(self, hear: Callable[[bytes], None], choked: Callable[[], None], limit: int) -> Callable[[bytes], None]:
        """See `Wire`. The live protocol has pings of its own: uvicorn's end here."""
        self._hear, self._choked = hear, choked
        self.stop_keepalive()
        self.transport.set_write_buffer_limits(high=limit)
        del self.request, self.response  # of the handshake, read by nobody any more: 2 KB
        return self.transport.write

    def pause_writing(self) -> None:
        """Too much waits: the transport says so once, so that no write has to ask."""
        super().pause_writing()
        if self._choked:
            self._choked()

    def send_receive_event_to_app(self) -> None:
        """A message is complete."""
        if self._hear is None or self.curr_msg_data_type != "text":
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self._hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, which the application learns by ASGI."""
        self._hear = self._choked = None
        super().connection_lost(exc)

    def waiting(self) -> int:
        """The bytes that wait in the transport."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Drop the connection with everything that waits in it."""
        self.transport.abort()


def fits() -> bool:
    """Whether uvicorn's class still does what `SharedFrames` relies on: tried out, for a name proves nothing."""
    with ThreadPoolExecutor(1) as elsewhere:  # the caller's loop may be running
        try:
            return elsewhere.submit(asyncio.run, _rehearse()).result()
        except Exception:  # an attribute that is gone or means something else
            return False


class _Stage(asyncio.Transport):
    """A transport that leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.limits: tuple[int | None, int | None] = (None, None)
        self.ended = ""

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limits = (low, high)

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def pause_reading(self) -> None:
        """What the plain way does after every message."""

    def resume_reading(self) -> None:
        """See above."""


_HELLO = (
    b"GET /live HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_PING_SECONDS = 0.005


def _masked(first: int, text: bytes) -> bytes:
    """A short frame as browsers send it (RFC 6455, section 5.3), under a mask that changes nothing."""
    return bytes((first, 0x80 | len(text))) + bytes(4) + text


async def _rehearse() -> bool:
    heard: list[bytes] = []
    choked: list[bool] = []
    gone = asyncio.Event()
    packet = Packet(b"to everybody")
    stage = _Stage()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        wire = wire_of(scope)
        assert wire
        await receive()
        await send({"type": "websocket.accept"})
        wire.join(heard.append, lambda: choked.append(True), 1000)(packet.frame)
        if (await receive())["type"] == "websocket.disconnect":  # what was heard does not come this way as well
            gone.set()

    options: dict[str, Any] = {"log_config": None, "lifespan": "off", "ws_per_message_deflate": False}
    config = uvicorn.Config(app, ws_ping_interval=_PING_SECONDS, ws_ping_timeout=_PING_SECONDS, **options)
    config.load()
    protocol = SharedFrames(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(stage)
    protocol.data_received(_HELLO)
    await asyncio.sleep(_PING_SECONDS * 4)
    answer, *others = stage.written
    greeted = answer.startswith(b"HTTP/1.1 101 ") and others == [packet.frame]  # and no ping of uvicorn's own
    protocol.data_received(_masked(0x81, b"one") + _masked(0x01, b"t") + _masked(0x80, b"wo"))
    protocol.pause_writing()
    waiting = protocol.waiting()
    protocol.abort()
    protocol.connection_lost(None)
    async with asyncio.timeout(1):
        await gone.wait()
    return (
        greeted
        and heard == [b"one", b"two"]
        and choked == [True]
        and (stage.limits[1], waiting, stage.ended) == (1000, 2, "aborted")
    )
