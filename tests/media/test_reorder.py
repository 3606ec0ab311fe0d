"""What the reorder buffer hands out, under every weather that hypothesis can think of."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from media.reorder import WAIT, Packet, Reorder, begins_key_frame, dimensions, nearest
from tests.media.packets import DELTA, KEY, at, film, play


def test_numbers_are_unwrapped_to_the_nearest() -> None:
    assert nearest(2, 65535, 16) == 65538
    assert nearest(65535, 65538, 16) == 65535
    assert nearest(5, 5, 32) == 5
    assert nearest(0, 2**32 - 1, 32) == 2**32


def test_a_key_frame_shows_its_start_code_and_size() -> None:
    assert begins_key_frame(KEY)
    assert dimensions(KEY) == (1280, 720)
    assert not begins_key_frame(b"\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00")
    assert not begins_key_frame(b"\x10")


@given(seed=st.integers(0, 2**32), first=st.integers(0, 65535), share=st.floats(0, 0.3), trip=st.floats(0.001, 0.4))
@settings(max_examples=60, deadline=None)
def test_what_is_recovered_in_time_leaves_no_trace(seed: int, first: int, share: float, trip: float) -> None:
    """Any packet may be late by less than the wait, in any order: all frames come out, whole, in order."""
    chance = random.Random(seed)
    packets = film(40, first=first)
    late = [
        at(
            p,
            p.arrival
            + (trip + chance.random() * 1.5 if i > 2 and chance.random() < share else chance.random() * 0.003),
        )
        for i, p in enumerate(packets)
    ]
    buffer = Reorder(video=True)
    frames = play(buffer, late)
    assert [f.timestamp - frames[0].timestamp for f in frames] == [n * 3000 for n in range(40)]
    assert [f.key for f in frames] == [True] + [False] * 39
    for number, frame in enumerate(frames):
        assert frame.data.endswith(f"{number}.0;{number}.1;{number}.2;".encode())
    assert buffer.statistics.lost == 0


def number_of(data: bytes) -> int:
    """Which picture these bytes are of."""
    return int(data.removeprefix(KEY).removeprefix(DELTA).split(b".")[0])


def cut_short(packets: list[Packet], cut: set[int]) -> list[Packet]:
    """The same film from a sender that throws away the rest of some pictures before it numbers the packets."""
    sent = [p for p in packets if number_of(p.data) not in cut or p.data.startswith((KEY, DELTA))]
    return [
        Packet((packets[0].sequence + place) & 0xFFFF, p.timestamp, p.marker, p.data, p.arrival)
        for place, p in enumerate(sent)
    ]


@given(
    seed=st.integers(0, 2**32),
    first=st.integers(0, 65535),
    share=st.floats(0, 0.4),
    keys=st.sets(st.integers(1, 79), max_size=6),
    cut=st.sets(st.integers(0, 79), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_what_comes_out_can_be_decoded_whatever_is_lost(
    seed: int, first: int, share: float, keys: set[int], cut: set[int]
) -> None:
    """Every frame handed out is whole, and refers only to frames handed out before it, down to a key frame."""
    chance = random.Random(seed)
    sent = cut_short(film(80, first=first, keys=(0, *keys)), cut)
    arrived = [p for p in sent if chance.random() >= share]
    buffer = Reorder(video=True, wait=0.3)
    frames = play(buffer, arrived)
    numbers: list[int] = []
    for frame in frames:
        number = number_of(frame.data)
        assert frame.data[10:] == f"{number}.0;{number}.1;{number}.2;".encode()
        assert frame.key or numbers[-1] == number - 1
        numbers.append(number)
    assert numbers == sorted(set(numbers))
    parts = Counter(number_of(p.data) for p in arrived)
    assert {n for n in {0, *keys} if parts[n] == 3} <= set(numbers)  # no whole key frame is left out
    assert buffer.statistics.frames == len(frames)
    assert not buffer.waiting


def test_a_picture_that_its_sender_cut_short_is_left_out() -> None:
    """Chromium on a slow way did: 931 bytes came of a picture whose first part alone has 973, then a key frame."""
    sent = cut_short(film(20, keys=(0, 9)), {4, 8, 15})
    buffer = Reorder(video=True)
    frames = [frame for packet in sent for frame in buffer.add(packet)]
    assert [number_of(frame.data) for frame in frames] == [0, 1, 2, 3, 9, 10, 11, 12, 13, 14]
    assert buffer.statistics.lost == 0
    assert buffer.statistics.skipped == 20 - len(frames)
    assert buffer.key_frame_wanted(sent[-1].arrival)


@given(seed=st.integers(0, 2**32), share=st.floats(0, 0.5), times=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_sound_comes_out_once_and_in_order(seed: int, share: float, times: int) -> None:
    chance = random.Random(seed)
    sent = [Packet(n & 0xFFFF, n * 960, False, f"{n}".encode(), n / 50) for n in range(65500, 65700)]
    arrived = [at(p, p.arrival + chance.random() * 0.2) for p in sent for _ in range(times) if chance.random() >= share]
    frames = play(Reorder(video=False, wait=0.4), arrived)
    numbers = [int(frame.data) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert {int(p.data) for p in arrived} == set(numbers)  # those that came before the first one among them


def test_the_first_packets_may_come_in_any_order() -> None:
    packets = film(2, per_frame=4, first=65534)
    shuffled = [packets[2], packets[0], packets[3], packets[1], *packets[4:]]
    buffer = Reorder(video=True)
    frames = [frame for number, packet in enumerate(shuffled) for frame in buffer.add(at(packet, number / 1000))]
    assert [number_of(frame.data) for frame in frames] == [0, 1]
    assert buffer.statistics.late == 0
    assert not buffer.waiting


def test_a_key_frame_without_its_beginning_is_none() -> None:
    packets = film(30, keys=(0, 12))[1:]
    buffer = Reorder(video=True)
    frames, requested = [], []
    for packet in packets:
        frames += buffer.add(packet)
        if buffer.key_frame_wanted(packet.arrival):
            requested.append(packet.arrival)
    frames += buffer.expire(packets[0].arrival + WAIT)  # its beginning might have come until now
    assert frames[0].key
    assert len(frames) == 18
    assert buffer.statistics.lost == 0
    assert requested == []  # the next one came within half a second


def test_a_jump_begins_anew_and_memory_is_bounded() -> None:
    buffer = Reorder(video=True)
    frames = [f for p in film(10) for f in buffer.add(p)]
    far = film(10, first=20000)
    frames += [f for p in far for f in buffer.add(at(p, p.arrival + 60))]
    assert len(frames) == 20
    assert buffer.statistics.lost == 20000 - 30
    hole = film(3000)
    del hole[5]
    held = Reorder(video=True, wait=1e9)
    for packet in hole:
        held.add(at(packet, 1.0))
    assert len(held._packets) <= 4000


def test_a_picture_may_be_of_any_size_that_a_camera_makes() -> None:
    """aiortc's own buffer cuts pictures of more than 512 packets short, and hands the rest on as if it were one."""
    buffer = Reorder(video=True)
    frames = play(buffer, film(3, per_frame=900))
    assert [frame.data.count(b";") for frame in frames] == [900, 900, 900]
    endless = film(1, per_frame=5000) + [
        Packet((p.sequence + 5000) & 0xFFFF, p.timestamp + 9000, p.marker, p.data, p.arrival + 9)
        for p in film(2, keys=(0,))
    ]
    frames = play(Reorder(video=True), endless)
    assert [frame.data.count(b";") for frame in frames] == [3, 3]  # what has no end is left out, and no more than that


@given(seed=st.integers(0, 2**32), share=st.floats(0.01, 0.3))
@settings(max_examples=20, deadline=None)
def test_holes_that_nobody_fills_delay_nothing_beyond_the_wait(seed: int, share: float) -> None:
    """With a timer that begins anew for each hole, a recording of 12 s under 5 % of loss ended at 6 s (measured)."""
    chance = random.Random(seed)
    packets = film(240, keys=tuple(range(0, 240, 30)))
    arrived = [p for p in packets if p is packets[0] or chance.random() >= share]
    buffer, late = Reorder(video=True), [0.0]
    for packet in arrived:
        frames = buffer.expire(packet.arrival) + buffer.add(packet)
        late += [packet.arrival - frame.arrival for frame in frames]
    assert max(late) <= WAIT + 0.2
    assert not buffer._holes or arrived[-1].arrival - next(iter(buffer._holes.values())).revealed < WAIT


def test_copies_of_packets_change_nothing() -> None:
    """Probes for bandwidth repeat what has arrived already."""
    packets = film(20)
    twice = [at(p, p.arrival + again) for p in packets for again in (0.0, 0.02)]
    buffer, calm = Reorder(video=True), Reorder(video=True)
    assert [f.data for f in play(buffer, twice)] == [f.data for f in play(calm, packets)]
    assert buffer.statistics.late == len(packets)
    assert buffer.statistics.lost == 0


def test_numbers_that_leap_cost_no_memory() -> None:
    buffer = Reorder(video=True)
    for number in range(300):
        buffer.add(Packet(number * 2900 & 0xFFFF, 0, False, b"", number / 1000))
        assert len(buffer._holes) <= 3000
    assert buffer.statistics.lost > 300_000


def test_a_sender_that_starts_over_is_followed() -> None:
    buffer = Reorder(video=True)
    for packet in film(60, first=30000):
        buffer.add(packet)
    frames = [
        f for p in film(120, first=10000, keys=tuple(range(0, 120, 10))) for f in buffer.add(at(p, p.arrival + 9))
    ]
    assert len(frames) > 60


def test_a_process_that_was_stopped_waits_as_much_longer() -> None:
    packets = film(90)
    lost = packets.pop(31)
    buffer = Reorder(video=True)
    frames = [frame for packet in packets[:60] for frame in buffer.add(packet)]
    buffer.excuse(3.0)
    assert buffer.expire(packets[59].arrival + 3.0) == []
    frames += buffer.add(at(lost, packets[59].arrival + 3.1))
    assert len(frames) == 20
    assert buffer.statistics.lost == 0
