"""Offers that never reached the recorder they were meant for: nobody waits for what no recorder has.

A recorder keeps its name when it is started again: it is there, and may know nothing of what it was to be handed, or of
what it received according to a database that was put back.
"""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import msgspec
import pytest

from media import nodes, whip
from server.core import db
from server.hiring.interviews import giving_up, sending
from server.hiring.interviews.copying import Work, join_task
from server.hiring.interviews.giving_up import sweep
from tests.cast import Cast, Json, Visitor, until
from tests.server import takes
from tests.server.copies import begin, send
from tests.server.house import SECRET, House, drain
from tests.server.recorders import recorder
from tests.server.senders import Sender


@pytest.fixture
async def node(house: House, tmp_path: Path) -> AsyncIterator[nodes.Node]:
    """The only recorder."""
    await takes.announce(house)
    async with recorder(house, tmp_path / "recorder", 0) as (_, found):
        yield found


async def begun(cleo: Visitor) -> Json:
    (question,) = await cleo.questions()
    return await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})


async def lose(ticket: Json, node: str) -> None:
    """As a web process leaves it whose recorder fell, or whose database went, while it handed the offer on."""
    await db.execute("UPDATE recording SET node = $2, ticket_hash = '' WHERE id = $1", UUID(ticket["recording"]), node)


async def put_back(ticket: Json, node: str) -> None:
    """As a backup says that was made while somebody recorded."""
    await lose(ticket, node)
    await db.execute("UPDATE recording SET state = 'recording' WHERE id = $1", UUID(ticket["recording"]))


async def copied(cleo: Visitor, ticket: Json, film: bytes) -> str:
    """What the take is when all of the browser's copy has come, and the worker has looked once."""
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    await join_task(msgspec.json.encode(Work(UUID(path.rsplit("/", 1)[1]))))
    return await take_state(cleo, ticket)


async def take_state(cleo: Visitor, ticket: Json) -> str:
    return str((await cleo.read(f"/takes/{ticket['take']}"))["state"])


async def state(ticket: Json) -> str:
    return str(await db.value("SELECT state FROM recording WHERE id = $1", UUID(ticket["recording"])))


async def test_a_copy_waits_for_no_recorder_that_lost_the_offer(node: nodes.Node, cleo: Visitor, film: bytes) -> None:
    ticket = await begun(cleo)
    await lose(ticket, node.id)
    assert await copied(cleo, ticket, film) == "ready", "at once"
    assert await state(ticket) == "failed"
    with pytest.raises(whip.Refused) as late:
        await whip.forward(node, SECRET, UUID(ticket["recording"]), "v=0")
    assert late.value.code == "given_up"


async def test_a_copy_that_is_no_film_leaves_no_take_that_waits_for_that_recorder(
    node: nodes.Node, cleo: Visitor
) -> None:
    ticket = await begun(cleo)
    await lose(ticket, node.id)
    assert await copied(cleo, ticket, b"no film" * 500) == "failed"


async def test_a_copy_waits_for_a_recorder_that_has_the_offer_and_for_one_that_is_away(
    house: House, node: nodes.Node, cleo: Visitor, film: bytes
) -> None:
    ticket = await begun(cleo)
    sender = Sender(cleo, ticket)
    assert (await sender.offer()).status_code == 201
    assert await copied(cleo, ticket, film) == "processing"
    await sender.peer.close()
    await takes.announce(house)
    assert not await giving_up.never_came(UUID(ticket["recording"]), node.id)
    assert await state(ticket) == "new"


async def test_the_sweep_ends_a_take_whose_offer_was_lost_on_the_way(
    house: House, cast: Cast, node: nodes.Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while somebody may still be handing it on, nor while its recorder has it or does not say."""
    (lost, has, away) = [await cast.cleo(await cast.job(questions=1)) for _ in range(3)]
    tickets = [await begun(who) for who in (lost, has, away)]
    await lose(tickets[0], node.id)
    await lose(tickets[2], "another")
    sender = Sender(has, tickets[1])
    assert (await sender.offer()).status_code == 201
    for _ in range(2):
        await sweep()
    assert [await state(ticket) for ticket in tickets] == ["new", "new", "new"]
    monkeypatch.setattr(giving_up, "UNDER_WAY_SECONDS", 0.0)
    await sweep()
    assert [await state(ticket) for ticket in tickets] == ["failed", "new", "new"]
    assert await take_state(lost, tickets[0]) == "failed"
    (answer,) = (await lost.read("/place"))["answers"]
    assert (answer["takes_left"], answer["takes"]) == (answer["question"]["takes"], []), "it costs no take"
    await sender.peer.close()


async def test_the_sweep_ends_what_runs_according_to_the_database_and_no_recorder_has(
    cast: Cast, node: nodes.Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what its recorder has; and it is asked about now and then, not all the time."""
    (lost, has) = [await cast.cleo(await cast.job(questions=1)) for _ in range(2)]
    tickets = [await begun(who) for who in (lost, has)]
    sender = Sender(has, tickets[1])
    assert (await sender.offer()).status_code == 201
    for ticket in tickets:
        await put_back(ticket, node.id)
    now, asked = time.monotonic(), [0, 0]
    lacks = sending.lacks

    async def ask(name: str, recording: UUID) -> bool:
        for number, ticket in enumerate(tickets):
            asked[number] += str(recording) == ticket["recording"]
        return await lacks(name, recording)

    async def sweep_after(seconds: float) -> list[int]:
        nonlocal now
        now += seconds
        await sweep()
        return asked

    monkeypatch.setattr(sending, "lacks", ask)
    monkeypatch.setattr(giving_up, "time", SimpleNamespace(monotonic=lambda: now))
    assert await sweep_after(0) == [0, 0]
    assert await sweep_after(giving_up.UNDER_WAY_SECONDS + 1) == [1, 1]
    assert [await state(ticket) for ticket in tickets] == ["failed", "recording"]
    assert await sweep_after(1) == [1, 1]
    assert await sweep_after(giving_up.UNDER_WAY_SECONDS) == [1, 2]
    assert await state(tickets[1]) == "recording"
    (answer,) = (await lost.read("/place"))["answers"]
    assert (answer["takes_left"], answer["takes"]) == (answer["question"]["takes"], []), "it costs no take"
    await sender.peer.close()


async def test_nobody_is_kept_from_recording_by_what_no_recorder_has(node: nodes.Node, cleo: Visitor) -> None:
    """Nor do they have to wait for the sweep."""
    ticket = await begun(cleo)
    await put_back(ticket, node.id)
    assert (await begun(cleo))["take"] != ticket["take"]
    assert (await state(ticket), await take_state(cleo, ticket)) == ("failed", "failed")


async def test_what_its_recorder_has_delivered_is_told_again_after_the_database_went_back(
    node: nodes.Node, cleo: Visitor
) -> None:
    """A standby takes over that is a second behind."""
    ticket = await begun(cleo)
    sender = Sender(cleo, ticket)
    await sender.film(2.0)

    async def ready() -> bool:
        return await state(ticket) == "ready"

    await until(ready, 20)
    await db.execute(
        "UPDATE recording SET state = 'recording', derivatives = '{}', duration_ms = 0 WHERE id = $1",
        UUID(ticket["recording"]),
    )
    assert not await sending.lacks(node.id, UUID(ticket["recording"]))
    await until(ready, 20)
    await drain()
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert (take["state"], take["duration_ms"] > 1000) == ("ready", True)
    assert (await cleo.get(take["url"])).status_code == 200


async def test_the_sweep_waits_for_a_recorder_that_receives_and_cannot_say_so(
    house: House, cast: Cast, node: nodes.Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot reach the database, for longer than anybody waits for a take that nobody has begun."""
    (never, has, gone) = [await cast.cleo(await cast.job(questions=1)) for _ in range(3)]
    tickets = [await begun(who) for who in (never, has, gone)]
    sender = Sender(has, tickets[1])
    assert (await sender.offer()).status_code == 201
    await lose(tickets[2], "one that has just gone")
    await db.execute("UPDATE recording SET created_at = now() - interval '91 s' WHERE state = 'new'")
    await sweep()
    assert [await state(ticket) for ticket in tickets] == ["failed", "new", "new"]
    monkeypatch.setattr(giving_up, "ABSENT_SECONDS", 0.0)
    await sweep()
    assert [await state(ticket) for ticket in tickets] == ["failed", "new", "failed"]
    assert await take_state(has, tickets[1]) == "recording"
    await sender.peer.close()


async def test_who_leaves_before_the_offer_is_sent_holds_nobody_up(node: nodes.Node, cleo: Visitor) -> None:
    """A page that is reloaded while it counts down ends what no recorder has heard of."""
    ticket = await begun(cleo)
    for _ in range(2):  # told twice
        assert (await cleo.call("DELETE", ticket["whip_url"])).status_code == 200
    assert (await state(ticket), await take_state(cleo, ticket)) == ("failed", "failed")
    (answer,) = (await cleo.read("/place"))["answers"]
    assert (answer["takes_left"], answer["takes"]) == (answer["question"]["takes"], []), "it costs no take"
    sender = Sender(cleo, ticket)
    assert (await sender.offer()).status_code == 401, "the offer that was under way comes too late"
    await sender.peer.close()
    assert (await begun(cleo))["take"] != ticket["take"]


def test_nobody_is_asked_while_an_offer_may_be_under_way() -> None:
    assert giving_up.UNDER_WAY_SECONDS > whip.TIMEOUT
