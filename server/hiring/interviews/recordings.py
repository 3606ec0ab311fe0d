"""What the recorders report, and what follows from it for takes, cards and job videos.

A recorder process updates its recording's row and enqueues a task in one transaction; the worker runs the functions
here. They are idempotent: told twice, the second time changes nothing.
"""

import logging
from uuid import UUID

import msgspec

from media import nodes, processing
from server.core import db, live, runtime, tasks
from server.core.events import append
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import advance, card_changed, touch
from server.hiring.interviews import queries
from server.hiring.interviews.events import TakeEnded, TakeStarted
from server.hiring.views import AnswerChanged, Card, JobChanged, OwnTakeChanged

log = logging.getLogger("greenroom.recordings")
TAKE_STATES = {"ready": "ready", "interrupted": "interrupted", "failed": "failed", "processing": "processing"}


async def _take_of(recording: UUID) -> db.Record | None:
    """The take that owns a recording, locked; None for other owners."""
    return await db.record(
        "SELECT t.id, t.application_id, t.question_id, t.workspace_id, t.state, q.position, r.state AS recorded, "
        "r.duration_ms FROM take t JOIN question q ON q.id = t.question_id JOIN recording r ON r.id = t.recording_id "
        "WHERE t.recording_id = $1 FOR NO KEY UPDATE OF t",
        recording,
    )


async def recording_started(recording: UUID) -> None:
    """The first picture arrived: the card says so."""
    take = await _take_of(recording)
    if take is None or take["state"] != "recording" or take["recorded"] != "recording":
        return
    application = take["application_id"]
    await db.execute(
        "UPDATE application SET progress = 'answering' WHERE id = $1 AND progress = 'applied'", application
    )
    moved = await advance(application, ("inbox",), "questions")
    card = await touch(application, answering=take["position"])
    deliveries = card_changed(card, "recording", None)
    if moved:
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
    take = await _take_of(recording)
    if take is None or take["recorded"] not in TAKE_STATES:
        return
    state, application = TAKE_STATES[take["recorded"]], take["application_id"]
    if take["state"] == state:
        return
    await db.execute("UPDATE take SET state = $2 WHERE id = $1", take["id"], state)
    await touch(application, answering=0)
    card = await recount(application)
    deliveries = card_changed(card, "changed", None)
    view = await queries.take(application, take["id"])
    deliveries.append(
        live.Delivery(live.candidate(application), OwnTakeChanged(question=take["question_id"], take=view))
    )
    slug = await db.value("SELECT slug FROM workspace WHERE id = $1", take["workspace_id"])
    for answer in await queries.answers(slug, application):
        if answer.take is not None and answer.take.id == take["id"]:
            deliveries.append(live.Delivery(live.application(application), AnswerChanged(answer=answer)))
    await append(
        TakeEnded(
            workspace=take["workspace_id"],
            actor=f"application:{application}",
            subject=f"application:{application}",
            application=application,
            take=take["id"],
            state=state,
        ),
        deliveries,
    )
    if state in {"ready", "interrupted"}:
        await tasks.enqueue("derive", msgspec.json.encode(recording))


async def recount(application: UUID) -> Card:
    """Count kept answers and their length anew, and choose the poster: the first kept answer that has one."""
    found = await db.record(
        "SELECT count(*) AS answers, coalesce(sum(r.duration_ms), 0)::int AS ms, "
        "(array_agg(r.id ORDER BY q.position) FILTER (WHERE r.derivatives ? 'poster'))[1] AS poster "
        "FROM answer n JOIN question q ON q.id = n.question_id LEFT JOIN take t ON t.id = n.take_id "
        "LEFT JOIN recording r ON r.id = t.recording_id WHERE n.application_id = $1",
        application,
    )
    if found is None:
        return await applications.card(application)
    return await touch(application, answers=found["answers"], answers_ms=found["ms"], poster=found["poster"])


async def started_task(payload: bytes) -> None:
    """Task `recording_started`: the payload is the recording's id as JSON."""
    async with db.transaction():
        await recording_started(msgspec.json.decode(payload, type=UUID))


async def ended_task(payload: bytes) -> None:
    """Task `recording_finished`."""
    async with db.transaction():
        await recording_ended(msgspec.json.decode(payload, type=UUID))


async def derive_task(payload: bytes) -> None:
    """Task `derive`: make a still and the loudness from the recording, and show the still on the card."""
    recording = msgspec.json.decode(payload, type=UUID)
    key = await db.value("SELECT derivatives ->> 'video' FROM recording WHERE id = $1", recording)
    if not key:
        return
    made = await processing.derive(runtime.here().storage, recording, key)
    async with db.transaction():
        await db.execute(
            "UPDATE recording SET derivatives = derivatives || $2::jsonb WHERE id = $1",
            recording,
            msgspec.json.encode(made).decode(),
        )
        take = await _take_of(recording)
        if take is not None:
            card = await recount(take["application_id"])
            await live.deliver(db.current(), card_changed(card, "changed", None))


async def sweep() -> None:
    """Mark recordings of dead recorders as interrupted, and those that never began as failed.

    A recorder that comes back finds its own unfinished files, repairs them and reports them as usual.
    """
    alive = {node.id for node in await nodes.alive(runtime.here().redis)}
    async with db.transaction():
        lost = await db.rows(
            lambda c: c,
            "UPDATE recording SET state = 'interrupted' WHERE state = 'recording' AND NOT node = ANY($1) RETURNING id",
            list(alive),
        )
        never = await db.rows(
            lambda c: c,
            "UPDATE recording SET state = 'failed', error = 'never_began' "
            "WHERE state = 'new' AND source = 'webrtc' AND created_at < now() - interval '90 seconds' RETURNING id",
        )
        for recording in [*lost, *never]:
            await recording_ended(recording)
    if lost:
        log.warning("%d recordings were interrupted: their recorder is gone", len(lost))


tasks.register("recording_started", started_task)
tasks.register("recording_finished", ended_task)
tasks.register("derive", derive_task)
