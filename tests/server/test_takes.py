"""Takes: tickets and offers, what recorders tell of them, when they count, and who may not make one."""

import asyncio
import base64
import hmac
import time
from uuid import UUID

import msgspec
import pytest

from server.core import db, runtime
from server.hiring.interviews import giving_up, recordings, rules
from tests.cast import Cast, Json
from tests.server import copies, takes
from tests.server.conftest import forget_throttles
from tests.server.house import House, drain
from tests.server.senders import SDP
from tests.server.sockets import socket


def refused(reply: Json, status: int, code: str) -> None:
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


async def test_a_take_from_first_picture_to_kept_answer(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    question = (await cleo.questions())[0]
    ticket = await takes.begin(house, cleo, question)
    assert ticket["whip_url"] == cleo.at(f"/whip/{ticket['recording']}")
    assert ticket["longest"] == 70
    stored = await db.value("SELECT ticket_hash FROM recording WHERE id = $1", UUID(ticket["recording"]))
    assert ticket["ticket"] not in stored
    refused(await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"}), 409, "already_recording")
    await takes.report(house, ticket["recording"], ["recording"])
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["progress"], card["answering"]) == ("recording", 1)
    assert (await cleo.read("/place"))["progress"] == "recording"
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "recording"
    await takes.report(house, ticket["recording"], ["complete"])
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert (take["state"], take["duration_ms"], take["width"]) == ("ready", 9000, 640)
    own = await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    assert (own["kind"], own["accepted"], own["takes_left"]) == ("video", ticket["take"], 2)
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["progress"], card["answering"], card["answers"], card["answers_ms"]) == ("answering", 0, 1, 9000)


async def test_that_nothing_comes_is_told_to_the_candidate_and_on_the_card(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    question = (await cleo.questions())[0]
    ticket = await takes.begin(house, cleo, question)
    await takes.report(house, ticket["recording"], ["recording"])

    async def seen() -> tuple[Json, Json]:
        (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
        return card["answering"], (await cleo.read(f"/takes/{ticket['take']}"))["silent"]

    async with (
        socket(house, cleo.at(f"/live?page={cleo.at('/record')}"), cleo) as tab,
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
    ):
        await tab.next("hello")
        await tab.subscribe(f"candidate:{cleo.application}")
        await ada.next("hello")
        await ada.subscribe(f"job:{job['id']}")
        for silent in (True, False):
            await takes.hear(house, ticket["recording"], silent=silent)
            heard = await tab.until(lambda f: f["type"] == "event" and "take" in f["payload"], 9)
            assert heard["payload"]["take"]["silent"] == silent
            told = await ada.until(lambda f: f["type"] == "event" and f["payload"]["type"] == "card", 9)
            assert told["payload"]["card"]["answering"] == (0 if silent else 1)
            assert await seen() == (0 if silent else 1, silent)
    await takes.hear(house, ticket["recording"], silent=True)
    await takes.report(house, ticket["recording"], ["complete"])
    assert await seen() == (0, False)
    await takes.hear(house, ticket["recording"], silent=True)  # too late to mean anything
    assert await seen() == (0, False)


async def test_the_old_take_stays_until_a_new_one_is_kept_and_takes_run_out(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    tickets = []
    for number in (1, 2, 3):
        tickets.append(await takes.recorded(house, cleo, question))
        assert tickets[-1]["number"] == number
        if number == 1:
            await cleo.make("POST", f"/takes/{tickets[0]['take']}/acceptance", {})
    own = (await cleo.read("/place"))["answers"][0]
    assert (own["accepted"], len(own["takes"]), own["takes_left"]) == (tickets[0]["take"], 3, 0)
    refused(await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"}), 409, "takes_used_up")
    own = await cleo.make("POST", f"/takes/{tickets[2]['take']}/acceptance", {})
    assert own["accepted"] == tickets[2]["take"]
    await cleo.make("PUT", f"/questions/{question}/text", {"text": "Words instead"})
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert (view["answers"][0]["kind"], view["answers"][0]["take"]) == ("text", None)


async def test_a_take_that_broke_off_is_kept_as_far_as_it_came_and_costs_nothing(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    ticket = await takes.recorded(house, cleo, question, outcomes=["recording", "interrupted"], duration_ms=3000)
    own = (await cleo.read("/place"))["answers"][0]
    assert (own["takes"][0]["state"], own["takes_left"]) == ("interrupted", 3)
    assert own["takes"][0]["url"]
    assert (await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {}))["accepted"] == ticket["take"]


async def test_a_take_without_a_file_is_no_answer_even_if_it_was_kept_before_that_was_known(
    house: House, cast: Cast
) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    await takes.report(house, ticket["recording"], ["failed"], duration_ms=0)
    place = await cleo.read("/place")
    assert (place["resume"], place["answers"][0]["kind"], place["answers"][0]["takes"]) == (question, None, [])
    refused(await cleo.do("POST", f"/takes/{ticket['take']}/acceptance", {}), 409, "take_not_there")
    refused(await cleo.do("POST", "/submission", {}), 409, "answers_missing")
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert (view["card"]["answers"], view["answers"][0]["kind"]) == (0, None)


async def test_a_forgotten_take_ends_and_its_ticket_with_it(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    old = await takes.begin(house, cleo, question)
    await db.execute("UPDATE take SET created_at = now() - interval '31 s' WHERE id = $1", UUID(old["take"]))
    new = await takes.begin(house, cleo, question)
    assert new["number"] == 1
    late = await cleo.call(
        "POST", old["whip_url"], content=b"v=0\r\n", headers=SDP | {"authorization": f"Bearer {old['ticket']}"}
    )
    refused(late, 401, "ticket_used")


async def test_two_tabs_that_begin_at_once_give_one_take(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    await takes.announce(house, takes.PHANTOM)
    tabs = [cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"}) for _ in range(4)]
    replies = await asyncio.gather(*tabs)
    assert sorted(r.status_code for r in replies) == [201, 409, 409, 409]
    assert {r.json().get("code", "") for r in replies} == {"", "already_recording"}


async def test_quota_and_disk_and_recorders_that_run_out(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    body = {"kind": "video"}
    await takes.announce(house)
    refused(await cleo.do("POST", f"/questions/{question}/takes", body), 503, "no_recorder")
    await takes.announce(house, msgspec.structs.replace(takes.PHANTOM, load=5, limit=5))
    refused(await cleo.do("POST", f"/questions/{question}/takes", body), 503, "recorders_busy")
    await takes.announce(house, msgspec.structs.replace(takes.PHANTOM, load=5, limit=0))  # it drains
    refused(await cleo.do("POST", f"/questions/{question}/takes", body), 503, "no_recorder")
    await takes.announce(house, takes.PHANTOM)
    here = runtime.here()
    full = msgspec.structs.replace(here, settings=msgspec.structs.replace(here.settings, disk_floor_mb=10**9))
    runtime.start(full)
    try:
        refused(await cleo.do("POST", f"/questions/{question}/takes", body), 507, "storage_low")
        await cleo.make("PUT", f"/questions/{question}/text", {"text": "Writing works"})
    finally:
        runtime.start(here)
    await takes.recorded(house, cleo, question, duration_ms=rules.MOST_SECONDS * 1000)
    refused(await cleo.do("POST", f"/questions/{question}/takes", body), 429, "quota_exceeded")
    upload = {"content": b"x", "headers": {"content-type": "video/webm"}}
    refused(await cleo.do("POST", f"/questions/{question}/file", **upload), 429, "quota_exceeded")
    assert (await copies.announce(cleo, 10)).status_code == 201, "what a device has recorded is taken all the same"
    wrong = await cleo.do("POST", f"/questions/{question}/takes", {"kind": "hologram"})
    refused(wrong, 422, "invalid")


async def test_offers_that_are_not_taken(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    ticket = await takes.begin(house, cleo, question)
    url, good = ticket["whip_url"], SDP | {"authorization": f"Bearer {ticket['ticket']}"}
    refused(await cleo.call("POST", url, {"sdp": "v=0"}), 415, "unsupported_type")
    refused(await cleo.call("POST", url, content=b"hello", headers=good), 400, "bad_offer")
    refused(await cleo.call("POST", url, content=b"v=0" + b"x" * 70_000, headers=good), 413, "too_large")
    for headers in (SDP, SDP | {"authorization": "Bearer wrong"}, SDP | {"authorization": "Basic eDp5"}):
        refused(await cleo.call("POST", url, content=b"v=0\r\n", headers=headers), 401, "ticket_used")
    # the ticket is good, the recorder is gone: the take has failed, the next one may begin
    refused(await cleo.call("POST", url, content=b"v=0\r\n", headers=good), 503, "no_recorder")
    refused(await cleo.call("POST", url, content=b"v=0\r\n", headers=good), 401, "ticket_used")
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "failed"
    assert (await cleo.call("DELETE", url)).status_code == 200
    assert (await takes.begin(house, cleo, question))["number"] == 1


async def test_ending_a_recording_whose_recorder_does_not_answer(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])
    await takes.report(house, ticket["recording"], ["recording"])
    await takes.announce(house, takes.PHANTOM)
    refused(await cleo.call("DELETE", ticket["whip_url"]), 503, "recorder_gone")
    await takes.announce(house)
    assert (await cleo.call("DELETE", ticket["whip_url"])).status_code == 200


async def test_what_recorders_tell_twice_happens_once(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])

    async def events() -> list[str]:
        return await db.rows(
            str, "SELECT kind FROM event WHERE subject = $1 ORDER BY id", f"application:{cleo.application}"
        )

    await takes.report(house, ticket["recording"], ["recording", "recording", "complete", "complete"])
    recording = msgspec.json.encode(ticket["recording"])
    for task in (recordings.started_task, recordings.ended_task, recordings.ended_task):
        await task(recording)
    assert await events() == ["applied", "application_moved", "take_started", "take_ended"]


async def test_the_sweep_tells_of_recorders_that_died_but_waits_for_a_bus_that_restarted(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    question = (await cleo.questions())[0]
    ticket = await takes.begin(house, cleo, question)
    await takes.report(house, ticket["recording"], ["recording"])
    await takes.announce(house)
    await giving_up.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "recording"
    await takes.announce(house, takes.PHANTOM)
    monkeypatch.setattr(giving_up, "ABSENT_SECONDS", 0.0)
    await giving_up.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "recording"
    await takes.announce(house)
    await giving_up.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "interrupted"
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["progress"], card["answering"]) == ("answering", 0)
    await takes.report(house, ticket["recording"], ["interrupted"])  # it came back and found its file
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert (take["state"], take["duration_ms"]) == ("interrupted", 9000)
    assert take["url"]


async def test_a_file_that_comes_after_its_recording_was_given_up_is_shown_at_once(
    house: House, cast: Cast, film: bytes
) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])
    await takes.report(house, ticket["recording"], ["recording"])
    async with db.transaction():
        await giving_up.give_up(UUID(ticket["recording"]), "recording")
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    await drain()
    key = f"{ticket['recording']}/video.webm"
    await runtime.here().storage.put(key, film)
    await takes.report(house, ticket["recording"], ["interrupted"], key=key)
    told = await db.rows(bytes, "SELECT payload FROM realtime_log WHERE topic = $1", f"candidate:{cleo.application}")
    assert any(f"/recordings/{ticket['recording']}/video".encode() in payload for payload in told)
    card = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]
    assert (await cast.ada.get(card["poster"])).content[:3] == b"\xff\xd8\xff"
    ends = "SELECT count(*) FROM event WHERE subject = $1 AND kind = 'take_ended'"
    assert await db.value(ends, f"application:{cleo.application}") == 1


async def test_the_sweep_ends_recordings_that_never_began(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])
    await db.execute(
        "UPDATE recording SET created_at = now() - interval '91 s' WHERE id = $1", UUID(ticket["recording"])
    )
    await giving_up.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "failed"


async def test_takes_are_throttled(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    await takes.announce(house)
    replies = await asyncio.gather(*(cleo.do("POST", f"/questions/{question}/takes", {}) for _ in range(61)))
    assert sorted({r.status_code for r in replies}) == [429, 503]
    await forget_throttles(house)


async def test_each_browser_gets_turn_credentials_of_its_own_that_expire(house: House, cast: Cast) -> None:
    """As coturn checks them with `use-auth-secret`: the name begins with the second of its expiry, signed by both."""
    here = runtime.here()
    turned = msgspec.structs.replace(
        here.settings, turn_urls="turn:a:3478, turn:b:3478?transport=tcp", turn_secret="s3"
    )
    runtime.start(msgspec.structs.replace(here, settings=turned))
    try:
        tickets = []
        for _ in range(2):
            cleo = await cast.cleo(await cast.job(questions=1))
            tickets.append(await takes.begin(house, cleo, (await cleo.questions())[0]))
    finally:
        runtime.start(here)
    servers = [ticket["ice_servers"][0] for ticket in tickets]
    assert servers[0]["urls"] == ["turn:a:3478", "turn:b:3478?transport=tcp"]
    assert len({server["username"] for server in servers}) == 2
    for server in servers:
        expires = int(server["username"].split(":")[0])
        assert 0 < expires - time.time() <= 6 * 3600
        signed = hmac.digest(b"s3", server["username"].encode(), "sha1")
        assert server["credential"] == base64.b64encode(signed).decode()
