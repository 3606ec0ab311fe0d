"""What nobody kept is deleted, files and all, and what somebody may still choose is not."""

from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from media.storage import Storage
from server.core import db, runtime, tasks
from server.hiring.interviews.discarding import discard
from tests.cast import Cast, Json, Visitor
from tests.server import copies, takes
from tests.server.house import House, drain


async def recorded(house: House, storage: Storage, cleo: Visitor, question: str) -> Json:
    """A take with a film, a still and its loudness in storage."""
    ticket = await takes.begin(house, cleo, question)
    recording = ticket["recording"]
    for name in ("video.webm", "poster.jpg", "peaks.json"):
        await storage.put(f"{recording}/{name}", b"bytes")
    await takes.report(house, recording, ["recording"])
    await db.execute("UPDATE recording SET state = 'ready', duration_ms = 9000 WHERE id = $1", UUID(recording))
    await db.execute("UPDATE take SET state = 'ready' WHERE recording_id = $1", UUID(recording))
    return ticket


async def days_pass(application: str, days: int) -> None:
    """Everything of this application was `days` ago."""
    await db.execute(
        "UPDATE recording SET created_at = recording.created_at - make_interval(days => $2) "
        "FROM take t WHERE owner = 'take:' || t.id AND t.application_id = $1",
        UUID(application),
        days,
    )
    await db.execute(
        "UPDATE application SET submitted_at = submitted_at - make_interval(days => $2) WHERE id = $1",
        UUID(application),
        days,
    )


async def round_of(storage: Storage, *tickets: Json) -> list[int]:
    """The files that are left of each after a round and the worker's part."""
    await discard()
    await drain()
    return [len(await storage.keys(ticket["recording"])) for ticket in tickets]


async def test_takes_that_were_not_kept_go_a_week_after_the_hand_in(house: House, cast: Cast, storage: Storage) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    first, second = [await recorded(house, storage, cleo, question) for _ in range(2)]
    await cleo.make("POST", f"/takes/{second['take']}/acceptance", {})
    await days_pass(cleo.application, 30)
    assert await round_of(storage, first, second) == [3, 3], "nothing was handed in"
    await cleo.make("POST", "/submission", {})
    await days_pass(cleo.application, 6)
    assert await round_of(storage, first, second) == [3, 3], "it may still be chosen instead"
    third = await recorded(house, storage, cleo, question)
    await days_pass(cleo.application, 2)
    assert await round_of(storage, first, second, third) == [0, 3, 3], "the newest is two days old"
    own = (await cleo.read("/place"))["answers"][0]
    assert [bool(take["url"]) for take in own["takes"]] == [False, True, True]
    assert own["takes_left"] == 0, "a take that is deleted was made all the same"
    gone = await cleo.do("POST", f"/takes/{first['take']}/acceptance", {})
    assert (gone.status_code, gone.json()["code"]) == (409, "take_not_there")
    assert (await cleo.get(cleo.at(f"/recordings/{first['recording']}/video"))).status_code == 404
    kept = (await cast.ada.read(f"/applications/{cleo.application}"))["answers"][0]
    assert kept["take"]["recording"] == second["recording"]


async def test_a_copy_replaces_the_broken_file(house: House, cast: Cast, storage: Storage, tmp_path: Path) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    broken = await recorded(house, storage, cleo, question)
    await takes.report(house, broken["recording"], ["interrupted"], duration_ms=300)
    film = takes.clip(tmp_path)
    await copies.send(cleo, await copies.begin(cleo, len(film), take=broken["take"]), 0, film)
    await drain()
    assert await round_of(storage, broken, await copies.take_of(cleo)) == [0, 4]
    await storage.put(f"{broken['recording']}/video.webm", b"late")
    await takes.report(house, broken["recording"], ["complete"])  # its recorder was away all the time
    assert await storage.keys(broken["recording"]) == []


async def test_what_failed_and_what_has_no_owner_goes_after_a_day(house: House, cast: Cast, storage: Storage) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job)
    (question,) = await cleo.questions()
    failed = await takes.begin(house, cleo, question)
    await takes.report(house, failed["recording"], ["failed"], bytes=0, duration_ms=0)
    videos = []
    for owner in (job["id"], job["id"], uuid4()):
        recording = uuid4()
        videos.append({"recording": str(recording)})
        await storage.put(f"{recording}/video.webm", b"bytes")
        await db.execute(
            "INSERT INTO recording (id, owner, state, source, mime, duration_ms, derivatives) "
            "VALUES ($1, $2, 'ready', 'webrtc', 'video/webm', 9000, '{}')",
            recording,
            f"job:{owner}",
        )
    await cast.ada.make("POST", f"/jobs/{job['id']}/video/acceptance", videos[0])
    assert await round_of(storage, *videos) == [1, 1, 1], "they are of today"
    ids = [UUID(each["recording"]) for each in [failed, *videos]]
    await db.execute("UPDATE recording SET created_at = now() - interval '25 hours' WHERE id = ANY($1)", ids)
    assert await round_of(storage, *videos) == [1, 0, 0], "the job's video stays"
    states = await db.rows(
        lambda c: c, "SELECT r.state FROM recording r JOIN unnest($1::uuid[]) WITH ORDINALITY AS x (id, n) "
        "ON x.id = r.id ORDER BY x.n", ids,
    )  # fmt: skip
    assert states == ["deleted", "ready", "deleted", "deleted"]


async def test_a_round_is_the_workers_and_knows_the_setting(house: House, cast: Cast, storage: Storage) -> None:
    cron, work = tasks._SCHEDULES["discard"]
    assert (cron.split()[1:], work) == (["*", "*", "*", "*"], discard)
    cleo = await cast.cleo(await cast.job(questions=1))
    (question,) = await cleo.questions()
    first, second = [await recorded(house, storage, cleo, question) for _ in range(2)]
    await cleo.make("POST", f"/takes/{second['take']}/acceptance", {})
    await cleo.make("POST", "/submission", {})
    here = runtime.here()
    runtime.start(msgspec.structs.replace(here, settings=msgspec.structs.replace(here.settings, unkept_days=0)))
    assert await round_of(storage, first, second) == [0, 3]
