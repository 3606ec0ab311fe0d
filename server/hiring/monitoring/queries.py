"""What the live monitor shows, and what every member can read about its visits."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from realtime import census
from realtime.census import Point, Report, Seat
from server.core import db, runtime
from server.core.access import RIGHTS, Asking
from server.core.errors import OUTAGES
from server.hiring.monitoring import glances, lines
from server.hiring.monitoring.rules import VISIT_SECONDS, handheld, keeping, subject_of, words_of
from server.hiring.views.monitoring import (
    HeldTask,
    LastWatch,
    MonitorPoint,
    MonitorView,
    ProcessRow,
    RecordingRow,
    SessionRow,
    Visit,
)
from server.hiring.views.people import Person

WATCHERS = [role for role, rights in RIGHTS.items() if "monitor" in rights]
_RECORDINGS = """
(SELECT r.id, t.application_id, c.name, j.title, q.position, t.number,
       CASE WHEN r.source = 'upload' THEN 'sending' WHEN t.state = 'processing' THEN 'processing'
            WHEN r.state = 'new' THEN 'connecting' ELSE 'recording' END,
       r.node, coalesce(r.started_at, r.created_at), r.bytes
FROM take t JOIN recording r ON r.id = t.recording_id JOIN question q ON q.id = t.question_id
JOIN application a ON a.id = t.application_id JOIN candidate c ON c.id = a.candidate_id JOIN job j ON j.id = a.job_id
WHERE t.workspace_id = $1 AND t.state IN ('recording', 'processing') ORDER BY t.id LIMIT 200)
UNION ALL
(SELECT r.id, NULL, '', j.title, NULL, NULL,
        CASE r.state WHEN 'new' THEN 'connecting' ELSE r.state END,
        r.node, coalesce(r.started_at, r.created_at), r.bytes
FROM job j JOIN recording r ON r.owner = 'job:' || j.id
WHERE j.workspace_id = $1 AND r.node <> '' AND r.state IN ('new', 'recording', 'processing') ORDER BY r.id LIMIT 50)
"""
# Sessions that were ended, and people of other workspaces, are in neither.
_MEMBERS = """
SELECT s.id, m.id, m.name, m.role, m.colour, NULL
FROM unnest($2::uuid[], $3::uuid[]) AS seat (session, who)
JOIN member m ON m.id = seat.who AND m.workspace_id = $1 AND m.removed_at IS NULL
JOIN sign_in s ON s.id = seat.session AND s.account_id = m.account_id
"""
_CANDIDATES = """
SELECT s.id, a.id, c.name, NULL, 0, j.title
FROM unnest($2::uuid[], $3::uuid[]) AS seat (session, who)
JOIN application a ON a.id = seat.who AND a.workspace_id = $1
JOIN candidate_session s ON s.id = seat.session AND s.application_id = a.id AND s.revoked_at IS NULL
JOIN candidate c ON c.id = a.candidate_id JOIN job j ON j.id = a.job_id
"""
_NAMES = """
SELECT id, title FROM job WHERE workspace_id = $1 AND id = ANY ($2)
UNION ALL SELECT a.id, c.name FROM application a JOIN candidate c ON c.id = a.candidate_id
WHERE a.workspace_id = $1 AND a.id = ANY ($2)
"""


async def overview(asking: Asking, visit: datetime) -> MonitorView:
    """Everything on the page, for the asker's workspace. With Redis away nobody and no process is seen."""
    asked = asyncio.create_task(glances.ask())
    reports = await reported()
    events = await lines.newest(asking.workspace)
    recorders, received = await asked
    recordings = await db.rows(lambda *c: _recording(received, *c), _RECORDINGS, asking.workspace)
    return MonitorView(
        at=datetime.now(UTC),
        visit=visit,
        events_per_second=await _rate(),
        processes=[_process(report) for report in reports],
        recorders=recorders,
        history=history(reports),
        recordings=recordings,
        sessions=await sessions(asking, reports, recordings),
        events=events,
        held=await db.rows(
            lambda *c: HeldTask(name=c[0], count=c[1]),
            "SELECT entrypoint, count(*) FROM queue.pgqueuer WHERE status = 'failed' GROUP BY 1 ORDER BY 1",
        ),
    )


async def reported() -> list[Report]:
    """The census; empty while Redis is away."""
    try:
        return await census.reports(runtime.here().redis)
    except OUTAGES:
        return []


async def _rate() -> float:
    """Deliveries of the whole installation per second, over the last ten."""
    count: int = await db.value("SELECT count(*) FROM realtime_log WHERE at > now() - interval '10 seconds'")
    return count / 10


def _process(report: Report) -> ProcessRow:
    return ProcessRow(
        name=report.process,
        host=report.host,
        started=_time(report.started),
        at=_time(report.at),
        sockets=report.sockets,
        topics=report.topics,
        events_per_second=report.events_per_second,
        p50=report.p50,
        p95=report.p95,
        replays=report.replays,
        refills=report.refills,
        resyncs=report.resyncs,
        dropped=report.dropped,
        bus=report.bus,
        bus_ms=report.bus_ms,
        database=report.database,
        database_ms=report.database_ms,
    )


def history(reports: Sequence[Report]) -> list[MonitorPoint]:
    """The last minutes of all processes together, oldest first: sums, and the longest of the delays.

    Processes set their points each in its own rhythm. One that has none in a slot is as it was in the slot before, and
    the newest slot is one that all have come to: else a sum would drop where nobody went.
    """
    step = int(census.STEP_SECONDS)
    joined: dict[int, list[Point]] = defaultdict(list)
    told = [report.history for report in reports if report.history]
    for points in told:
        slots = {point.at // step: point for point in points}  # the newest of a slot counts
        last = points[0]
        for slot in range(min(slots), max(slots) + 1):
            last = slots.get(slot) or Point(slot * step, last.sockets, 0, None, 0)
            joined[slot].append(last)
    reached = min((points[-1].at // step for points in told), default=0)
    complete = [slot for slot in sorted(joined) if slot <= reached]
    return [
        MonitorPoint(
            at=_time(slot * step),
            sockets=sum(point.sockets for point in joined[slot]),
            p95=max((point.p95 for point in joined[slot] if point.p95 is not None), default=None),
            mended=sum(point.mended for point in joined[slot]),
        )
        for slot in complete
    ]


async def sessions(
    asking: Asking, reports: Iterable[Report], recordings: Iterable[RecordingRow] = ()
) -> list[SessionRow]:
    """Who of the asker's workspace is connected, a line per browser; members first, then by name.

    One sign-in may sit in several workspaces: each seat counts for its own member alone.
    """
    seats: dict[tuple[UUID, UUID], list[tuple[Seat, str]]] = defaultdict(list)
    for report in reports:
        for seat in report.seats:
            seats[UUID(seat.session), UUID(seat.who)].append((seat, report.process))
    known = [session for session, _ in seats], [who for _, who in seats]
    people = await db.rows(lambda *c: c, _MEMBERS, asking.workspace, *known)
    people += await db.rows(lambda *c: c, _CANDIDATES, asking.workspace, *known)
    subjects = {subject_of(seat.page) for found in seats.values() for seat, _ in found} - {None}
    names = dict(await db.rows(lambda *c: c, _NAMES, asking.workspace, list(subjects)))
    running = {row.application: row for row in recordings if row.state in {"connecting", "recording"}}
    rows = []
    for session, who, name, role, colour, job in people:
        tabs = [seat for seat, _ in seats[session, who]]
        newest = max(tabs, key=lambda seat: (seat.idle is None, seat.since))
        take = running.get(who) if any(seat.page.startswith("record") for seat in tabs) else None
        rows.append(
            SessionRow(
                session=session,
                who=who,
                name=name,
                role=role,
                colour=colour,
                job=job,
                doing=f"Recording answer {take.question}" if take else words_of(newest.page, newest.doing, names),
                idle=_time(newest.idle) if newest.idle is not None else None,
                device=newest.device,
                handheld=handheld(newest.device),
                tabs=len(tabs),
                processes=sorted({process for _, process in seats[session, who]}),
                since=_time(min(seat.since for seat in tabs)),
                recording=take is not None,
                keeping=keeping(asking, session, role),
            )
        )
    return sorted(rows, key=lambda row: (row.role is None, row.name.casefold(), str(row.session)))


async def recordings_of(application: UUID) -> list[UUID]:
    """The recordings that an application's takes wait for just now."""
    return await db.rows(
        lambda c: c, "SELECT recording_id FROM take WHERE application_id = $1 AND state = 'recording'", application
    )


def sits_elsewhere(reports: Iterable[Report], application: UUID, session: UUID) -> bool:
    """Whether a candidate is also connected in another browser than the one of `session`."""
    return any(
        seat.who == str(application) and seat.session != str(session) for report in reports for seat in report.seats
    )


async def watcher(member: UUID, session: UUID) -> Asking | None:
    """The member behind a websocket, if they may watch now: rights are asked anew for every look."""
    return await db.row(
        lambda *c: Asking(
            id=c[0],
            account=c[1],
            workspace=c[2],
            slug=c[3],
            workspace_name=c[4],
            name=c[5],
            email="",
            colour=c[6],
            role=c[7],
            sign_in=session,
        ),
        "SELECT m.id, m.account_id, w.id, w.slug, w.name, m.name, m.colour, m.role FROM member m "
        "JOIN workspace w ON w.id = m.workspace_id JOIN sign_in s ON s.account_id = m.account_id "
        "WHERE m.id = $1 AND s.id = $2 AND s.expires_at > now() AND m.removed_at IS NULL AND m.role = ANY ($3)",
        member,
        session,
        WATCHERS,
    )


async def last_watch(workspace: UUID) -> LastWatch:
    """Who opened the live monitor last."""
    found = await db.row(
        lambda *c: LastWatch(by=Person(id=c[0], name=c[1], colour=c[2]), at=c[3], now=c[4]),
        "SELECT m.id, m.name, m.colour, v.opened_at, v.closed_at IS NULL "
        "AND v.seen_at > now() - $2 * interval '1 second' FROM monitor_visit v JOIN member m ON m.id = v.member_id "
        "WHERE v.workspace_id = $1 ORDER BY v.id DESC LIMIT 1",
        workspace,
        VISIT_SECONDS,
    )
    return found or LastWatch(by=None, at=None, now=False)


async def visits(workspace: UUID) -> list[Visit]:
    """The last twenty visits, newest first; `closed_at` is None while somebody watches."""
    return await db.rows(
        lambda *c: Visit(name=c[0], opened_at=c[1], closed_at=c[2]),
        "SELECT m.name, v.opened_at, CASE WHEN v.closed_at IS NOT NULL THEN v.closed_at "
        "WHEN v.seen_at < now() - $2 * interval '1 second' THEN v.seen_at END "
        "FROM monitor_visit v JOIN member m ON m.id = v.member_id "
        "WHERE v.workspace_id = $1 ORDER BY v.id DESC LIMIT 20",
        workspace,
        VISIT_SECONDS,
    )


def _recording(received: glances.Glances, *c: Any) -> RecordingRow:
    glance = received.get(c[0]) if c[6] in {"connecting", "recording"} else None
    return RecordingRow(
        recording=c[0],
        application=c[1],
        name=c[2],
        job=c[3],
        question=c[4],
        take=c[5],
        state=c[6],
        node=c[7],
        since=c[8],
        bytes=glance.bytes if glance else c[9],
        reception=glances.reception(glance),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
