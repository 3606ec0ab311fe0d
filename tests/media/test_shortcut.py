"""The short way reads packets exactly as aiortc's long one does."""

import struct
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiortc.codecs.vpx import vp8_depayload
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket
from hypothesis import example, given
from hypothesis import strategies as st

from media.congestion import URI, Feedback
from media.reorder import Packet
from media.shortcut import Shortcut, Way
from tests.media.peers import running, watch
from tests.media.sender import Sender, noisy

SOUND, PICTURE, AGAIN = 111, 96, 97
SSRC, AGAIN_SSRC = 0xC0FFEE, 0xBEEF


class Taker:
    def __init__(self) -> None:
        self.taken: list[tuple[int, Packet]] = []

    def take(self, ssrc: int, packet: Packet) -> None:
        self.taken.append((ssrc, packet))


class Ledger:
    """Stands where aiortc's statistics are and keeps what they look at."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def add(self, packet: Any) -> None:
        self.seen.append((packet.sequence_number, packet.timestamp))


def road(number: int = 5) -> tuple[Shortcut, Taker, Ledger, Feedback]:
    taker, ledger, feedback = Taker(), Ledger(), Feedback(1)
    ways = {
        SOUND: Way(taker, video=False, again=False),
        PICTURE: Way(taker, video=True, again=False),
        AGAIN: Way(taker, video=True, again=True),
    }
    shortcut = Shortcut(ways, number, feedback)
    shortcut.open(SSRC, ledger, SSRC)
    shortcut.open(AGAIN_SSRC, ledger, SSRC)
    return shortcut, taker, ledger, feedback


descriptors = st.one_of(
    st.sampled_from([b"\x10", b"\x00"]),
    st.builds(
        lambda number, more: bytes((0x90, 0x80 | more)) + number + bytes(bool(more & 0x40)) + bytes(bool(more & 0x30)),
        st.sampled_from([b"\x07", b"\x81\x02"]),
        st.sampled_from([0, 0x40, 0x20, 0x10, 0x30, 0x70]),
    ),
)


@given(
    payload=st.binary(max_size=300),
    head=descriptors,
    kind=st.sampled_from([SOUND, PICTURE]),
    numbers=st.tuples(st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 1)),
    others=st.integers(0, 3),
    transport=st.none() | st.integers(0, 65535),
    padding=st.integers(0, 255),
)
def test_packets_are_read_as_aiortc_reads_them(
    payload: bytes,
    head: bytes,
    kind: int,
    numbers: tuple[int, int, int],
    others: int,
    transport: int | None,
    padding: int,
) -> None:
    sequence, timestamp, marker = numbers
    known = HeaderExtensionsMap()
    setattr(known, "_HeaderExtensionsMap__ids", HeaderExtensions(mid=1, audio_level=2, transport_sequence_number=5))  # noqa: B010
    body = head + payload if kind == PICTURE else payload
    sent = RtpPacket(kind, marker, sequence, timestamp, SSRC, body)
    sent.csrc = list(range(others))
    sent.padding_size = padding
    sent.extensions = HeaderExtensions(mid="0", audio_level=(True, 20), transport_sequence_number=transport)
    data = sent.serialize(known)
    shortcut, taker, ledger, feedback = road()
    assert shortcut.fits(data)
    shortcut.take(data)
    assert shortcut.malformed == 0
    ((ssrc, packet),) = taker.taken
    parsed = RtpPacket.parse(data, known)
    assert (ssrc, packet.sequence, packet.timestamp, packet.marker) == (SSRC, sequence, timestamp, bool(marker))
    expected = vp8_depayload(parsed.payload) if kind == PICTURE else parsed.payload
    assert packet.data == expected
    assert ledger.seen == [(sequence, timestamp)]
    assert (feedback.build() is not None) == (transport is not None)


@given(st.binary(max_size=400))
@example(bytes((0xB0, PICTURE)) + bytes(6) + struct.pack("!I", SSRC) + b"\xbe\xde\xff\xff")
def test_nonsense_harms_nobody(tail: bytes) -> None:
    """Whatever an authenticated sender may write."""
    shortcut, taker, _, _ = road()
    for kind in (SOUND, PICTURE, AGAIN):
        for first in (0x80, 0x90, 0xA0, 0xBF):
            shortcut.take(bytes((first, kind)) + bytes(6) + struct.pack("!I", SSRC) + tail)
    assert all(isinstance(packet.data, bytes) for _, packet in taker.taken)


def test_what_is_sent_again_belongs_to_its_stream() -> None:
    shortcut, taker, ledger, _ = road()
    wrapped = struct.pack("!H", 77) + b"\x10picture"
    shortcut.take(struct.pack("!BBHII", 0x80, AGAIN, 4, 90, AGAIN_SSRC) + wrapped)
    ((ssrc, packet),) = taker.taken
    assert (ssrc, packet.sequence, packet.data) == (SSRC, 77, b"picture")
    assert ledger.seen == [(4, 90)]
    shortcut.take(struct.pack("!BBHII", 0xA0, AGAIN, 5, 90, AGAIN_SSRC) + b"\x00\x02")  # padding alone: a probe
    assert len(taker.taken) == 1


def test_the_long_way_is_for_strangers_and_reports() -> None:
    shortcut, _, _, _ = road()
    packet = struct.pack("!BBHII", 0x80, SOUND, 4, 90, SSRC) + b"sound"
    assert shortcut.fits(packet)
    assert not shortcut.fits(packet[:8] + struct.pack("!I", 99) + packet[12:])
    assert not shortcut.fits(bytes((0x80, 98)) + packet[2:])
    assert not shortcut.fits(bytes((0x80, 200)) + packet[2:])
    assert not shortcut.fits(packet[:12])


async def test_nearly_all_packets_come_the_short_way_and_no_thread_decodes(tmp_path: Path) -> None:
    before = threading.active_count()
    async with running(tmp_path) as here:
        sender, name = Sender(noisy(320, 240, bitrate=400_000)), uuid4()

        async def exchange(offer: str) -> str:
            return await here.recorder.begin(name, offer, kind="video", seconds=None)

        await sender.connect(exchange)
        receiver = here.recorder.recordings[name].receiver
        long: list[int] = []
        for track in receiver.tracks.values():
            way = track._handle_rtp

            async def count(packet: Any, arrival_time_ms: int, way: Any = way) -> None:
                long.append(packet.sequence_number)
                await way(packet, arrival_time_ms=arrival_time_ms)

            track._handle_rtp = count
        sender.roll()
        while sender.frames < 45:
            await _moment()
        names = {thread.name for thread in threading.enumerate()}
        await sender.cut()
        await _moment(0.3)
        manifest = await here.recorder.end(name)
        await sender.close()
        seen = watch(await here.file(name, tmp_path))
    assert manifest is not None
    assert len(long) <= 10
    assert not any("decoder" in thread for thread in names)
    assert manifest.frames == seen.pictures == sender.frames
    assert seen.sounds == sender.sounds
    assert (manifest.lost, seen.errors) == (0, 0)
    assert threading.active_count() <= before + 8
    assert URI in sender.peer.remoteDescription.sdp


async def _moment(seconds: float = 0.02) -> None:
    import asyncio

    await asyncio.sleep(seconds)
