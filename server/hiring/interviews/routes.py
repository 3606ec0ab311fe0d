"""JSON, WHIP and playback of interviews, for candidates and for members."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import HttpMethod, Request, Response, delete, get, post, put, route

from media import whip
from server.core import db, runtime
from server.core.access import Applicant, Asking
from server.core.errors import NotFound, Refusal, TooLarge
from server.core.replies import json, once
from server.core.throttle import limit
from server.hiring.applications.actions import open_answers
from server.hiring.candidates.actions import HANDOVER_MINUTES, make_handover, make_link
from server.hiring.interviews import actions, job_video, playback, queries, sending
from server.hiring.interviews.rules import GRACE_SECONDS, JOB_VIDEO_SECONDS, LARGEST_FILE
from server.hiring.jobs import actions as jobs
from server.hiring.jobs import queries as job_queries
from server.hiring.views.base import View
from server.hiring.views.candidates import CandidateView, OwnAnswer
from server.hiring.views.jobs import JobView

Req = Request[Any, Any, Any]
Derivative = Literal["video", "mp4", "poster", "peaks"]
SPEED_BYTES = 4 * 1024**2


class TakeKind(View, frozen=True, kw_only=True):
    """With or without picture."""

    kind: Literal["video", "audio"] = "video"


class Keeping(View, frozen=True, kw_only=True):
    """`over` of a take that was chosen before it was here: the `given_at` of the answer that it was to replace."""

    over: datetime | msgspec.UnsetType | None = msgspec.UNSET


class Text(View, frozen=True, kw_only=True):
    """A written answer."""

    text: str


class Chosen(View, frozen=True, kw_only=True):
    """Which recording."""

    recording: UUID


class Url(View, frozen=True, kw_only=True):
    """A link."""

    url: str


class Handover(View, frozen=True, kw_only=True):
    """A link that works once, and for how long."""

    url: str
    seconds: int


# Candidates


@get("/api/place", opt={"before_consent": True})
async def place(applicant: Applicant) -> Response[bytes]:
    """Everything on the candidate's own page."""
    return json(await queries.place_of(applicant))


@post("/api/questions/{question:uuid}/takes", status_code=201)
async def begin_take(applicant: Applicant, question: UUID, data: TakeKind) -> Response[bytes]:
    """Begin a take. Not idempotent on purpose: a ticket works once and is not kept anywhere in the clear."""
    await limit("take", str(applicant.application), 60, 600)
    await sending.pick()
    return json(await actions.begin_take(applicant, question, data.kind), 201)


@get("/api/takes/{take:uuid}")
async def take(applicant: Applicant, take: UUID) -> Response[bytes]:
    """How far a take is."""
    return json(await queries.take(applicant.application, take))


@post("/api/takes/{take:uuid}/acceptance", status_code=200)
async def keep_take(request: Req, applicant: Applicant, take: UUID, data: Keeping) -> Response[bytes]:
    """Keep a take as the answer."""

    async def act(key: str | None) -> OwnAnswer:
        return await actions.keep_take(applicant, take, key, data.over)

    return await once(request, applicant.actor, act)


@put("/api/questions/{question:uuid}/text")
async def write_answer(request: Req, applicant: Applicant, question: UUID, data: Text) -> Response[bytes]:
    """Answer in writing."""

    async def act(key: str | None) -> OwnAnswer:
        return await actions.write_answer(applicant, question, data.text, key)

    return await once(request, applicant.actor, act)


@post("/api/questions/{question:uuid}/file", status_code=200, request_max_body_size=LARGEST_FILE + 1024)
async def receive_file(request: Req, applicant: Applicant, question: UUID) -> Response[bytes]:
    """Answer with a file that was recorded elsewhere, sent as the raw body."""
    mime = await _film(request, applicant)
    return json(await actions.receive_file(applicant, question, _body(request), mime))


async def _film(request: Req, applicant: Applicant) -> str:
    """The media type of a raw body. Raises when there are too many, or it is too large or neither video nor sound."""
    await limit("file", str(applicant.application), 30, 3600)
    mime = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not mime.startswith(("video/", "audio/")):
        refusal = Refusal("Send a video or a sound file.")
        refusal.code, refusal.status = "unsupported_type", 415  # type: ignore[assignment]  # http.HTTPStatus is an int
        raise refusal
    if int(request.headers.get("content-length") or 0) > LARGEST_FILE:
        raise TooLarge
    return mime


async def _body(request: Req) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


@post("/api/submission", status_code=200)
async def submit(request: Req, applicant: Applicant) -> Response[bytes]:
    """Hand in the answers."""

    async def act(key: str | None) -> CandidateView | None:
        await actions.submit(applicant, key)
        return None

    await once(request, applicant.actor, act)
    return json(await queries.place_of(applicant))


@post("/api/links", opt={"before_consent": True}, status_code=201)
async def new_link(applicant: Applicant) -> Response[bytes]:
    """A fresh personal link, for another device."""
    await limit("link", str(applicant.application), 20, 3600)
    async with db.transaction():
        token = await make_link(applicant.workspace, applicant.application)
    return json(Url(url=f"{runtime.here().settings.origin}/c/link/{token}"), 201)


@post("/api/handovers", status_code=201)
async def new_handover(applicant: Applicant) -> Response[bytes]:
    """A link that opens one other device within minutes, to go on there."""
    await limit("handover", str(applicant.application), 20, 3600)
    async with db.transaction():
        token = await make_handover(applicant.workspace, applicant.application)
    url = f"{runtime.here().settings.origin}/c/link/{token}"
    return json(Handover(url=url, seconds=HANDOVER_MINUTES * 60), 201)


@get("/api/speed")
async def download_speed(applicant: Applicant, bytes: int = 262144) -> Response[bytes]:  # noqa: A002 - the query's own word
    """Noise to measure the way down with."""
    await limit("speed", str(applicant.application), 60, 600)
    return Response(secrets.token_bytes(max(0, min(bytes, SPEED_BYTES))), media_type="application/octet-stream")


@post("/api/speed", status_code=200, request_max_body_size=SPEED_BYTES + 1024)
async def upload_speed(request: Req, applicant: Applicant) -> Response[bytes]:
    """Takes noise, to measure the way up with, and forgets it."""
    await limit("speed", str(applicant.application), 60, 600)
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
    return json({"bytes": count})


@post("/whip/{recording:uuid}", request_max_body_size=whip.LONGEST_OFFER + 1024)
async def send(request: Req, applicant: Applicant, recording: UUID) -> Response[bytes]:
    """The offer of one of their own takes."""
    found = await db.record(
        "SELECT t.kind, q.longest FROM take t JOIN question q ON q.id = t.question_id "
        "WHERE t.recording_id = $1 AND t.application_id = $2",
        recording,
        applicant.application,
    )
    if found is None:
        raise NotFound
    return await sending.begin(
        request,
        recording,
        "take",
        who=applicant.application,
        kind=found["kind"],
        seconds=found["longest"] + GRACE_SECONDS,
        base=queries.base_of_candidate(applicant.application),
    )


@route("/whip/{recording:uuid}", http_method=[HttpMethod.OPTIONS], opt={"before_consent": True}, status_code=200)
async def whip_capabilities() -> Response[bytes]:
    """What may be done with a recording's address."""
    return Response(b"", status_code=200, headers=whip.capabilities(runtime.here().settings.origin))


@delete("/whip/{recording:uuid}", status_code=200)
async def end(applicant: Applicant, recording: UUID) -> Response[bytes]:
    """Stop one of their own takes."""
    if not await db.value(
        "SELECT 1 FROM take WHERE recording_id = $1 AND application_id = $2", recording, applicant.application
    ):
        raise NotFound
    return await sending.end(recording)


@route("/recordings/{recording:uuid}/{derivative:str}", http_method=playback.READ)
async def play_own(request: Req, applicant: Applicant, recording: UUID, derivative: Derivative) -> Response[Any]:
    """Play one of their own takes."""
    return await playback.for_candidate(request, applicant, recording, derivative)


# Members


@get("/api/applications/{application:uuid}", opt={"right": "read"})
async def application(asking: Asking, application: UUID) -> Response[bytes]:
    """The team's page of an application."""
    view = await queries.application_view(asking, application)
    await open_answers(asking, application)
    return json(view)


@post("/api/jobs/{job:uuid}/video", opt={"right": "edit_jobs"}, status_code=201)
async def begin_job_video(asking: Asking, job: UUID) -> Response[bytes]:
    """Begin recording a job video."""
    await sending.pick()
    return json(await job_video.begin(asking, job), 201)


@get("/api/jobs/{job:uuid}/video/{recording:uuid}", opt={"right": "edit_jobs"})
async def job_video_state(asking: Asking, job: UUID, recording: UUID) -> Response[bytes]:
    """How far it is."""
    return json(await job_video.state(asking, job, recording))


@post("/api/jobs/{job:uuid}/video/acceptance", opt={"right": "edit_jobs"}, status_code=200)
async def accept_job_video(request: Req, asking: Asking, job: UUID, data: Chosen) -> Response[bytes]:
    """Make it the job video."""

    async def act(key: str | None) -> JobView:
        await job_video.accept(asking, job, data.recording, key)
        return await job_queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@delete("/api/jobs/{job:uuid}/video", opt={"right": "edit_jobs"}, status_code=200)
async def drop_job_video(request: Req, asking: Asking, job: UUID) -> Response[bytes]:
    """Leave the job video out."""

    async def act(key: str | None) -> JobView:
        await jobs.set_video(asking, job, None, 0, key)
        return await job_queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@post("/whip/{recording:uuid}", opt={"right": "edit_jobs"}, request_max_body_size=whip.LONGEST_OFFER + 1024)
async def send_job_video(request: Req, asking: Asking, recording: UUID) -> Response[bytes]:
    """The offer of a job video."""
    await _job_recording(asking, recording)
    return await sending.begin(
        request,
        recording,
        "job",
        who=asking.id,
        kind="video",
        seconds=JOB_VIDEO_SECONDS + GRACE_SECONDS,
        base=f"/w/{asking.slug}",
    )


@delete("/whip/{recording:uuid}", opt={"right": "edit_jobs"}, status_code=200)
async def end_job_video(asking: Asking, recording: UUID) -> Response[bytes]:
    """Stop recording a job video."""
    await _job_recording(asking, recording)
    return await sending.end(recording)


async def _job_recording(asking: Asking, recording: UUID) -> None:
    if not await db.value(
        "SELECT 1 FROM recording r JOIN job j ON r.owner = 'job:' || j.id WHERE r.id = $1 AND j.workspace_id = $2",
        recording,
        asking.workspace,
    ):
        raise NotFound


@route("/recordings/{recording:uuid}/{derivative:str}", http_method=playback.READ, opt={"right": "read"})
async def play(request: Req, asking: Asking, recording: UUID, derivative: Derivative) -> Response[Any]:
    """Play a kept answer or a job video."""
    return await playback.for_member(request, asking, recording, derivative)


CANDIDATES = [
    place,
    begin_take,
    take,
    keep_take,
    write_answer,
    receive_file,
    submit,
    new_link,
    new_handover,
    download_speed,
    upload_speed,
    whip_capabilities,
    send,
    end,
    play_own,
]
MEMBERS = [
    application,
    begin_job_video,
    job_video_state,
    accept_job_video,
    drop_job_video,
    whip_capabilities,
    send_job_video,
    end_job_video,
    play,
]
