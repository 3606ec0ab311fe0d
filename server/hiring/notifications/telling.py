"""Writing notices: one per member whom something concerns, and telling their open tabs."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import RIGHTS
from server.core.ids import uuid7
from server.hiring.notifications import queries
from server.hiring.notifications.rules import DIRECT, FOR_HELPERS, LOUD, ONCE, QUIET
from server.hiring.views.notifications import NoticeKind
from server.hiring.views.payloads import Notified

# The members' rows are locked, in one order: of two notices at once the second counts the first as unread as well.
_HEARERS = """
SELECT m.id, m.role, coalesce(h.applications, false) AS applications,
       EXISTS (SELECT 1 FROM application a WHERE a.id = $4 AND a.moved_by = m.id)
       OR EXISTS (SELECT 1 FROM following f WHERE f.application_id = $4 AND f.member_id = m.id AND f.wanted)
       OR EXISTS (SELECT 1 FROM note t WHERE t.application_id = $4 AND t.member_id = m.id)
       OR EXISTS (SELECT 1 FROM message t WHERE t.application_id = $4 AND t.member_id = m.id) AS mine
FROM member m LEFT JOIN job_hearing h ON h.member_id = m.id AND h.job_id = $3
WHERE m.workspace_id = $1 AND m.removed_at IS NULL AND m.id IS DISTINCT FROM $2
AND ($5 OR NOT EXISTS (
    SELECT 1 FROM following f WHERE f.application_id = $4 AND f.member_id = m.id AND NOT f.wanted))
AND ($6 OR NOT (coalesce(h.muted, false) AND (h.until IS NULL OR h.until > now())))
ORDER BY m.id FOR NO KEY UPDATE OF m
"""
_WRITE = """
INSERT INTO notice (id, member_id, quiet, mine, workspace_id, event_id, kind, application_id, job_id, by_id, about,
                    stage, answers, url, at, starts_at)
SELECT w.*, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::bool[]) AS w
ON CONFLICT (event_id, member_id) DO NOTHING RETURNING id, member_id
"""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, for everybody alike; the fields are those of the table."""

    workspace: UUID
    kind: NoticeKind
    url: str
    about: str
    application: UUID | None = None
    job: UUID | None = None
    by: UUID | None = None
    stage: str = ""
    answers: int = 0
    starts_at: datetime | None = None


async def news_of(application: UUID, kind: NoticeKind, page: str = "", **more: object) -> News | None:
    """News of an application, as it is now; None when it is gone. `page`: where it leads, unless to the application."""
    found = await db.record(
        "SELECT a.workspace_id, a.job_id, a.answers, j.title, w.slug FROM application a "
        "JOIN job j ON j.id = a.job_id JOIN workspace w ON w.id = a.workspace_id WHERE a.id = $1",
        application,
    )
    if found is None:
        return None
    news = News(
        workspace=found["workspace_id"],
        kind=kind,
        url=f"/w/{found['slug']}/{page or f'applications/{application}'}",
        about=found["title"],
        application=application,
        job=found["job_id"],
        answers=found["answers"],
    )
    return msgspec.structs.replace(news, **more)


async def tell(event: UUID, news: News | None, only: Collection[UUID] | None = None) -> None:
    """Write the notice of an event for every member whom it concerns, or for these `only`.

    Told twice, the second time adds nothing.
    """
    if news is None:
        return
    async with db.transaction():
        hearers = [
            row
            for row in await db.rows(
                lambda *c: c,
                _HEARERS,
                news.workspace,
                news.by,
                news.job,
                news.application,
                news.kind in DIRECT,
                news.kind in LOUD,
            )
            if (news.kind not in FOR_HELPERS or "write_messages" in RIGHTS[row[1]]) and (only is None or row[0] in only)
        ]
        if news.kind in ONCE:
            hearers = await _not_told_yet(hearers, news)
        written = await _write(event, news, hearers)
        lines = await queries.lines([notice for notice, _ in written])
        unread = await queries.unread_of([member for _, member in written])
        await live.deliver(
            db.current(),
            [
                live.Delivery(live.member(member), Notified(notification=lines[notice], unread=unread[member]))
                for notice, member in written
            ],
        )


async def _not_told_yet(hearers: list[tuple[UUID, str, bool, bool]], news: News) -> list[tuple[UUID, str, bool, bool]]:
    """Those who have no unread line of this kind about this candidate."""
    told = set(
        await db.rows(
            lambda c: c,
            "SELECT member_id FROM notice WHERE application_id = $1 AND kind = $2 AND read_at IS NULL "
            "AND member_id = ANY($3)",
            news.application,
            news.kind,
            [row[0] for row in hearers],
        )
    )
    return [row for row in hearers if row[0] not in told]


async def _write(event: UUID, news: News, hearers: list[tuple[UUID, str, bool, bool]]) -> list[tuple[UUID, UUID]]:
    """Insert the lines; returns (notice, member) of those that are new."""
    return await db.rows(
        lambda *c: (c[0], c[1]),
        _WRITE,
        [uuid7() for _ in hearers],
        [member for member, _, _, _ in hearers],
        [news.kind in QUIET and not applications for _, _, applications, _ in hearers],
        [mine for _, _, _, mine in hearers],
        news.workspace,
        event,
        news.kind,
        news.application,
        news.job,
        news.by,
        news.about,
        news.stage,
        news.answers,
        news.url,
        datetime.now(UTC),
        news.starts_at,
    )
