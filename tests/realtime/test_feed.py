"""A feed against every order of events: heard early, late, twice or never, with listeners that come and go."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.feed import BehindError, Feed
from realtime.log import Delivery, GoneError
from realtime.packet import Packet


class Log:
    """The table, kept in memory: what was committed, and what was trimmed."""

    def __init__(self) -> None:
        self.head = 0
        self.first = 1
        self.reads = 0

    async def read(self, topic: str, after: int, limit: int) -> list[Delivery]:
        self.reads += 1
        await asyncio.sleep(0)
        if after > self.head or (after + 1 < self.first):
            raise GoneError(topic)
        return [Delivery(topic, seq, b"%d" % seq) for seq in range(after + 1, self.head + 1)][:limit]


class Listener:
    """Counts on: each packet is the one after the last."""

    def __init__(self, position: int) -> None:
        self.position = position

    def send(self, packet: Packet) -> None:
        assert (
            packet.text == f'{{"type":"event","topic":"t:1","seq":{self.position + 1},"payload":{self.position + 1}}}'
        )
        self.position += 1


Step = tuple[str, int]
steps = st.lists(
    st.tuples(st.sampled_from(["commit", "hear", "hear", "come", "go", "check", "wait", "forget"]), st.integers(0, 9)),
    max_size=60,
)


async def play(story: Sequence[Step]) -> None:
    table = Log()
    feed = Feed("t:1", table.read)
    feed.open(0)
    listeners: list[Listener] = []
    positions = [0]
    for what, number in story:
        if what == "commit":
            table.head += 1
        elif what == "hear" and table.head:
            seq = max(1, table.head - number)
            feed.offer(seq, b"%d" % seq)
        elif what == "come":
            after = positions[number % len(positions)]
            await feed.reach(after)
            listener = Listener(after)
            for packet in feed.replay(after):
                listener.send(packet)
            assert listener.position == feed.position
            feed.listeners[listener] = True
            listeners.append(listener)
        elif what == "go" and listeners:
            gone = listeners.pop(number % len(listeners))
            del feed.listeners[gone]
            positions.append(gone.position)
        elif what == "check":
            feed.check(table.head)
        elif what == "forget":
            feed.history.clear()  # as after a minute
        else:
            await asyncio.sleep(0)
    feed.check(table.head)
    await feed.refill()
    await feed.refill()
    assert feed.position == table.head
    assert all(listener.position == table.head for listener in listeners)
    feed.close()


@given(steps)
@settings(max_examples=150, deadline=None)
def test_every_listener_gets_every_event_once_and_in_order(story: list[Step]) -> None:
    asyncio.run(play(story))


async def test_a_hundred_events_out_of_order_cost_one_read() -> None:
    table = Log()
    table.head = 100
    feed = Feed("t:1", table.read)
    feed.open(0)
    listener = Listener(0)
    feed.listeners[listener] = True
    for seq in range(100, 1, -1):
        feed.offer(seq, b"%d" % seq)
    await feed.refill()
    assert (listener.position, table.reads) == (100, 1)


async def test_what_cannot_be_followed_is_said() -> None:
    table = Log()
    table.head, table.first = 900, 800
    feed = Feed("t:1", table.read)
    feed.open(900)
    for after, reason in ((901, "ahead"), (399, "behind"), (700, "trimmed")):
        with pytest.raises(BehindError, match=reason):
            await feed.reach(after)
    await feed.reach(850)
    assert len(feed.replay(850)) == 50


async def test_a_history_that_became_shorter_while_it_was_read_is_not_joined_to_ours() -> None:
    table = Log()
    table.head = 2
    feed = Feed("t:1", table.read)
    feed.open(2)
    coming = asyncio.ensure_future(feed.reach(0))
    await asyncio.sleep(0)
    table.head = 1  # a backup is restored ...
    await asyncio.sleep(0)
    feed.offer(3, b"3")  # ... and written to, before any check has seen it
    with pytest.raises(BehindError, match="trimmed"):
        await coming
    assert len(feed.replay(2)) == 1
    feed.close()
