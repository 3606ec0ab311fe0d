"""A uvicorn protocol class that writes prebuilt websocket frames, half the cost of a send per socket.

uvicorn started with `ws="realtime.wire:SharedFrames"` offers two extensions in the websocket's scope: `realtime.write`
puts a finished frame into the transport and tells how many bytes wait there, `realtime.abort` cuts off a peer that does
not read. It touches a few attributes of uvicorn that are nobody's interface: `fits` checks them, and
`packet.uvicorn_protocol` falls back to the plain class.
"""

import inspect
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime.packet import ABORT, WRITE


class SharedFrames(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol with a synchronous write of prebuilt frames."""

    async def run_asgi(self) -> None:
        # Compression is negotiated per socket, so a frame could not be shared; the plain way remains.
        if not self.conn.extensions:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WRITE] = self.write_frame
            extensions[ABORT] = self.abort
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> int:
        """Write without waiting; the bytes now waiting in the transport, or -1 when the socket is closing."""
        if self.close_sent or self.transport.is_closing():
            return -1
        if frame:  # an empty one only asks
            self.transport.write(frame)
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Drop the connection with everything that waits in it."""
        self.transport.abort()


def fits() -> bool:
    """Whether uvicorn's class still has what `SharedFrames` relies on."""
    source = inspect.getsource(WebSocketsSansIOProtocol)
    used = ("async def run_asgi(self)", "self.close_sent", "self.transport", "self.conn", '"extensions":')
    return all(word in source for word in used)
