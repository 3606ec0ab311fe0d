"""Who may play what. Rights are asked on each request; a range of a file is as secret as the file."""

from typing import Any
from uuid import UUID

from litestar import HttpMethod, Request, Response

from media import playback
from media.storage import AwayError, MissingError
from server.core import db, runtime
from server.core.access import Applicant, Asking
from server.core.errors import NotFound
from server.hiring.interviews.rules import StorageAway

READ = (HttpMethod.GET, HttpMethod.HEAD)  # players may ask how long a film is before they fetch any of it
MIMES = {"poster": "image/jpeg", "peaks": "application/json", "mp4": "video/mp4"}


async def for_member(
    request: Request[Any, Any, Any], asking: Asking, recording: UUID, derivative: str
) -> Response[Any]:
    """Members play kept answers and job videos of their workspace, and the job videos they are just recording."""
    allowed = await db.value(
        "SELECT 1 FROM recording r WHERE r.id = $1 AND ("
        "EXISTS (SELECT 1 FROM take t JOIN answer n ON n.take_id = t.id WHERE t.recording_id = r.id AND "
        "t.workspace_id = $2) "
        "OR EXISTS (SELECT 1 FROM job j WHERE r.owner = 'job:' || j.id AND j.workspace_id = $2))",
        recording,
        asking.workspace,
    )
    return await _play(request, recording, derivative, allowed=allowed is not None)


async def for_candidate(
    request: Request[Any, Any, Any], applicant: Applicant, recording: UUID, derivative: str
) -> Response[Any]:
    """Candidates play their own takes."""
    allowed = await db.value(
        "SELECT 1 FROM take WHERE recording_id = $1 AND application_id = $2", recording, applicant.application
    )
    return await _play(request, recording, derivative, allowed=allowed is not None)


async def for_anybody(request: Request[Any, Any, Any], token: str, derivative: str) -> Response[Any]:
    """Everybody plays the accepted video of a job that is or was open."""
    recording = await db.value("SELECT video FROM job WHERE token = $1 AND state <> 'draft'", token)
    return await _play(request, recording, derivative, allowed=recording is not None)


async def _play(request: Request[Any, Any, Any], recording: UUID, derivative: str, *, allowed: bool) -> Response[Any]:
    if not allowed:
        raise NotFound
    found = await db.record(
        "SELECT derivatives ->> $2 AS key, mime FROM recording WHERE id = $1", recording, derivative
    )
    if found is None or not found["key"]:
        raise NotFound
    try:
        return await playback.respond(
            runtime.here().storage,
            found["key"],
            MIMES.get(derivative, found["mime"]),
            request.headers.get("range", ""),
            request.headers.get("if-range", ""),
            request.headers.get("if-none-match", ""),
            head=request.method == "HEAD",
        )
    except MissingError as error:
        raise NotFound from error
    except AwayError as error:
        raise StorageAway(after=5) from error
