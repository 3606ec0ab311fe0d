"""JSON of jobs. The job video's recording is in `interviews`, which knows recordings."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put

from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.jobs import actions, criteria, queries
from server.hiring.views.base import View
from server.hiring.views.jobs import JobView

Req = Request[Any, Any, Any]


class NewJob(View, frozen=True, kw_only=True):
    """A job begins with its title."""

    title: str


class Questions(View, frozen=True, kw_only=True):
    """The whole list, as edited from `version`."""

    version: int
    questions: list[actions.Asked]


class Criteria(View, frozen=True, kw_only=True):
    """The whole list, as edited from `version`."""

    version: int
    criteria: list[criteria.Judged]


class NewState(View, frozen=True, kw_only=True):
    """draft, open or closed."""

    state: str


@get("/api/jobs", opt={"right": "read"})
async def listing(asking: Asking) -> Response[bytes]:
    """All jobs, newest first, and who waits in each."""
    return json(await queries.lines(asking.workspace))


@post("/api/jobs", opt={"right": "edit_jobs"}, status_code=201)
async def create(request: Req, asking: Asking, data: NewJob) -> Response[bytes]:
    """Begin a draft."""

    async def act(key: str | None) -> JobView:
        return await queries.view(asking.workspace, await actions.create(asking, data.title, key))

    return await once(request, asking.actor, act, 201)


@get("/api/jobs/{job:uuid}", opt={"right": "read"})
async def show(asking: Asking, job: UUID) -> Response[bytes]:
    """One job."""
    return json(await queries.view(asking.workspace, job))


@patch("/api/jobs/{job:uuid}", opt={"right": "edit_jobs"})
async def edit(request: Req, asking: Asking, job: UUID, data: actions.Details) -> Response[bytes]:
    """Change details."""

    async def act(key: str | None) -> JobView:
        await actions.edit(asking, job, data, key)
        return await queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@put("/api/jobs/{job:uuid}/questions", opt={"right": "edit_jobs"})
async def ask(request: Req, asking: Asking, job: UUID, data: Questions) -> Response[bytes]:
    """Replace the questions."""

    async def act(key: str | None) -> JobView:
        await actions.ask(asking, job, data.version, data.questions, key)
        return await queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@put("/api/jobs/{job:uuid}/criteria", opt={"right": "edit_jobs"})
async def judge(request: Req, asking: Asking, job: UUID, data: Criteria) -> Response[bytes]:
    """Replace the criteria of its scorecards."""

    async def act(key: str | None) -> JobView:
        await criteria.judge(asking, job, data.version, data.criteria, key)
        return await queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@put("/api/jobs/{job:uuid}/state", opt={"right": "edit_jobs"})
async def set_state(request: Req, asking: Asking, job: UUID, data: NewState) -> Response[bytes]:
    """Open, close, or back to draft."""

    async def act(key: str | None) -> JobView:
        await actions.set_state(asking, job, data.state, key)
        return await queries.view(asking.workspace, job)

    return await once(request, asking.actor, act)


@delete("/api/jobs/{job:uuid}", opt={"right": "edit_jobs"}, status_code=200)
async def delete_draft(request: Req, asking: Asking, job: UUID) -> Response[bytes]:
    """Delete a draft that nobody has applied to."""

    async def act(key: str | None) -> None:
        await actions.delete_draft(asking, job, key)

    return await once(request, asking.actor, act)


MEMBERS = [listing, create, show, edit, ask, judge, set_state, delete_draft]
