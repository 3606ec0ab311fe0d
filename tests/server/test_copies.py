"""What becomes of the browser's own copy once all of it has arrived: the better of two films is the take."""

import asyncio
import random
import wave
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from media import tus
from media.probe import Probe
from media.storage import Storage
from server.core import db, runtime, tasks
from server.hiring.interviews import copying, discarding, giving_up
from server.hiring.interviews.copying import SLOW_TRIES, TRIES, Work, join_given_up, join_task
from server.hiring.interviews.films import Film, copy_is_better
from server.hiring.interviews.recordings import recording_ended
from tests.cast import Cast, Json, Visitor, until
from tests.server import takes
from tests.server.copies import TUS, announce, begin, code, offset, send, take_of
from tests.server.house import House, drain, running


@pytest.mark.parametrize("broken", ["interrupted", "failed", "recording"])
async def test_a_broken_take_becomes_the_browsers_copy(
    house: House, cast: Cast, cleo: Visitor, film: bytes, broken: str
) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    outcomes = ["recording"] if broken == "recording" else ["recording", broken]
    await takes.report(house, ticket["recording"], outcomes, duration_ms=300, bytes=100)
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "processing"
    await drain()
    take = await take_of(cleo)
    assert (take["id"], take["state"], take["width"]) == (ticket["take"], "ready", 160)
    assert (await cleo.get(take["url"])).content == film
    (own,) = (await cleo.read("/place"))["answers"]
    assert (own["kind"], own["accepted"]) == (None, None), "what a device found by itself waits to be decided on"
    assert (await cleo.make("POST", f"/takes/{take['id']}/acceptance", {}))["accepted"] == take["id"]
    take = await take_of(cleo)
    await takes.report(house, ticket["recording"], ["interrupted"], duration_ms=300)  # too late to matter
    await join_task(msgspec.json.encode(Work(UUID(path.rsplit("/", 1)[1]))))  # told twice
    assert await take_of(cleo) == take
    await cleo.make("POST", "/submission", {})
    view = await cast.ada.read(f"/applications/{cleo.application}")
    (answer,) = view["answers"]
    assert (answer["kind"], answer["take"]["state"]) == ("video", "ready")
    assert answer["take"]["recording"] == take["recording"]
    assert (await cast.ada.get(view["card"]["poster"])).content[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("late", "better"),
    [
        ({"duration_ms": 9000, "frames": 270}, True),  # the copy had to stop before its recorder was killed
        ({"duration_ms": 2100, "frames": 60}, False),
        ({"duration_ms": 300, "frames": 9}, False),
        ({"duration_ms": 0, "frames": 0}, False),
    ],
)
@pytest.mark.parametrize("opened", [False, True])
async def test_a_film_that_comes_after_the_copy_is_the_take_if_it_has_more(
    house: House, cast: Cast, cleo: Visitor, film: bytes, late: Json, better: bool, opened: bool
) -> None:
    """A recorder that is away for longer than the copy takes to arrive brings its film all the same."""
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    await takes.report(house, ticket["recording"], ["recording"])
    async with db.transaction():
        await giving_up.give_up(UUID(ticket["recording"]), "recording")  # its node is gone
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    await drain()
    copy = await take_of(cleo)
    await cleo.make("POST", f"/takes/{copy['id']}/acceptance", {})
    if opened:
        await cleo.make("POST", "/submission", {})
        await cast.ada.read(f"/applications/{cleo.application}")
    for _ in range(2):  # told twice
        await takes.report(house, ticket["recording"], ["interrupted" if late["frames"] else "failed"], **late)
    take = await take_of(cleo)
    assert take["accepted"]
    assert (take["recording"] == ticket["recording"]) == (better and not opened)
    if better and not opened:
        assert (take["state"], take["duration_ms"]) == ("interrupted", 9000)
        await discarding.discard()
        assert (await db.value("SELECT state FROM recording WHERE id = $1", UUID(copy["recording"]))) == "deleted"


async def test_a_copy_waits_for_no_recorder_that_was_never_asked(house: House, cleo: Visitor, film: bytes) -> None:
    """The connection failed before the offer was sent: nobody will say how that recording ended."""
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    headers = {"content-type": "application/sdp", "authorization": f"Bearer {ticket['ticket']}"}
    late = await cleo.call("POST", ticket["whip_url"], content=b"v=0", headers=headers)
    assert (late.status_code, late.json()["code"]) == (401, "ticket_used"), "the copy is the take by now"
    await join_task(msgspec.json.encode(Work(UUID(path.rsplit("/", 1)[1]))))
    assert (await take_of(cleo))["state"] == "ready", "at once"
    assert (await db.value("SELECT state FROM recording WHERE id = $1", UUID(ticket["recording"]))) == "new"


async def test_a_copy_waits_for_the_recorder_that_was_asked(house: House, cleo: Visitor, film: bytes) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    await db.execute("UPDATE recording SET node = 'phantom' WHERE id = $1", UUID(ticket["recording"]))
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    await join_task(msgspec.json.encode(Work(UUID(path.rsplit("/", 1)[1]))))
    assert (await take_of(cleo))["state"] == "processing"
    await drain()
    assert (await take_of(cleo))["state"] == "ready"


async def test_what_was_chosen_before_it_was_sent_answers_the_question(cleo: Visitor, film: bytes) -> None:
    await send(cleo, await begin(cleo, len(film), kept="true"), 0, film)
    await drain()
    take = await take_of(cleo)
    assert (take["state"], take["accepted"]) == ("ready", True)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("later", [False, True])
async def test_what_was_chosen_replaces_the_answer_it_was_meant_to_and_no_later_one(
    cleo: Visitor, film: bytes, later: bool, closed: bool
) -> None:
    """Chosen while there was no network; until it has come they may answer in another way, here or elsewhere."""
    (question,) = await cleo.questions()
    own = await cleo.make("PUT", f"/questions/{question}/text", {"text": "In writing"})
    path = await begin(cleo, len(film), kept="true", over=own["given_at"])
    if later:
        await cleo.make("PUT", f"/questions/{question}/text", {"text": "In writing, and better"})
    await send(cleo, path, 0, film)
    (own_now,) = (await cleo.read("/place"))["answers"]
    take = own_now["takes"][0]["id"]
    if not closed:
        reply = await cleo.do("POST", f"/takes/{take}/acceptance", {"over": own["given_at"]})
        assert (reply.status_code, reply.json().get("code")) == ((409, "answered_since") if later else (200, None))
    await drain()
    (answer,) = (await cleo.read("/place"))["answers"]
    assert [one["state"] for one in answer["takes"]] == ["ready"], "it can be watched, and chosen now"
    if later:
        assert (answer["kind"], answer["text"]) == ("text", "In writing, and better")
        answer = await cleo.make("POST", f"/takes/{take}/acceptance", {"over": answer["given_at"]})
    assert (answer["kind"], answer["accepted"]) == ("video", take)
    again = await cleo.make("POST", f"/takes/{take}/acceptance", {"over": None})
    assert again["accepted"] == take, "told twice it is no other answer"


async def test_what_was_chosen_instead_of_nothing_replaces_no_answer(cleo: Visitor, film: bytes) -> None:
    (question,) = await cleo.questions()
    await send(cleo, await begin(cleo, len(film), kept="true"), 0, film)
    await cleo.make("PUT", f"/questions/{question}/text", {"text": "In writing"})
    take = (await take_of(cleo))["id"]
    assert (await cleo.do("POST", f"/takes/{take}/acceptance", {"over": None})).status_code == 409
    await drain()
    assert (await cleo.read("/place"))["answers"][0]["text"] == "In writing"


@pytest.mark.parametrize("how", ["swept", "told"])
async def test_an_answer_stays_while_its_copy_waits_for_the_worker(
    house: House, cast: Cast, cleo: Visitor, film: bytes, how: str
) -> None:
    """The offer never got through; the recording that had been meant for it is given up, or reported, long after."""
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    path = await begin(cleo, len(film), take=ticket["take"], kept="true")
    await send(cleo, path, 0, film)
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {"over": None})
    await cleo.make("POST", "/submission", {})
    recording = UUID(ticket["recording"])
    if how == "swept":
        await db.execute("UPDATE recording SET created_at = now() - interval '2 minutes' WHERE id = $1", recording)
        await giving_up.sweep()
    else:
        await db.execute("UPDATE recording SET state = 'failed' WHERE id = $1", recording)
        async with db.transaction():
            await recording_ended(recording)
    assert await db.value("SELECT state FROM recording WHERE id = $1", recording) == "failed"
    take = await take_of(cleo)
    assert (take["state"], take["accepted"]) == ("processing", True)
    await cast.ada.read(f"/applications/{cleo.application}")  # from here on nothing is taken any more
    await drain()
    take = await take_of(cleo)
    assert (take["state"], take["accepted"]) == ("ready", True)
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert view["answers"][0]["take"]["recording"] == take["recording"]


async def test_a_worker_that_dies_in_the_middle_begins_again(
    house: House, cleo: Visitor, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.begin(house, cleo, question)
    await takes.report(house, ticket["recording"], ["recording", "failed"], duration_ms=0, bytes=0)
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    work = msgspec.json.encode(Work(UUID(path.rsplit("/", 1)[1])))
    for broken in ("media.tus.join", "media.storage.Storage.put", "media.tus.finish"):

        async def fails(*_: object) -> None:
            raise OSError

        with monkeypatch.context() as patched:
            patched.setattr(broken, fails)
            with pytest.raises(OSError):
                await join_task(work)
        assert (await cleo.read(f"/takes/{ticket['take']}"))["state"] == "processing"
        assert list(runtime.here().storage.scratch.glob("*.upload")) == []
    await asyncio.gather(join_task(work), join_task(work))
    await drain()
    assert (await cleo.get((await take_of(cleo))["url"])).content == film


async def test_a_busy_machine_does_not_make_a_film_worthless(
    cleo: Visitor, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(cleo, await begin(cleo, len(film)), 0, film)
    with monkeypatch.context() as patched:
        patched.setattr("media.probe.SECONDS", 0.0)
        work = await db.value("SELECT payload FROM queue.pgqueuer WHERE entrypoint = 'join_upload' ORDER BY id DESC")
        await join_task(work)
        waited = msgspec.json.decode(work, type=Work)
        await join_task(msgspec.json.encode(msgspec.structs.replace(waited, tries=TRIES)))
        with pytest.raises(tasks.GiveUpError):  # held for somebody to see to, and nothing is thrown away
            await join_task(msgspec.json.encode(msgspec.structs.replace(waited, slow=SLOW_TRIES)))
        await join_given_up(work)
    with monkeypatch.context() as patched:  # whatever goes wrong with the one who looks says nothing of the film
        patched.setattr("sys.executable", "/bin/false")
        await join_task(work)
    assert (await take_of(cleo))["state"] == "processing"
    await drain()
    assert (await take_of(cleo))["state"] == "ready"


async def test_a_whole_take_stays_and_its_copy_goes(house: House, cleo: Visitor, storage: Storage, film: bytes) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.recorded(house, cleo, question, duration_ms=2100, frames=60)
    path = await begin(cleo, len(film), take=ticket["take"])
    await send(cleo, path, 0, film)
    await drain()
    take = await take_of(cleo)
    assert (take["state"], take["recording"], take["accepted"]) == ("ready", ticket["recording"], False)
    copies = await db.rows(lambda *c: c, "SELECT id, state FROM recording WHERE owner = $1 AND source = 'upload'",
                           f"take:{ticket['take']}")  # fmt: skip
    assert [state for _, state in copies] == ["deleted"]
    assert await storage.keys(copies[0][0]) == []


async def test_copies_are_of_takes_of_ones_own_and_of_that_question(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo, dora = await cast.cleo(job), await cast.cleo(job, "Dora")
    first, second = await cleo.questions()
    mine, hers = await takes.begin(house, cleo, first), await takes.begin(house, dora, first)
    for take, question in [(hers["take"], first), (mine["take"], second), (mine["recording"], first)]:
        assert code(await announce(cleo, 10, question=question, take=take)) == (404, "not_found")


async def test_what_is_no_film_changes_nothing(house: House, cleo: Visitor) -> None:
    (question,) = await cleo.questions()
    ticket = await takes.recorded(house, cleo, question, duration_ms=2100)
    await send(cleo, await begin(cleo, 500, take=ticket["take"]), 0, bytes(500))
    await send(cleo, await begin(cleo, 500), 0, bytes(500))
    await drain()
    take = await take_of(cleo)
    assert (take["id"], take["state"], take["recording"]) == (ticket["take"], "ready", ticket["recording"])
    states = await db.rows(str, "SELECT state FROM take WHERE application_id = $1", UUID(cleo.application))
    assert sorted(states) == ["failed", "ready"]


async def test_an_answer_that_was_chosen_stays_chosen(house: House, cleo: Visitor, film: bytes) -> None:
    (question,) = await cleo.questions()
    await cleo.make("PUT", f"/questions/{question}/text", {"text": "In writing"})
    await send(cleo, await begin(cleo, len(film)), 0, film)
    await drain()
    (answer,) = (await cleo.read("/place"))["answers"]
    assert (answer["kind"], [take["state"] for take in answer["takes"]]) == ("text", ["ready"])


async def test_what_has_arrived_does_not_expire_before_the_worker_saw_it(
    cleo: Visitor, storage: Storage, film: bytes
) -> None:
    path = await begin(cleo, len(film))
    upload = UUID(path.rsplit("/", 1)[1])
    await send(cleo, path, 0, film)
    assert (await take_of(cleo))["state"] == "processing"
    assert code(await cleo.call("DELETE", path, headers=TUS)) == (423, "upload_busy")
    await db.execute("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = $1", upload)
    await copying.expire()
    await drain()
    take = await take_of(cleo)
    assert (take["state"], take["accepted"], take["kind"]) == ("ready", False, "video")
    assert (await cleo.read("/place"))["answers"][0]["takes_left"] == 2, "a take that no recorder heard of is one"
    assert await storage.keys(upload) == []
    assert await offset(cleo, path) == len(film), "a client whose last reply was lost asks again"
    await copying.expire()
    assert (await cleo.call("HEAD", path, headers=TUS)).status_code == 404


async def test_a_long_recording_comes_in_pieces_to_the_real_worker(house: House, cleo: Visitor, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(random.Random(1).randbytes(12 << 20))
    sound = (tmp_path / "long.wav").read_bytes()
    path = await begin(cleo, len(sound), kind="audio", filetype="audio/wav", kept="true")
    for start in range(0, len(sound), tus.PIECE):
        assert (await send(cleo, path, start, sound[start : start + tus.PIECE])).status_code == 204
    assert len(await runtime.here().storage.keys(path.rsplit("/", 1)[1])) == 3
    async with running(house, "worker"):

        async def ready() -> Json:
            take = await take_of(cleo)
            return take if take["state"] == "ready" else None

        take = await until(ready, 60)
        await until(lambda: _gone(path.rsplit("/", 1)[1]), 60)
    assert (take["kind"], take["duration_ms"] // 1000, take["accepted"]) == ("audio", (12 << 20) // 96_000, True)
    assert (await cleo.get(take["url"])).content == sound


async def _gone(upload: str) -> bool:
    return not await runtime.here().storage.keys(upload)


def wants(own: dict[str, Any], copy: dict[str, Any]) -> bool:
    film = {"id": uuid4(), "state": "ready", "duration_ms": 9000, "frames": 270, "lost": 0, "video": True}
    film |= {"unheard_ms": 0, "node": "phantom"}
    mine = {"mime": "video/webm", "duration_ms": 9000, "bytes": 1, "width": 1, "height": 1, "frames": 270}
    mine |= {"audio": True, "video": True}
    return copy_is_better(msgspec.convert(film | own, Film), msgspec.convert(mine | copy, Probe))


@pytest.mark.parametrize(
    ("own", "copy", "better"),
    [
        ({}, {}, False),
        ({}, {"duration_ms": 9400}, False),
        ({}, {"duration_ms": 9600}, True),
        ({"state": "failed"}, {"duration_ms": 100}, True),
        ({"state": "interrupted"}, {}, True),
        ({"state": "interrupted"}, {"duration_ms": 3000}, False),
        ({"state": "recording"}, {}, True),
        ({"lost": 3}, {}, True),
        ({"lost": 3}, {"frames": 70}, False),
        ({"lost": 3}, {"video": False}, False),
        ({"unheard_ms": 40}, {}, False),  # 0.4 % of the sound
        ({"unheard_ms": 60}, {}, True),
        ({"unheard_ms": 60}, {"frames": 70}, False),
        ({"unheard_ms": 60, "video": False, "frames": 0}, {"video": False, "frames": 0}, True),
        ({"video": False}, {}, True),
        ({"frames": 200}, {}, True),
        ({"frames": 260}, {}, False),
        ({"frames": 0}, {}, False),
        ({"duration_ms": 0}, {}, True),
    ],
)
def test_which_of_two_films_is_better(own: dict[str, Any], copy: dict[str, Any], better: bool) -> None:
    assert wants(own, copy) is better
