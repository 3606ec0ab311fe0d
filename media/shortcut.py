"""The short way of a media packet: from the socket to the reorder buffer in one call.

aiortc's own way leads through a queue, a task, and a dozen objects per packet, of which a recorder needs none; here a
datagram is decrypted, read and handed on where it arrives, which costs a third. A `Shortcut` lives as long as its
connection. It takes over stream by stream: the first packet of every stream still goes the long way, so that aiortc
knows the stream (its reports need that), and so does everything that is not media.

Sources: RFC 3550, 5.1 (RTP header); RFC 8285 (header extensions); RFC 4588 (retransmission); RFC 7741, 4.2 (VP8).
"""

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from media.congestion import Feedback
from media.reorder import Packet

ONE_BYTE, TWO_BYTES = 0xBEDE, 0x1000  # profiles of header extensions
RTCP = range(192, 209)  # second byte of a packet that is no media (RFC 5761)

_HEAD = struct.Struct("!BBHII")
_PAIR = struct.Struct("!HH")
_SHORT = struct.Struct("!H")


class Taker(Protocol):
    """Where packets of one stream go."""

    def take(self, ssrc: int, packet: Packet) -> None: ...


@dataclass(slots=True)
class Way:
    """What to do with packets of one payload type; `again` is set for retransmissions."""

    taker: Taker
    video: bool
    again: bool


@dataclass(slots=True)
class _Seen:
    """What aiortc's statistics look at in a packet."""

    sequence_number: int = 0
    timestamp: int = 0


class Shortcut:
    """`ways` by payload type; `number` is the id of the header extension with the transport-wide number, or 0."""

    def __init__(self, ways: dict[int, Way], number: int, feedback: Feedback) -> None:
        self.malformed = 0
        self._ways = ways
        self._number = number
        self._feedback = feedback
        self._streams: dict[int, tuple[Callable[[_Seen], None], int]] = {}
        self._seen = _Seen()

    def open(self, ssrc: int, statistics: Any, original: int) -> None:
        """From now on packets of `ssrc` come this way. `original` is the stream they belong to."""
        self._streams[ssrc] = (statistics.add, original)

    def known(self, ssrc: int) -> bool:
        return ssrc in self._streams

    def fits(self, data: bytes) -> bool:
        """Whether this datagram, still encrypted, can come this way: the header is in the clear."""
        return (
            len(data) > 12
            and data[1] not in RTCP
            and data[1] & 0x7F in self._ways
            and int.from_bytes(data[8:12], "big") in self._streams
        )

    def take(self, data: bytes) -> None:
        """Takes a decrypted packet; one that is malformed is counted and forgotten."""
        now = time.monotonic()
        try:
            way, original, packet = self._read(data, now)
        except (ValueError, IndexError, struct.error):
            self.malformed += 1
            return
        if packet is not None:
            way.taker.take(original, packet)

    def _read(self, data: bytes, now: float) -> tuple[Way, int, Packet | None]:
        first, second, sequence, timestamp, ssrc = _HEAD.unpack_from(data)
        way = self._ways[second & 0x7F]
        count, original = self._streams[ssrc]
        seen = self._seen
        seen.sequence_number, seen.timestamp = sequence, timestamp
        count(seen)
        at = 12 + 4 * (first & 0x0F)
        if first & 0x10:
            profile, words = _PAIR.unpack_from(data, at)
            at += 4
            number = transport_number(data, at, at + 4 * words, profile, self._number) if self._number else None
            if number is not None:
                self._feedback.add(number, ssrc, now)
            at += 4 * words
        end = len(data) - (data[-1] if first & 0x20 else 0)
        if way.again:
            if end - at < 2:
                return way, original, None  # a probe for bandwidth
            (sequence,) = _SHORT.unpack_from(data, at)
            at += 2
        if way.video and end > at:
            at += descriptor(data, at)
        if at > end:
            raise ValueError("a packet shorter than its headers say")
        return way, original, Packet(sequence, timestamp, second >= 0x80, data[at:end], now)


def transport_number(data: bytes, at: int, end: int, profile: int, wanted: int) -> int | None:
    """The value of extension `wanted`, None when it is not there. Raises IndexError or struct.error past the end."""
    if profile != ONE_BYTE and profile & 0xFFF0 != TWO_BYTES:
        return None
    while at < end:
        head = data[at]
        if head == 0:  # padding
            at += 1
            continue
        if profile == ONE_BYTE:
            name, length = head >> 4, (head & 0x0F) + 1
            at += 1
        else:
            name, length = head, data[at + 1]
            at += 2
        if name == wanted and length == 2:
            return int(_SHORT.unpack_from(data, at)[0])
        at += length
    return None


def descriptor(data: bytes, at: int) -> int:
    """Length of the VP8 payload descriptor that begins at `at`. Raises IndexError past the end."""
    if not data[at] & 0x80:
        return 1
    fields = data[at + 1]
    length = 2
    if fields & 0x80:
        length += 2 if data[at + 2] & 0x80 else 1
    if fields & 0x40:
        length += 1
    if fields & 0x30:
        length += 1
    return length
