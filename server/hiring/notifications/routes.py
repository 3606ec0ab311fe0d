"""The bell's page and its JSON."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put

from server.core import db
from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.notifications import actions, queries
from server.hiring.views.notifications import JobHearing

Req = Request[Any, Any, Any]


@get("/api/inbox", opt={"right": "read"})
async def inbox(asking: Asking) -> Response[bytes]:
    """My newest notices."""
    return json(await queries.inbox(asking.id))


@get("/api/inbox/older", opt={"right": "read"})
async def older(asking: Asking, before: UUID | None = None, mine: bool = False) -> Response[bytes]:
    """My notices before that one; `mine`: only those about candidates with whom I have dealt."""
    return json(await queries.older(asking.id, before, mine=mine))


@post("/api/inbox/reading", opt={"right": "read"}, status_code=200)
async def read(asking: Asking, data: actions.Reading | None = None) -> Response[bytes]:
    """I have read them: one, those that lead to `url`, or all."""
    async with db.transaction():
        await actions.read(asking, data or actions.Reading())
    return json(await queries.inbox(asking.id))


@put("/api/jobs/{job:uuid}/hearing", opt={"right": "read"})
async def hear(request: Req, asking: Asking, job: UUID, data: actions.Hearing) -> Response[bytes]:
    """What I want to hear of a job from now on."""

    async def act(_: str | None) -> JobHearing:
        return await actions.hear(asking, job, data)

    return await once(request, asking.actor, act)


MEMBERS = [inbox, older, read, hear]
