"""One message, many sockets: packets that are built once, and a uvicorn protocol class that writes them as they are.

uvicorn started with `ws="realtime.wire:SharedFrames"` offers two extensions in the websocket's scope: `realtime.write`
puts a finished websocket frame into the transport and returns how many bytes wait there, `realtime.abort` cuts a peer
off that does not read. Without it (another server, or a uvicorn whose inside changed) sending falls back to plain ASGI.
Frames are never compressed or fragmented; permessage-deflate must be off (`--ws-per-message-deflate false`).
"""

import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from realtime import frames

WRITE = "realtime.write"
ABORT = "realtime.abort"


class Packet:
    """A text message, encoded once: `text` for ASGI, `frame` (RFC 6455, section 5.2) for a shared write."""

    __slots__ = ("frame", "size", "text")

    def __init__(self, data: bytes) -> None:
        self.text = data.decode()
        self.frame = _header(len(data)) + data
        self.size = len(data)


def _header(size: int) -> bytes:
    """The header of a final, unmasked text frame."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65536:
        return struct.pack(">BBH", 0x81, 126, size)
    return struct.pack(">BBQ", 0x81, 127, size)


def pack(frame: frames.Frame) -> Packet:
    """A frame, ready to be sent."""
    return Packet(frames.encode(frame))


def pack_event(topic: str, seq: int, payload: bytes) -> Packet:
    """An event, with the payload's JSON put in as it is."""
    return pack(frames.EventFrame(topic=topic, seq=seq, payload=frames.raw(payload)))


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


def shared_write(scope: Any) -> tuple[Callable[[bytes], int], Callable[[], None]] | None:
    """The write and abort of this websocket's scope, where the server has them."""
    extensions = scope.get("extensions") or {}
    if WRITE in extensions:
        return extensions[WRITE], extensions[ABORT]
    return None
