"""What the recorders report, and what follows from it for takes, cards and job videos.

A recorder process updates its recording's row and enqueues a task in one transaction; the worker runs the functions
here. They are idempotent: told twice, the second time changes nothing.
"""

from uuid import UUID

import msgspec

from server.core import db, live, tasks
from server.core.events import Event, append
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import advance, card_changed, lock, touch
from server.hiring.interviews import queries
from server.hiring.interviews.events import TakeEnded, TakeStarted
from server.hiring.interviews.films import copy_is_better, film, film_of
from server.hiring.views.applications import Card
from server.hiring.views.payloads import AnswerChanged, JobChanged, OwnPlaceChanged, OwnTakeChanged

TAKE_STATES = {"ready": "ready", "interrupted": "interrupted", "failed": "failed", "processing": "processing"}


async def take_of(recording: UUID) -> db.Record | None:
    """The take that owns a recording, locked after its card; None for other owners."""
    application = await db.value("SELECT application_id FROM take WHERE recording_id = $1", recording)
    if application is None:
        return None
    await lock(application)
    return await db.record(
        "SELECT t.id, t.application_id, t.question_id, t.workspace_id, t.state, q.position, r.state AS recorded, "
        "r.duration_ms FROM take t JOIN question q ON q.id = t.question_id JOIN recording r ON r.id = t.recording_id "
        "WHERE t.recording_id = $1 FOR NO KEY UPDATE OF t",
        recording,
    )


async def recording_started(recording: UUID) -> None:
    """The first picture arrived: the card says so."""
    take = await take_of(recording)
    if take is None or take["state"] != "recording" or take["recorded"] != "recording":
        return
    application = take["application_id"]
    await db.execute(
        "UPDATE application SET progress = 'answering' WHERE id = $1 AND progress = 'applied'", application
    )
    left = await advance(application, ("inbox",), "questions")
    card = await touch(application, answering=take["position"])
    deliveries = card_changed(card, "recording", None, left=left)
    deliveries.append(live.Delivery(live.candidate(application), OwnPlaceChanged(application=application)))
    if left:
        deliveries.append(live.Delivery(live.workspace(take["workspace_id"]), JobChanged(job=card.job)))
    await append(
        TakeStarted(
            workspace=take["workspace_id"],
            actor=f"application:{application}",
            subject=f"application:{application}",
            application=application,
            take=take["id"],
        ),
        deliveries,
    )


async def recording_ended(recording: UUID) -> None:
    """The file is there, or there will be none: the take, its card and the candidate's page say which."""
    take = await take_of(recording)
    if take is None:
        take = await _come_late(recording)
    if take is None or take["recorded"] not in TAKE_STATES:
        return
    state, application = TAKE_STATES[take["recorded"]], take["application_id"]
    if take["state"] == state:
        await _file_found(take, recording)
        return
    if state == "failed" and await _copy_is_here(take["id"]):
        return  # that is about to be the take, and may be the answer already
    await db.execute("UPDATE take SET state = $2 WHERE id = $1", take["id"], state)
    dropped = (
        state == "failed"
        and await db.value(  # kept before it was known that there is no file: no answer after all
            "DELETE FROM answer WHERE take_id = $1 RETURNING id", take["id"]
        )
    )
    if not await db.value(
        "SELECT 1 FROM take t JOIN recording r ON r.id = t.recording_id WHERE t.application_id = $1 "
        "AND t.state = 'recording' AND r.state = 'recording' LIMIT 1",  # the next answer is already being given
        application,
    ):
        await touch(application, answering=0)
    await take_changed(
        take,
        TakeEnded(
            workspace=take["workspace_id"],
            actor=f"application:{application}",
            subject=f"application:{application}",
            application=application,
            take=take["id"],
            state=state,
        ),
        dropped=bool(dropped),
    )
    if state in {"ready", "interrupted"}:
        await tasks.enqueue("derive", msgspec.json.encode(recording))


async def _copy_is_here(take: UUID) -> bool:
    """Whether all of the browser's copy has come, and the worker has not looked at it yet."""
    found = await db.value(
        "SELECT 1 FROM recording WHERE owner = 'take:' || $1::uuid AND source = 'upload' AND state = 'processing'", take
    )
    return found is not None


async def _come_late(recording: UUID) -> db.Record | None:
    """A recorder that was away brings a film whose take has become the browser's copy: the take again, if it has more.

    Once the team has looked nothing changes.
    """
    found = await db.record(
        "SELECT t.id, t.application_id FROM recording r JOIN take t ON r.owner = 'take:' || t.id "
        "WHERE r.id = $1 AND r.source = 'webrtc' AND r.state IN ('ready', 'interrupted')",
        recording,
    )
    if found is None:
        return None
    place = await lock(found["application_id"])
    own, copy = await film(recording), await film_of(found["id"])
    if place is None or place["opened_at"] is not None or copy.state != "ready" or copy_is_better(own, copy):
        return None
    await db.execute("UPDATE take SET recording_id = $2, state = 'processing' WHERE id = $1", found["id"], recording)
    return await take_of(recording)


async def _file_found(take: db.Record, recording: UUID) -> None:
    """A recorder that was given up, or had no room, has found or finished the file after all."""
    if await db.value(
        "SELECT 1 FROM recording WHERE id = $1 AND derivatives ? 'video' AND NOT derivatives ? 'poster'", recording
    ):
        await live.deliver(db.current(), await _told(take))
        await tasks.enqueue("derive", msgspec.json.encode(recording))


async def take_changed(take: db.Record, event: Event, *, dropped: bool = False) -> None:
    """Tell the card, the candidate's page and the team's what a take is now, and put it on record."""
    await append(event, await _told(take, dropped=dropped))


async def _told(take: db.Record, *, dropped: bool = False) -> list[live.Delivery]:
    application = take["application_id"]
    deliveries = card_changed(await recount(application), "changed", None)
    deliveries += await deliveries_of(take, dropped=dropped)
    deliveries.append(live.Delivery(live.candidate(application), OwnPlaceChanged(application=application)))
    return deliveries


async def deliveries_of(take: db.Record, *, dropped: bool = False) -> list[live.Delivery]:
    """What a take is now: for its candidate, and for the team when it is or (`dropped`) was the answer."""
    application = take["application_id"]
    view = await queries.take(application, take["id"])
    found = [live.Delivery(live.candidate(application), OwnTakeChanged(question=take["question_id"], take=view))]
    slug = await db.value("SELECT slug FROM workspace WHERE id = $1", take["workspace_id"])
    return found + [
        live.Delivery(live.application(application), AnswerChanged(answer=answer))
        for answer in await queries.answers(slug, application)
        if answer.question.id == take["question_id"] and (dropped or (answer.take and answer.take.id == take["id"]))
    ]


async def recount(application: UUID, *, silently: bool = False) -> Card:
    """Count kept answers and their length anew, and how far their copies for other browsers are.

    The poster is that of the first kept answer that has one.
    """
    found = await db.record(
        "SELECT count(*) AS answers, coalesce(sum(r.duration_ms), 0)::int AS ms, "
        "(array_agg(r.id ORDER BY q.position) FILTER (WHERE r.derivatives ? 'poster'))[1] AS poster, "
        "round(avg(r.movie_percent) FILTER (WHERE r.movie = 'waiting'))::int AS preparing "
        "FROM answer n JOIN question q ON q.id = n.question_id LEFT JOIN take t ON t.id = n.take_id "
        "LEFT JOIN recording r ON r.id = t.recording_id WHERE n.application_id = $1",
        application,
    )
    if found is None:
        return await applications.card(application)
    return await touch(
        application,
        silently=silently,
        answers=found["answers"],
        answers_ms=found["ms"],
        poster=found["poster"],
        preparing=found["preparing"],
    )


async def started_task(payload: bytes) -> None:
    """Task `recording_started`: the payload is the recording's id as JSON."""
    async with db.transaction():
        await recording_started(msgspec.json.decode(payload, type=UUID))


async def ended_task(payload: bytes) -> None:
    """Task `recording_finished`. A job video has no take: only what is made of a recording is still to be made."""
    recording = msgspec.json.decode(payload, type=UUID)
    async with db.transaction():
        await recording_ended(recording)
        if await db.value(
            "SELECT 1 FROM recording WHERE id = $1 AND owner LIKE 'job:%' AND state IN ('ready', 'interrupted')",
            recording,
        ):
            await tasks.enqueue("derive", payload)


async def silence_task(payload: bytes) -> None:
    """Task `recording_silence`: nothing comes in any more, or it does again. It is no event: nobody did anything."""
    recording = msgspec.json.decode(payload, type=UUID)
    async with db.transaction():
        take = await take_of(recording)
        if take is None or take["state"] != "recording" or take["recorded"] != "recording":
            return
        silent = await db.value("SELECT silent FROM recording WHERE id = $1", recording)
        card = await touch(take["application_id"], silently=True, answering=0 if silent else take["position"])
        deliveries = card_changed(card, "changed", None) + await deliveries_of(take)
        candidate = live.candidate(take["application_id"])
        deliveries.append(live.Delivery(candidate, OwnPlaceChanged(application=take["application_id"])))
        await live.deliver(db.current(), deliveries)


tasks.register("recording_started", started_task)
tasks.register("recording_silence", silence_task)
tasks.register("recording_finished", ended_task)
