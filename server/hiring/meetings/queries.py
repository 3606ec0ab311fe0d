"""What can be read of meetings. A list costs one query however long it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core import db
from server.core.access import Applicant, Asking
from server.core.errors import NotFound
from server.hiring.applications.queries import in_workspace
from server.hiring.meetings.rules import LONGEST, check_span, link_in
from server.hiring.views.meetings import MeetingCandidate, MeetingJob, MeetingView, OwnMeeting
from server.hiring.views.people import Person

MOST = 100  # of one list
MOST_CLASHES = 20
MOST_CARDS = 120  # of one look at what is planned with them

_MEETING = """
SELECT x.id, x.application_id, j.id, j.title, c.id, c.name,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       x.title, x.starts_at, x.minutes, x.zone, x.place, x.state, x.version,
       s.kind = 'declined' AND x.state = 'planned' AND coalesce(a.moved_at > x.changed_at, true),
       ARRAY(SELECT m.id || ':' || m.colour || ':' || m.name FROM meeting_member p JOIN member m ON m.id = p.member_id
             WHERE p.meeting_id = x.id ORDER BY p.id)
FROM meeting x JOIN application a ON a.id = x.application_id JOIN candidate c ON c.id = a.candidate_id
JOIN job j ON j.id = a.job_id JOIN stage s ON s.id = a.stage_id JOIN workspace w ON w.id = x.workspace_id
"""
_ENDS = "x.starts_at + make_interval(mins => x.minutes)"
# Who has not heard that one is called off sees so until it would have been over.
_SHOWN = f"(x.state = 'planned' OR {_ENDS} > now())"
_OF_APPLICATION = f"""
WHERE x.application_id = $1 AND {_SHOWN}
ORDER BY {_ENDS} <= now(), CASE WHEN {_ENDS} > now() THEN x.starts_at END, x.starts_at DESC, x.id LIMIT {MOST}
"""
TO_COME = "x.state = 'planned' AND x.starts_at > now()"
"""SQL over `x` (meeting): it has not begun. One that has is over when they hang up, whatever becomes of them."""
_COMING = f"""
WHERE a.job_id = $1 AND x.application_id = ANY($2) AND {TO_COME} ORDER BY x.starts_at, x.id LIMIT {MOST}
"""
# Of a span of time by the index on when they begin, which none does longer than LONGEST before it.
_WITHIN = f"""
WHERE x.workspace_id = $1 AND x.starts_at < $3
AND x.starts_at > $2::timestamptz - interval '{LONGEST} min' AND {_ENDS} > $2 AND
"""
_MINE = f"""
{_WITHIN} {_SHOWN} AND (a.owner_id = $4 OR EXISTS (
    SELECT 1 FROM meeting_member p WHERE p.meeting_id = x.id AND p.member_id = $4))
ORDER BY x.starts_at, x.id LIMIT {MOST}
"""  # noqa: S608 - ours
_CLASHES = f"""
{_WITHIN} x.state = 'planned' AND x.id IS DISTINCT FROM $6 AND (
    EXISTS (SELECT 1 FROM meeting_member p WHERE p.meeting_id = x.id AND p.member_id = ANY($5))
    OR coalesce(c.merged_into, c.id) = (
        SELECT coalesce(d.merged_into, d.id) FROM application b JOIN candidate d ON d.id = b.candidate_id
        WHERE b.id = $4))
ORDER BY x.starts_at, x.id LIMIT {MOST_CLASHES}
"""  # noqa: S608 - ours
_OWN = f"""
SELECT x.id, x.title, x.starts_at, x.minutes, x.zone, x.place,
       ARRAY(SELECT m.name FROM meeting_member p JOIN member m ON m.id = p.member_id
             WHERE p.meeting_id = x.id ORDER BY p.id)
FROM meeting x WHERE x.application_id = $1 AND x.state = 'planned' AND {_ENDS} > now()
AND ($2::uuid IS NULL OR x.id = $2) ORDER BY x.starts_at, x.id LIMIT {MOST}
"""  # noqa: S608 - ours


def _view(*c: Any) -> MeetingView:
    return MeetingView(
        id=c[0],
        application=c[1],
        job=MeetingJob(id=c[2], title=c[3]),
        candidate=MeetingCandidate(id=c[4], name=c[5], poster=c[6]),
        title=c[7],
        starts_at=c[8],
        minutes=c[9],
        zone=c[10],
        place=c[11],
        link=link_in(c[11]),
        state=c[12],
        version=c[13],
        declined=c[14],
        members=[_person(text) for text in c[15]],
    )


def _person(text: str) -> Person:
    member, colour, name = text.split(":", 2)
    return Person(id=UUID(member), name=name, colour=int(colour))


def _own(*c: Any) -> OwnMeeting:
    return OwnMeeting(
        id=c[0],
        title=c[1],
        starts_at=c[2],
        minutes=c[3],
        zone=c[4],
        place=c[5],
        link=link_in(c[5]),
        members=c[6],
    )


async def view(workspace: UUID, meeting: UUID) -> MeetingView:
    """One meeting of a workspace, called off or not. Raises NotFound."""
    found = await db.row(_view, _MEETING + "WHERE x.id = $1 AND x.workspace_id = $2", meeting, workspace)
    if found is None:
        raise NotFound
    return found


async def views(workspace: UUID, meetings: Sequence[UUID]) -> list[MeetingView]:
    """Several of them, by application and time."""
    order = "ORDER BY x.application_id, x.starts_at, x.id"
    return await db.rows(
        _view, f"{_MEETING} WHERE x.id = ANY($1) AND x.workspace_id = $2 {order}", list(meetings), workspace
    )


async def coming(asking: Asking, job: UUID, cards: Sequence[UUID]) -> list[MeetingView]:
    """What is planned with the candidates of these cards of a job, as far as it has not begun, in order.

    Of at most MOST_CARDS cards. Raises NotFound.
    """
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
        raise NotFound
    return await db.rows(_view, _MEETING + _COMING, job, list(cards[:MOST_CARDS]))


async def of_application(asking: Asking, application: UUID) -> list[MeetingView]:
    """Those that take place or did, and called off ones while they are to come.

    First what is to come, the next at the top; then what has been, the last at the top.
    """
    await in_workspace(asking.workspace, application)
    return await db.rows(_view, _MEETING + _OF_APPLICATION, application)


async def mine(asking: Asking, since: datetime, until: datetime) -> list[MeetingView]:
    """The first MOST within a span of time in which a member takes part, or whose candidate is theirs, in order."""
    return await db.rows(_view, _MEETING + _MINE, asking.workspace, since, until, asking.id)


async def clashes(
    asking: Asking,
    application: UUID,
    since: datetime | None,
    until: datetime | None,
    members: Sequence[UUID],
    besides: UUID | None,
) -> list[MeetingView]:
    """Meetings at that time of this candidate, in whatever job, or of these members, but for one."""
    await in_workspace(asking.workspace, application)
    span = check_span(since, until)
    return await db.rows(_view, _MEETING + _CLASHES, asking.workspace, *span, application, list(members), besides)


async def own(application: UUID) -> list[OwnMeeting]:
    """What a candidate sees: those that are not over, the next one first."""
    return await db.rows(_own, _OWN, application, None)


async def own_one(applicant: Applicant, meeting: UUID) -> OwnMeeting:
    """One of them. Raises NotFound."""
    found = await db.row(_own, _OWN, applicant.application, meeting)
    if found is None:
        raise NotFound
    return found
