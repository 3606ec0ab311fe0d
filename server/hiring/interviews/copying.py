"""The browser's own copy of a take: sent piece by piece, compared with what the recorder has, and the better one kept.

A copy is announced with its question, and with its take unless no recorder ever heard of one. While bytes come nobody
sees anything. The last one makes the take "processing" and queues a task, which looks at both files: the copy takes the
recorder's place when it holds more, else it is deleted. It is an answer only when the candidate had chosen it before it
was sent; what the device found and sent by itself waits to be watched and decided on. Only that candidate may send;
once the team has looked nothing more is taken.
"""

import asyncio
import contextlib
import logging
import math
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from media import tus, uploads
from media.probe import NotMediaError, Probe, TooSlowError, probe
from server.core import db, runtime, tasks
from server.core.access import Applicant
from server.core.errors import Invalid, NotFound
from server.core.http import UnsupportedType
from server.core.ids import uuid7
from server.hiring.applications.actions import lock
from server.hiring.interviews import actions
from server.hiring.interviews.events import CopyArrived
from server.hiring.interviews.films import Film, copy_is_better, film_of
from server.hiring.interviews.giving_up import never_came
from server.hiring.interviews.recordings import recording_ended, take_changed, take_of
from server.hiring.interviews.rules import LARGEST_FILE, AnswersOpened, TooLateToSend

log = logging.getLogger("greenroom.uploads")
TRIES = 12  # looks at a recorder that has not finished yet,
PAUSE = timedelta(seconds=5)  # so far apart
SLOW_TRIES = 60  # looks at a file that took too long: half an hour and more, and then somebody has to see to it
MOST_EXPIRED = 500  # in one round


class Announced(msgspec.Struct, frozen=True):
    """What a client says of a copy, in Upload-Metadata. `filetype` is a media type; `kept`: chosen as the answer.

    The client accepts the take once all of it is there; `kept` is for a page that is closed just before. `over`: the
    `given_at` of the answer that was to be replaced, None for none. An answer that was given later stays.
    """

    question: UUID
    kind: Literal["video", "audio"]
    filetype: str
    take: UUID | None = None
    kept: bool = False
    over: datetime | None = None


class Work(msgspec.Struct, frozen=True):
    """Task `join_upload`; how often it has put off its work: for its recorder, and because a file took too long."""

    upload: UUID
    tries: int = 0
    slow: int = 0


# Rules


def owner_of(applicant: Applicant) -> str:
    """Whose uploads they are."""
    return f"application:{applicant.application}"


def announced(metadata: str) -> Announced:
    """Raises tus.TusError, Invalid, UnsupportedType."""
    try:
        found = msgspec.convert(tus.metadata_of(metadata), Announced, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from error
    if not found.filetype.startswith(("video/", "audio/")):
        raise UnsupportedType("Send a video or a sound file.")
    return found


# Actions


async def begin(applicant: Applicant, length: int, metadata: str) -> tus.State:
    """Make room for a copy of `length` bytes. Raises TooLateToSend, QuotaExceeded, StorageLow, NotFound."""
    wanted = announced(metadata)
    async with db.transaction() as transaction:
        try:
            await actions.enter(applicant, wanted.question)
        except AnswersOpened as error:
            raise TooLateToSend from error
        # What was recorded is taken, however long all of it is; and what was begun had room for its copy as well.
        spare = 0 if wanted.take is None else LARGEST_FILE
        await actions.check_room(applicant.application, length, seconds=math.inf, spare=spare)
        if wanted.take is not None and not await db.value(
            "SELECT 1 FROM take WHERE id = $1 AND application_id = $2 AND question_id = $3",
            wanted.take,
            applicant.application,
            wanted.question,
        ):
            raise NotFound
        return await tus.create(transaction.connection, owner_of(applicant), length, metadata)


async def find(applicant: Applicant, upload: UUID) -> tus.State:
    """One of their own uploads. Raises tus.TusError, and TooLateToSend when bytes are missing and may not come."""
    async with db.connection() as c:
        found = await tus.find(c, upload, owner_of(applicant))
    if found.state == "open" and await _opened(applicant.application):
        raise TooLateToSend
    return found


async def _opened(application: UUID) -> bool:
    """Whether the team has looked."""
    return await db.value("SELECT opened_at FROM application WHERE id = $1", application) is not None


async def add(applicant: Applicant, upload: tus.State, piece: tus.Piece) -> tus.State:
    """Count a piece that is stored. Raises TooLateToSend, tus.TusError; then it does not count.

    With the last one the copy has arrived: the take is "processing" until the worker has looked at it.
    """
    last = piece.size > 0 and piece.start + piece.size == upload.length
    async with db.transaction() as transaction:
        if last:
            await lock(applicant.application)
        if piece.size and await _opened(applicant.application):
            raise TooLateToSend
        now = await tus.count(transaction.connection, upload, piece)
        if last:
            await _arrived(applicant, now)
        return now


async def _arrived(applicant: Applicant, upload: tus.State) -> None:
    wanted = announced(upload.metadata)
    if wanted.take is None:
        made = await actions.add_take(applicant, wanted.question, wanted.kind, "", "upload")
        own, recording = made.id, made.recording_id
    else:
        own, recording = wanted.take, uuid7()
        await actions.add_recording(recording, own, "", "upload")
        await db.execute("UPDATE take SET state = 'processing' WHERE id = $1", own)
        await db.execute("UPDATE recording SET ticket_hash = '' WHERE owner = $1", f"take:{own}")
    await db.execute(
        "UPDATE recording SET state = 'processing', bytes = $2 WHERE id = $1", recording, upload.length
    )  # no longer "new": nothing sweeps it, however long the worker is away
    await db.execute("UPDATE upload SET recording = $2 WHERE id = $1", upload.id, recording)
    take = await take_of(await db.value("SELECT recording_id FROM take WHERE id = $1", own))
    if take is None:
        raise NotFound
    application = applicant.application
    await take_changed(
        take,
        CopyArrived(
            workspace=applicant.workspace,
            actor=applicant.actor,
            subject=f"application:{application}",
            application=application,
            take=own,
        ),
    )
    await tasks.enqueue("join_upload", msgspec.json.encode(Work(upload.id)))


async def terminate(applicant: Applicant, upload: UUID) -> None:
    """The browser does not want to send it any more. Raises tus.TusError."""
    async with db.transaction() as transaction:
        await tus.terminate(transaction.connection, upload, owner_of(applicant))
        await tasks.enqueue("delete_files", msgspec.json.encode(upload))


# In the worker


async def expire() -> None:
    """By the clock: uploads that nobody went on with, and the rows of those that are done."""
    async with db.transaction() as transaction:
        gone = await tus.expire(transaction.connection, MOST_EXPIRED)
        for upload in gone:
            await tasks.enqueue("delete_files", msgspec.json.encode(upload))
    if gone:
        log.info("%d uploads have expired", len(gone))


async def join_task(payload: bytes) -> None:
    """Task `join_upload`: one file of all pieces, and the better of two films. Done twice it changes nothing."""
    work = msgspec.json.decode(payload, type=Work)
    async with db.connection() as c:
        upload = await tus.whole(c, work.upload)
    if upload is None or upload.recording is None:
        return
    found = await db.record(
        "SELECT t.id, t.application_id FROM recording r JOIN take t ON r.owner = 'take:' || t.id WHERE r.id = $1",
        upload.recording,
    )
    if found is None:  # the take was deleted meanwhile
        async with db.transaction():
            await _end(upload)
        return
    own = await film_of(found["id"])
    if work.tries < TRIES and own.is_awaited and not await never_came(own.id, own.node):
        await _later(msgspec.structs.replace(work, tries=work.tries + 1))
        return
    try:
        copy = await _look_and_store(upload, upload.recording)
    except TooSlowError as error:  # a busy machine must not make a film worthless
        if work.slow >= SLOW_TRIES:
            raise tasks.GiveUpError from error
        await _later(msgspec.structs.replace(work, slow=work.slow + 1))
        return
    except NotMediaError:
        copy = None
    async with db.transaction() as transaction:
        await lock(found["application_id"])
        if await tus.whole(transaction.connection, upload.id, lock=True) is None:
            return  # another run was faster
        own = await film_of(found["id"])
        if copy is not None and (own.id == upload.recording or copy_is_better(own, copy)):
            await _replace(found["id"], upload.recording, copy)
            told = announced(upload.metadata)
            if told.kept:
                await _answer(found["id"], found["application_id"], told.over)
        else:
            await _restore(found["id"], own, upload.recording)
        await _end(upload)


async def join_given_up(payload: bytes) -> None:
    """What the recorder has is the take for now. The copy stays as it was sent, for whoever sees to the held task."""
    work = msgspec.json.decode(payload, type=Work)
    async with db.connection() as c:
        upload = await tus.whole(c, work.upload)
    if upload is None or upload.recording is None:
        return
    take = await db.value(
        "SELECT t.id FROM recording r JOIN take t ON r.owner = 'take:' || t.id WHERE r.id = $1", upload.recording
    )
    if take is None:
        return
    async with db.transaction():
        own = await film_of(take)
        if own.id != upload.recording and own.state in {"ready", "interrupted"}:
            await recording_ended(own.id)


async def _later(work: Work) -> None:
    async with db.transaction():
        await tasks.enqueue("join_upload", msgspec.json.encode(work), after=PAUSE * (1 + work.slow // 10))


async def _end(upload: tus.State) -> None:
    await tus.finish(db.current().connection, upload.id)
    await tasks.enqueue("delete_files", msgspec.json.encode(upload.id))


async def _look_and_store(upload: tus.State, recording: UUID) -> Probe:
    """What the copy is; its file is stored, to be used or deleted. Raises NotMediaError."""
    storage = runtime.here().storage
    path = storage.scratch / f"{upload.id}-{secrets.token_hex(8)}.upload"
    try:
        await tus.join(storage, upload, path)
        found = await probe(path)
        await storage.put(uploads.key_of(recording, found), path)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    return found


async def _replace(take: UUID, recording: UUID, copy: Probe) -> None:
    """The copy is the take. What it replaces is discarded later."""
    await actions.store_probe(recording, copy)
    await db.execute("UPDATE take SET recording_id = $2, state = 'processing' WHERE id = $1", take, recording)
    await recording_ended(recording)


async def _answer(take: UUID, application: UUID, over: datetime | None) -> None:
    """The take answers its question, if that has no answer yet or still the one that it was chosen to replace."""
    found = await db.record(
        "SELECT t.question_id, t.kind, c.name, c.email, c.id AS candidate, a.workspace_id, a.job_id FROM take t "
        "JOIN application a ON a.id = t.application_id JOIN candidate c ON c.id = a.candidate_id WHERE t.id = $1 "
        "AND NOT EXISTS (SELECT 1 FROM answer n WHERE n.application_id = a.id AND n.question_id = t.question_id "
        "AND n.changed_at IS DISTINCT FROM $2)",
        take,
        over,
    )
    if found is None:
        return
    applicant = Applicant(
        application=application,
        workspace=found["workspace_id"],
        job=found["job_id"],
        candidate=found["candidate"],
        name=found["name"],
        email=found["email"],
        session=UUID(int=0),
        consented=True,  # else there were no take
    )
    with contextlib.suppress(AnswersOpened, NotFound):  # the team has looked, or does not ask that any more
        await actions.answer(applicant, found["question_id"], found["kind"], take, "", None)


async def _restore(take: UUID, own: Film, recording: UUID) -> None:
    """What the recorder has stays the take; where it never heard of one there is none."""
    if own.id == recording:
        await db.execute("UPDATE recording SET state = 'failed', error = 'no_media' WHERE id = $1", recording)
        await recording_ended(recording)
        return
    await db.execute("UPDATE recording SET state = 'deleted' WHERE id = $1", recording)
    await tasks.enqueue("delete_files", msgspec.json.encode(recording))
    waiting = {"new": "recording", "recording": "recording", "deleted": "ready"}.get(own.state)
    if waiting is not None:
        await db.execute("UPDATE take SET state = $2 WHERE id = $1", take, waiting)
    await recording_ended(own.id)


tasks.register("join_upload", join_task, join_given_up)
tasks.schedule("expire_uploads", "*/10 * * * *", expire)
