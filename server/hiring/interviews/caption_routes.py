"""Captions over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put

from media.captions import LARGEST
from server.core.access import Applicant, Asking
from server.core.http import UnsupportedType
from server.core.replies import json, once
from server.core.throttle import limit
from server.hiring.interviews import caption_search, captions
from server.hiring.views.base import View
from server.hiring.views.captions import CaptionsView, CueView

Req = Request[Any, Any, Any]


class Written(View, frozen=True, kw_only=True):
    """All cues as they were edited, and the version that was edited."""

    version: int
    cues: list[CueView]


@get("/api/recordings/{recording:uuid}/captions", opt={"right": "read"})
async def read(asking: Asking, recording: UUID) -> Response[bytes]:
    """The captions as they are edited."""
    return json(await captions.view(asking, recording))


@put("/api/recordings/{recording:uuid}/captions", opt={"right": "write_captions"}, request_max_body_size=2 * LARGEST)
async def write(request: Req, asking: Asking, recording: UUID, data: Written) -> Response[bytes]:
    """Keep them as they were edited."""
    cues = captions.cues_of(data.cues)

    async def act(key: str | None) -> CaptionsView:
        return await captions.caption(asking, recording, cues, data.version, "written", key)

    return await once(request, asking.actor, act)


@post(
    "/api/recordings/{recording:uuid}/captions",
    opt={"right": "write_captions"},
    status_code=200,
    request_max_body_size=LARGEST + 1024,
)
async def send(request: Req, asking: Asking, recording: UUID, version: int = 0) -> Response[bytes]:
    """Take a WebVTT file, sent as the raw body, in the place of `version`."""
    if not request.headers.get("content-type", "").lower().startswith("text/vtt"):
        raise UnsupportedType("Send a WebVTT file (.vtt).")
    cues = captions.cues_in(await request.body())

    async def act(key: str | None) -> CaptionsView:
        return await captions.caption(asking, recording, cues, version, "uploaded", key)

    return await once(request, asking.actor, act)


@get("/api/captions", opt={"right": "read"})
async def search(asking: Asking, q: str = "") -> Response[bytes]:
    """Recordings in whose captions these words are said."""
    await limit("search", str(asking.id), 120, 60)
    return json(await caption_search.search(asking, q))


@get("/recordings/{recording:uuid}/captions", opt={"right": "read"})
async def file(asking: Asking, recording: UUID) -> Response[Any]:
    """The WebVTT file for the player of a member."""
    return await captions.file_for_member(asking, recording)


@get("/recordings/{recording:uuid}/captions")
async def own_file(applicant: Applicant, recording: UUID) -> Response[Any]:
    """The WebVTT file for the player of a candidate."""
    return await captions.file_for_candidate(applicant, recording)


@get("/c/jobs/{token:str}/captions")
async def public_file(token: str) -> Response[Any]:
    """The WebVTT file of a job video."""
    return await captions.file_for_anybody(token)


CANDIDATES = [own_file]
MEMBERS = [read, write, send, search, file]
PUBLIC = [public_file]
