"""What was sent before the first packet that came: it is asked for, and it is no loss where there was nothing."""

import asyncio
import itertools
from pathlib import Path
from uuid import uuid4

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.reorder import BACK, WAIT, Packet, Reorder
from tests.e2e.browsers import People, in_chromium
from tests.media.link import Link, Weather
from tests.media.packets import Network, at, carry, film, play
from tests.media.peers import running, watch
from tests.media.sender import Sender, noisy
from tests.media.shaped import shoot

SMALL = {"width": 160, "height": 120, "rate": 15, "bitrate": 100_000, "largest": 300}


def talk(seconds: float, *, first: int = 0, marked: bool = True) -> list[Packet]:
    """Sound, 50 packets a second; the first says that it is."""
    return [
        Packet((first + n) & 0xFFFF, n * 960, marked and n == 0, f"{n}".encode(), n / 50)
        for n in range(round(seconds * 50))
    ]


@given(
    seed=st.integers(0, 2**32),
    first=st.integers(0, 65535),
    missed=st.integers(0, 120),
    loss=st.floats(0, 0.05),
    trip=st.floats(0.001, 0.3),
)
@settings(max_examples=60, deadline=None)
def test_a_film_begins_with_its_first_picture(seed: int, first: int, missed: int, loss: float, trip: float) -> None:
    """However much of a large key frame, and of what follows, is lost before anything comes."""
    packets = film(60, first=first, per_frame=20, keys=(0, 40))
    buffer = Reorder(video=True)
    carried = carry(buffer, Network(seed, loss, 1.0, trip), packets, missed=missed, sure=[-1])
    frames, asked = carried.frames, carried.asked
    assert [frame.timestamp - frames[0].timestamp for frame in frames] == [n * 3000 for n in range(60)]
    assert buffer.statistics.lost == 0
    for times in asked.values():
        assert all(later - earlier > 0.0999 for earlier, later in itertools.pairwise(times))
        assert times[-1] - times[0] <= WAIT + 0.01


@given(first=st.integers(0, 65535), missed=st.integers(0, 32), trip=st.floats(0.001, 0.3))
@settings(max_examples=40, deadline=None)
def test_sound_begins_with_its_first_packet(first: int, missed: int, trip: float) -> None:
    buffer = Reorder(video=False)
    carried = carry(buffer, Network(1, 0.0, 1.0, trip), talk(2, first=first), missed=missed, sure=[-1])
    assert [int(frame.data) for frame in carried.frames] == list(range(100))
    assert buffer.statistics.lost == 0
    assert bool(carried.asked) == (missed > 0)


@given(first=st.integers(0, 65535), video=st.booleans())
@settings(max_examples=20, deadline=None)
def test_what_is_the_beginning_is_not_waited_with(first: int, video: bool) -> None:
    """Nothing is asked for, and the first frame is there with its last packet."""
    packets = film(3, first=first) if video else talk(0.1, first=first)
    buffer = Reorder(video=video)
    for packet in packets[: 3 if video else 1]:
        frames = buffer.add(packet)
        assert buffer.wanted(packet.arrival) == []
    assert len(frames) == 1
    assert not buffer.waiting


@given(first=st.integers(0, 65535), joined=st.integers(1, 900), key=st.integers(15, 80))
@settings(max_examples=60, deadline=None)
def test_what_never_was_is_no_loss(first: int, joined: int, key: int) -> None:
    """A sender that had begun before anybody listened, and knows nothing of it: no loss, no long wait, no flood."""
    whole = film(100, first=first, per_frame=10, keys=(0, key))
    start = whole[joined].arrival
    packets = [at(p, p.arrival - start) for p in whole[joined:]]
    buffer = Reorder(video=True)
    carried = carry(buffer, Network(1, 0.0, 1.0, 0.05), packets, sure=[-1])
    frames, asked, keys = carried.frames, carried.asked, carried.keys
    before = {(packets[0].sequence - n) & 0xFFFF for n in range(1, BACK + 1)}
    assert set(asked) == before
    for times in asked.values():
        assert times[-1] <= WAIT + 0.1
        assert len(times) <= WAIT / 0.1 + 1
    begins = -(-joined // 10)  # the first picture that came with its first packet
    assert len(frames) == (100 - key if begins <= key else 0)
    assert (not frames) or frames[0].key
    assert buffer.statistics.lost == 0
    assert bool(keys) == (not frames or key / 30 - start > 0.5)


def test_what_is_held_back_for_the_beginning_is_not_held_for_long() -> None:
    packets = film(120, keys=(0, 12))[1:]
    buffer, begun = Reorder(video=True), 0.0
    for packet in packets:
        if buffer.add(packet) and not begun:
            begun = packet.arrival
    assert WAIT <= begun <= WAIT + 0.05
    assert buffer.statistics.frames == 120 - 12


def test_between_two_that_came_there_was_something() -> None:
    """The beginning is found, and a packet after it is not: that is a loss."""
    packets = film(90, keys=(0, 60))
    buffer = Reorder(video=True)
    frames = play(buffer, [packets[0], *packets[5:]])
    assert [frame.key for frame in frames] == [True] + [False] * 29  # none before the next key frame
    assert buffer.statistics.lost == 4
    late = Reorder(video=True)
    late.add(packets[5])
    late.add(packets[0])
    assert late.wanted(0.01) == [1, 2, 3, 4]


def test_sound_that_never_says_where_it_begins_is_not_lost() -> None:
    buffer = Reorder(video=False)
    frames = play(buffer, talk(4, marked=False))
    assert len(frames) == 200
    assert buffer.statistics.lost == 0


@pytest.mark.parametrize("missed", [1, 6, 25])
async def test_a_recording_begins_with_what_was_sent_first(tmp_path: Path, missed: int) -> None:
    """Real packets, and a network that swallows the first of every stream, of those sent again as well."""
    async with running(tmp_path) as here:
        link = await Link("127.0.0.1", ("127.0.0.1", here.port.number)).open()
        sender, name = Sender(noisy(**SMALL)), uuid4()

        async def exchange(offer: str) -> str:
            return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

        await sender.connect(exchange)
        link.weather = Weather(trip=0.05, first=missed)
        sender.roll()
        while sender.frames < 60:
            await asyncio.sleep(0.05)
        await sender.cut()
        await here.settled(name)
        manifest = await here.recorder.end(name)
        await sender.close()
        link.close()
        path = await here.file(name, tmp_path)
    assert link.up.lost >= 2 * missed
    with av.open(str(path)) as container:
        packets = [(packet.stream.type, bytes(packet)) for packet in container.demux() if packet.size]
    pictures = sender.film.places([data for kind, data in packets if kind == "video"], pictures=True)
    sounds = sender.film.places([data for kind, data in packets if kind == "audio"], pictures=False)
    assert pictures == sender.shown  # from the first one on
    assert sounds[:50] == list(range(50))
    assert manifest is not None
    assert (manifest.lost, manifest.unheard_ms) == (0, 0)
    assert watch(path).errors == 0


@in_chromium
async def test_a_browser_whose_first_packets_are_lost_loses_no_picture(people: People, tmp_path: Path) -> None:
    """Without asking back, the file began 0.6 s late, with the next key frame."""
    page = await people("Cleo", permissions=["camera", "microphone"])
    shot = await shoot(page, tmp_path, Weather(trip=0.05, rate=1_000_000, first=12), 4)
    print(shot.told, shot.manifest, shot.seen.sizes, shot.up)
    assert shot.up.lost >= 24
    assert shot.seen.errors == 0
    assert shot.seen.pictures >= shot.told["encoded"] - 1
    assert (shot.manifest.lost, shot.manifest.unheard_ms) == (0, 0)
