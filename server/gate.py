"""The gate: who stands behind a request or a websocket, and which topics they may follow. Refused by default.

Members live below `/w/{slug}`, candidates below `/c/a/{application}`; each looks at its own cookie only.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import HttpMethod, Request, WebSocket, websocket
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from realtime import connection
from realtime.frames import Close
from realtime.rooms import Grant, Who
from server.core import db, http, runtime
from server.core.access import Applicant, Asking
from server.core.errors import OUTAGES, ConsentNeeded, NotSignedIn, Refusal, reply_to_error, wants_page
from server.hiring.candidates.actions import applicant_for
from server.hiring.monitoring.queries import WATCHERS
from server.hiring.monitoring.rules import device_of, page_of
from server.hiring.workspaces.queries import member_for

LONGEST_WANTED = 2000  # characters of an address that the sign-in leads on to: filters of a board make long ones


def identify_member(app: ASGIApp) -> ASGIApp:
    """Middleware of `/w/{slug}`: finds the member, or replies that nobody is signed in."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] != HttpMethod.OPTIONS:  # browsers ask without a cookie
            request: Request[Any, Any, Any] = Request(scope)
            asking = await member_for(request.path_params["slug"], request.cookies.get(http.MEMBER_COOKIE, ""))
            if asking is None:
                await _turn_away(request, _sign_in_for(request), NotSignedIn(), receive, send)
                return
            scope["asking"] = asking  # type: ignore[typeddict-unknown-key]
        await app(scope, receive, send)

    return run


def identify_candidate(app: ASGIApp) -> ASGIApp:
    """Middleware of `/c/a/{application}`: finds the candidate, or says that the link is needed, or their consent."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] != HttpMethod.OPTIONS:  # browsers ask without a cookie
            request: Request[Any, Any, Any] = Request(scope)
            token = request.cookies.get(http.CANDIDATE_COOKIE, "")
            applicant = await applicant_for(request.path_params["application"], token)
            if applicant is None:
                await _turn_away(request, "/c/lost-link", NotSignedIn(), receive, send)
                return
            if not applicant.consented and not scope["route_handler"].opt.get("before_consent"):
                await _turn_away(request, f"/c/a/{applicant.application}/consent", ConsentNeeded(), receive, send)
                return
            scope["applicant"] = applicant  # type: ignore[typeddict-unknown-key]
        await app(scope, receive, send)

    return run


def _sign_in_for(request: Request[Any, Any, Any]) -> str:
    """The sign-in page that leads on to the page that was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?then={quote(wanted, safe='/')}" if len(wanted) <= LONGEST_WANTED else "/sign-in"


async def _turn_away(
    request: Request[Any, Any, Any], where: str, refusal: Refusal, receive: Receive, send: Send
) -> None:
    """A page goes where one can come in; a script is told the code."""
    if wants_page(request):
        from litestar.response import Redirect  # noqa: PLC0415 - only here

        reply: Any = Redirect(where)
    else:
        reply = reply_to_error(request, refusal)
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

    async def who() -> Who | None:
        asking = await member_for(slug, socket.cookies.get(http.MEMBER_COOKIE, ""))
        if asking is None:
            return None
        return Who(
            id=str(asking.id),
            name=asking.name,
            kind="member",
            session=str(asking.sign_in),
            colour=asking.colour,
            device=device_of(http.agent_of(socket)),
            page=page_of(socket.query_params.get("page", "")),
        )

    await _let_in(socket, who)


@websocket("/c/a/{application:uuid}/live")
async def candidate_socket(socket: WebSocket[Any, Any, Any], application: UUID) -> None:
    """A candidate's tab."""

    async def who() -> Who | None:
        applicant = await applicant_for(application, socket.cookies.get(http.CANDIDATE_COOKIE, ""))
        if applicant is None:
            return None
        return Who(
            id=str(application),
            name=applicant.name,
            kind=CANDIDATE,
            session=str(applicant.session),
            device=device_of(http.agent_of(socket)),
            page=page_of(socket.query_params.get("page", "")),
        )

    await _let_in(socket, who)


async def _let_in(socket: WebSocket[Any, Any, Any], identify: Callable[[], Awaitable[Who | None]]) -> None:
    """Serve the socket of whoever `identify` finds, else say by close code why not."""
    if not _own_page(socket):
        await connection.refuse(socket, Close.FORBIDDEN)
        return
    try:
        who = await identify()
    except OUTAGES:
        await connection.refuse(socket, Close.UNAVAILABLE)
        return
    if who is None:
        await connection.refuse(socket, Close.NOT_SIGNED_IN)
        return
    await connection.serve(socket, socket.app.state.hub, who)


def _own_page(socket: WebSocket[Any, Any, Any]) -> bool:
    return "origin" in socket.headers and http.same_origin(
        http.header_map(socket.scope), runtime.here().settings.origin
    )


_ALLOWED = """
SELECT CASE
    WHEN w.candidate THEN w.kind IN ('candidate', 'conversation') AND w.subject = w.id AND EXISTS (
        SELECT 1 FROM candidate_session s
        WHERE s.id = w.session AND s.application_id = w.id AND s.revoked_at IS NULL AND s.expires_at > now())
    WHEN m.workspace_id IS NULL THEN false
    ELSE CASE w.kind
        WHEN 'member' THEN w.subject = w.id
        WHEN 'workspace' THEN w.subject = m.workspace_id
        WHEN 'monitor' THEN w.subject = m.workspace_id AND m.role = ANY ($6)
        WHEN 'job' THEN EXISTS (SELECT 1 FROM job j WHERE j.id = w.subject AND j.workspace_id = m.workspace_id)
        WHEN 'application' THEN EXISTS (
            SELECT 1 FROM application a WHERE a.id = w.subject AND a.workspace_id = m.workspace_id)
        WHEN 'profile' THEN EXISTS (
            SELECT 1 FROM candidate c WHERE c.id = w.subject AND c.workspace_id = m.workspace_id)
        WHEN 'conversation' THEN EXISTS (
            SELECT 1 FROM application a WHERE a.id = w.subject AND a.workspace_id = m.workspace_id)
        ELSE false END
    END
FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::text[], $5::uuid[])
     WITH ORDINALITY AS w (id, session, candidate, kind, subject, place)
LEFT JOIN LATERAL (
    SELECT member.workspace_id, member.role FROM member JOIN sign_in s ON s.account_id = member.account_id
    WHERE member.id = w.id AND s.id = w.session AND member.removed_at IS NULL AND s.expires_at > now()) m ON true
ORDER BY w.place
"""
NOTHING = UUID(int=0)
CANDIDATE = "candidate"
_MEMBER_GRANTS = {
    "job": Grant(presence=True, typing=True),
    "application": Grant(presence=True, typing=True),
    "profile": Grant(presence=True),
    "conversation": Grant(typing=True),
    "workspace": Grant(),
    "member": Grant(),
    "monitor": Grant(presence=True),
}
_CANDIDATE_GRANTS = {"conversation": Grant(typing=True), "candidate": Grant(presence=True)}


async def grant(who: Who, topic: str) -> Grant | None:
    """Realtime's one question: what may `who` do on `topic`? None refuses."""
    return (await grants([(who, topic)]))[0]


async def grants(pairs: Sequence[tuple[Who, str]]) -> list[Grant | None]:
    """The same for many, in one query."""
    kinds, subjects = zip(*(_parse(topic) for _, topic in pairs), strict=True) if pairs else ((), ())
    allowed = await db.rows(
        bool,
        _ALLOWED,
        [UUID(who.id) for who, _ in pairs],
        [UUID(who.session) for who, _ in pairs],
        [who.kind == CANDIDATE for who, _ in pairs],
        list(kinds),
        list(subjects),
        WATCHERS,
    )
    return [
        (_CANDIDATE_GRANTS if who.kind == CANDIDATE else _MEMBER_GRANTS).get(kind) if yes else None
        for (who, _), kind, yes in zip(pairs, kinds, allowed, strict=True)
    ]


def _parse(topic: str) -> tuple[str, UUID]:
    """A topic's kind and subject; nothing for kinds that are not, and for other spellings of a subject."""
    kind, _, name = topic.partition(":")
    try:
        subject = UUID(name)
    except ValueError:
        return "", NOTHING
    known = kind in _MEMBER_GRANTS or kind in _CANDIDATE_GRANTS
    return (kind, subject) if known and str(subject) == name else ("", NOTHING)
