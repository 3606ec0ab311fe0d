"""Ending a session. The page itself is in `pages`, its data come by command."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from realtime.frames import Close
from server.core.access import Asking
from server.core.errors import Refusal
from server.core.replies import once
from server.hiring.interviews import sending
from server.hiring.monitoring import actions, queries
from server.hiring.views.base import View

Req = Request[Any, Any, Any]
STOP_SECONDS = 3.0


class SessionOver(View, frozen=True, kw_only=True):
    """It is ended; `application` when it was a candidate's."""

    session: UUID
    application: UUID | None


@post("/api/sessions/{session:uuid}/ending", opt={"right": "monitor"}, status_code=200)
async def end_session(request: Req, asking: Asking, session: UUID) -> Response[bytes]:
    """Sign somebody out in one browser. Doing it again changes nothing."""
    ended: list[UUID] = []

    async def act(key: str | None) -> SessionOver:
        application = await actions.end_session(asking, session, key)
        ended.extend([application] if application else [])
        return SessionOver(session=session, application=application)

    reply = await once(request, asking.actor, act)
    for application in ended:
        await _stop_recording(application, session)
    request.app.state.hub.end_session(str(session), Close.ENDED)
    return reply


async def _stop_recording(application: UUID, session: UUID) -> None:
    """Let the recorder finish what it has, before the tab that sends it goes away. Another browser's goes on."""
    with contextlib.suppress(TimeoutError, OSError, Refusal):  # the recorder also notices by itself, and keeps it
        async with asyncio.timeout(STOP_SECONDS):
            if queries.sits_elsewhere(await queries.reported(), application, session):
                return
            for recording in await queries.recordings_of(application):
                await sending.end(recording)


MEMBERS = [end_session]
