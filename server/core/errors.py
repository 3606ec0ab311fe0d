"""Errors: one family, and the one place where they become replies.

A `Refusal` carries a stable code, a sentence for people and an HTTP status. Everything else that escapes a handler is
either a known outage (database, bus: 503, "try again") or a bug (500); neither shows a stack trace to anybody.
"""

import asyncio
import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
import redis.exceptions
from litestar import MediaType, Request, Response
from litestar.enums import ParamType
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Template

log = logging.getLogger("greenroom")


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Every refusal on the wire: a stable code, a sentence for people, and what is wrong per field."""

    code: str
    message: str
    fields: dict[str, str] = {}


class Refusal(Exception):  # noqa: N818 - it is an answer, not an accident
    """Says no: `code` is stable, `message` tells a person what to do, `fields` what is wrong where."""

    code = "refused"
    status = HTTPStatus.BAD_REQUEST
    message = "That did not work."
    headers: Mapping[str, str] = {}  # that belong to this refusal

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None, after: int = 0) -> None:
        """`after`: seconds until a retry makes sense, sent as Retry-After."""
        self.message = message or type(self).message
        self.fields = fields or {}
        self.after = after
        super().__init__(self.message)


class NotSignedIn(Refusal):
    """Nobody is signed in, or no longer."""

    code = "not_signed_in"
    status = HTTPStatus.UNAUTHORIZED
    message = "Please sign in first."


class Forbidden(Refusal):
    """Known person, missing right."""

    code = "forbidden"
    status = HTTPStatus.FORBIDDEN
    message = "Your role does not allow this. Ask an owner or admin of the workspace."


class ConsentNeeded(Refusal):
    """A candidate whom the team added has not agreed to their answers being kept."""

    code = "consent_needed"
    status = HTTPStatus.FORBIDDEN
    message = "Please read how your data is kept first, and say that you agree: your page asks you."


class NotFound(Refusal):
    """No such thing, or none that this person may know of."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    message = "There is nothing here. Perhaps the link is incomplete, or the thing was removed."


class Invalid(Refusal):
    """The input does not fit; `fields` says where."""

    code = "invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "Please check what you entered."


class Conflict(Refusal):
    """Somebody else was faster."""

    code = "changed_meanwhile"
    status = HTTPStatus.CONFLICT
    message = "This was changed by somebody else meanwhile. Have a look and try again."


class Throttled(Refusal):
    """Too often."""

    code = "throttled"
    status = HTTPStatus.TOO_MANY_REQUESTS
    message = "That was too often in a short time. Please wait a little and try again."


class TooLarge(Refusal):
    """More bytes than this place takes."""

    code = "too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    message = "That is too large."


class LinkExpired(Refusal):
    """A link that was used, replaced or is too old."""

    code = "link_expired"
    status = HTTPStatus.GONE
    message = "This link is no longer valid. Ask for a new one."


class Unavailable(Refusal):
    """A part of us is away for a moment."""

    code = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "Greenroom is catching its breath. Nothing is lost; this page tries again by itself."


AWAY: tuple[type[BaseException], ...] = (  # a service that is not there, and nothing else
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    ConnectionError,
)
OUTAGES: tuple[type[BaseException], ...] = (  # what an outage may look like, or a mistake of ours
    *AWAY,
    asyncpg.InsufficientResourcesError,
    asyncpg.exceptions._base.InterfaceError,  # noqa: SLF001 - exported, but not to mypy
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    OSError,  # refused, reset, timed out, no such socket, disk full
    asyncio.TimeoutError,
)

_STATUS_CODES = {
    400: ("bad_request", "The request was not understood."),
    401: (NotSignedIn.code, NotSignedIn.message),
    403: (Forbidden.code, Forbidden.message),
    404: (NotFound.code, NotFound.message),
    405: ("method_not_allowed", "That cannot be done here."),
    413: (TooLarge.code, TooLarge.message),
    415: ("unsupported_type", "That kind of content is not understood here."),
    429: (Throttled.code, Throttled.message),
}


def refusal_of(error: Exception) -> Refusal:
    """The Refusal that stands for any exception. Bugs are logged here, without what people wrote."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException | msgspec.ValidationError):
        return _of_litestar(error)
    if found := _of_database(error):
        return found
    log.error("bug: %s", trail(error))
    refusal = Refusal("Something broke on our side. It is noted; please try again in a moment.")
    refusal.code, refusal.status = "broken", HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal


def _of_database(error: Exception) -> Refusal | None:
    """What the database thinks of the input, or that it (or the bus, or the disk) is away."""
    if isinstance(error, asyncpg.DataError | asyncpg.exceptions._base.DataError):  # noqa: SLF001 - the client's own
        return Invalid()  # a zero byte, a number beyond the column's: nothing that our pages send
    if isinstance(error, asyncpg.UniqueViolationError):
        return Conflict()  # two requests at the same moment; both looked before either wrote
    if isinstance(error, OUTAGES):
        log.warning("outage: %s", type(error).__name__)
        return Unavailable(after=2)
    return None


def _of_litestar(error: HTTPException | msgspec.ValidationError) -> Refusal:
    if isinstance(error, msgspec.ValidationError):
        return Invalid(str(error))
    if isinstance(error, ValidationException):
        return _misfit(error)
    code, message = _STATUS_CODES.get(error.status_code, ("refused", "That did not work."))
    refusal = Refusal(message)
    refusal.code, refusal.status = code, HTTPStatus(error.status_code)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        refusal.headers = {"Allow": (error.headers or {}).get("allow", "")}
    return refusal


def _misfit(error: ValidationException) -> Refusal:
    """What Litestar found wrong with a body or an address; an address that cannot be leads nowhere."""
    found = [item for item in error.extra or [] if isinstance(item, dict)]
    if any(item.get("source") == ParamType.PATH for item in found):
        return NotFound()
    return Invalid(fields=dict(_field(str(item.get("key", "")), str(item.get("message", ""))) for item in found))


def _field(key: str, message: str) -> tuple[str, str]:
    """A missing field is reported under the whole body's name; say its own."""
    missing = re.search(r"missing required field `(\w+)`", message)
    return (missing[1], "Please fill this in.") if missing else (key, message)


def trail(error: BaseException) -> str:
    """Type and place of an exception and its causes, without their messages: those may quote what people wrote."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(lines) < 5:
        lines.append(type(cause).__name__ + "\n" + "".join(traceback.format_tb(cause.__traceback__)).rstrip())
        cause = cause.__cause__ or cause.__context__
    return "\nfrom ".join(lines)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person is looking at this reply, and not a script."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def reply_to_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Litestar's exception handler for everything: the one map from errors to HTTP replies."""
    refusal = refusal_of(error)
    headers = dict(refusal.headers) | ({"Retry-After": str(refusal.after)} if refusal.after else {})
    if wants_page(request):
        return Template(
            "people/message.html",
            context={
                "title": HEADINGS.get(refusal.status, "That did not work"),
                "heading": HEADINGS.get(refusal.status, "That did not work"),
                "text": refusal.message,
                "action_url": "/" if refusal.status is not HTTPStatus.SERVICE_UNAVAILABLE else request.url.path,
                "action_label": "Try again" if refusal.status is HTTPStatus.SERVICE_UNAVAILABLE else "Go to the start",
                "code": refusal.code,
            },
            status_code=refusal.status,
            headers=headers,
            media_type=MediaType.HTML,
        )
    return Response(
        msgspec.json.encode(Failure(code=refusal.code, message=refusal.message, fields=refusal.fields)),
        status_code=refusal.status,
        headers=headers,
        media_type=MediaType.JSON,
    )


HEADINGS = {
    HTTPStatus.NOT_FOUND: "Nothing here",
    HTTPStatus.FORBIDDEN: "Not for your role",
    HTTPStatus.GONE: "This link has ended",
    HTTPStatus.SERVICE_UNAVAILABLE: "One moment",
    HTTPStatus.TOO_MANY_REQUESTS: "A little slower, please",
    HTTPStatus.UNAUTHORIZED: "Please sign in",
}
