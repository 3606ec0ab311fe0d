"""Opus as far as a recorder must know it, and the raster on which sound is laid end to end.

A browser that plays a file takes its sound packet by packet and heeds no hole between two of them: whatever came
after half a second of lost sound was heard half a second beside its picture (Chromium, measured). So a recording's
sound has no holes: silence is written into them, a packet at a time. A `Raster` lives as long as one recording.

Sources: RFC 6716, section 3.1 (the first byte of a packet says how long it sounds).
"""

from dataclasses import dataclass

RATE = 48000  # units of time here, whatever the encoder's own rate is
PACKET = 960  # samples in a packet of 20 ms, which is what browsers send
SILENCE = b"\xf8\xff\xfe"  # 20 ms of nothing, decodable at any place
LONGEST = 5760  # samples in a packet; more is nonsense
_SPEECH = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_MUSIC = (120, 240, 480, 960)


def samples(packet: bytes) -> int:
    """How long a packet sounds; 20 ms for one that is damaged."""
    if not packet:
        return PACKET
    kind, code = packet[0] >> 3, packet[0] & 3
    one = _SPEECH[kind % 4] if kind < 12 else _HYBRID[kind % 2] if kind < 16 else _MUSIC[kind % 4]
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[code]
    return one * frames if 0 < one * frames <= LONGEST else PACKET


@dataclass(slots=True)
class Raster:
    """`filled` and `dropped` count samples of silence put in, and of sound left out because it came too early."""

    end: int | None = None  # in samples from the beginning of the file
    filled: int = 0
    dropped: int = 0

    def lay(self, position: int, packet: bytes) -> tuple[list[int], int | None]:
        """Where silence goes before this packet, and where the packet goes (None: nowhere). All in samples.

        `position` is where it belongs by its clock; it is laid within 15 ms of that, without a hole.
        """
        length = samples(packet)
        if self.end is None:
            self.end = max(0, position)
        silences: list[int] = []
        while position - self.end >= PACKET * 3 // 4:
            silences.append(self.end)
            self.end += PACKET
        self.filled += PACKET * len(silences)
        if self.end - position >= max(length, PACKET) * 3 // 4:
            self.dropped += length
            return silences, None
        at = self.end
        self.end += length
        return silences, at
