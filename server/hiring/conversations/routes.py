"""JSON of the two threads, and of the words to write from."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post

from server.core.access import Applicant, Asking
from server.core.replies import json, once
from server.core.throttle import limit
from server.hiring.conversations import actions, templates, writing_many
from server.hiring.views.applications import MessageView, NoteView, Together
from server.hiring.views.templates import MessageTemplateView

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


@get("/api/message-templates", opt={"right": "write_messages"})
async def show_templates(asking: Asking) -> Response[bytes]:
    """The workspace's message templates."""
    return json(await templates.view(asking.workspace))


@post("/api/message-templates", opt={"right": "edit_templates"}, status_code=201)
async def make_template(request: Req, asking: Asking, data: templates.NewTemplate) -> Response[bytes]:
    """Keep words to write from."""

    async def act(key: str | None) -> MessageTemplateView:
        return await templates.make(asking, data, key)

    return await once(request, asking.actor, act, 201)


@patch("/api/message-templates/{message_template:uuid}", opt={"right": "edit_templates"})
async def change_template(
    request: Req, asking: Asking, message_template: UUID, data: templates.TemplateChange
) -> Response[bytes]:
    """Call a template otherwise, or say it otherwise."""

    async def act(key: str | None) -> MessageTemplateView:
        return await templates.change(asking, message_template, data, key)

    return await once(request, asking.actor, act)


@delete("/api/message-templates/{message_template:uuid}", opt={"right": "edit_templates"}, status_code=200)
async def drop_template(request: Req, asking: Asking, message_template: UUID) -> Response[bytes]:
    """Delete a template."""

    async def act(key: str | None) -> None:
        await templates.drop(asking, message_template, key)

    return await once(request, asking.actor, act)


@post("/api/messages", opt={"before_consent": True}, status_code=201)
async def write_to_team(request: Req, applicant: Applicant, data: actions.Words) -> Response[bytes]:
    """Write to the team."""
    await limit("message", str(applicant.application), 60, 600)

    async def act(key: str | None) -> MessageView:
        return await actions.write_to_team(applicant, data, key)

    return await once(request, applicant.actor, act, 201)


MEMBERS = [
    write_note,
    write_to_candidate,
    write_many,
    show_templates,
    make_template,
    change_template,
    drop_template,
]
CANDIDATES = [write_to_team]
