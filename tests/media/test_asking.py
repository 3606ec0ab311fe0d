"""What the reorder buffer asks for: lost packets, again and again but not in haste, and key frames."""

import itertools
import statistics

import pytest
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from media.reorder import KEY_FRAME_AGAIN, WAIT, Packet, Reorder
from tests.media.packets import DELTA, KEY, Network, at, carry, film, play


def test_a_lost_packet_is_asked_for_again_and_again_then_given_up() -> None:
    packets = film(200)
    del packets[30]
    buffer, asked, requested = Reorder(video=True), [], []
    for packet in packets:
        buffer.add(packet)
        if buffer.wanted(packet.arrival):
            asked.append(packet.arrival)
        if buffer.key_frame_wanted(packet.arrival):
            requested.append(packet.arrival)
    lost_at = 10 / 30
    assert 18 <= len(asked) <= 23
    assert all(later - earlier >= 0.1 for earlier, later in itertools.pairwise(asked))
    assert asked[-1] <= lost_at + WAIT
    assert requested[0] >= lost_at + WAIT
    assert all(later - earlier >= KEY_FRAME_AGAIN for earlier, later in itertools.pairwise(requested))
    assert buffer.statistics.lost == 1
    assert buffer.statistics.frames == 10


def test_the_round_trip_slows_the_asking_down() -> None:
    buffer = Reorder(video=True)
    packets = film(30)
    lost = packets.pop(4)
    for packet in packets[:20]:
        buffer.add(packet)
    assert buffer.wanted(1.0) == [4]
    buffer.add(at(lost, 1.4))
    assert abs(buffer.round_trip - 0.4) < 0.01
    del packets[25]
    for packet in packets[20:]:
        buffer.add(at(packet, 2.0))
    assert buffer.wanted(2.0)
    assert not buffer.wanted(2.3)
    assert buffer.wanted(2.41)


def test_no_key_frame_is_asked_for_in_the_first_half_second_and_one_at_once_after_a_cut() -> None:
    buffer = Reorder(video=True)
    assert not buffer.key_frame_wanted(0)
    packets = film(20, keys=())
    for packet in packets:
        buffer.add(packet)
        assert buffer.key_frame_wanted(packet.arrival) == (packet.arrival == 0.5)
    calm = Reorder(video=True)
    film_after_cut = film(100)
    for packet in film_after_cut[:60]:
        calm.add(packet)
        assert not calm.key_frame_wanted(packet.arrival)
    calm.add(at(film_after_cut[60], 30.0))
    assert calm.key_frame_wanted(30.0)
    assert not calm.key_frame_wanted(30.1)


@pytest.mark.parametrize(("octets", "first"), [(5000, 10.0), (500, 15.0)])  # 1.2 Mbit/s, 120 kbit/s
def test_a_key_frame_is_asked_for_now_and_then_so_that_the_file_can_be_sought(octets: int, first: float) -> None:
    buffer = Reorder(video=True)
    asked: list[float] = []
    for number in range(40 * 30):
        head = KEY if number == 0 or (asked and number == 32 * 30) else DELTA
        buffer.add(Packet(number & 0xFFFF, number * 3000, True, head + bytes(octets), number / 30))
        if buffer.key_frame_wanted(number / 30):
            asked.append(number / 30)
    again = [at for at in asked if at < 32]
    assert abs(again[0] - first) < 0.1
    assert all(abs(later - earlier - 5) < 0.1 for earlier, later in itertools.pairwise(again))  # it did not come
    assert not [at for at in asked if 32 <= at < 42]  # it came


def test_no_key_frame_is_asked_of_a_picture_that_rests() -> None:
    buffer = Reorder(video=True)
    play(buffer, film(60))
    assert not any(buffer.key_frame_wanted(at) for at in range(2, 60))


@given(first=st.integers(65400, 65535), lost=st.sets(st.integers(4, 200), min_size=1, max_size=40))
def test_requests_can_be_written_wherever_the_numbers_wrap(first: int, lost: set[int]) -> None:
    """aiortc cannot write one in which a number is lower than the one before it."""
    buffer, packets = Reorder(video=True), film(30, first=first, per_frame=8)
    for packet in (p for place, p in enumerate(packets) if place not in lost):
        buffer.add(packet)
    wanted = buffer.wanted(1.0)
    (request,) = RtcpPacket.parse(bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=wanted)))
    assert isinstance(request, RtcpRtpfbPacket)
    assert set(request.lost) == {packets[place].sequence for place in lost}


def test_after_a_cut_all_is_asked_for_soon_but_not_at_once() -> None:
    """Dozens of senders that answer at once fill the socket's buffer, and what is lost there is asked for again."""
    packets = film(120)
    buffer = Reorder(video=True)
    for packet in packets[:30] + packets[330:331]:
        buffer.add(packet)
    begin, asked = packets[330].arrival, dict[int, float]()
    for tick in range(30):
        now = begin + tick * 0.05
        wanted = buffer.wanted(now)
        assert len(wanted) <= 40
        for number in wanted:
            asked.setdefault(number, now - begin)
    assert set(asked) == {packet.sequence for packet in packets[30:330]}  # though nobody answered at all
    assert max(asked.values()) < 0.5


@given(
    seed=st.integers(0, 2**32),
    first=st.integers(0, 65535),
    loss=st.floats(0, 0.2),
    burst=st.floats(1, 6),
    trip=st.floats(0.001, 0.3),
)
@settings(max_examples=40, deadline=None)
def test_a_sender_that_answers_loses_nothing(seed: int, first: int, loss: float, burst: float, trip: float) -> None:
    """Up to a fifth lost each way: whole frames in order, nothing given up in haste, nothing asked in haste."""
    network = Network(seed, loss, burst, trip)
    packets = film(150, first=first)
    buffer = Reorder(video=True)
    carried = carry(buffer, network, packets, sure=[0, -1])
    frames, asked, requests = carried.frames, carried.asked, carried.keys
    for times in asked.values():
        assert all(later - earlier > 0.0999 for earlier, later in itertools.pairwise(times))
        assert times[-1] - times[0] <= WAIT + 0.01
    if buffer.statistics.lost == 0:
        assert [f.timestamp - frames[0].timestamp for f in frames] == [n * 3000 for n in range(150)]
        assert buffer.statistics.skipped == 0
    else:  # every answer was lost for two seconds, which is what a sender remembers
        assert loss > 0.05
        assert requests
    assert buffer.statistics.recovered <= len(asked)


@pytest.mark.parametrize("trip", [0.05, 0.15])
@pytest.mark.parametrize("loss", [0.05, 0.1])
def test_a_thin_link_is_not_filled_with_what_is_asked_for(loss: float, trip: float) -> None:
    """A film that takes 80 % of a link: what is lost fits beside it, once or twice, and not five times."""
    network = Network(3, loss, 1.0, trip, rate=90 / 0.8)
    packets = film(600, keys=tuple(range(0, 600, 60)))
    frames = carry(Reorder(video=True), network, packets).frames
    assert network.again < 1800 * loss * 1.5
    assert network.full == 0
    assert len(frames) == 600


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_requests_that_are_lost_do_not_slow_the_asking_down(seed: int) -> None:
    """On a wide link that loses a fifth each way, more than one request in three is made again."""
    network = Network(seed, 0.2, 1.0, 0.15, rate=1e6)
    learned = carry(Reorder(video=True), network, film(600, keys=tuple(range(0, 600, 60)))).trips
    assert min(learned) >= 0.15 - 1e-9
    assert statistics.median(learned) < 0.2
