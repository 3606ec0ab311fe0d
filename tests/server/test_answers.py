"""Answers in writing and as files: what is kept, handed in, and refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from server.core import db
from server.hiring.interviews import rules
from tests.cast import Cast, Json, until
from tests.server import takes
from tests.server.house import House, drain


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
        told = await who.call("HEAD", url)
        assert (told.status_code, told.content, told.headers["etag"]) == (200, b"", whole.headers["etag"])
        assert (told.headers["content-length"], told.headers["content-type"]) == (str(len(clip)), "video/webm")
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

    uploads = [asyncio.create_task(upload()) for _ in range(6)]
    await until(arriving)
    whole = {"content": clip, "headers": {"content-type": "video/webm"}}
    refused(await cleo.do("POST", f"/questions/{question}/file", **whole), 429, "quota_exceeded")
    hold.set()
    assert [reply.status_code for reply in await asyncio.gather(*uploads)] == [200] * 6


async def test_a_file_may_come_while_a_camera_records(house: House, cast: Cast, clip: bytes) -> None:
    cleo = await cast.cleo(await cast.job())
    first, second = await cleo.questions()
    await takes.begin(house, cleo, first)
    headers = {"content-type": "video/webm"}
    assert (await cleo.make("POST", f"/questions/{second}/file", content=clip, headers=headers))["kind"] == "file"


async def test_the_network_test_measures_both_ways(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    assert len((await cleo.get(cleo.at("/api/speed?bytes=5000"))).content) == 5000
    assert len((await cleo.get(cleo.at("/api/speed?bytes=99999999999"))).content) == 4 * 1024**2
    assert (await cleo.get(cleo.at("/api/speed?bytes=many"))).status_code == 422
    assert await cleo.make("POST", "/speed", content=b"x" * 100_000) == {"bytes": 100_000}
