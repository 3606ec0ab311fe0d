"""JSON of flows."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put

from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.flow import actions, queries
from server.hiring.views.flow import FlowTemplateView, FlowView

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/flow", opt={"right": "read"})
async def show(asking: Asking, job: UUID) -> Response[bytes]:
    """A job's flow, and what can be chosen for it."""
    return json(await queries.view(asking.workspace, job))


@put("/api/jobs/{job:uuid}/flow", opt={"right": "edit_jobs"})
async def design(request: Req, asking: Asking, job: UUID, data: actions.Design) -> Response[bytes]:
    """Replace the stages."""

    async def act(key: str | None) -> FlowView:
        await actions.design(asking, job, data, key)
        return await queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@get("/api/flow-templates", opt={"right": "read"})
async def templates(asking: Asking) -> Response[bytes]:
    """Flows to begin from."""
    return json(await queries.templates(asking.workspace))


@post("/api/flow-templates", opt={"right": "edit_jobs"}, status_code=201)
async def keep_template(request: Req, asking: Asking, data: actions.Keeping) -> Response[bytes]:
    """Keep a flow for later jobs."""

    async def act(key: str | None) -> list[FlowTemplateView]:
        await actions.keep_template(asking, data, key)
        return await queries.templates(asking.workspace)

    return await once(request, asking.actor, act, 201)


@delete("/api/flow-templates/{template:uuid}", opt={"right": "edit_jobs"}, status_code=200)
async def delete_template(request: Req, asking: Asking, template: UUID) -> Response[bytes]:
    """Delete a kept flow."""

    async def act(key: str | None) -> list[FlowTemplateView]:
        await actions.delete_template(asking, template, key)
        return await queries.templates(asking.workspace)

    return await once(request, asking.actor, act)


MEMBERS = [show, design, templates, keep_template, delete_template]
