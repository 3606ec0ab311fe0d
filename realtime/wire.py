"""A uvicorn protocol class that joins the live protocol to the transport directly, without a task or a queue between.

uvicorn started with `ws="realtime.wire:SharedFrames"` puts itself into the websocket's scope as `realtime.wire`.
Finished frames go straight into the transport, so that one buffer serves all sockets; what the browser sends is handed
on as it arrives. It touches a few attributes of uvicorn that are nobody's interface: `fits` checks them, and
`packet.uvicorn_protocol` falls back to the plain class.
"""

import inspect
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.packet import WIRE


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
    """Whether uvicorn's class still has what `SharedFrames` relies on."""
    source = inspect.getsource(WebSocketsSansIOProtocol)
    used = (
        "async def run_asgi(self)",
        "def send_receive_event_to_app(self)",
        "def stop_keepalive(self)",
        "def pause_writing(self)",
        "def connection_lost(self, exc",
        "self.frames: list[bytes]",
        "self.curr_msg_data_type",
        "self.close_sent",
        "self.transport",
        "self.conn",
        '"extensions":',
    )
    return all(word in source for word in used)
