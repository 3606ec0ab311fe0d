"""Sound without holes."""

import io
import itertools

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sound import PACKET, RATE, SILENCE, Raster, samples
from media.webm import opus_template

TALK = b"\xfctalk"  # 20 ms


@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [
        (SILENCE, 20),
        (TALK, 20),
        (b"\x00", 10),
        (b"\x18", 60),
        (b"\x70", 10),
        (b"\x80", 2.5),
        (b"\xf9", 40),
        (b"\xfb\x03", 60),
        (b"\x1b\x3f", 20),  # says 63 frames of 60 ms: damaged
        (b"\xfb", 20),
        (b"", 20),
    ],
)
def test_a_packet_says_how_long_it_sounds(packet: bytes, milliseconds: float) -> None:
    assert samples(packet) * 1000 / RATE == milliseconds


def test_silence_is_twenty_milliseconds_of_nothing() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream_from_template(opus_template())
        for number in range(50):
            packet = av.Packet(SILENCE)
            packet.stream, packet.pts, packet.dts = stream, number * 20, number * 20
            packet.time_base = stream.time_base
            container.mux_one(packet)
    buffer.seek(0)
    with av.open(buffer, "r") as container:
        frames = list(container.decode(audio=0))
    assert sum(frame.samples for frame in frames) >= 49 * PACKET
    assert not any(frame.to_ndarray().any() for frame in frames)


@given(
    st.lists(
        st.tuples(st.sampled_from([PACKET, PACKET, PACKET, 2 * PACKET, PACKET + 7, 9000]), st.integers(-500, 500)),
        max_size=200,
    )
)
def test_sound_is_laid_end_to_end_near_where_it_belongs(steps: list[tuple[int, int]]) -> None:
    """Whatever is missing and however the clock is corrected."""
    raster = Raster()
    laid: list[int] = []
    position = 0
    for step, correction in steps:
        position = max(0, position + step + correction)
        silences, at = raster.lay(position, TALK)
        laid += silences
        if at is not None:
            assert abs(at - position) <= PACKET * 3 // 4
            laid.append(at)
    assert all(after - before == PACKET for before, after in itertools.pairwise(laid))
    assert raster.filled + (len(steps) * PACKET - raster.dropped) == len(laid) * PACKET
