"""The websocket's door on the real server: who may open one, and how it ends when rights do."""

import asyncio

import pytest

from realtime.frames import Close
from server.core import db, http
from tests.cast import Cast
from tests.server.house import House
from tests.server.sockets import socket


async def test_who_is_turned_away_at_the_door(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job)
    members, candidates = cast.ada.at("/live"), cleo.at("/live")
    nobody = cast.nobody()
    for path, who, origin, close in [
        (members, nobody, "", Close.NOT_SIGNED_IN),
        (members, cast.dan, "", Close.NOT_SIGNED_IN),
        (members, cleo, "", Close.NOT_SIGNED_IN),
        ("/w/no-such-place/live", cast.ada, "", Close.NOT_SIGNED_IN),
        (candidates, nobody, "", Close.NOT_SIGNED_IN),
        (candidates, other, "", Close.NOT_SIGNED_IN),
        (candidates, cast.ada, "", Close.NOT_SIGNED_IN),
        (members, cast.ada, "https://evil.example", Close.FORBIDDEN),
        (members, cast.ada, "null", Close.FORBIDDEN),
        (members, cast.ada, None, Close.FORBIDDEN),
        (candidates, cleo, "https://evil.example", Close.FORBIDDEN),
    ]:
        async with socket(house, path, who, origin) as client:
            assert await client.closed() == close, (path, origin)


async def test_everybody_follows_their_own_topics_only(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job)
    team = [f"job:{job['id']}", f"application:{cleo.application}", f"conversation:{cleo.application}"]
    own = [f"conversation:{cleo.application}", f"candidate:{cleo.application}"]
    everything = {*team, *own, f"member:{cast.ada.id}", f"workspace:{cast.ada.workspace}"}
    for who, path, allowed in [
        (cast.ada, cast.ada.at("/live"), {*team, f"member:{cast.ada.id}", f"workspace:{cast.ada.workspace}"}),
        (cast.rae, cast.rae.at("/live"), {*team, f"workspace:{cast.ada.workspace}"}),
        (cast.dan, cast.dan.at("/live"), set()),
        (cleo, cleo.at("/live"), set(own)),
        (other, other.at("/live"), set()),
    ]:
        async with socket(house, path, who) as client:
            await client.next("hello")
            for topic in sorted(everything):
                told = await client.subscribe(topic)
                assert told["type"] == ("subscribed" if topic in allowed else "error"), (topic, told)
                if topic not in allowed:
                    assert (told["code"], told["retry"]) == ("forbidden", False)


async def test_a_card_and_a_message_arrive_live_and_a_note_only_where_it_may(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    conversation = f"conversation:{cleo.application}"
    async with socket(house, cast.ben.at("/live"), cast.ben) as ben, socket(house, cleo.at("/live"), cleo) as tab:
        await ben.next("hello")
        await tab.next("hello")
        for topic in (f"job:{job['id']}", f"application:{cleo.application}", conversation):
            await ben.subscribe(topic)
        await tab.subscribe(conversation)
        await tab.subscribe(f"candidate:{cleo.application}")
        await cast.ada.make("POST", f"/applications/{cleo.application}/notes", {"body": "For us"}, key="key-of-note")
        note = await ben.until(lambda f: f["type"] == "event" and f["payload"]["type"] == "note")
        assert (note["payload"]["note"]["body"], note["payload"]["note"]["key"]) == ("For us", "key-of-note")
        await ben.send(type="typing", topic=conversation)
        typing = await tab.next("typing")
        assert typing["person"]["name"] == "Ben"
        await cast.ben.make("POST", f"/applications/{cleo.application}/messages", {"body": "Hello"})
        message = await tab.next("event")
        assert (message["topic"], message["payload"]["message"]["body"]) == (conversation, "Hello")
        stage = job["stages"][2]["id"]
        await cast.ada.make("POST", f"/applications/{cleo.application}/moves", {"stage": stage, "version": 99})
        moved = await ben.until(lambda f: f["type"] == "event" and f["payload"].get("verb") == "moved", 1.0)
        assert (moved["payload"]["card"]["stage"], moved["payload"]["by"]["name"]) == (stage, "Ada")
        assert not [f for f in tab.frames if f["type"] == "event" and f["payload"]["type"] not in {"message", "place"}]
        await tab.send(type="state", topic=conversation, state={"view": "home"})
        refused = await tab.next("error")
        assert refused["code"] == "forbidden"


async def test_sign_out_and_removal_end_the_socket_at_once(house: House, cast: Cast) -> None:
    async with (
        socket(house, cast.ben.at("/live"), cast.ben) as ben,
        socket(house, cast.rae.at("/live"), cast.rae) as rae,
    ):
        await ben.next("hello")
        await rae.next("hello")
        await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
        assert await ben.closed(2.0) == Close.RIGHTS_CHANGED
        await cast.rae.call("POST", "/api/sign-out")
        assert await rae.closed(2.0) == Close.NOT_SIGNED_IN


async def test_a_topic_has_one_spelling_and_no_odd_ones(house: House, cast: Cast) -> None:
    job = (await cast.job())["id"]
    async with socket(house, cast.ada.at("/live"), cast.ada) as ada:
        await ada.next("hello")
        for topic in (f"x\0:{job}", f"job:{job.upper()}", f"job:{job.replace('-', '')}", f"job:urn:uuid:{job}"):
            assert (await ada.subscribe(topic))["code"] == "forbidden"
        assert (await ada.subscribe(f"job:{job}"))["type"] == "subscribed"


async def test_a_password_reset_ends_the_sockets_of_every_device(house: House, cast: Cast) -> None:
    from server.hiring.workspaces import actions

    async with db.transaction():
        token = await actions.make_reset(cast.ben.account)
    async with socket(house, cast.ben.at("/live"), cast.ben) as ben:
        await ben.next("hello")
        form = {"password": "a new sentence to keep"}
        await cast.nobody().done("POST", f"/api/password-resets/{token}", form)
        assert await ben.closed(3.0) == Close.NOT_SIGNED_IN


LONG = '{"type": "subscribe", "topic": "' + "x" * 70_000 + '"}'


DEEP = '{"type": "state", "topic": "x", "state": ' + "[" * 7000 + "]" * 7000 + "}"


@pytest.mark.parametrize(
    "sent", ["no json", '{"type": "subscribe"}', LONG, DEEP], ids=["words", "half", "long", "deep"]
)
async def test_nonsense_ends_the_connection_and_nothing_else(house: House, cast: Cast, sent: str) -> None:
    async with (
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
        socket(house, cast.ben.at("/live"), cast.ben) as ben,
    ):
        await ada.next("hello")
        await ben.next("hello")
        await ada.socket.send(sent)
        assert (await ada.closed())[0] in {Close.BAD_FRAME[0], 1009}
        assert (await ben.subscribe(f"workspace:{cast.ada.workspace}"))["type"] == "subscribed"
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("sent", "own"),
    [
        ("https://jobs.example", True),
        ("http://jobs.example", False),
        ("https://jobs.example.evil.example", False),
        ("https://jobs.example:8443", False),
        ("null", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(sent: str, own: bool) -> None:
    assert http.same_origin({"origin": sent, "host": "jobs.example"}, "https://jobs.example") is own
