"""Every kind of topic and every command, tried over real websockets by everybody: what is not theirs is refused.

The kinds are read from `server/core/live.py` and the commands from the running hub: a new one fails here until it is
said who may have it.
"""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from realtime import hub
from realtime.ending import end
from realtime.frames import Close
from server.core import db, live
from tests.cast import Cast, Json
from tests.realtime.client import Client, Frame
from tests.server.house import House
from tests.server.sockets import socket

# Who may follow a kind of topic, with (p) presence and (t) typing. Ben was removed and his open socket forgotten; Dan
# owns another workspace, Other is another candidate of the same job.
MAY = {
    "job": {"ada": "pt", "rae": "pt"},
    "application": {"ada": "pt", "rae": "pt"},
    "profile": {"ada": "p", "rae": "p"},
    "conversation": {"ada": "t", "rae": "t", "cleo": "t"},
    "candidate": {"cleo": "p"},
    "member": {"ada": ""},
    "workspace": {"ada": "", "rae": ""},
    "monitor": {"ada": "p"},
}
COMMANDS = {"monitor": ("monitor", {"ada"})}  # on which kind of topic, for whom
DOING: dict[str, Json] = {
    "candidate": {"view": "place"},
    "application": {"view": "application", "card": str(UUID(int=1))},
    "profile": {"view": "profile"},
    "monitor": {"view": "monitor"},
}

DRAGGING = {"card": str(UUID(int=1)), "stage": str(UUID(int=2)), "before": None, "x": -0.25, "y": 1}


def kinds() -> set[str]:
    """The kinds of topics there are: what `live` makes of one id."""
    makers = [
        make
        for make in vars(live).values()
        if inspect.isfunction(make)
        and make.__module__ == live.__name__
        and inspect.signature(make).return_annotation is str
    ]
    return {make(UUID(int=0)).partition(":")[0] for make in makers}


def test_every_kind_of_topic_says_whose_it_is() -> None:
    assert kinds() == set(MAY)


def test_every_command_says_whose_it_is(house: House) -> None:
    assert set(house.app.state.hub._commands) == set(COMMANDS)


class Room:
    """Everybody, each with an open socket, and the subjects of Ada's that they try to reach."""

    def __init__(self, clients: dict[str, Client], subjects: dict[str, str]) -> None:
        self.clients = clients
        self.subjects = subjects

    async def heard(self, who: str) -> list[Frame]:
        """What this one was told since it was asked last."""
        client = self.clients[who]
        seen = len(client.frames)
        await client.send(type="ping")
        await client.next("pong")
        return [frame for frame in client.frames[seen:] if frame["type"] not in {"pong", "health"}]


@contextlib.asynccontextmanager
async def everybody(house: House, cast: Cast) -> AsyncIterator[Room]:
    job = await cast.job()
    cleo, other = await cast.cleo(job, "Cleo"), await cast.cleo(job, "Other")
    candidate = await db.value("SELECT candidate_id FROM application WHERE id = $1", UUID(cleo.application))
    people = {
        "ada": (cast.ada.at("/live"), cast.ada), "ben": (cast.ben.at("/live"), cast.ben),
        "rae": (cast.rae.at("/live"), cast.rae), "dan": (cast.dan.at("/live"), cast.dan),
        "cleo": (cleo.at("/live"), cleo), "other": (other.at("/live"), other),
    }  # fmt: skip
    subjects = {
        "job": job["id"], "application": cleo.application, "profile": str(candidate), "conversation": cleo.application,
        "candidate": cleo.application, "member": str(cast.ada.id), "workspace": str(cast.ada.workspace),
        "monitor": str(cast.ada.workspace),
    }  # fmt: skip
    async with contextlib.AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(socket(house, path, who)) for name, (path, who) in people.items()
        }
        for client in clients.values():
            await client.next("hello")
        await db.execute("UPDATE member SET removed_at = now() WHERE id = $1", cast.ben.id)  # his revocation is lost
        yield Room(clients, subjects)


@pytest.mark.parametrize("kind", sorted(MAY))
async def test_a_topic_is_for_those_whose_it_is(house: House, cast: Cast, kind: str) -> None:
    async with everybody(house, cast) as room:
        topic = f"{kind}:{room.subjects[kind]}"
        for who, client in room.clients.items():
            told = await client.subscribe(topic)
            rights = MAY[kind].get(who)
            assert told["type"] == ("error" if rights is None else "subscribed"), who
            if rights is None:
                assert (told["code"], told["topic"], told["retry"]) == ("forbidden", topic, False)
        for who in room.clients:
            await room.heard(who)
        for who in room.clients:
            await act(house, room, who, kind, topic)


async def act(house: House, room: Room, who: str, kind: str, topic: str) -> None:
    """One of them shows what they do, types, and gives every command; everybody's ears are checked after each."""
    rights = MAY[kind].get(who)
    client = room.clients[who]
    await client.send(type="state", topic=topic, state=DOING.get(kind, {"view": "board"}))
    errors = [(frame["code"], frame["topic"]) for frame in await room.heard(who) if frame["type"] == "error"]
    assert errors == ([("forbidden", None)] if rights is not None and "p" not in rights else []), who
    seen = [name for name in room.clients if name != who and await told_of(room, name, "presence_diff")]
    assert seen == [name for name in room.clients if name != who and shares(kind, who, name, "p")], who
    await client.send(type="typing", topic=topic)
    errors = [(frame["code"], frame["topic"]) for frame in await room.heard(who) if frame["type"] == "error"]
    assert errors == ([("forbidden", None)] if rights is not None and "t" not in rights else []), who
    seen = [name for name in room.clients if name != who and await told_of(room, name, "typing")]
    assert seen == [name for name in room.clients if name != who and shares(kind, who, name, "t")], who
    await client.send(type="gesture", topic=topic, body=DRAGGING)
    errors = [(frame["code"], frame["topic"]) for frame in await room.heard(who) if frame["type"] == "error"]
    refused = "forbidden" if "p" not in (rights or "") else None if kind == "job" else "invalid"
    assert errors == ([(refused, None)] if refused and rights is not None else []), who
    seen = [name for name in room.clients if name != who and await told_of(room, name, "gesture")]
    assert seen == [name for name in room.clients if name != who and kind == "job" and shares(kind, who, name, "p")], (
        who
    )
    for command in house.app.state.hub._commands:
        for at in (topic, None):
            reply = await ask(client, command, at)
            home, whose = COMMANDS[command]
            assert (reply["error"] is None) == (at is not None and home == kind and who in whose), (who, reply)


def shares(kind: str, one: str, other: str, what: str) -> bool:
    return what in MAY[kind].get(one, "") and what in MAY[kind].get(other, "")


async def test_a_gesture_of_no_known_shape_is_refused(house: House, cast: Cast) -> None:
    unfit: list[Json] = [{"x": 61}, {"y": "1"}, {"card": "no id"}, {"words": "hello"}, {"x": None}, {"stage": None}]
    async with everybody(house, cast) as room:
        topic = f"job:{room.subjects['job']}"
        ada, rae = room.clients["ada"], room.clients["rae"]
        await ada.subscribe(topic)
        await rae.subscribe(topic)
        for fields in unfit:
            await ada.send(type="gesture", topic=topic, body=DRAGGING | fields)
            assert (await ada.next("error"))["code"] == "invalid", fields
        assert not await told_of(room, "rae", "gesture")


async def told_of(room: Room, who: str, what: str) -> bool:
    return any(frame["type"] == what for frame in await room.heard(who))


async def ask(client: Client, name: str, topic: str | None) -> Any:
    await client.send(type="command", id=len(client.frames), name=name, topic=topic)
    return await client.next("reply")


@pytest.mark.parametrize(
    "kind", sorted(kind for kind, may in MAY.items() if any("p" in rights for rights in may.values()))
)
async def test_a_state_of_no_known_shape_is_refused(house: House, cast: Cast, kind: str) -> None:
    foreign = {"view": "place"} if kind != "candidate" else {"view": "board"}
    unfit: list[Json] = [
        {}, [], 1, "board", {"view": "elsewhere"}, {"view": 1}, foreign,
        DOING.get(kind, {"view": "board"}) | {"words": "hello"}, {"view": "application", "card": "no id"},
        {"view": "answer", "card": str(UUID(int=1)), "answer": 0, "at": 67},
        {"view": "answer", "card": str(UUID(int=1)), "answer": 2, "at": -1},
    ]  # fmt: skip
    async with everybody(house, cast) as room:
        topic = f"{kind}:{room.subjects[kind]}"
        who = next(who for who, rights in MAY[kind].items() if "p" in rights)
        client = room.clients[who]
        assert (await client.subscribe(topic, state=foreign))["type"] == "subscribed"
        for state in (foreign, *unfit):
            if state is not foreign or client.read:
                await client.send(type="state", topic=topic, state=state)
            refused = await client.next("error")
            assert (refused["code"], refused["topic"]) == ("invalid", None), state
            client.read = 1
        await client.send(type="state", topic=topic, state=DOING.get(kind, {"view": "board"}))
        joined = await client.until(lambda frame: bool(frame.get("joined") or frame.get("people")))
        assert len(joined.get("joined") or joined["people"]) == 1


async def test_a_candidate_sees_the_team_type_in_their_conversation_and_nothing_else_of_it(
    house: House, cast: Cast
) -> None:
    async with everybody(house, cast) as room:
        ada, cleo = room.clients["ada"], room.clients["cleo"]
        for kind, may in MAY.items():
            for who in may:
                if who in {"ada", "cleo"}:
                    await room.clients[who].subscribe(f"{kind}:{room.subjects[kind]}")
        await room.heard("cleo")
        watching = {"view": "answer", "card": room.subjects["application"], "answer": 2, "at": 67}
        await ada.send(type="state", topic=f"job:{room.subjects['job']}", state=watching)
        await ada.send(type="state", topic=f"application:{room.subjects['application']}", state=watching)
        for kind in ("job", "application"):
            await ada.send(type="typing", topic=f"{kind}:{room.subjects[kind]}")
        await room.heard("ada")
        assert str(cast.ada.id) not in str(await room.heard("cleo"))
        await ada.send(type="typing", topic=f"conversation:{room.subjects['conversation']}")
        await room.heard("ada")
        (typing,) = [frame for frame in await room.heard("cleo") if frame["type"] == "typing"]
        assert typing["person"]["name"] == "Ada"
        await cleo.send(type="state", topic=f"candidate:{room.subjects['candidate']}", state={"view": "place"})
        (own,) = [frame for frame in await room.heard("cleo") if frame["type"] == "presence_diff"]
        assert [person["name"] for person in own["joined"]] == ["Cleo"]
        assert "Cleo" not in str(await room.heard("ada"))


@contextlib.asynccontextmanager
async def hurried_rounds(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The reading of all rights as it runs by itself, every fifth of a second instead of every 25 s."""
    monkeypatch.setattr(hub, "GRANT_SECONDS", 0.2)
    rounds = asyncio.create_task(house.app.state.hub._granting())
    yield
    await end([rounds])


async def test_a_removed_member_whose_revocation_was_lost_is_found_by_the_next_reading(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    topics = [f"job:{job['id']}", f"application:{cleo.application}", f"conversation:{cleo.application}"]
    async with (
        socket(house, cast.ben.at("/live"), cast.ben) as ben,
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
    ):
        for client in (ben, ada):
            await client.next("hello")
            for topic in topics:
                await client.subscribe(topic)
        await ben.send(type="state", topic=topics[0], state={"view": "board"})
        await ada.until(lambda frame: bool(frame.get("joined")))
        async with hurried_rounds(house, monkeypatch):
            await db.execute("UPDATE member SET removed_at = now() WHERE id = $1", cast.ben.id)
            ended = [await ben.next("error") for _ in topics]
        assert {frame["topic"] for frame in ended} == set(topics)
        await ada.until(lambda frame: str(cast.ben.id) in frame.get("left", ()))
        for topic in topics:
            await ben.send(type="typing", topic=topic)
            await ben.send(type="state", topic=topic, state={"view": "board"})
        await cast.ada.make("POST", f"/applications/{cleo.application}/notes", {"body": "For us"})
        await ada.next("event")
        await ben.quiet("event", 0.3)
        await ada.quiet("typing", 0.1)
    async with socket(house, cast.ben.at("/live"), cast.ben) as ben:
        assert await ben.closed() == Close.NOT_SIGNED_IN


async def test_a_candidates_session_whose_revocation_was_lost_is_found_by_the_next_reading(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = await cast.cleo(await cast.job())
    topics = [f"conversation:{cleo.application}", f"candidate:{cleo.application}"]
    async with socket(house, cleo.at("/live"), cleo) as tab, hurried_rounds(house, monkeypatch):
        await tab.next("hello")
        for topic in topics:
            await tab.subscribe(topic)
        await tab.quiet("error", 0.5)  # rounds pass over whoever may stay
        await db.execute(
            "UPDATE candidate_session SET revoked_at = now() WHERE application_id = $1", UUID(cleo.application)
        )
        ended = [await tab.next("error") for _ in topics]
        assert {(frame["topic"], frame["code"]) for frame in ended} == {(topic, "forbidden") for topic in topics}
        await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "Are you there?"})
        await tab.quiet("event", 0.3)
