"""Lists and views over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post
from litestar.response import Stream

from server.core.access import Asking
from server.core.replies import json, key_of, once
from server.core.throttle import limit
from server.hiring.listing import actions, files, queries
from server.hiring.transfers.exporting import send
from server.hiring.views.base import View
from server.hiring.views.listing import SavedView

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/list", opt={"right": "read"})
async def listed(request: Req, asking: Asking, job: UUID) -> Response[bytes]:
    """The list page's data, of whom the address asks for."""
    return json(await queries.view(asking, job, request.query_params.dict()))


@get("/api/jobs/{job:uuid}/rows", opt={"right": "read"})
async def rows(request: Req, asking: Asking, job: UUID, after: str = "", most: int = queries.FIRST) -> Response[bytes]:
    """More lines: those behind the spot up to which the list is loaded, else its first ones."""
    return json(await queries.rows(asking, job, request.query_params.dict(), after, most))


@get("/api/jobs/{job:uuid}/finds", opt={"right": "read"})
async def finds(request: Req, asking: Asking, job: UUID, card: list[UUID] | None = None) -> Response[bytes]:
    """Where the words of the address stand, of the cards that are named."""
    return json(await queries.finds(asking, job, request.query_params.dict(), card or []))


@get("/api/jobs/{job:uuid}/choices", opt={"right": "read"})
async def choices(asking: Asking, job: UUID) -> Response[bytes]:
    """What the job's candidates can be narrowed to."""
    return json(await queries.choices(asking.workspace, job))


class Shown(View, frozen=True, kw_only=True):
    """The words of the list's address: filters, order and columns."""

    query: str


@post("/api/jobs/{job:uuid}/list/exports", opt={"right": "transfer"}, status_code=200)
async def export(request: Req, asking: Asking, job: UUID, data: Shown) -> Stream:
    """Exactly what a list shows, as CSV. By POST, because it is written down who took it out."""
    await limit("export", str(asking.id), 60, 3600)
    path, name = await files.export(asking, job, data.query, key_of(request))
    headers = {"Content-Type": files.CSV, "Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(send(path), headers=headers, media_type=files.CSV)


@get("/api/jobs/{job:uuid}/views", opt={"right": "read"})
async def views(asking: Asking, job: UUID) -> Response[bytes]:
    """The views that this member has of a job."""
    await queries.known(asking.workspace, job)
    return json(await queries.views(asking, job))


@post("/api/jobs/{job:uuid}/views", opt={"right": "read"}, status_code=201)
async def save(request: Req, asking: Asking, job: UUID, data: actions.NewView) -> Response[bytes]:
    """Keep a view; one that is shared asks for more than the right to read."""

    async def act(key: str | None) -> SavedView:
        return await actions.save(asking, job, data, key)

    return await once(request, asking.actor, act, 201)


@patch("/api/views/{view:uuid}", opt={"right": "read"})
async def change(request: Req, asking: Asking, view: UUID, data: actions.ViewChange) -> Response[bytes]:
    """Change a view."""

    async def act(key: str | None) -> SavedView:
        return await actions.change(asking, view, data, key)

    return await once(request, asking.actor, act)


@delete("/api/views/{view:uuid}", opt={"right": "read"}, status_code=200)
async def drop(request: Req, asking: Asking, view: UUID) -> Response[bytes]:
    """Delete a view."""

    async def act(key: str | None) -> None:
        await actions.drop(asking, view, key)

    return await once(request, asking.actor, act)


MEMBERS = [listed, rows, finds, choices, export, views, save, change, drop]
