"""One message, many sockets: a packet is built once per topic and process and shared by everybody who gets it.

Where the server gives its wire (`realtime/wire.py` under uvicorn) a finished frame is written into it, else the text
goes through plain ASGI. Frames are never compressed or fragmented, so permessage-deflate must be off.
"""

import logging
import struct
from collections.abc import Callable
from typing import Any, Protocol

from realtime import frames

log = logging.getLogger(__name__)

WIRE = "realtime.wire"  # extension of a websocket's scope: a `Wire`
PLAIN_PROTOCOL = "websockets-sansio"


class Wire(Protocol):
    """A websocket without the ASGI way in between. Nothing here waits."""

    def join(self, hear: Callable[[bytes], None], choked: Callable[[], None], limit: int) -> Callable[[bytes], None]:
        """Have texts handed to `hear` from now on, and `choked` called when more than `limit` bytes wait to be sent.

        Returns what sends a finished frame; on a socket that is closing it does nothing.
        """

    def waiting(self) -> int:
        """The bytes that wait to be sent."""

    def abort(self) -> None:
        """Drop the connection with everything that waits in it."""


class Packet:
    """A text message, encoded once: `text` for ASGI, `frame` (RFC 6455, section 5.2) for a shared write."""

    __slots__ = ("_text", "frame", "size")

    def __init__(self, data: bytes) -> None:
        self.frame = _header(len(data)) + data
        self.size = len(data)
        self._text = ""

    @property
    def text(self) -> str:
        """The message for those who cannot take a frame."""
        self._text = self._text or self.frame[-self.size :].decode()
        return self._text


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


def wire_of(scope: Any) -> Wire | None:
    """The wire of this websocket's scope, where the server has one."""
    return (scope.get("extensions") or {}).get(WIRE)


def uvicorn_protocol() -> str:
    """What to start uvicorn with as `ws`: the class that shares frames, or the plain one if uvicorn has changed."""
    try:
        from realtime import wire  # noqa: PLC0415  # it stands on uvicorn's inside, which may have moved

        if wire.fits():
            return f"{wire.__name__}:{wire.SharedFrames.__name__}"
    except ImportError:
        pass
    log.warning("this uvicorn is another than expected: frames are not shared, which costs processor time")
    return PLAIN_PROTOCOL
