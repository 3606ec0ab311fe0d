"""One message, many sockets: a packet is built once per topic and process and shared by everybody who gets it.

Where the server can write a finished websocket frame (`realtime/wire.py` under uvicorn) that frame is used, else the
text goes through plain ASGI. Frames are never compressed or fragmented, so permessage-deflate must be off.
"""

import struct
from collections.abc import Callable
from typing import Any

from realtime import frames

WRITE = "realtime.write"  # extension of a websocket's scope: write(frame) -> bytes waiting, -1 when closing
ABORT = "realtime.abort"  # extension: drop the connection with everything that waits in it
PLAIN_PROTOCOL = "websockets-sansio"


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


def shared_write(scope: Any) -> tuple[Callable[[bytes], int], Callable[[], None]] | None:
    """The write and abort of this websocket's scope, where the server has them."""
    extensions = scope.get("extensions") or {}
    if WRITE in extensions:
        return extensions[WRITE], extensions[ABORT]
    return None


def uvicorn_protocol() -> str:
    """What to start uvicorn with as `ws`: the class that shares frames, or the plain one if uvicorn has changed."""
    try:
        from realtime import wire  # noqa: PLC0415  # it stands on uvicorn's inside, which may have moved
    except ImportError:
        return PLAIN_PROTOCOL
    return f"{wire.__name__}:{wire.SharedFrames.__name__}" if wire.fits() else PLAIN_PROTOCOL
