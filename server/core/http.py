"""HTTP habits that hold everywhere: security headers, the same-origin rule, page data, cookies.

Unsafe requests must come from our own pages: the browser says so in `Origin` or `Sec-Fetch-Site`, which scripts of
other sites cannot change. Together with SameSite cookies and JSON bodies that is our protection against forged
requests.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from markupsafe import Markup

from server.core.errors import Refusal, reply_to_error
from server.core.settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(self), microphone=(self), display-capture=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
SAFE = {"GET", "HEAD", "OPTIONS"}
MEMBER_COOKIE = "greenroom"
CANDIDATE_COOKIE = "greenroom_candidate"


class NotUnderstood(Refusal):
    """The body cannot be read."""

    code = "bad_request"
    message = "The request was not understood."


class ForeignOrigin(Refusal):
    """The request was sent by another site's page."""

    code = "foreign_origin"
    status = HTTPStatus.FORBIDDEN
    message = "This request did not come from our own page. Open the page anew and try again."


class UnsupportedType(Refusal):
    """The body is of another kind than this place reads."""

    code = "unsupported_type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = "That kind of content is not understood here."


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON is read only when it says that it is JSON: a form of another site cannot say so."""

    async def json(self) -> Any:
        """The decoded body. Raises UnsupportedType, Refusal."""
        if self.content_type[0] != "application/json":
            raise UnsupportedType
        try:
            return await super().json()
        except (RecursionError, UnicodeDecodeError) as error:
            raise NotUnderstood from error


def same_origin(headers: dict[str, str], origin: str) -> bool:
    """Whether a request, or the opening of a websocket, comes from one of our own pages (or from no page at all)."""
    sent = headers.get("origin")
    if sent is not None:
        return sent == origin or sent == f"{origin.split('://', maxsplit=1)[0]}://{headers.get('host', '')}"
    return headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def protect(settings: Settings) -> Any:
    """Middleware: sets the security headers on every reply and applies the same-origin rule to unsafe requests."""
    hsts = [(b"strict-transport-security", b"max-age=31536000")] if settings.secure else []

    def make(app: ASGIApp) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    present = {name for name, _ in message["headers"]}
                    extra = [pair for pair in HEADERS + hsts if pair[0] not in present]
                    if b"cache-control" not in present:
                        extra.append((b"cache-control", b"no-store"))
                    message["headers"] = [*message["headers"], *extra]
                await send(message)

            if scope["method"] not in SAFE and not same_origin(header_map(scope), settings.origin):
                request: Request[Any, Any, Any] = Request(scope)
                reply = reply_to_error(request, ForeignOrigin())
                await reply.to_asgi_response(app=None, request=request)(scope, receive, send_with_headers)
                return
            await app(scope, receive, send_with_headers)

        return run

    return make


def header_map(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}


def address_of(request: Request[Any, Any, Any]) -> str:
    """The asker's network address, for throttles; uvicorn has already applied the trusted proxies."""
    return request.client.host if request.client else "unknown"


def device_of(request: Request[Any, Any, Any]) -> str:
    """The browser's own description of itself, for lists of sign-ins."""
    return agent_of(request)


def agent_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The same for a websocket as well."""
    return str(connection.headers.get("user-agent", ""))[:300]


def script_json(data: object) -> Markup:
    """Data for `<script type="application/json">`: JSON in which `</script>` and `<!--` cannot occur."""
    text = msgspec.json.encode(data).decode()
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


def cookie(name: str, value: str, *, path: str, seconds: int, settings: Settings) -> Cookie:
    """A cookie that scripts cannot read and other sites cannot send; `seconds` 0 deletes it."""
    return Cookie(
        key=name, value=value, path=path, max_age=seconds, httponly=True, samesite="lax", secure=settings.secure
    )
