"""The copy of a take over tus 1.0: the routes below `/c/a/{application}/uploads`, for that candidate alone.

`media.tus` knows the protocol, `copying` what an upload means. Upload-Metadata names `question`, `kind` (video or
audio), `filetype` and, unless no recorder ever heard of it, `take`.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, head, patch, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException

from media import tus
from server.core import runtime
from server.core.access import Applicant
from server.core.errors import Refusal, refusal_of, reply_to_error
from server.core.throttle import limit
from server.hiring.interviews import copying
from server.hiring.interviews.rules import LARGEST_FILE

Req = Request[Any, Any, Any]
CODES = {
    404: "not_found",
    405: "method_not_allowed",
    409: "wrong_offset",
    410: "upload_expired",
    412: "wrong_version",
    413: "too_large",
    415: "unsupported_type",
    423: "upload_busy",
    460: "wrong_checksum",
}


def _refused(request: Req, error: Exception) -> Response[Any]:
    """Errors as everywhere, with the protocol's status and headers."""
    if isinstance(error, tus.TusError):
        refusal = Refusal(str(error), after=5 if error.status == HTTPStatus.LOCKED else 0)
        refusal.code = CODES.get(error.status, "bad_request")
        refusal.status = error.status  # type: ignore[assignment]  # 460 is the protocol's own
    else:
        refusal = refusal_of(error)
    reply = reply_to_error(request, refusal)
    reply.headers.update({"Tus-Resumable": tus.VERSION, "Tus-Version": tus.VERSION})
    return reply


async def _arrive(request: Req, applicant: Applicant, what: str, most: int, seconds: int) -> None:
    tus.check_version(request.headers)
    await limit(what, str(applicant.application), most, seconds)


@route(["/", "/{upload:uuid}"], http_method=[HttpMethod.OPTIONS], status_code=204)
async def capabilities() -> Response[None]:
    """What is spoken here."""
    return Response(None, status_code=204, headers=tus.capabilities(LARGEST_FILE))


@post("/", status_code=201)
async def create(request: Req, applicant: Applicant) -> Response[None]:
    """Announce a copy."""
    await _arrive(request, applicant, "upload", 60, 3600)
    length = tus.length_of(request.headers, LARGEST_FILE)
    made = await copying.begin(applicant, length, request.headers.get("upload-metadata", ""))
    place = f"/c/a/{applicant.application}/uploads/{made.id}"
    return Response(None, status_code=201, headers={"Location": place, **made.headers})


@head("/{upload:uuid}")
async def look(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    """How much of it is here."""
    await _arrive(request, applicant, "piece", 900, 600)
    found = await copying.find(applicant, upload)
    told = {"Upload-Length": str(found.length), "Upload-Metadata": found.metadata, "Cache-Control": "no-store"}
    return Response(None, headers={**told, **found.headers})


@patch("/{upload:uuid}", status_code=204, request_max_body_size=tus.PIECE)
async def add(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    """The next piece of it."""
    return await _add(request, applicant, upload)


@delete("/{upload:uuid}", status_code=204)
async def terminate(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    """Give up sending it."""
    return await _terminate(request, applicant, upload)


@post("/{upload:uuid}", status_code=204, request_max_body_size=tus.PIECE)
async def override(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    """The same for clients that can only say POST: the header X-HTTP-Method-Override says what is meant."""
    meant = {"PATCH": _add, "DELETE": _terminate}.get(request.headers.get("x-http-method-override", "").upper())
    if meant is None:
        raise tus.TusError(405, "X-HTTP-Method-Override must be PATCH or DELETE.")
    return await meant(request, applicant, upload)


async def _add(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    await _arrive(request, applicant, "piece", 900, 600)
    found = await copying.find(applicant, upload)
    storage = runtime.here().storage
    piece = await tus.receive(storage, found, request.headers, _body(request))
    try:
        found = await copying.add(applicant, found, piece)
    except (tus.TusError, Refusal):  # after an outage nobody knows whether it counts: then it stays
        await tus.drop(storage, piece)
        raise
    return Response(None, status_code=204, headers=found.headers)


async def _terminate(request: Req, applicant: Applicant, upload: UUID) -> Response[None]:
    await _arrive(request, applicant, "upload", 60, 3600)
    await copying.terminate(applicant, upload)
    return Response(None, status_code=204, headers={"Tus-Resumable": tus.VERSION})


async def _body(request: Req) -> AsyncIterator[bytes]:
    """Raises ConnectionError when the client is gone."""
    try:
        async for chunk in request.stream():
            yield chunk
    except InternalServerException as error:
        raise ConnectionError from error


CANDIDATES = [
    Router(
        path="/uploads",
        route_handlers=[capabilities, create, look, add, terminate, override],
        exception_handlers={Exception: _refused},
    )
]
