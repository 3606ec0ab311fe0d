"""JSON of meetings."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter

from server.core.access import Applicant, Asking
from server.core.replies import json, once
from server.hiring.meetings import actions, declining, papers, queries
from server.hiring.meetings.invitations import NAME
from server.hiring.meetings.rules import Changing, Planning, check_span
from server.hiring.views.applications import ManyMoved
from server.hiring.views.meetings import MeetingView

Req = Request[Any, Any, Any]
OF_APPLICATION = "/api/applications/{application:uuid}/meetings"
MEETING = "/api/meetings/{meeting:uuid}"
From = Annotated[datetime | None, Parameter(query="from")]


@get(OF_APPLICATION, opt={"right": "read"})
async def of_application(asking: Asking, application: UUID) -> Response[bytes]:
    """The meetings of an application, the coming ones first."""
    return json(await queries.of_application(asking, application))


@get(f"{OF_APPLICATION}/clashes", opt={"right": "read"})
async def clashes(
    asking: Asking,
    application: UUID,
    since: From = None,
    until: datetime | None = None,
    members: list[UUID] | None = None,
    besides: UUID | None = None,
) -> Response[bytes]:
    """What this candidate and these members have planned for that time already."""
    return json(await queries.clashes(asking, application, since, until, members or [], besides))


@get("/api/meetings", opt={"right": "read"})
async def mine(asking: Asking, since: From = None, until: datetime | None = None) -> Response[bytes]:
    """My meetings within a span of time."""
    return json(await queries.mine(asking, *check_span(since, until)))


@get(f"{MEETING}/calendar.ics", opt={"right": "read"})
async def file(asking: Asking, meeting: UUID) -> Response[bytes]:
    """For my calendar."""
    return _file(await papers.for_member(asking, meeting))


@get(f"{MEETING}/calendar.ics")
async def own_file(applicant: Applicant, meeting: UUID) -> Response[bytes]:
    """For the candidate's calendar."""
    return _file(await papers.for_candidate(applicant, meeting))


def _file(content: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@get("/api/jobs/{job:uuid}/meetings", opt={"right": "read"})
async def coming(asking: Asking, job: UUID, cards: list[UUID] | None = None) -> Response[bytes]:
    """What is planned with these candidates."""
    return json(await queries.coming(asking, job, cards or []))


@post("/api/jobs/{job:uuid}/declines", opt={"right": "move"}, status_code=200)
async def decline(request: Req, asking: Asking, job: UUID, data: declining.Decline) -> Response[bytes]:
    """Decline candidates, with a message to each, and call their meetings off."""

    async def act(key: str | None) -> ManyMoved:
        return await declining.decline(asking, job, data, key)

    return await once(request, asking.actor, act)


@post(OF_APPLICATION, opt={"right": "meet"}, status_code=201)
async def plan(request: Req, asking: Asking, application: UUID, data: Planning) -> Response[bytes]:
    """Plan a meeting."""

    async def act(key: str | None) -> MeetingView:
        return await actions.plan(asking, application, data, key)

    return await once(request, asking.actor, act, 201)


@put(MEETING, opt={"right": "meet"})
async def change(request: Req, asking: Asking, meeting: UUID, data: Changing) -> Response[bytes]:
    """Change a meeting."""

    async def act(key: str | None) -> MeetingView:
        return await actions.change(asking, meeting, data, key)

    return await once(request, asking.actor, act)


@delete(MEETING, opt={"right": "meet"}, status_code=200)
async def call_off(request: Req, asking: Asking, meeting: UUID, version: int | None = None) -> Response[bytes]:
    """Call a meeting off."""

    async def act(key: str | None) -> MeetingView:
        return await actions.call_off(asking, meeting, version, key)

    return await once(request, asking.actor, act)


MEMBERS = [of_application, coming, clashes, mine, file, decline, plan, change, call_off]
CANDIDATES = [own_file]
