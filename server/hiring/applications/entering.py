"""How candidates come in: applying, and exchanging or asking for a personal link. Open to strangers, so throttled."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post

from server.core import http, runtime
from server.core.replies import json
from server.core.throttle import limit
from server.hiring.applications import actions
from server.hiring.candidates.actions import SESSION_DAYS, exchange
from server.hiring.views.base import View

Req = Request[Any, Any, Any]


class Token(View, frozen=True, kw_only=True):
    """A personal link's token."""

    token: str


class LostLink(View, frozen=True, kw_only=True):
    """Whose link, and for which job (its public token), if known."""

    email: str
    job: str | None = None


class NextStep(View, frozen=True, kw_only=True):
    """Where to go, and the personal link to keep, shown once."""

    next: str
    link: str | None = None


def enter(reply: Response[bytes], application: UUID, session: str) -> Response[bytes]:
    """Set the cookie that is valid below this application's path only."""
    reply.set_cookie(
        http.cookie(
            http.CANDIDATE_COOKIE,
            session,
            path=f"/c/a/{application}",
            seconds=SESSION_DAYS * 86400,
            settings=runtime.here().settings,
        )
    )
    return reply


@post("/c/jobs/{token:str}/applications", status_code=200)
async def apply(request: Req, token: str, data: actions.NewApplication) -> Response[bytes]:
    """Apply."""
    await limit("apply", http.address_of(request), 30, 3600)
    await limit("apply-as", data.email.casefold()[:254], 5, 3600)
    entered = await actions.apply(token, data, http.device_of(request))
    if entered.application is None:
        return json(NextStep(next=f"/c/jobs/{token}/check-mail"))
    link = f"{runtime.here().settings.origin}/c/link/{entered.link}"
    reply = json(NextStep(next=f"/c/a/{entered.application}/check", link=link))
    return enter(reply, entered.application, entered.session)


@post("/c/links", status_code=200)
async def use_link(request: Req, data: Token) -> Response[bytes]:
    """A token for a cookie. By POST, because mail scanners open every link."""
    await limit("link", http.address_of(request), 60, 600)
    application, session, handover = await exchange(data.token, http.device_of(request))
    agreed = await actions.has_agreed(application)
    step = "" if agreed and not handover else "/check" if agreed else "/consent"
    return enter(json(NextStep(next=f"/c/a/{application}{step}")), application, session)


@post("/c/link-requests", status_code=202)
async def ask_for_link(request: Req, data: LostLink) -> Response[bytes]:
    """Have the link mailed again. The reply is the same for unknown addresses."""
    await limit("lost-link", http.address_of(request), 10, 3600)
    await limit("lost-link-to", data.email.casefold()[:254], 3, 3600)
    await actions.ask_for_links(data.email, data.job)
    return json(NextStep(next="/"), 202)


PUBLIC = Router(path="/", route_handlers=[apply, use_link, ask_for_link])
