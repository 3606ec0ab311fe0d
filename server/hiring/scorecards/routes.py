"""JSON of scorecards."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put

from server.core.access import Asking
from server.core.replies import json, once
from server.hiring.scorecards import actions, queries
from server.hiring.views.scorecards import SheetView

Req = Request[Any, Any, Any]
SHEET = "/api/applications/{application:uuid}/scorecard"


@get("/api/jobs/{job:uuid}/scores", opt={"right": "read"})
async def scores(asking: Asking, job: UUID, cards: list[UUID] | None = None) -> Response[bytes]:
    """The scores of cards, as far as I may see them yet."""
    return json(await queries.scores(asking, job, cards or []))


@get("/api/candidates/{candidate:uuid}/scores", opt={"right": "read"})
async def scores_of_person(asking: Asking, candidate: UUID) -> Response[bytes]:
    """The scores of a person's applications, as far as I may see them yet."""
    return json(await queries.scores_of_person(asking, candidate))


@get(SHEET, opt={"right": "read"})
async def sheet(asking: Asking, application: UUID) -> Response[bytes]:
    """My scorecard, and those of others as far as I may see them yet."""
    return json(await queries.sheet(asking, application))


@put(SHEET, opt={"right": "score"})
async def save(request: Req, asking: Asking, application: UUID, data: actions.Scoring) -> Response[bytes]:
    """Keep my draft."""

    async def act(_key: str | None) -> SheetView:
        return await actions.save(asking, application, data)

    return await once(request, asking.actor, act)


@post(f"{SHEET}/submission", opt={"right": "score"}, status_code=200)
async def submit(request: Req, asking: Asking, application: UUID, data: actions.Version) -> Response[bytes]:
    """Let my scorecard count."""

    async def act(key: str | None) -> SheetView:
        return await actions.submit(asking, application, data.version, key)

    return await once(request, asking.actor, act)


@post(f"{SHEET}/reopening", opt={"right": "score"}, status_code=200)
async def reopen(request: Req, asking: Asking, application: UUID) -> Response[bytes]:
    """Take my scorecard back, to change it."""

    async def act(key: str | None) -> SheetView:
        return await actions.reopen(asking, application, key)

    return await once(request, asking.actor, act)


MEMBERS = [scores, scores_of_person, sheet, save, submit, reopen]
