"""The gate: who stands behind a request or a websocket, and which topics they may follow. Everything is refused by default.

Members live below `/w/{slug}`, candidates below `/c/a/{application}`; each looks at its own cookie only.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, WebSocket, websocket
from litestar.types import ASGIApp, Receive, Scope, Send

from realtime import connection
from realtime.frames import Close
from realtime.rooms import Grant, Who
from server.core import db, http, runtime
from server.core.access import Applicant, Asking
from server.core.errors import OUTAGES, NotSignedIn, reply_to_error, wants_page
from server.hiring.candidates.actions import applicant_for, is_open
from server.hiring.workspaces.queries import is_member, member_for

MEMBER_EVENTS = Grant(events=True, presence=True, typing=True)


def identify_member(app: ASGIApp) -> ASGIApp:
    """Middleware of `/w/{slug}`: finds the member, or replies that nobody is signed in."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request: Request[Any, Any, Any] = Request(scope)
            asking = await member_for(request.path_params["slug"], request.cookies.get(http.MEMBER_COOKIE, ""))
            if asking is None:
                await _turn_away(request, "/sign-in", receive, send)
                return
            scope["asking"] = asking  # type: ignore[typeddict-unknown-key]
        await app(scope, receive, send)

    return run


def identify_candidate(app: ASGIApp) -> ASGIApp:
    """Middleware of `/c/a/{application}`: finds the candidate, or replies that the link is needed."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request: Request[Any, Any, Any] = Request(scope)
            token = request.cookies.get(http.CANDIDATE_COOKIE, "")
            applicant = await applicant_for(request.path_params["application"], token)
            if applicant is None:
                await _turn_away(request, "/c/lost-link", receive, send)
                return
            scope["applicant"] = applicant  # type: ignore[typeddict-unknown-key]
        await app(scope, receive, send)

    return run


async def _turn_away(request: Request[Any, Any, Any], where: str, receive: Receive, send: Send) -> None:
    """A page goes where one can come in; a script is told the code."""
    if wants_page(request):
        from litestar.response import Redirect  # noqa: PLC0415 - only here

        reply: Any = Redirect(where)
    else:
        reply = reply_to_error(request, NotSignedIn())
    await reply.to_asgi_response(app=request.app, request=request)(request.scope, receive, send)


def provide_asking(request: Request[Any, Any, Any]) -> Asking:
    """The member that the middleware found."""
    asking: Asking = request.scope["asking"]  # type: ignore[typeddict-item]
    return asking


def provide_applicant(request: Request[Any, Any, Any]) -> Applicant:
    """The candidate that the middleware found."""
    applicant: Applicant = request.scope["applicant"]  # type: ignore[typeddict-item]
    return applicant


@websocket("/w/{slug:str}/live")
async def member_socket(socket: WebSocket[Any, Any, Any], slug: str) -> None:
    """A member's tab."""
    if not _own_page(socket):
        await connection.refuse(socket, Close.FORBIDDEN)
        return
    try:
        asking = await member_for(slug, socket.cookies.get(http.MEMBER_COOKIE, ""))
    except OUTAGES:
        await connection.refuse(socket, Close.UNAVAILABLE)
        return
    if asking is None:
        await connection.refuse(socket, Close.NOT_SIGNED_IN)
        return
    who = Who(
        id=str(asking.id),
        name=asking.name,
        kind=f"member:{asking.workspace}",
        session=str(asking.sign_in),
        colour=asking.colour,
    )
    await connection.serve(socket, socket.app.state.hub, who)


@websocket("/c/a/{application:uuid}/live")
async def candidate_socket(socket: WebSocket[Any, Any, Any], application: UUID) -> None:
    """A candidate's tab."""
    if not _own_page(socket):
        await connection.refuse(socket, Close.FORBIDDEN)
        return
    try:
        applicant = await applicant_for(application, socket.cookies.get(http.CANDIDATE_COOKIE, ""))
    except OUTAGES:
        await connection.refuse(socket, Close.UNAVAILABLE)
        return
    if applicant is None:
        await connection.refuse(socket, Close.NOT_SIGNED_IN)
        return
    who = Who(id=str(application), name=applicant.name, kind="candidate", session=str(applicant.session))
    await connection.serve(socket, socket.app.state.hub, who)


def _own_page(socket: WebSocket[Any, Any, Any]) -> bool:
    return "origin" in socket.headers and http.same_origin(
        http.header_map(socket.scope), runtime.here().settings.origin
    )


_TOPICS = {
    "job": "SELECT workspace_id FROM job WHERE id = $1",
    "application": "SELECT workspace_id FROM application WHERE id = $1",
    "conversation": "SELECT workspace_id FROM application WHERE id = $1",
    "workspace": "SELECT id FROM workspace WHERE id = $1",
}


async def grant(who: Who, topic: str) -> Grant | None:
    """Realtime's one question: what may `who` do on `topic`? None refuses."""
    kind, _, name = topic.partition(":")
    try:
        subject = UUID(name)
    except ValueError:
        return None
    if who.kind == "candidate":
        if subject != UUID(who.id) or not await is_open(UUID(who.session), subject):
            return None
        return {"conversation": Grant(typing=True), "candidate": Grant()}.get(kind)
    if not await is_member(UUID(who.id), UUID(who.session)):
        return None
    if kind == "member":
        return Grant() if subject == UUID(who.id) else None
    query = _TOPICS.get(kind)
    if query is None or str(await db.value(query, subject)) != who.kind.partition(":")[2]:
        return None
    return Grant(typing=True) if kind == "conversation" else MEMBER_EVENTS


async def grants(pairs: Sequence[tuple[Who, str]]) -> list[Grant | None]:
    """The same for many, one after the other on the pool."""
    return [await grant(who, topic) for who, topic in pairs]
