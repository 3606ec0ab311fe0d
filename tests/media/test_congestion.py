"""Feedback messages, read back by an independent reading of the draft."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from media.congestion import Feedback


def read(message: bytes) -> tuple[int, list[float | None]]:
    """Base number and arrival seconds (None: not received) of a message."""
    first, kind, length = struct.unpack("!BBH", message[:4])
    assert (first, kind, length * 4 + 4) == (0x8F, 205, len(message))
    base, count = struct.unpack("!HH", message[12:16])
    clock = int.from_bytes(message[16:19], "big") * 0.064
    chunks = message[20 : 20 + 2 * -(-count // 7)]
    symbols = []
    for (chunk,) in struct.iter_unpack("!H", chunks):
        symbols += [(chunk >> shift) & 3 for shift in range(12, -1, -2)]
    at = 20 + len(chunks)
    arrivals: list[float | None] = []
    for symbol in symbols[:count]:
        if symbol == 0:
            arrivals.append(None)
            continue
        size, form = (1, "!B") if symbol == 1 else (2, "!h")
        clock += struct.unpack(form, message[at : at + size])[0] * 0.00025
        at += size
        arrivals.append(clock)
    return base, arrivals


@given(
    first=st.integers(0, 65535),
    gaps=st.lists(st.floats(0, 12), min_size=1, max_size=60),
    lost=st.sets(st.integers(1, 59)),
)
@settings(max_examples=80, deadline=None)
def test_every_arrival_is_reported_once_at_its_time(first: int, gaps: list[float], lost: set[int]) -> None:
    feedback, clock, truth = Feedback(1), 100.0, {}
    for number, gap in enumerate(gaps):
        clock += gap
        if number not in lost:
            truth[number] = clock
            feedback.add((first + number) & 0xFFFF, 7, clock)
    told = {}
    while (message := feedback.build()) is not None:
        base, arrivals = read(message)
        for offset, arrival in enumerate(arrivals):
            number = (base + offset - first) & 0xFFFF
            if arrival is not None:
                assert number not in told
                told[number] = arrival
    assert told.keys() == truth.keys()
    assert all(abs(told[n] - truth[n]) < 0.0005 for n in truth)


def test_silence_is_not_reported() -> None:
    assert Feedback(1).build() is None
