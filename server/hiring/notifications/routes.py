"""JSON of the bell."""

from typing import Any

from litestar import Request, Response, get, post

from server.core import db
from server.core.access import Asking
from server.core.replies import json
from server.hiring.notifications import actions, queries
from server.hiring.views.base import View

Req = Request[Any, Any, Any]


class Reading(View, frozen=True, kw_only=True):
    """Which lines were read: those that lead to `url`; without one, all."""

    url: str | None = None


@get("/api/inbox", opt={"right": "read"})
async def inbox(asking: Asking) -> Response[bytes]:
    """My notices."""
    return json(await queries.inbox(asking.id))


@post("/api/inbox/reading", opt={"right": "read"}, status_code=200)
async def read(asking: Asking, data: Reading | None = None) -> Response[bytes]:
    """I have read them: those that lead to `url`, or all."""
    async with db.transaction():
        await actions.read(asking, data.url if data else None)
    return json(await queries.inbox(asking.id))


MEMBERS = [inbox, read]
