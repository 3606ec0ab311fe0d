"""JSON of the board."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put

from server.core.access import Applicant, Asking
from server.core.replies import json, once
from server.hiring.applications import adding, assigning, assigning_many, bulk, consenting, following, moving, queries
from server.hiring.applications.filters import wanted_by
from server.hiring.applications.rules import NOBODY, depths_of, spot_of
from server.hiring.views.applications import Card, ManyMoved, Together

Req = Request[Any, Any, Any]


@get("/api/jobs/{job:uuid}/board", opt={"right": "read"})
async def board(request: Req, asking: Asking, job: UUID, depth: list[str] | None = None) -> Response[bytes]:
    """The board, with the positions it was read at. `depth=STAGE:CARDS`, repeated: how much of a stage."""
    return json(await queries.board(asking.workspace, job, wanted_by(request), depths_of(depth or [])))


@get("/api/jobs/{job:uuid}/stages/{stage:uuid}/cards", opt={"right": "read"})
async def cards(
    request: Req,
    asking: Asking,
    job: UUID,
    stage: UUID,
    rank: str = "",
    after: UUID = NOBODY,
    limit: int = queries.FIRST,
) -> Response[bytes]:
    """More cards of a stage: those behind the place (rank, id) up to which it is loaded, else its first ones."""
    return json(await queries.page(asking.workspace, job, stage, wanted_by(request), spot_of(rank, after), limit))


@post("/api/applications/{application:uuid}/moves", opt={"right": "move"}, status_code=200)
async def move(request: Req, asking: Asking, application: UUID, data: moving.NewPlace) -> Response[bytes]:
    """Move a card."""

    async def act(key: str | None) -> Card:
        return await moving.move(asking, application, data, key)

    return await once(request, asking.actor, act)


@post("/api/jobs/{job:uuid}/moves", opt={"right": "move"}, status_code=200)
async def move_many(request: Req, asking: Asking, job: UUID, data: bulk.NewPlaces) -> Response[bytes]:
    """Move many cards at once."""

    async def act(key: str | None) -> ManyMoved:
        return await bulk.move_many(asking, job, data, key)

    return await once(request, asking.actor, act)


@post("/api/applications/{application:uuid}/assignments", opt={"right": "assign"}, status_code=200)
async def assign(request: Req, asking: Asking, application: UUID, data: assigning.Assigning) -> Response[bytes]:
    """Make a member owner, reviewer or neither."""

    async def act(key: str | None) -> Card:
        return await assigning.assign(asking, application, data, key)

    return await once(request, asking.actor, act)


@put("/api/applications/{application:uuid}/source", opt={"right": "edit_people"})
async def set_source(request: Req, asking: Asking, application: UUID, data: adding.Source) -> Response[bytes]:
    """Say where somebody came from."""

    async def act(key: str | None) -> Card:
        return await adding.set_source(asking, application, data, key)

    return await once(request, asking.actor, act)


@post("/api/jobs/{job:uuid}/assignments", opt={"right": "assign"}, status_code=200)
async def assign_many(request: Req, asking: Asking, job: UUID, data: assigning_many.AssigningMany) -> Response[bytes]:
    """Make a member owner or reviewer of many applications, or neither."""

    async def act(key: str | None) -> Together:
        return await assigning_many.assign_many(asking, job, data, key)

    return await once(request, asking.actor, act)


@put("/api/applications/{application:uuid}/following", opt={"right": "read"})
async def follow(request: Req, asking: Asking, application: UUID, data: following.Wish) -> Response[bytes]:
    """Follow, or no longer."""

    async def act(key: str | None) -> following.Wish:
        return await following.set_following(asking, application, data, key)

    return await once(request, asking.actor, act)


@post("/api/consent", opt={"before_consent": True}, status_code=200)
async def consent(request: Req, applicant: Applicant, data: consenting.Consent) -> Response[bytes]:
    """Agree to being kept."""

    async def act(key: str | None) -> None:
        await consenting.consent(applicant, data, key)

    return await once(request, applicant.actor, act)


MEMBERS = [board, cards, move, move_many, assign, assign_many, set_source, follow]
CANDIDATES = [consent]
