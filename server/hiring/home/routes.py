"""JSON of what crosses jobs."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from server.core.access import Asking
from server.core.replies import json
from server.hiring.home import everybody, finding, queries

Req = Request[Any, Any, Any]


@get("/api/home", opt={"right": "read"})
async def home(asking: Asking, show: queries.Show = "", skip: queries.Skip = 0) -> Response[bytes]:
    """What needs me now."""
    return json(await queries.home(asking, show, skip))


@get("/api/find", opt={"right": "read"})
async def find(asking: Asking, q: str = "") -> Response[bytes]:
    """Candidates and jobs by name."""
    return json(await finding.find(asking.workspace, q))


@get("/api/candidates", opt={"right": "read"})
async def candidates(request: Req, asking: Asking, before: UUID | None = None) -> Response[bytes]:
    """All candidates, narrowed to what the address says, page by page."""
    return json(await everybody.page(asking.workspace, everybody.wanted_by(request), before))


MEMBERS = [home, find, candidates]
