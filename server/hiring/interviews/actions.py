"""What candidates do with their answers."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from media import uploads
from media.probe import NotMediaError, Probe
from media.tables import Recording
from server.core import db, live, runtime
from server.core.access import Applicant
from server.core.errors import Invalid, NotFound, TooLarge
from server.core.events import append
from server.core.ids import hash_token, new_token, uuid7
from server.core.words import clean
from server.hiring.applications import promising
from server.hiring.applications.actions import advance, card_changed, lock
from server.hiring.interviews import giving_up, queries, sending
from server.hiring.interviews.events import Answered, Submitted
from server.hiring.interviews.recordings import recording_ended, recount
from server.hiring.interviews.rules import (
    CONNECT_SECONDS,
    GRACE_SECONDS,
    LARGEST_FILE,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_SECONDS,
    AlreadyRecording,
    AnsweredSince,
    AnswersMissing,
    AnswersOpened,
    NotAFilm,
    QuotaExceeded,
    StorageLow,
    TakeNotThere,
    TakesUsedUp,
)
from server.hiring.interviews.tables import Take
from server.hiring.views.applications import AnswerKind
from server.hiring.views.candidates import OwnAnswer, RecordingTicket
from server.hiring.views.payloads import AnswerChanged, JobChanged, OwnPlaceChanged


async def enter(applicant: Applicant, question: UUID) -> db.Record:
    """Lock the application and find the question. Raises AnswersOpened, NotFound."""
    place = await lock(applicant.application)
    if place is None:
        raise NotFound
    if place["opened_at"] is not None:
        raise AnswersOpened
    found = await db.record(
        "SELECT id, position, longest, takes FROM question WHERE id = $1 AND job_id = $2 AND retired_at IS NULL",
        question,
        applicant.job,
    )
    if found is None:
        raise NotFound
    return found


async def check_room(application: UUID, more: int = 0, *, seconds: float = MOST_SECONDS, spare: int = 0) -> None:
    """Raise QuotaExceeded or StorageLow when nothing more should be recorded, or not so many bytes more.

    `seconds`: how long all recordings may be; `spare`: by how many bytes the quota may be exceeded.
    """
    used = await db.record(
        "SELECT coalesce(sum(CASE WHEN r.state = 'new' AND r.source = 'upload' THEN $2 ELSE r.bytes END), 0) "
        "+ (SELECT coalesce(sum(length), 0) FROM upload WHERE owner = 'application:' || $1::uuid AND state = 'open') "
        "AS bytes, coalesce(sum(r.duration_ms), 0) / 1000 AS seconds "
        "FROM take t JOIN recording r ON r.owner = 'take:' || t.id WHERE t.application_id = $1 "
        "AND r.state <> 'deleted'",
        application,
        LARGEST_FILE,  # what a file that is still arriving may come to
    )
    if used is not None and (used["bytes"] + more >= MOST_BYTES + spare or used["seconds"] >= seconds):
        raise QuotaExceeded
    here = runtime.here()
    free = here.storage.free_bytes()
    if free is not None and free < here.settings.disk_floor_mb * 1024**2:
        raise StorageLow


async def begin_take(applicant: Applicant, question: UUID, kind: AnswerKind) -> RecordingTicket:
    """Begin a take: a recording that waits for its sender, and the ticket that lets one browser send it."""
    application = applicant.application
    await _end_orphaned(application)
    async with db.transaction():
        asked = await enter(applicant, question)
        await _end_forgotten(application)
        if await db.value("SELECT 1 FROM take WHERE application_id = $1 AND state = 'recording' LIMIT 1", application):
            raise AlreadyRecording
        own = await queries.own_answer(application, applicant.job, question)
        if own.takes_left == 0:
            raise TakesUsedUp
        await check_room(application)
        ticket = new_token()
        take = await add_take(applicant, question, kind, hash_token(ticket), "webrtc")
    here = runtime.here()
    return RecordingTicket(
        take=take.id,
        recording=take.recording_id,
        number=take.number,
        whip_url=f"/c/a/{application}/whip/{take.recording_id}",
        ticket=ticket,
        ice_servers=here.ice_servers(str(application)),
        longest=asked["longest"] + GRACE_SECONDS,
    )


async def add_take(applicant: Applicant, question: UUID, kind: AnswerKind, ticket_hash: str, source: str) -> Take:
    """One attempt more, and the recording that it is made of."""
    number = await db.value(
        "SELECT count(*) + 1 FROM take WHERE application_id = $1 AND question_id = $2 AND state <> 'failed'",
        applicant.application,
        question,
    )
    take = Take(
        workspace_id=applicant.workspace,
        application_id=applicant.application,
        question_id=question,
        recording_id=uuid7(),
        number=number,
        kind=kind,
        state="processing" if source == "upload" else "recording",  # a file may come while a camera records
    )
    await add_recording(take.recording_id, take.id, ticket_hash, source)
    await take.save()
    return take


async def add_recording(recording: UUID, take: UUID, ticket_hash: str, source: str) -> None:
    """A recording that waits for its bytes."""
    await Recording(id=recording, owner=f"take:{take}", state="new", source=source, ticket_hash=ticket_hash).save()


async def _end_orphaned(application: UUID) -> None:
    """Takes whose recorder died, or has nothing of them, end at once: the next one does not wait for the sweep."""
    running = await db.rows(
        lambda *c: c,
        "SELECT r.id, r.node FROM take t JOIN recording r ON r.id = t.recording_id "
        "WHERE t.application_id = $1 AND t.state = 'recording' AND r.state = 'recording'",
        application,
    )
    for recording, node in running:
        lacking = await sending.lacks(node, recording)
        if lacking or not await sending.lives(node):
            async with db.transaction():
                await giving_up.give_up(recording, "recording", lacking=lacking)


async def _end_forgotten(application: UUID) -> None:
    """Takes that never got a picture within half a minute have failed: their tab is gone, their ticket ends."""
    ended = await db.rows(
        lambda c: c,
        "UPDATE take SET state = 'failed' FROM recording r WHERE r.id = take.recording_id AND take.application_id = $1 "
        "AND take.state = 'recording' AND r.state IN ('new', 'failed') "
        "AND take.created_at < now() - make_interval(secs => $2) RETURNING r.id",
        application,
        CONNECT_SECONDS,
    )
    await db.execute("UPDATE recording SET ticket_hash = '' WHERE id = ANY($1)", ended)


async def keep_take(
    applicant: Applicant, take: UUID, key: str | None, over: datetime | msgspec.UnsetType | None = msgspec.UNSET
) -> OwnAnswer:
    """Make a take the answer. An earlier one is replaced only now.

    `over` is of a take that was chosen a while ago: the `given_at` of the answer that it was to replace, None for none.
    Raises AnsweredSince when the question has another answer by now.
    """
    await lock(applicant.application)
    found = await db.record(
        "SELECT t.question_id, t.kind, t.state, r.state AS recorded FROM take t JOIN recording r "
        "ON r.id = t.recording_id WHERE t.id = $1 AND t.application_id = $2",
        take,
        applicant.application,
    )
    if found is None:
        raise NotFound
    if found["state"] == "failed" or found["recorded"] == "deleted":
        raise TakeNotThere
    if over is not msgspec.UNSET and await db.value(
        "SELECT 1 FROM answer WHERE application_id = $1 AND question_id = $2 "
        "AND take_id IS DISTINCT FROM $3 AND changed_at IS DISTINCT FROM $4",
        applicant.application,
        found["question_id"],
        take,
        over,
    ):
        raise AnsweredSince
    return await answer(applicant, found["question_id"], found["kind"], take, "", key)


async def write_answer(applicant: Applicant, question: UUID, text: str, key: str | None) -> OwnAnswer:
    """Answer in writing."""
    words = clean(text)
    if not words:
        raise Invalid(fields={"text": "Write your answer first."})
    if len(words) > LONGEST_TEXT:
        raise Invalid(fields={"text": f"At most {LONGEST_TEXT:,} characters, please."})
    return await answer(applicant, question, "text", None, words, key)


async def answer(
    applicant: Applicant, question: UUID, kind: AnswerKind, take: UUID | None, text: str, key: str | None
) -> OwnAnswer:
    """A kept take or a text becomes the answer; an earlier one is replaced. Raises AnswersOpened, NotFound."""
    application = applicant.application
    await enter(applicant, question)
    await db.execute(
        "INSERT INTO answer (id, workspace_id, application_id, question_id, kind, take_id, text, asked) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, text FROM question WHERE id = $4 "
        "ON CONFLICT (application_id, question_id) DO UPDATE SET kind = excluded.kind, take_id = excluded.take_id, "
        "text = excluded.text, asked = excluded.asked, changed_at = now()",
        uuid7(),
        applicant.workspace,
        application,
        question,
        kind,
        take,
        text,
    )
    await db.execute(
        "UPDATE application SET progress = 'answering' WHERE id = $1 AND progress = 'applied'", application
    )
    left = await advance(application, ("inbox",), "questions")
    card = await recount(application)
    deliveries = card_changed(card, "answered", None, key, left=left)
    slug = await db.value("SELECT slug FROM workspace WHERE id = $1", applicant.workspace)
    for answer in await queries.answers(slug, application):
        if answer.question.id == question:
            deliveries.append(live.Delivery(live.application(application), AnswerChanged(answer=answer)))
    deliveries.append(live.Delivery(live.candidate(application), OwnPlaceChanged(application=application)))
    if left:
        deliveries.append(live.Delivery(live.workspace(applicant.workspace), JobChanged(job=card.job)))
    await append(
        Answered(
            workspace=applicant.workspace,
            actor=applicant.actor,
            subject=f"application:{application}",
            application=application,
            question=question,
            answer_kind=kind,
        ),
        deliveries,
        key=key,
    )
    return await queries.own_answer(application, applicant.job, question)


async def receive_file(applicant: Applicant, question: UUID, body: AsyncIterator[bytes], mime: str) -> OwnAnswer:
    """Answer with a file that was recorded elsewhere: kept as a take of its own."""
    async with db.transaction():
        await enter(applicant, question)
        await check_room(applicant.application)
        take = await add_take(applicant, question, "file", "", "upload")
    try:
        found = await _receive(take.recording_id, body, mime)
    except BaseException:
        await db.execute("UPDATE take SET state = 'failed' WHERE id = $1", take.id)
        raise
    async with db.transaction():
        await lock(applicant.application)
        await store_probe(take.recording_id, found)
        await recording_ended(take.recording_id)
    async with db.transaction():
        return await keep_take(applicant, take.id, None)


async def _receive(recording: UUID, body: AsyncIterator[bytes], mime: str) -> Probe:
    """Stream a file to storage and look into it. Raises TooLarge, NotAFilm."""
    try:
        return await uploads.receive(runtime.here().storage, recording, body, mime, LARGEST_FILE)
    except BaseException as error:
        await db.execute("UPDATE recording SET state = 'failed' WHERE id = $1", recording)
        if isinstance(error, uploads.TooLargeError):
            raise TooLarge from error
        if isinstance(error, NotMediaError):
            raise NotAFilm from error
        raise


async def store_probe(recording: UUID, found: Probe) -> None:
    """The recording's file is there."""
    await db.execute(
        "UPDATE recording SET state = 'ready', mime = $2, duration_ms = $3, bytes = $4, width = $5, height = "
        "$6, audio = $7, video = $8, frames = $10, derivatives = jsonb_build_object('video', $9::text), "
        "finished_at = now() WHERE id = $1",
        recording,
        found.mime,
        found.duration_ms,
        found.bytes,
        found.width,
        found.height,
        found.audio,
        found.video,
        uploads.key_of(recording, found),
        found.frames,
    )


async def submit(applicant: Applicant, key: str | None) -> None:
    """Hand in the answers. Handing in again changes nothing."""
    application = applicant.application
    place = await lock(application)
    if place is None:
        raise NotFound
    own = await queries.own_answers(application, applicant.job)
    if any(answer.kind is None for answer in own) or not own:
        raise AnswersMissing
    if place["submitted_at"] is not None:
        return
    await db.execute("UPDATE application SET submitted_at = now(), progress = 'submitted' WHERE id = $1", application)
    left = await advance(application, ("inbox", "questions"), "review")
    await promising.begin_by_job(application, applicant.job)
    card = await recount(application)
    await append(
        Submitted(
            workspace=applicant.workspace,
            actor=applicant.actor,
            subject=f"application:{application}",
            application=application,
            job=applicant.job,
        ),
        [
            *card_changed(card, "submitted", None, key, left=left),
            live.Delivery(live.workspace(applicant.workspace), JobChanged(job=applicant.job)),
            live.Delivery(live.candidate(application), OwnPlaceChanged(application=application)),
        ],
        key=key,
    )
