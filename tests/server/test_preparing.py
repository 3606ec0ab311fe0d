"""What the worker makes of a recording: for whoever may watch it, done again when it was cut short, gone with it."""

import asyncio
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import msgspec
import pytest

from media import processing
from media.storage import MissingError, Storage
from server.core import db, runtime, tasks
from server.hiring.interviews import discarding, preparing
from tests.cast import Cast, Json, Visitor, until
from tests.media.films import make_film
from tests.server import takes
from tests.server.house import House, drain, running
from tests.server.sockets import socket
from tests.server.test_monitoring import look

EVERY_TASK = (preparing.poster_task, preparing.listen_task, preparing.look_task, preparing.movie_task)


@pytest.fixture
async def cleo(cast: Cast) -> Visitor:
    await drain()
    return await cast.cleo(await cast.job(questions=1))


@pytest.fixture
def storage(house: House) -> Storage:
    return runtime.here().storage


async def send(cleo: Visitor, path: Path, **film: Any) -> UUID:
    """Answers with a film; returns its recording."""
    make_film(path / "film.webm", **({"seconds": 2} | film))
    (question,) = await cleo.questions()
    content, headers = (path / "film.webm").read_bytes(), {"content-type": "video/webm"}
    own = await cleo.make("POST", f"/questions/{question}/file", content=content, headers=headers)
    return UUID(own["takes"][-1]["recording"])


async def take_of(cleo: Visitor) -> Json:
    (answer,) = (await cleo.read("/place"))["answers"]
    return answer["takes"][-1]


async def drain_but_the_copy() -> None:
    """Everything queued but the copy, which stays queued."""
    while job := await db.record(
        "DELETE FROM queue.pgqueuer WHERE id = (SELECT id FROM queue.pgqueuer WHERE status = 'queued' "
        "AND entrypoint <> 'make_movie' ORDER BY id LIMIT 1) RETURNING entrypoint, payload"
    ):
        await tasks._TASKS[job["entrypoint"]](job["payload"])


async def test_everybody_who_may_watch_it_gets_the_copy(cast: Cast, cleo: Visitor, tmp_path: Path) -> None:
    await send(cleo, tmp_path)
    before = await take_of(cleo)
    assert (before["mp4"], before["movie"]) == ("", "")
    await drain()
    take = await take_of(cleo)
    (answer,) = (await cast.ada.read(f"/applications/{cleo.application}"))["answers"]
    for who, seen in ((cleo, take), (cast.ada, answer["take"])):
        assert (seen["movie"], seen["movie_percent"], seen["warnings"]) == ("ready", 100, [])
        reply = await who.get(seen["mp4"], headers={"range": "bytes=0-"})
        assert (reply.status_code, reply.headers["content-type"]) == (206, "video/mp4")
        (tmp_path / "copy.mp4").write_bytes(reply.content)
        with av.open(str(tmp_path / "copy.mp4")) as film:
            assert film.streams.video[0].codec_context.name == "h264"
    assert (await cast.dan.get(answer["take"]["mp4"])).status_code == 401
    assert (await cast.dan.get(cast.dan.at(f"/recordings/{take['recording']}/mp4"))).status_code == 404
    assert (await cast.nobody().get(take["mp4"])).status_code in {302, 401}
    assert (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["preparing"] is None


async def test_a_job_video_has_its_copy_as_well(house: House, cast: Cast, storage: Storage, tmp_path: Path) -> None:
    """From the ticket to the MP4 on the public page; the editor hears how far it is, in a few steps."""
    job = await cast.job()
    await takes.announce(house, takes.PHANTOM)
    recording = (await cast.ada.make("POST", f"/jobs/{job['id']}/video", {}))["recording"]
    make_film(tmp_path / "film.webm", seconds=2)
    key = f"{recording}/video.webm"
    await storage.put(key, tmp_path / "film.webm")
    await takes.report(house, recording, key=key, outcomes=["complete"], duration_ms=2000)  # and all that follows
    await cast.ada.make("POST", f"/jobs/{job['id']}/video/acceptance", {"recording": recording})
    film = (await cast.ada.read(f"/jobs/{job['id']}"))["film"]
    public = job["public_url"].removeprefix(house.settings.origin)
    for who, mp4 in ((cast.ada, film["mp4"]), (cast.nobody(), f"{public}/mp4")):
        reply = await who.get(mp4, headers={"range": "bytes=0-"})
        assert (reply.status_code, reply.headers["content-type"]) == (206, "video/mp4"), mp4
        (tmp_path / "copy.mp4").write_bytes(reply.content)
        with av.open(str(tmp_path / "copy.mp4")) as copy:
            assert copy.streams.video[0].codec_context.name == "h264"
            assert sum(1 for _ in copy.decode(video=0)) > 20
    assert (film["movie"], film["movie_percent"]) == ("ready", 100)
    assert (await cast.dan.get(film["mp4"])).status_code == 401
    await db.execute("UPDATE recording SET movie = 'waiting', movie_percent = 0 WHERE id = $1", UUID(recording))
    topic, told = f"job:{job['id']}", []
    for percent in (3, 15, 21, 30, 47):
        await preparing.tell_progress(UUID(recording), percent)
        told.append(await db.value("SELECT count(*) FROM realtime_log WHERE topic = $1", topic))
    assert [count - told[0] for count in told] == [0, 0, 1, 1, 2]
    film = (await cast.ada.read(f"/jobs/{job['id']}"))["film"]
    assert (film["movie"], film["movie_percent"]) == ("waiting", 47)


async def test_copies_come_last(cleo: Visitor, tmp_path: Path) -> None:
    recording = await send(cleo, tmp_path)
    await db.execute("DELETE FROM queue.pgqueuer")
    await preparing.begin_task(msgspec.json.encode(recording))
    await preparing.begin_task(msgspec.json.encode(recording))  # told twice
    waiting = await db.rows(lambda *c: c, "SELECT entrypoint, priority FROM queue.pgqueuer")
    assert [one for one in waiting if one[0] == "make_movie"] == [("make_movie", preparing.LAST)]
    assert {name for name, priority in waiting if priority == 0} == {"make_poster", "listen", "look"}
    assert (await take_of(cleo))["movie"] == "waiting"
    await drain()


async def test_the_card_says_how_far_it_is(house: House, cast: Cast, cleo: Visitor) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.recorded(house, cleo, question)
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    recording = UUID(ticket["recording"])
    await db.execute("UPDATE recording SET movie = 'waiting' WHERE id = $1", recording)
    before = await db.value("SELECT count(*) FROM event")
    card = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]
    await preparing.tell_progress(recording, 40)
    after = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]
    assert (after["preparing"], after["changed_at"]) == (40, card["changed_at"])
    assert after["version"] > card["version"]
    await preparing.movie_given_up(msgspec.json.encode(recording))
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert (view["card"]["preparing"], view["answers"][0]["take"]["movie"]) == (None, "failed")
    assert await db.value("SELECT count(*) FROM event") == before, "how far work is is nothing that happened"


@pytest.mark.parametrize(
    ("film", "warnings"),
    [({}, []), ({"mute": (0, 9)}, ["silent"]), ({"light": 0, "offset": 99, "sound": False}, ["black", "silent"])],
)
async def test_who_could_not_be_heard_or_seen_is_told(
    cast: Cast, cleo: Visitor, tmp_path: Path, film: dict[str, Any], warnings: list[str]
) -> None:
    recording = await send(cleo, tmp_path, **film)
    await drain_but_the_copy()
    assert sorted((await take_of(cleo))["warnings"]) == warnings
    (answer,) = (await cast.ada.read(f"/applications/{cleo.application}"))["answers"]
    assert sorted(answer["take"]["warnings"]) == warnings
    for task in (preparing.listen_task, preparing.look_task):  # told twice
        await task(msgspec.json.encode(recording))
    assert sorted((await take_of(cleo))["warnings"]) == warnings


async def test_a_worker_that_is_killed_in_the_middle_serves_nothing_half(
    house: House, cleo: Visitor, storage: Storage, tmp_path: Path
) -> None:
    recording = await send(cleo, tmp_path, seconds=20, sizes=((0.0, (640, 360)),), sound=False)
    await drain_but_the_copy()

    async def begun() -> bool:
        return any(path.suffix == ".mp4" for path in storage.scratch.glob("work-*/*"))

    async def ready() -> bool:
        return bool((await take_of(cleo))["mp4"])

    async with running(house, "worker") as worker:
        await until(begun, 60)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    left = list(storage.scratch.glob("work-*"))
    assert left
    assert (await take_of(cleo))["mp4"] == ""
    assert (await cleo.get(cleo.at(f"/recordings/{recording}/mp4"))).status_code == 404
    assert not [key for key in await storage.keys(recording) if key.endswith(".mp4")]
    await db.execute("UPDATE queue.pgqueuer SET heartbeat = now() - interval '1 hour' WHERE status = 'picked'")
    async with running(house, "worker"):
        await until(ready, 90)
    assert not any(path.exists() for path in left), "what the killed one left is gone"
    (tmp_path / "copy.mp4").write_bytes((await cleo.get((await take_of(cleo))["mp4"])).content)
    with av.open(str(tmp_path / "copy.mp4")) as film:
        assert abs((film.duration or 0) / 1e6 - 20) < 0.2


async def test_a_worker_that_is_told_to_stop_lets_go_of_the_copy(
    cleo: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(cleo, tmp_path)
    await drain_but_the_copy()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(*_: object) -> str:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()
        return ""

    with monkeypatch.context() as patched:
        patched.setattr(processing, "make_movie", endless)
        stop = asyncio.Event()
        working = asyncio.create_task(tasks.work(stop))
        await asyncio.wait_for(begun.wait(), 30)
        stop.set()
        await asyncio.wait_for(working, 30)
    assert ended.is_set()
    assert await db.rows(lambda *c: c, "SELECT entrypoint, status FROM queue.pgqueuer") == [("make_movie", "queued")]
    await drain()
    assert (await take_of(cleo))["movie"] == "ready"


async def test_a_film_that_cannot_be_copied_is_said_and_shown_to_admins(
    house: House, cast: Cast, cleo: Visitor, storage: Storage, tmp_path: Path
) -> None:
    recording = await send(cleo, tmp_path)
    await drain_but_the_copy()
    await storage.put(f"{recording}/video.webm", b"no film at all")
    stop = asyncio.Event()
    working = asyncio.create_task(tasks.work(stop))

    async def held() -> bool:
        return bool(await db.value("SELECT count(*) FROM queue.pgqueuer WHERE status = 'failed'"))

    try:
        await until(held, 60)
    finally:
        stop.set()
        await working
    assert (await take_of(cleo))["movie"] == "failed"
    async with socket(house, cast.ada.at("/live"), cast.ada) as client:
        await client.next("hello")
        await client.subscribe(topic := f"monitor:{cast.ada.workspace}")
        view = await look(client, topic)
    assert view["held"] == [{"name": "make_movie", "count": 1}]
    await db.execute("DELETE FROM queue.pgqueuer")


async def test_a_recording_that_is_deleted_meanwhile_leaves_nothing(
    cleo: Visitor, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = await send(cleo, tmp_path)
    await drain_but_the_copy()
    assert {key.rpartition("/")[2] for key in await storage.keys(recording)} == {
        "peaks.json", "poster.jpg", "video.webm",
    }  # fmt: skip
    make = processing.make_movie

    async def overtaken(*given: Any) -> str:
        made = await make(*given)
        async with db.transaction():
            await discarding._forget(recording)
        await discarding.delete_files(msgspec.json.encode(recording))
        await storage.put(made, b"the copy, stored a moment after everything was deleted")
        return made

    monkeypatch.setattr(processing, "make_movie", overtaken)
    await preparing.movie_task(msgspec.json.encode(recording))
    assert await storage.keys(recording) == []
    for task in EVERY_TASK:
        await task(msgspec.json.encode(recording))
    assert await storage.keys(recording) == []


async def test_a_file_that_is_not_there_is_looked_for_again(cleo: Visitor, storage: Storage, tmp_path: Path) -> None:
    recording = await send(cleo, tmp_path)
    await storage.delete_all(recording)
    for task in EVERY_TASK:
        with pytest.raises(MissingError):
            await task(msgspec.json.encode(recording))
    await db.execute("DELETE FROM queue.pgqueuer")
