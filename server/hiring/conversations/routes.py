"""JSON of the two threads."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from server.core.access import Applicant, Asking
from server.core.replies import once
from server.core.throttle import limit
from server.hiring.conversations import actions, writing_many
from server.hiring.views.applications import MessageView, NoteView, Together

Req = Request[Any, Any, Any]


@post("/api/applications/{application:uuid}/notes", opt={"right": "write_notes"}, status_code=201)
async def write_note(request: Req, asking: Asking, application: UUID, data: actions.Words) -> Response[bytes]:
    """Add a team note."""

    async def act(key: str | None) -> NoteView:
        return await actions.write_note(asking, application, data, key)

    return await once(request, asking.actor, act, 201)


@post("/api/applications/{application:uuid}/messages", opt={"right": "write_messages"}, status_code=201)
async def write_to_candidate(request: Req, asking: Asking, application: UUID, data: actions.Words) -> Response[bytes]:
    """Write to the candidate."""

    async def act(key: str | None) -> MessageView:
        return await actions.write_to_candidate(asking, application, data, key)

    return await once(request, asking.actor, act, 201)


@post("/api/jobs/{job:uuid}/messages", opt={"right": "write_messages"}, status_code=201)
async def write_many(request: Req, asking: Asking, job: UUID, data: writing_many.Circular) -> Response[bytes]:
    """Write to many candidates, to each in their own conversation."""

    async def act(key: str | None) -> Together:
        return await writing_many.write_many(asking, job, data, key)

    return await once(request, asking.actor, act, 201)


@post("/api/messages", status_code=201)
async def write_to_team(request: Req, applicant: Applicant, data: actions.Words) -> Response[bytes]:
    """Write to the team."""
    await limit("message", str(applicant.application), 60, 600)

    async def act(key: str | None) -> MessageView:
        return await actions.write_to_team(applicant, data, key)

    return await once(request, applicant.actor, act, 201)


MEMBERS = [write_note, write_to_candidate, write_many]
CANDIDATES = [write_to_team]
