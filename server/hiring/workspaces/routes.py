"""Doors and people: pages and JSON of accounts, members and invitations. Handlers only translate."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.response import Redirect, Template

from server.core import db, http, runtime
from server.core.access import Asking
from server.core.errors import LinkExpired
from server.core.replies import json, key_of, once
from server.core.throttle import limit
from server.hiring.views.base import View
from server.hiring.views.people import InvitationRow, MemberRow
from server.hiring.workspaces import actions, queries

Req = Request[Any, Any, Any]


class Next(View, frozen=True, kw_only=True):
    """Where the browser goes now."""

    next: str


class Setup(View, frozen=True, kw_only=True):
    """What founds a workspace."""

    token: str
    workspace: str
    name: str
    email: str
    password: str


class SignInForm(View, frozen=True, kw_only=True):
    """E-mail and password, and the page that one came for."""

    email: str
    password: str
    then: str = ""


class Address(View, frozen=True, kw_only=True):
    """An e-mail."""

    email: str


class NewPassword(View, frozen=True, kw_only=True):
    """A new password."""

    password: str


class Acceptance(View, frozen=True, kw_only=True):
    """Who joins."""

    name: str
    password: str


class NewInvitation(View, frozen=True, kw_only=True):
    """Who is invited as what."""

    email: str
    role: str


class NewRole(View, frozen=True, kw_only=True):
    """A role."""

    role: str


class InvitationLink(View, frozen=True, kw_only=True):
    """The link, shown once."""

    link: str


class People(View, frozen=True, kw_only=True):
    """The people page."""

    members: list[MemberRow]
    invitations: list[InvitationRow]


class Done(View, frozen=True, kw_only=True):
    """It is done."""

    done: bool = True


def signed_in(token: str, where: str) -> Response[bytes]:
    """Set the sign-in cookie and say where to go."""
    reply = json(Next(next=where))
    reply.set_cookie(
        http.cookie(
            http.MEMBER_COOKIE, token, path="/", seconds=actions.SIGN_IN_DAYS * 86400, settings=runtime.here().settings
        )
    )
    return reply


@get("/")
async def start(request: Req) -> Redirect:
    """Send everybody where they belong."""
    account = await queries.account_of(request.cookies.get(http.MEMBER_COOKIE, ""))
    return Redirect((account and await queries.home_of(account)) or "/sign-in")


@get("/setup/{token:str}")
async def setup_page(token: str) -> Template:
    """First run: name the workspace and yourself."""
    if await queries.open_setup(token) is None:
        raise actions.SetupLinkEnded
    return Template(
        "people/setup.html", context={"title": "Set up", "data": http.script_json({"token": token}), "token": token}
    )


@get("/invitations/{token:str}")
async def invitation_page(token: str) -> Template:
    """Join a workspace."""
    found = await queries.open_invitation(token)
    if found is None:
        raise LinkExpired
    return Template(
        "people/invitation.html",
        context={
            "title": f"Join {found[2]}",
            "data": http.script_json({"token": token}),
            "token": token,
            "workspace_name": found[2],
            "email": found[3],
            "role": found[4],
        },
    )


@get("/forgot")
async def forgot_page() -> Template:
    """Ask for a new password."""
    return Template("people/forgot.html", context={"title": "New password", "data": http.script_json({})})


@get("/reset/{token:str}")
async def reset_page(token: str) -> Template:
    """Choose a new password."""
    if await queries.open_reset(token) is None:
        raise LinkExpired
    return Template(
        "people/reset.html",
        context={"title": "New password", "data": http.script_json({"token": token}), "token": token},
    )


@post("/api/setup", status_code=200)
async def setup(request: Req, data: Setup) -> Response[bytes]:
    """Found a workspace."""
    await limit("setup", http.address_of(request), 20, 600)
    token, slug = await actions.found_workspace(
        data.token, data.workspace, data.name, data.email, data.password, http.device_of(request)
    )
    return signed_in(token, f"/w/{slug}/jobs")


@post("/api/sign-in", status_code=200)
async def sign_in(request: Req, data: SignInForm) -> Response[bytes]:
    """Sign in; at most 10 tries per address and account in 10 minutes."""
    await limit("sign-in-from", http.address_of(request), 60, 600)  # first: it bounds how many others are counted
    await limit("sign-in", f"{http.address_of(request)} {data.email.casefold()[:254]}", 10, 600)
    return signed_in(*await actions.sign_in(data.email, data.password, http.device_of(request), data.then))


@post("/api/sign-out", status_code=200)
async def sign_out(request: Req) -> Response[bytes]:
    """Sign out, here and now."""
    ended = await actions.sign_out(request.cookies.get(http.MEMBER_COOKIE, ""))
    if ended is not None:
        await request.app.state.end_session(str(ended))
    reply = json(Next(next="/sign-in"))
    reply.set_cookie(http.cookie(http.MEMBER_COOKIE, "", path="/", seconds=0, settings=runtime.here().settings))
    return reply


@post("/api/password-resets", status_code=202)
async def ask_for_reset(request: Req, data: Address) -> Response[bytes]:
    """Ask for a reset mail. The reply is the same for unknown addresses."""
    await limit("reset", http.address_of(request), 10, 3600)
    await limit("reset-to", data.email.casefold()[:254], 3, 3600)
    await actions.ask_for_reset(data.email)
    return json(Next(next="/sign-in"), 202)


@post("/api/password-resets/{token:str}", status_code=200)
async def reset_password(request: Req, token: str, data: NewPassword) -> Response[bytes]:
    """Choose a new password."""
    await limit("reset-use", http.address_of(request), 20, 600)
    cookie, where, ended = await actions.reset_password(token, data.password, http.device_of(request))
    for sign_in_id in ended:
        await request.app.state.end_session(str(sign_in_id))
    return signed_in(cookie, where)


@post("/api/invitations/{token:str}/acceptance", status_code=200)
async def accept_invitation(request: Req, token: str, data: Acceptance) -> Response[bytes]:
    """Join."""
    await limit("join", http.address_of(request), 20, 600)
    return signed_in(*await actions.accept_invitation(token, data.name, data.password, http.device_of(request)))


@get("/api/workspaces", opt={"right": "read"})
async def my_workspaces(asking: Asking) -> Response[bytes]:
    """Where else I am a member."""
    return json(await queries.workspaces_of(asking))


@get("/api/people", opt={"right": "read"})
async def people(asking: Asking) -> Response[bytes]:
    """Members and open invitations."""
    return json(await people_of(asking))


async def people_of(asking: Asking) -> People:
    """Invitations are shown to those who may invite."""
    return People(
        members=await queries.members(asking.workspace),
        invitations=await queries.invitations(asking.workspace) if asking.may("invite") else [],
    )


@post("/api/invitations", opt={"right": "invite"}, status_code=201)
async def invite(request: Req, asking: Asking, data: NewInvitation) -> Response[bytes]:
    """Make an invitation link."""
    async with db.transaction():  # not `once`: a stored reply would keep the link's token in the clear
        token = await actions.invite(asking, data.email, data.role, key_of(request))
    return json(InvitationLink(link=f"{runtime.here().settings.origin}/invitations/{token}"), 201)


@delete("/api/invitations/{invitation:uuid}", opt={"right": "invite"}, status_code=200)
async def withdraw_invitation(request: Req, asking: Asking, invitation: UUID) -> Response[bytes]:
    """End an invitation."""

    async def act(_: str | None) -> Done:
        await actions.withdraw_invitation(asking, invitation)
        return Done()

    return await once(request, asking.actor, act)


@patch("/api/members/{member:uuid}", opt={"right": "manage_people"})
async def change_role(request: Req, asking: Asking, member: UUID, data: NewRole) -> Response[bytes]:
    """Give another role."""

    async def act(key: str | None) -> Done:
        await actions.change_role(asking, member, data.role, key)
        return Done()

    reply = await once(request, asking.actor, act)
    await request.app.state.rights_changed(str(member))
    return reply


@delete("/api/members/{member:uuid}", opt={"right": "read"}, status_code=200)
async def remove_member(request: Req, asking: Asking, member: UUID) -> Response[bytes]:
    """Remove a member, or leave."""

    async def act(key: str | None) -> Done:
        await actions.remove_member(asking, member, key)
        return Done()

    reply = await once(request, asking.actor, act)
    await request.app.state.rights_changed(str(member))
    return reply


PUBLIC = Router(
    path="/",
    route_handlers=[
        start,
        setup_page,
        invitation_page,
        forgot_page,
        reset_page,
        setup,
        sign_in,
        sign_out,
        ask_for_reset,
        reset_password,
        accept_invitation,
    ],
)
MEMBERS = [my_workspaces, people, invite, withdraw_invitation, change_role, remove_member]
