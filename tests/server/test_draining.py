"""A recorder that is asked to stop: new answers go elsewhere at once, those being given are finished first."""

import asyncio
import signal
from pathlib import Path
from uuid import UUID

import pytest

from media import nodes, whip
from server import worker
from server.core import runtime
from server.hiring.interviews import giving_up
from tests.cast import Cast, Json, Visitor, until
from tests.server.house import SECRET, House, drain
from tests.server.recorders import recorder
from tests.server.senders import Sender, decoded
from tests.server.takes import announce


async def now(node: nodes.Node) -> nodes.Node | None:
    """What a node announces by now."""
    return next((other for other in await nodes.alive(runtime.here().redis) if other.id == node.id), None)


async def drains(node: nodes.Node) -> bool:
    found = await now(node)
    return found is not None and found.limit == 0


async def someone(cast: Cast) -> tuple[Visitor, str]:
    cleo = await cast.cleo(await cast.job(questions=1))
    return cleo, (await cleo.questions())[0]


async def ticket_of(cleo: Visitor, question: str) -> Json:
    return await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})


async def test_what_is_being_recorded_is_finished_and_the_next_goes_elsewhere(
    house: House, cast: Cast, tmp_path: Path
) -> None:
    await announce(house)
    (cleo, question), (dora, other), (eli, third) = [await someone(cast) for _ in range(3)]
    async with recorder(house, tmp_path / "first", 120) as (process, node):
        ticket = await ticket_of(cleo, question)
        sender = Sender(cleo, ticket)
        await sender.start(1.0)
        process.terminate()
        await until(lambda: drains(node), 30)
        refused = await dora.do("POST", f"/questions/{other}/takes", {"kind": "video"})
        assert (refused.status_code, refused.json()["code"]) == (503, "no_recorder")
        with pytest.raises(whip.Refused) as full:
            await whip.forward(node, SECRET, UUID(ticket["take"]), "v=0")
        assert full.value.code == "too_many_recordings"
        async with recorder(house, tmp_path / "second", 0) as (_, beside):
            assert beside.url != node.url
            elsewhere = Sender(dora, await ticket_of(dora, other))
            await elsewhere.start(0.5)
            found = await now(beside)
            assert found is not None
            assert (found.load, found.has_room) == (1, False)
            refused = await eli.do("POST", f"/questions/{third}/takes", {"kind": "video"})
            assert (refused.status_code, refused.json()["code"]) == (503, "recorders_busy")  # one drains, one is full
            assert [str(glance.id) for glance in await whip.glance(node, SECRET)] == [ticket["recording"]]
            await elsewhere.stop()
        await sender.stop()  # its DELETE is heard: the listener is still there
        assert await asyncio.wait_for(process.wait(), 30) == 0
        assert await now(node) is None
    await drain()
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert take["state"] == "ready"
    pictures, _, _ = decoded((await cleo.get(take["url"])).content)
    assert pictures >= sender.camera.sent - 10


async def test_a_second_signal_ends_it_and_keeps_what_came_in(house: House, cast: Cast, tmp_path: Path) -> None:
    await announce(house)
    cleo, question = await someone(cast)
    async with recorder(house, tmp_path, 600) as (process, node):
        ticket = await ticket_of(cleo, question)
        sender = Sender(cleo, ticket)
        await sender.start(1.0)
        process.send_signal(signal.SIGTERM)
        await until(lambda: drains(node), 30)
        process.send_signal(signal.SIGTERM)  # who starts the tests may ignore the other one
        assert await asyncio.wait_for(process.wait(), 30) == 0
    await drain()
    await sender.peer.close()
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert take["state"] == "interrupted"
    assert decoded((await cleo.get(take["url"])).content)[0] > 10


async def test_a_recorder_that_filled_up_a_moment_ago_hands_on_to_the_next(
    house: House, cast: Cast, tmp_path: Path
) -> None:
    await announce(house)
    (cleo, question), (dora, other) = await someone(cast), await someone(cast)
    async with (
        recorder(house, tmp_path / "first", 0) as (_, first),
        recorder(house, tmp_path / "second", 0) as (_, second),
    ):
        both = [Sender(cleo, await ticket_of(cleo, question)), Sender(dora, await ticket_of(dora, other))]
        stale = {first.id: first, second.id: second}  # both say that they are empty, whatever they are given

        async def as_they_were(_: object) -> list[nodes.Node]:
            return list(stale.values())

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(nodes, "alive", as_they_were)
            for sender in both:
                assert (await sender.offer()).status_code == 201
        loads = [(await now(node)) for node in (first, second)]
        assert [node.load for node in loads if node] == [1, 1]
        for sender in both:
            await sender.peer.close()


def test_a_dead_recorder_is_noticed_in_ten_seconds() -> None:
    looks = -(-giving_up.ABSENT_SECONDS // worker.SWEEP_SECONDS) + 1  # by the sweep, after the announcement expired
    assert nodes.ALIVE + looks * worker.SWEEP_SECONDS <= 10
    assert nodes.ALIVE >= 3 * nodes.EVERY
    assert giving_up.ABSENT_SECONDS > 2 * nodes.EVERY
