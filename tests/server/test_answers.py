"""Answers: takes, texts and files, what is kept, handed in, and refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest

from server.core import db, runtime
from server.hiring.interviews import recordings, rules
from tests.cast import Cast, Json, until
from tests.server import takes
from tests.server.conftest import forget_throttles
from tests.server.house import House, drain

SDP = {"content-type": "application/sdp"}


def refused(reply: Json, status: int, code: str) -> None:
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


async def test_answers_in_writing_and_handing_in(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    first, second = await cleo.questions()
    refused(await cleo.do("POST", "/submission", {}), 409, "answers_missing")
    for text in ("  ", "x" * 10_001):
        reply = await cleo.do("PUT", f"/questions/{first}/text", {"text": text})
        assert list(reply.json()["fields"]) == ["text"]
    own = await cleo.make("PUT", f"/questions/{first}/text", {"text": " In words.\x00 "})
    assert (own["kind"], own["text"], own["accepted"]) == ("text", "In words.", None)
    place = await cleo.read("/place")
    assert (place["progress"], place["stage"], place["resume"]) == ("answering", "Your answers", second)
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    stages = {stage["id"]: stage["kind"] for stage in job["stages"]}
    assert (stages[card["stage"]], card["answers"], card["progress"]) == ("questions", 1, "answering")
    await cleo.make("PUT", f"/questions/{second}/text", {"text": "More words."})
    await cleo.make("PUT", f"/questions/{first}/text", {"text": "Better words."})
    done = await cleo.make("POST", "/submission", {})
    assert (done["progress"], done["stage"], done["resume"]) == ("submitted", "The team is watching", None)
    again = await cleo.make("POST", "/submission", {})
    assert again["submitted_at"] == done["submitted_at"]
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (stages[card["stage"]], card["progress"], card["opened"]) == ("review", "submitted", False)
    assert (await cast.ada.read("/jobs"))[0]["new"] == 1
    await cleo.make("PUT", f"/questions/{first}/text", {"text": "Best words."})  # nobody has looked yet
    view = await cast.ben.read(f"/applications/{cleo.application}")
    assert [a["text"] for a in view["answers"]] == ["Best words.", "More words."]
    refused(await cleo.do("PUT", f"/questions/{first}/text", {"text": "Too late."}), 409, "answers_opened")
    assert (await cast.ada.read("/jobs"))[0]["new"] == 0
    assert (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"][0]["opened"]


async def test_a_card_that_the_team_has_moved_stays_where_it_is(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    interview = next(stage["id"] for stage in job["stages"] if stage["kind"] == "interview")
    await cast.ada.make("POST", f"/applications/{cleo.application}/moves", {"stage": interview, "version": 1})
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert card["stage"] == interview


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


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return takes.clip(tmp_path_factory.mktemp("clip"))


async def test_a_file_is_an_answer_and_plays_in_ranges(house: House, cast: Cast, clip: bytes) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    headers = {"content-type": "video/webm"}
    own = await cleo.make("POST", f"/questions/{question}/file", content=clip, headers=headers)
    assert own["kind"] == "file"
    (take,) = own["takes"]
    assert (take["state"], take["width"], take["height"]) == ("ready", 160, 90)
    assert 500 <= take["duration_ms"] <= 2500
    await cleo.make("POST", "/submission", {})
    await drain()
    view = await cast.ada.read(f"/applications/{cleo.application}")
    for who, url in [(cleo, take["url"]), (cast.ada, view["answers"][0]["take"]["url"])]:
        whole = await who.get(url)
        assert (whole.status_code, whole.content) == (200, clip)
        assert whole.headers["accept-ranges"] == "bytes"
        part = await who.get(url, headers={"range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, clip[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{len(clip)}"
        tail = await who.get(url, headers={"range": "bytes=-5"})
        assert tail.content == clip[-5:]
        beyond = await who.get(url, headers={"range": f"bytes={len(clip)}-"})
        assert beyond.status_code == 416
        fresh = await who.get(url, headers={"if-none-match": whole.headers["etag"]})
        assert fresh.status_code == 304
        assert "public" not in whole.headers.get("cache-control", "")
        poster = await who.get(url.removesuffix("video") + "poster")
        assert poster.content[:3] == b"\xff\xd8\xff"
        assert poster.headers["content-type"] == "image/jpeg"
    card = view["card"]
    assert (await cast.ben.get((await cast.ada.read(f"/applications/{cleo.application}"))["card"]["poster"])).content
    assert card["answers"] == 1


async def test_files_that_are_refused_leave_nothing(
    house: House, cast: Cast, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    path = f"/questions/{question}/file"
    refused(await cleo.do("POST", path, content=b"x", headers={"content-type": "text/plain"}), 415, "unsupported_type")
    video = {"content-type": "video/mp4"}
    for nonsense in (b"", b"<svg onload=alert(1)>", clip[:200]):
        refused(await cleo.do("POST", path, content=nonsense, headers=video), 415, "not_media")
    monkeypatch.setattr("server.hiring.interviews.actions.LARGEST_FILE", 1000)
    refused(await cleo.do("POST", path, content=clip, headers=video), 413, "too_large")
    place = await cleo.read("/place")
    assert (place["answers"][0]["kind"], place["answers"][0]["takes"]) == (None, [])
    folder = Path(house.settings.storage_url)
    recordings_of = await db.rows(
        str,
        "SELECT r.id::text FROM recording r JOIN take t ON t.recording_id = r.id WHERE t.application_id = $1",
        UUID(cleo.application),
    )
    kept = [
        p for p in await asyncio.to_thread(lambda: list(folder.rglob("*"))) if any(r in str(p) for r in recordings_of)
    ]
    assert kept == []


async def test_files_that_are_still_arriving_count_in_full(house: House, cast: Cast, clip: bytes) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    hold = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield clip[:100]
        await hold.wait()
        yield clip[100:]

    async def upload() -> httpx.Response:
        headers = {"content-type": "video/webm"}
        return await cleo.do("POST", f"/questions/{question}/file", content=slowly(), headers=headers)

    async def arriving() -> bool:
        count = await db.value(
            "SELECT count(*) FROM take WHERE application_id = $1 AND state = 'processing'", UUID(cleo.application)
        )
        return bool(count >= rules.MOST_BYTES // rules.LARGEST_FILE + 1)

    uploads = [asyncio.create_task(upload()) for _ in range(9)]
    await until(arriving)
    await asyncio.sleep(0.2)  # the others are refused meanwhile
    hold.set()
    replies = await asyncio.gather(*uploads)
    assert sorted(r.status_code for r in replies) == [200] * 6 + [429] * 3
    assert {r.json().get("code") for r in replies} == {None, "quota_exceeded"}


async def test_a_file_may_come_while_a_camera_records(house: House, cast: Cast, clip: bytes) -> None:
    cleo = await cast.cleo(await cast.job())
    first, second = await cleo.questions()
    await takes.begin(house, cleo, first)
    headers = {"content-type": "video/webm"}
    assert (await cleo.make("POST", f"/questions/{second}/file", content=clip, headers=headers))["kind"] == "file"


@pytest.mark.parametrize("broken", ["interrupted", "failed", "recording"])
async def test_a_take_rescued_from_the_browsers_own_copy_is_that_take(
    house: House, cast: Cast, clip: bytes, broken: str
) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    outcomes = ["recording"] if broken == "recording" else ["recording", broken]
    await takes.report(house, ticket["recording"], outcomes, duration_ms=300)
    own = await cleo.make(
        "POST",
        f"/questions/{question}/copy?take={ticket['take']}",
        content=clip,
        headers={"content-type": "video/webm"},
    )
    (take,) = own["takes"]
    assert (own["kind"], own["accepted"], take["id"]) == ("video", ticket["take"], ticket["take"])
    assert (take["state"], take["kind"], take["width"]) == ("ready", "video", 160)
    assert (await cleo.get(take["url"])).content == clip
    await takes.report(house, ticket["recording"], ["interrupted"], duration_ms=300)  # too late to matter
    await cleo.make("POST", "/submission", {})
    await drain()
    view = await cast.ada.read(f"/applications/{cleo.application}")
    (answer,) = view["answers"]
    assert (answer["kind"], answer["take"]["state"], answer["take"]["recording"]) == (
        "video",
        "ready",
        take["recording"],
    )
    assert (await cast.ada.get(view["card"]["poster"])).content[:3] == b"\xff\xd8\xff"
    assert await db.value("SELECT source FROM recording WHERE id = $1", UUID(take["recording"])) == "upload"


async def test_a_copy_of_a_take_that_no_recorder_heard_of_is_a_take(house: House, cast: Cast, clip: bytes) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    own = await cleo.make("POST", f"/questions/{question}/copy", content=clip, headers={"content-type": "video/webm"})
    assert (own["kind"], own["takes_left"], [take["kind"] for take in own["takes"]]) == ("video", 2, ["video"])


async def test_copies_go_to_takes_of_ones_own_only(house: House, cast: Cast, clip: bytes) -> None:
    job = await cast.job()
    cleo, dora = await cast.cleo(job), await cast.cleo(job, "Dora")
    first, second = await cleo.questions()
    mine, hers = await takes.begin(house, cleo, first), await takes.begin(house, dora, first)
    video = {"content-type": "video/webm"}
    for take, question in [(hers["take"], first), (mine["take"], second), (mine["recording"], first)]:
        refused(
            await cleo.do("POST", f"/questions/{question}/copy?take={take}", content=clip, headers=video),
            404,
            "not_found",
        )
    wrong = await cleo.do("POST", f"/questions/{first}/copy?take={mine['take']}", content=b"no film", headers=video)
    refused(wrong, 415, "not_media")
    (answer, _) = (await cleo.read("/place"))["answers"]
    assert [(take["id"], take["state"]) for take in answer["takes"]] == [(mine["take"], "recording")]


async def test_the_network_test_measures_both_ways(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    assert len((await cleo.get(cleo.at("/api/speed?bytes=5000"))).content) == 5000
    assert len((await cleo.get(cleo.at("/api/speed?bytes=99999999999"))).content) == 4 * 1024**2
    assert (await cleo.get(cleo.at("/api/speed?bytes=many"))).status_code == 422
    assert await cleo.make("POST", "/speed", content=b"x" * 100_000) == {"bytes": 100_000}


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
    assert await events() == ["applied", "take_started", "take_ended"]


async def test_the_sweep_tells_of_recorders_that_died_but_waits_for_a_bus_that_restarted(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    question = (await cleo.questions())[0]
    ticket = await takes.begin(house, cleo, question)
    await takes.report(house, ticket["recording"], ["recording"])
    await takes.announce(house)
    await recordings.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "recording"
    await takes.announce(house, takes.PHANTOM)
    monkeypatch.setattr(recordings, "ABSENT_SECONDS", 0.0)
    await recordings.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "recording"
    await takes.announce(house)
    await recordings.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "interrupted"
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["progress"], card["answering"]) == ("answering", 0)
    await takes.report(house, ticket["recording"], ["interrupted"])  # it came back and found its file
    take = await cleo.read(f"/takes/{ticket['take']}")
    assert (take["state"], take["duration_ms"]) == ("interrupted", 9000)
    assert take["url"]


async def test_the_sweep_ends_recordings_that_never_began(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])
    await db.execute(
        "UPDATE recording SET created_at = now() - interval '91 s' WHERE id = $1", UUID(ticket["recording"])
    )
    await recordings.sweep()
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "failed"


async def test_takes_are_throttled(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    await takes.announce(house)
    replies = await asyncio.gather(*(cleo.do("POST", f"/questions/{question}/takes", {}) for _ in range(61)))
    assert sorted({r.status_code for r in replies}) == [429, 503]
    await forget_throttles(house)
