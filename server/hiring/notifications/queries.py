"""What the bell shows."""

from uuid import UUID

from server.core import db, live
from server.hiring.views.notifications import Inbox, Notification


async def inbox(member: UUID) -> Inbox:
    """The newest 50 notices and how many are unread, in one snapshot with their position."""
    async with db.snapshot():
        lines = await db.rows(
            lambda *c: Notification(id=c[0], kind=c[1], text=c[2], url=c[3], at=c[4], read=c[5]),
            "SELECT id, kind, text, url, at, read_at IS NOT NULL FROM notice WHERE member_id = $1 ORDER BY id "
            "DESC LIMIT 50",
            member,
        )
        epoch, positions = await live.positions(live.member(member))
        return Inbox(notifications=lines, unread=await unread(member), epoch=epoch, positions=positions)


async def unread(member: UUID) -> int:
    """How many lines this member has not read."""
    count: int = await db.value("SELECT count(*) FROM notice WHERE member_id = $1 AND read_at IS NULL", member)
    return count
