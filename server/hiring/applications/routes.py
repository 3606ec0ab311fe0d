"""JSON of the board."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.applications import actions, queries
from server.hiring.views.applications import Card

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/board", opt={"right": "read"})
async def board(asking: Asking, job: UUID) -> Response[bytes]:
    """The board, with the positions it was read at."""
    return json(await queries.board(asking.workspace, job))


@post("/api/applications/{application:uuid}/moves", opt={"right": "move"}, status_code=200)
async def move(request: Req, asking: Asking, application: UUID, data: actions.NewPlace) -> Response[bytes]:
    """Move a card."""

    async def act(key: str | None) -> Card:
        return await actions.move(asking, application, data, key)

    return await once(request, asking.actor, act)


MEMBERS = [board, move]
