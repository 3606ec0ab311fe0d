"""JSON of what happened in a job."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.activity import actions, queries
from server.hiring.views.activity import TakenBack

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/activity", opt={"right": "read"})
async def activity(asking: Asking, job: UUID, before: UUID | None = None) -> Response[bytes]:
    """What happened before an event, newest first."""
    return json(await queries.activity(asking, job, before))


@post("/api/jobs/{job:uuid}/reversals", opt={"right": "read"}, status_code=200)
async def take_back(request: Req, asking: Asking, job: UUID, data: actions.Reversal) -> Response[bytes]:
    """Take back what an event did; the right to is that of what it did."""

    async def act(key: str | None) -> TakenBack:
        return await actions.take_back(asking, job, data, key)

    return await once(request, asking.actor, act)


MEMBERS = [activity, take_back]
