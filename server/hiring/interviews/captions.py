"""Captions of answers and job videos: written in the player or sent as WebVTT, shown with the film, and searchable.

Whoever may watch a kept answer or a job video of their workspace may caption it; the candidate reads what belongs to
their own takes, everybody what belongs to a job's video. A change names the version it was made on, so that nobody
overwrites what they have not seen. What a transcriber writes down is kept only where nobody has written anything, ever.
Captions go with their recording.
"""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from litestar import Response

from media import captions
from media.captions import Cue, Transcriber
from media.scratch import workplace
from server.core import db, runtime, tasks
from server.core.access import Applicant, Asking
from server.core.errors import NotFound
from server.core.events import append
from server.hiring.applications.actions import lock
from server.hiring.interviews.events import CaptionsChanged
from server.hiring.interviews.recordings import deliveries_of, take_of
from server.hiring.interviews.rules import BadCaptions, CaptionsMoved
from server.hiring.jobs.actions import job_changed
from server.hiring.views.captions import CaptionSource, CaptionsView, CueView

_VTT = "text/vtt"  # WebVTT is UTF-8 by definition


class _Shown(NamedTuple):
    """What a recording is shown as: a kept answer of an application, or the video of a job."""

    application: UUID | None
    job: UUID | None


# Rules


def cues_of(written: list[CueView]) -> list[Cue]:
    """As they are kept. Raises BadCaptions."""
    try:
        return captions.check(Cue(cue.start_ms, cue.end_ms, cue.text) for cue in written)
    except captions.CaptionsError as error:
        raise BadCaptions(str(error)) from error


def cues_in(file: bytes) -> list[Cue]:
    """Those of a WebVTT file. Raises BadCaptions."""
    try:
        return captions.parse(file)
    except captions.CaptionsError as error:
        raise BadCaptions(str(error)) from error


# Actions


async def caption(
    asking: Asking, recording: UUID, cues: list[Cue], version: int, source: CaptionSource, key: str | None
) -> CaptionsView:
    """These are the captions now, none when there are no cues. Raises NotFound, CaptionsMoved."""
    return await _keep(asking.workspace, asking.actor, asking.id, recording, cues, version, source, key)


async def transcribe(workspace: UUID, recording: UUID, transcriber: Transcriber) -> bool:
    """Let what is said be written down, unless somebody has; for the worker, since it takes long. Whether it was kept.

    Raises NotFound, and what the transcriber and the storage raise. Done twice it changes nothing.
    """
    await _shown(workspace, recording)
    key = await db.value("SELECT derivatives ->> 'video' FROM recording WHERE id = $1", recording)
    if key is None or (await _view(recording)).version > 0:
        return False
    storage = runtime.here().storage
    async with workplace(storage.scratch) as folder:
        await storage.fetch(key, folder / "film")
        heard = await tasks.unless_stopped(transcriber.transcribe(folder / "film"))
    try:
        async with db.transaction():
            await _keep(workspace, "nobody", None, recording, captions.check(heard), 0, "automatic", None)
    except CaptionsMoved:  # somebody was faster, and knows better
        return False
    return True


async def _keep(
    workspace: UUID,
    actor: str,
    by: UUID | None,
    recording: UUID,
    cues: list[Cue],
    version: int,
    source: CaptionSource,
    key: str | None,
) -> CaptionsView:
    shown = await _shown(workspace, recording)
    if shown.application is not None:
        await lock(shown.application)
    else:
        await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", shown.job)
    known = await db.value("SELECT version FROM captions WHERE recording_id = $1 FOR UPDATE", recording)
    if (known or 0) != version:
        raise CaptionsMoved
    await db.execute(
        "INSERT INTO captions (recording_id, workspace_id, source, version, cues, words, changed_by, changed_at) "
        "VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, now()) ON CONFLICT (recording_id) DO UPDATE SET "
        "source = excluded.source, version = excluded.version, cues = excluded.cues, words = excluded.words, "
        "changed_by = excluded.changed_by, changed_at = now()",
        recording,
        workspace,
        source,
        version + 1,
        msgspec.json.encode(cues).decode(),
        captions.plain(cues),
        by,
    )
    take = await take_of(recording)
    told = await deliveries_of(take) if take is not None else []
    if shown.job is not None:
        told += job_changed(workspace, shown.job)
    await append(
        CaptionsChanged(
            workspace=workspace,
            actor=actor,
            subject=f"application:{shown.application}" if shown.application else f"job:{shown.job}",
            recording=recording,
            source=source,
            cues=len(cues),
        ),
        told,
        key=key,
    )
    return await _view(recording)


# Queries


async def view(asking: Asking, recording: UUID) -> CaptionsView:
    """The captions as they are edited. Raises NotFound."""
    await _shown(asking.workspace, recording)
    return await _view(recording)


async def _shown(workspace: UUID, recording: UUID) -> _Shown:
    """Where the team sees a recording. Raises NotFound when it does not."""
    found = await db.row(
        _Shown,
        "SELECT (SELECT t.application_id FROM take t JOIN answer n ON n.take_id = t.id WHERE t.recording_id = r.id "
        "AND t.workspace_id = $2), (SELECT j.id FROM job j WHERE r.owner = 'job:' || j.id AND j.workspace_id = $2) "
        "FROM recording r WHERE r.id = $1 AND r.state <> 'deleted'",
        recording,
        workspace,
    )
    if found is None or found == _Shown(None, None):
        raise NotFound
    return found


async def _view(recording: UUID) -> CaptionsView:
    found = await db.record("SELECT version, source, cues FROM captions WHERE recording_id = $1", recording)
    if found is None:
        return CaptionsView(recording=recording, version=0, source="written", cues=[])
    return CaptionsView(
        recording=recording,
        version=found["version"],
        source=found["source"],
        cues=msgspec.json.decode(found["cues"], type=list[CueView]),
    )


async def file_for_member(asking: Asking, recording: UUID) -> Response[Any]:
    """The WebVTT file of what the team may watch. Raises NotFound."""
    await _shown(asking.workspace, recording)
    return await _file(recording)


async def file_for_candidate(applicant: Applicant, recording: UUID) -> Response[Any]:
    """That of one of their own takes. Raises NotFound."""
    return await _file(
        await db.value(
            "SELECT recording_id FROM take WHERE recording_id = $1 AND application_id = $2",
            recording,
            applicant.application,
        )
    )


async def file_for_anybody(token: str) -> Response[Any]:
    """That of the video of a job that is or was open. Raises NotFound."""
    return await _file(await db.value("SELECT video FROM job WHERE token = $1 AND state <> 'draft'", token))


async def _file(recording: UUID | None) -> Response[Any]:
    found = await db.value("SELECT cues FROM captions WHERE recording_id = $1 AND words <> ''", recording)
    if found is None:
        raise NotFound
    cues = msgspec.json.decode(found, type=list[Cue])
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(captions.write(cues).encode(), media_type=_VTT, headers=headers)
