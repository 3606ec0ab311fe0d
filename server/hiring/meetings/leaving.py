"""Who leaves the workspace takes part in no meeting that is still to come.

When and where stay what they were, so the candidate gets no mail: their page shows who is left. If nobody is, whoever
answers for the candidate is told by what listens.
"""

from uuid import UUID

from server.core import db, live
from server.core.events import append, on
from server.hiring.applications.promising import desk_changed
from server.hiring.meetings import queries
from server.hiring.meetings.actions import changed, hold
from server.hiring.meetings.events import MeetingLeft
from server.hiring.views.payloads import OwnPlaceChanged
from server.hiring.workspaces.events import MemberRemoved

_COMING = """
SELECT x.id, x.application_id FROM meeting_member p JOIN meeting x ON x.id = p.meeting_id
WHERE p.member_id = $1 AND x.state = 'planned' AND x.starts_at + make_interval(mins => x.minutes) > now() ORDER BY x.id
"""


@on(MemberRemoved, "leave_meetings")
async def leave_meetings(_event: UUID, event: MemberRemoved) -> None:
    """One meeting at a time: nobody waits for all of them."""
    if event.workspace is None:
        return
    for meeting, application in await db.rows(lambda *c: (c[0], c[1]), _COMING, event.member):
        async with db.transaction():
            await hold(application)
            await _leave(event.workspace, event.actor, meeting, event.member)


async def _leave(workspace: UUID, actor: str, meeting: UUID, member: UUID) -> None:
    left = await db.value(
        "DELETE FROM meeting_member WHERE meeting_id = $1 AND member_id = $2 RETURNING id", meeting, member
    )
    if left is None:
        return
    view = await queries.view(workspace, meeting)
    await append(
        MeetingLeft(
            workspace=workspace,
            actor=actor,
            subject=f"application:{view.application}",
            application=view.application,
            meeting=meeting,
            starts_at=view.starts_at,
            members=[one.id for one in view.members],
            member=member,
        ),
        [
            *await changed(view),
            live.Delivery(live.candidate(view.application), OwnPlaceChanged(application=view.application)),
            desk_changed(workspace, view.application),
        ],
    )
