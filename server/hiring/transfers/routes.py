"""Imports and exports over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.response import Stream

from server.core.access import Asking
from server.core.errors import TooLarge
from server.core.replies import json, key_of, once
from server.core.throttle import limit
from server.hiring.transfers import actions, exporting, queries
from server.hiring.transfers.reading import LARGEST
from server.hiring.views.base import View
from server.hiring.views.transfers import ExportFormat, ImportView
from server.hiring.workspaces.rules import slug_of

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/imports", opt={"right": "read"})
async def imports(asking: Asking, job: UUID) -> Response[bytes]:
    """The imports of a job, the one that concerns the member in full."""
    return json(await queries.page(asking, job))


@get("/api/imports/{imported:uuid}", opt={"right": "read"})
async def show(asking: Asking, imported: UUID) -> Response[bytes]:
    """One import."""
    return json(await queries.view(asking.workspace, imported))


@post("/api/jobs/{job:uuid}/imports", opt={"right": "transfer"}, status_code=201, request_max_body_size=LARGEST + 1024)
async def bring(request: Req, asking: Asking, job: UUID, name: str = "") -> Response[bytes]:
    """Bring a file, as the raw body; `name` is what it is called."""
    await limit("import", str(asking.id), 60, 3600)
    if int(request.headers.get("content-length") or 0) > LARGEST:
        raise TooLarge("A file may have at most 20 MB. Divide it into several.")

    async def act(_key: str | None) -> ImportView:
        return await actions.bring(asking, job, name, await request.body())

    return await once(request, asking.actor, act, 201)


@put("/api/imports/{imported:uuid}/mapping", opt={"right": "transfer"})
async def map_columns(request: Req, asking: Asking, imported: UUID, data: actions.Mapping) -> Response[bytes]:
    """Say what the columns are, and how the file is to be read."""

    async def act(_key: str | None) -> ImportView:
        return await actions.map_columns(asking, imported, data)

    return await once(request, asking.actor, act)


@post("/api/imports/{imported:uuid}/start", opt={"right": "transfer"}, status_code=200)
async def start(request: Req, asking: Asking, imported: UUID, data: actions.Start) -> Response[bytes]:
    """Let it in."""

    async def act(key: str | None) -> ImportView:
        return await actions.start(asking, imported, data, key)

    return await once(request, asking.actor, act)


@post("/api/imports/{imported:uuid}/cancellation", opt={"right": "transfer"}, status_code=200)
async def cancel(request: Req, asking: Asking, imported: UUID) -> Response[bytes]:
    """Stop it, or put it away."""

    async def act(_key: str | None) -> ImportView:
        return await actions.cancel(asking, imported)

    return await once(request, asking.actor, act)


class Wanted(View, frozen=True, kw_only=True):
    """As what the candidates are taken out."""

    format: ExportFormat


MIMES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@post("/api/jobs/{job:uuid}/exports", opt={"right": "transfer"}, status_code=200)
async def export(request: Req, asking: Asking, job: UUID, data: Wanted) -> Stream:
    """The job's candidates as a file. By POST, because it is written down who took them out."""
    await limit("export", str(asking.id), 60, 3600)
    path, title = await exporting.export(asking, job, data.format, key_of(request))
    name = f"{slug_of(title)}-candidates.{data.format}"
    headers = {"Content-Type": MIMES[data.format], "Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(exporting.send(path), headers=headers, media_type=MIMES[data.format])


MEMBERS = [imports, show, bring, map_columns, start, cancel, export]
