"""JSON of the bell."""

from typing import Any

from litestar import Request, Response, get, post

from server.core import db
from server.core.access import Asking
from server.core.replies import json
from server.hiring.notifications import actions, queries

Req = Request[Any, Any, Any]


@get("/api/inbox", opt={"right": "read"})
async def inbox(asking: Asking) -> Response[bytes]:
    """My notices."""
    return json(await queries.inbox(asking.id))


@post("/api/inbox/reading", opt={"right": "read"}, status_code=200)
async def read_all(asking: Asking) -> Response[bytes]:
    """I have read them."""
    async with db.transaction():
        await actions.read_all(asking)
    return json(await queries.inbox(asking.id))


MEMBERS = [inbox, read_all]
