"""What the bell shows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.core import db, live
from server.hiring.views.notifications import Bell, Inbox, JobHearing, Notification, OlderNotifications
from server.hiring.views.people import Person

PAGE = 30

_LINE = """
SELECT n.id, n.kind, c.name, c.id, CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster
       || '/poster' END, b.id, b.name, b.colour, n.job_id, n.about, n.stage, n.answers, n.quiet, n.mine, n.url, n.at,
       n.read_at IS NOT NULL, n.starts_at
FROM notice n JOIN workspace w ON w.id = n.workspace_id LEFT JOIN member b ON b.id = n.by_id
LEFT JOIN application a ON a.id = n.application_id LEFT JOIN candidate c ON c.id = a.candidate_id
"""
_HEARING = """
SELECT h.job_id, j.title, h.muted, h.until, h.applications FROM job_hearing h JOIN job j ON j.id = h.job_id
WHERE h.member_id = $1
"""

_STANDING = f"""
SELECT (SELECT count(*) FROM notice WHERE member_id = $1 AND read_at IS NULL),
       EXISTS (SELECT 1 FROM notice WHERE member_id = $1 AND mine), heard.*
FROM (SELECT 1) AS one LEFT JOIN (
    {_HEARING} AND (h.applications OR (h.muted AND (h.until IS NULL OR h.until > now())))) AS heard ON true
ORDER BY heard.title, heard.job_id
"""  # noqa: S608 - ours


def _line(*c: Any) -> Notification:
    return Notification(
        id=c[0],
        kind=c[1],
        name=c[2] or "",
        candidate=c[3],
        poster=c[4],
        by=Person(id=c[5], name=c[6], colour=c[7]) if c[5] else None,
        job=c[8],
        about=c[9],
        stage=c[10],
        answers=c[11],
        quiet=c[12],
        mine=c[13],
        url=c[14],
        at=c[15],
        read=c[16],
        starts_at=c[17],
    )


def _hearing(*c: Any) -> JobHearing:
    return JobHearing(job=c[0], title=c[1], muted=c[2], until=c[3], applications=c[4])


async def bell(member: UUID) -> Bell:
    """What every page carries, in one snapshot with the position from which its tab goes on."""
    async with db.snapshot():
        return await _bell(member)


async def inbox(member: UUID) -> Inbox:
    """The newest page of lines, in one snapshot with their position."""
    async with db.snapshot():
        now = await _bell(member)
        newest = await older(member)
        return Inbox(
            notifications=newest.notifications,
            more=newest.more,
            unread=now.unread,
            mine=now.mine,
            hearings=now.hearings,
            epoch=now.epoch,
            positions=now.positions,
        )


async def older(member: UUID, before: UUID | None = None, *, mine: bool = False) -> OlderNotifications:
    """A page of lines before the one with this id (None: the newest), of all or of those that are mine."""
    found = await db.rows(
        _line,
        _LINE + "WHERE n.member_id = $1 AND ($2::uuid IS NULL OR n.id < $2) AND (NOT $3 OR n.mine) "
        "ORDER BY n.id DESC LIMIT $4",
        member,
        before,
        mine,
        PAGE + 1,
    )
    return OlderNotifications(notifications=found[:PAGE], more=len(found) > PAGE)


async def lines(ids: Sequence[UUID]) -> dict[UUID, Notification]:
    """These lines by their ids."""
    return {line.id: line for line in await db.rows(_line, _LINE + "WHERE n.id = ANY($1)", list(ids))}


async def unread(member: UUID) -> int:
    """How many lines this member has not read."""
    return (await unread_of([member]))[member]


async def unread_of(members: Sequence[UUID]) -> dict[UUID, int]:
    """How many lines each of these members has not read."""
    found: list[tuple[UUID, int]] = await db.rows(
        lambda *c: (c[0], c[1]),
        "SELECT m, (SELECT count(*) FROM notice WHERE member_id = m AND read_at IS NULL) FROM unnest($1::uuid[]) AS m",
        list(members),
    )
    return dict(found)


async def hearing(member: UUID, job: UUID) -> JobHearing | None:
    """What this member has said about a job, in force or not."""
    return await db.row(_hearing, _HEARING + "AND h.job_id = $2", member, job)


async def _bell(member: UUID) -> Bell:
    """Two queries: every page waits for them."""
    epoch, positions = await live.positions(live.member(member))
    rows = await db.rows(lambda *c: c, _STANDING, member)
    hearings = [_hearing(*row[2:]) for row in rows if row[2] is not None]
    return Bell(unread=rows[0][0], mine=rows[0][1], hearings=hearings, epoch=epoch, positions=positions)
