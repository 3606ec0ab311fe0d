"""The whole way of a recording: a real sender, the web's WHIP route, a recorder process, a worker process, playback."""

import asyncio
import base64
import hmac
import re
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest

from media import nodes
from server.core import db, runtime
from server.hiring.interviews import giving_up
from tests.cast import Cast, Json, until
from tests.media.files import faults
from tests.server.conftest import forget_throttles
from tests.server.house import House, running
from tests.server.senders import SDP, Sender, decoded
from tests.server.sockets import socket
from tests.server.takes import announce
from tests.server.test_monitoring import look


@pytest.fixture(scope="module")
async def recorder(house: House) -> AsyncIterator[asyncio.subprocess.Process]:
    """The house's recorder process; its worker runs beside it. What they made is looked at in the end."""
    await announce(house)  # no other
    async with running(house, "recorder") as process, running(house, "worker"):

        async def recorder_is_there() -> bool:
            return bool(await nodes.alive(runtime.here().redis))

        await until(recorder_is_there, 30)
        yield process
    for path in house.settings.data.glob("media/*/video.webm"):
        assert not (found := await asyncio.to_thread(faults, path)), (path, found)


@pytest.fixture
def installation(house: House, recorder: asyncio.subprocess.Process) -> House:
    """The house with its recorder and its worker."""
    return house


async def test_an_admin_sees_how_a_recording_comes_in(installation: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    ticket = await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})
    sender = Sender(cleo, ticket)
    topic = f"monitor:{cast.ada.workspace}"
    async with (
        socket(installation, cast.ada.at("/live"), cast.ada) as ada,
        socket(installation, cast.dan.at("/live"), cast.dan) as dan,
    ):
        for client, who in ((ada, cast.ada), (dan, cast.dan)):
            await client.next("hello")
            await client.subscribe(f"monitor:{who.workspace}")

        async def coming() -> Json:
            rows = (await look(ada, topic))["recordings"]
            return rows[0] if rows and (rows[0]["reception"] or {}).get("bitrate") else None

        reply = await sender.start(2)
        row = await until(coming)
        (node,) = [one for one in (await look(ada, topic))["recorders"] if one["name"] == row["node"]]
        theirs = await look(dan, f"monitor:{cast.dan.workspace}")
        await cleo.call("DELETE", reply.headers["location"])
    await sender.peer.close()
    assert (row["recording"], row["name"], row["question"]) == (ticket["recording"], "Cleo Candidate", 1)
    assert (row["reception"]["width"], row["reception"]["height"]) == (320, 240)
    assert (row["reception"]["lost"], row["reception"]["packets"] > 50, row["bytes"] > 1000) == (0, True, True)
    assert node["answers"]
    assert theirs["recordings"] == []
    assert ticket["recording"] not in str(theirs)


async def test_a_candidate_answers_on_camera_and_the_team_watches(installation: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    (question,) = await cleo.questions()
    ticket = await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})
    sender = Sender(cleo, ticket)
    reply = await sender.film(2.0)
    assert reply.headers["location"] == ticket["whip_url"]
    assert reply.headers["etag"]
    assert reply.headers["content-type"].startswith("application/sdp")

    async def ready() -> Json:
        take = await cleo.read(f"/takes/{ticket['take']}")
        return take if take["state"] == "ready" and take["url"] else None

    take = await until(ready)
    assert 1500 <= take["duration_ms"] <= 4500
    assert (take["width"], take["height"]) == (320, 240)
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    await cleo.make("POST", "/submission", {})
    view = await cast.ben.read(f"/applications/{cleo.application}")
    team_url = view["answers"][0]["take"]["url"]
    own = await cleo.get(take["url"])
    theirs = await cast.ben.get(team_url)
    assert (own.status_code, theirs.status_code) == (200, 200)
    assert own.content == theirs.content
    pictures, sounds, seconds = decoded(own.content)
    assert pictures > 30
    assert sounds > 50
    assert abs(seconds - take["duration_ms"] / 1000) < 0.5
    part = await cast.ben.get(team_url, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, own.content[100:200])
    assert (await cast.dan.get(team_url)).status_code == 401
    assert (await cast.nobody().get(take["url"])).status_code == 401

    async def poster() -> Json:
        return (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"][0]["poster"]

    still = await cast.ada.get(await until(poster))
    assert still.content[:3] == b"\xff\xd8\xff"
    kinds = await db.rows(
        str, "SELECT kind FROM event WHERE subject = $1 ORDER BY id", f"application:{cleo.application}"
    )
    assert [k for k in kinds if k != "application_opened"] == [
        "applied", "application_moved", "take_started", "take_ended", "answered", "application_moved", "submitted",
    ]  # fmt: skip

    async def told() -> bool:
        return bool((await cast.ada.read("/inbox"))["unread"] and installation.mails(cleo.email))

    await until(told)


async def test_a_job_video_is_recorded_accepted_shown_and_left_out(installation: House, cast: Cast) -> None:
    await forget_throttles(installation)
    job = await cast.job()
    path = f"/jobs/{job['id']}/video"
    ticket = await cast.ada.make("POST", path)
    assert ticket["take"] is None
    early = await cast.ada.do("POST", f"{path}/acceptance", {"recording": ticket["recording"]})
    assert (early.status_code, early.json()["code"]) == (409, "take_not_there")
    await Sender(cast.ada, ticket).film(1.5)

    async def ready() -> Json:
        found = await cast.ada.read(f"{path}/{ticket['recording']}")
        return found if found["state"] == "ready" else None

    state = await until(ready)
    preview = await cast.ada.get(state["url"])
    assert (preview.status_code, preview.headers["content-type"]) == (200, "video/webm")
    public = f"{job['public_url']}/video"
    assert (await cast.nobody().get(public)).status_code == 404
    accepted = await cast.ada.make("POST", f"{path}/acceptance", {"recording": ticket["recording"]})
    assert (accepted["video"], accepted["video_ms"]) == (ticket["recording"], state["duration_ms"])
    assert (await cast.nobody().call("HEAD", public)).headers["accept-ranges"] == "bytes"
    part = await cast.nobody().get(public, headers={"range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, preview.content[:10])
    assert "/video" in (await cast.nobody().page(job["public_url"])).text
    dans = await cast.job(cast.dan)
    stolen = await cast.dan.do("POST", f"/jobs/{dans['id']}/video/acceptance", {"recording": ticket["recording"]})
    assert stolen.status_code == 404
    assert (await cast.ada.make("DELETE", path))["video"] is None
    assert (await cast.nobody().get(public)).status_code == 404


async def test_an_offer_without_a_picture_and_a_ticket_used_twice(installation: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    first, second = await cleo.questions()
    ticket = await cleo.make("POST", f"/questions/{first}/takes", {"kind": "video"})
    mute = Sender(cleo, ticket, video=False)
    refused = await mute.offer()
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_offer")
    await mute.peer.close()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "failed"
    ticket = await cleo.make("POST", f"/questions/{second}/takes", {"kind": "audio"})
    voice = Sender(cleo, ticket, video=False)
    assert (await voice.offer()).status_code == 201
    again = await voice.browser.call(
        "POST", ticket["whip_url"], content=voice.peer.localDescription.sdp,
        headers=SDP | {"authorization": f"Bearer {ticket['ticket']}"},
    )  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (401, "ticket_used")
    await voice.peer.close()
    assert await db.value("SELECT ticket_hash FROM recording WHERE id = $1", UUID(ticket["recording"])) == ""


async def test_the_answer_speaks_the_protocol(installation: House, cast: Cast) -> None:
    """RFC 9725: where the session is, its entity tag, servers for the way through, and sections that only receive."""
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    here = runtime.here()
    settings = msgspec.structs.replace(here.settings, turn_urls="turn:turn.example:3478", turn_secret="hidden")
    runtime.start(msgspec.structs.replace(here, settings=settings))
    try:
        ticket = await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})
        sender = Sender(cleo, ticket)
        reply = await sender.offer()
    finally:
        runtime.start(here)
    assert (reply.status_code, reply.headers["location"]) == (201, ticket["whip_url"])
    assert re.fullmatch(r'"[^"]+"', reply.headers["etag"])
    (server,) = ticket["ice_servers"]
    assert server["urls"] == ["turn:turn.example:3478"]
    named = r'username="([^"]+)"; credential="([^"]+)"; credential-type="password"'
    given = re.fullmatch(rf'<turn:turn\.example:3478>; rel="ice-server"; {named}', reply.headers["link"])
    assert given is not None
    for username, credential in (given.groups(), (server["username"], server["credential"])):  # made a second apart
        signed = hmac.digest(b"hidden", username.encode(), "sha1")
        assert credential == base64.b64encode(signed).decode()
    lines = reply.text.split("\r\n")
    assert [line for line in lines if line in {"a=recvonly", "a=sendrecv", "a=inactive"}] == ["a=recvonly"] * 2
    assert any(line.startswith("a=candidate") for line in lines)
    ended = await cleo.call("DELETE", reply.headers["location"], headers={"if-match": '"of another"'})
    assert ended.status_code == 200  # an entity tag says nothing about an end
    await sender.peer.close()


async def test_a_recorder_that_is_killed_keeps_what_it_has_and_the_candidate_is_told(
    installation: House, recorder: asyncio.subprocess.Process, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job)
    (question,) = await cleo.questions()
    ticket = await cleo.make("POST", f"/questions/{question}/takes", {"kind": "video"})
    sender = Sender(cleo, ticket)
    await sender.start(3.0)

    async def card() -> Json:
        return (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"][0]

    async def shown() -> bool:
        return bool((await card())["answering"] == 1)

    await until(shown)
    recorder.kill()
    await recorder.wait()
    await announce(installation)  # its last word has expired
    monkeypatch.setattr(giving_up, "ABSENT_SECONDS", 0.0)
    await giving_up.sweep()
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert (take["state"], take["url"]) == ("interrupted", "")
    told = await db.rows(bytes, "SELECT payload FROM realtime_log WHERE topic = $1", f"candidate:{cleo.application}")
    assert any(b'"interrupted"' in payload for payload in told)
    assert (await card())["answering"] == 0
    refused = await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"})
    assert (refused.status_code, refused.json()["code"]) == (503, "no_recorder")
    await sender.peer.close()

    async def found() -> Json:
        take = await cleo.read(f"/takes/{ticket['take']}")
        return take if take["url"] else None

    async with running(installation, "recorder"):
        take = await until(found, 30)
        assert take["state"] == "interrupted"
        pictures, sounds, seconds = decoded((await cleo.get(take["url"])).content)
    assert pictures > 25
    assert sounds > 50
    assert seconds > 1.0
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    assert (await card())["answers"] == 1
