"""What makes notices, and what members do with them: reading, muting; and forgetting them in time."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from server.core import db, live, tasks
from server.core.access import Asking
from server.core.errors import NotFound
from server.core.events import on
from server.core.ids import uuid7
from server.hiring.applications.events import (
    ApplicationMoved,
    ApplicationsMoved,
    Applied,
    Assigned,
    AssignedTogether,
    PromiseBroken,
)
from server.hiring.conversations.events import MessageWritten, NoteWritten
from server.hiring.interviews.events import Submitted, TakeEnded
from server.hiring.notifications import queries
from server.hiring.notifications.rules import DECISIONS, KEPT_DAYS, MOST_LINES, broke_on_our_side, check_until
from server.hiring.notifications.telling import News, news_of, tell
from server.hiring.profiles.events import FileAdded
from server.hiring.scorecards.events import ScorecardSubmitted
from server.hiring.transfers.events import ImportEnded
from server.hiring.views.base import View
from server.hiring.views.notifications import JobHearing, NoticeKind
from server.hiring.views.payloads import HearingChanged, InboxRead
from server.hiring.workspaces.events import MemberJoined


class Reading(View, frozen=True, kw_only=True):
    """Which lines were read: the one with this `id`, those that lead to `url`; without either, all."""

    id: UUID | None = None
    url: str | None = None


class Hearing(View, frozen=True, kw_only=True):
    """What somebody wants to hear of a job."""

    muted: bool = False
    until: datetime | None = None
    applications: bool = False


# What makes notices


@on(Submitted, "notify_submitted")
async def notify_submitted(event_id: UUID, event: Submitted) -> None:
    """Answers were handed in."""
    await tell(event_id, await news_of(event.application, "submitted"))


@on(MessageWritten, "notify_message")
async def notify_message(event_id: UUID, event: MessageWritten) -> None:
    """A candidate wrote. The words stay in the conversation."""
    if not event.by_team:
        await tell(event_id, await news_of(event.application, "message"))


@on(Applied, "notify_applied")
async def notify_applied(event_id: UUID, event: Applied) -> None:
    """Somebody applied."""
    await tell(event_id, await news_of(event.application, "applied"))


@on(TakeEnded, "notify_broken")
async def notify_broken(event_id: UUID, event: TakeEnded) -> None:
    """A recording was cut or lost, and not by the candidate."""
    if event.state not in {"interrupted", "failed"}:
        return
    error = await db.value(
        "SELECT r.error FROM take t JOIN recording r ON r.id = t.recording_id WHERE t.id = $1", event.take
    )
    if error is not None and broke_on_our_side(error):
        await tell(
            event_id, await news_of(event.application, "interrupted" if event.state == "interrupted" else "lost")
        )


def decides(event: ApplicationMoved) -> bool:
    """Whether a colleague has put a card where everybody should hear of it. Most moves say nothing of the kind."""
    leaves = event.stage != event.stage_from and event.actor.startswith("member:")
    return leaves and (not event.into or event.into in DECISIONS)


@on(ApplicationMoved, "notify_moved", when=decides)
async def notify_moved(event_id: UUID, event: ApplicationMoved) -> None:
    """A colleague decided: an offer, or hired."""
    if not decides(event):  # queued by an earlier version
        return
    stage = await db.record("SELECT name, kind FROM stage WHERE id = $1", event.stage)
    if stage is not None and stage["kind"] in DECISIONS:
        by = UUID(event.actor.removeprefix("member:"))
        await tell(event_id, await news_of(event.application, "moved", by=by, stage=stage["name"]))


def decide(event: ApplicationsMoved) -> bool:
    """The same of many cards at once."""
    return any(step.stage != step.stage_from and step.into in DECISIONS for step in event.steps)


@on(ApplicationsMoved, "notify_moved_together", when=decide)
async def notify_moved_together(event_id: UUID, event: ApplicationsMoved) -> None:
    """A colleague decided about several: a line about each."""
    names = dict(await db.rows(lambda *c: (c[0], c[1]), "SELECT id, name FROM stage WHERE job_id = $1", event.job))
    by = UUID(event.actor.removeprefix("member:"))
    for step in event.steps:
        if step.stage != step.stage_from and step.into in DECISIONS and step.stage in names:
            line = uuid5(event_id, str(step.application))  # told twice, the second time adds nothing
            await tell(line, await news_of(step.application, "moved", by=by, stage=names[step.stage]))


@on(Assigned, "notify_assigned", when=lambda event: bool(event.part))
async def notify_assigned(event_id: UUID, event: Assigned) -> None:
    """A colleague, or a stage, made somebody look after a candidate: they alone are told."""
    kind, _, by = event.actor.partition(":")
    what: NoticeKind = "made_owner" if event.part == "owner" else "made_reviewer"
    news = await news_of(event.application, what, by=UUID(by) if kind == "member" else None)
    await tell(event_id, news, only=[event.member])


@on(AssignedTogether, "notify_assigned_together", when=lambda event: bool(event.part) and event.undoes is None)
async def notify_assigned_together(event_id: UUID, event: AssignedTogether) -> None:
    """A colleague made somebody look after many candidates: a line about each of a few, else one about the job."""
    what: NoticeKind = "made_owner" if event.part == "owner" else "made_reviewer"
    by = UUID(event.actor.removeprefix("member:"))
    if len(event.steps) <= MOST_LINES:
        for step in event.steps:
            line = uuid5(event_id, str(step.application))
            await tell(line, await news_of(step.application, what, by=by), only=[event.member])
        return
    found = await db.record(
        "SELECT j.workspace_id, j.title, w.slug FROM job j JOIN workspace w ON w.id = j.workspace_id WHERE j.id = $1",
        event.job,
    )
    if found is not None:
        url = f"/w/{found['slug']}/jobs/{event.job}?team={event.member}"
        news = News(workspace=found["workspace_id"], kind=what, url=url, about=found["title"], job=event.job, by=by)
        await tell(event_id, msgspec.structs.replace(news, answers=len(event.steps)), only=[event.member])


@on(NoteWritten, "notify_note")
async def notify_note(event_id: UUID, event: NoteWritten) -> None:
    """A colleague wrote a note: whom it mentions is told that, and whoever follows that there is one."""
    by = UUID(event.actor.removeprefix("member:"))
    await tell(event_id, await news_of(event.application, "mentioned", by=by), only=event.mentions)
    others = await _followers(event.application) - set(event.mentions)
    await tell(event_id, await news_of(event.application, "noted", by=by), only=others)


@on(FileAdded, "notify_brought", when=lambda event: event.application is not None)
async def notify_brought(event_id: UUID, event: FileAdded) -> None:
    """A candidate added a file themselves: whoever follows them is told, and led to their files."""
    if event.application is None:
        return
    news = await news_of(event.application, "brought", page=f"candidates/{event.candidate}")
    await tell(event_id, news, only=await _followers(event.application))


@on(ScorecardSubmitted, "notify_scored")
async def notify_scored(event_id: UUID, event: ScorecardSubmitted) -> None:
    """A colleague submitted a scorecard: the owner, who decides, is told that there is one more."""
    owner = await db.value("SELECT owner_id FROM application WHERE id = $1", event.application)
    by = UUID(event.actor.removeprefix("member:"))
    if owner is not None:
        await tell(event_id, await news_of(event.application, "scored", by=by), only={owner})


async def _followers(application: UUID) -> set[UUID]:
    return set(
        await db.rows(lambda c: c, "SELECT member_id FROM following WHERE application_id = $1 AND wanted", application)
    )


@on(PromiseBroken, "notify_overdue")
async def notify_overdue(event_id: UUID, event: PromiseBroken) -> None:
    """A candidate was promised an answer and has none: the owner is told, or else whoever answers for the job."""
    answers = await db.value(
        "SELECT m.id FROM application a JOIN job j ON j.id = a.job_id JOIN member m ON m.workspace_id = a.workspace_id "
        "AND m.removed_at IS NULL AND (m.id IN (a.owner_id, j.created_by) OR m.role = 'owner') "
        "WHERE a.id = $1 AND a.promise_due = $2 AND a.promise_left IS NULL "
        "ORDER BY m.id IS DISTINCT FROM a.owner_id, m.id <> j.created_by, m.joined_at LIMIT 1",
        event.application,
        event.due,
    )
    if answers is not None:
        await tell(event_id, await news_of(event.application, "overdue"), only=[answers])


@on(MemberJoined, "notify_joined")
async def notify_joined(event_id: UUID, event: MemberJoined) -> None:
    """A colleague joined."""
    found = await db.record(
        "SELECT m.workspace_id, m.role, w.slug FROM member m JOIN workspace w ON w.id = m.workspace_id "
        "WHERE m.id = $1 AND m.removed_at IS NULL",
        event.member,
    )
    if found is not None:
        url = f"/w/{found['slug']}/people"
        news = News(workspace=found["workspace_id"], kind="joined", url=url, about=found["role"], by=event.member)
        await tell(event_id, news)


@on(ImportEnded, "notify_imported")
async def notify_imported(event_id: UUID, event: ImportEnded) -> None:
    """A file was let in: one line for all of its people, for whoever did it as well."""
    job = await db.record(
        "SELECT j.title, w.slug FROM job j JOIN workspace w ON w.id = j.workspace_id WHERE j.id = $1", event.job
    )
    if job is not None and event.workspace is not None:
        news = News(
            workspace=event.workspace,
            kind="imported",
            url=f"/w/{job['slug']}/jobs/{event.job}/import",
            about=job["title"],
            job=event.job,
            answers=event.created + event.updated,
        )
        await tell(event_id, news)


# What members do


async def read(asking: Asking, which: Reading) -> None:
    """Mark notices as read; every tab of this member is told which, and how many are left."""
    await _lock(asking.id)
    read_now = await db.rows(
        lambda c: c,
        "UPDATE notice SET read_at = now() WHERE member_id = $1 AND read_at IS NULL AND ($2::text IS NULL OR url = $2) "
        "AND ($3::uuid IS NULL OR id = $3) RETURNING id",
        asking.id,
        which.url,
        which.id,
    )
    if read_now:
        left = await queries.unread(asking.id)
        told = InboxRead(unread=left, url=which.url, ids=None if which.id is None else [which.id])
        await live.deliver(db.current(), [live.Delivery(live.member(asking.id), told)])


async def hear(asking: Asking, job: UUID, wanted: Hearing) -> JobHearing:
    """Mute a job, end that, or ask for more than usual. In force for what happens from now on. Raises NotFound."""
    until = check_until(wanted.until) if wanted.muted else None
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
        raise NotFound
    await _lock(asking.id)
    await db.execute(
        "INSERT INTO job_hearing (id, workspace_id, member_id, job_id, muted, until, applications) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (member_id, job_id) DO UPDATE SET muted = excluded.muted, "
        "until = excluded.until, applications = excluded.applications",
        uuid7(),
        asking.workspace,
        asking.id,
        job,
        wanted.muted,
        until,
        wanted.applications,
    )
    hearing = await queries.hearing(asking.id, job)
    if hearing is None:
        raise NotFound
    await live.deliver(db.current(), [live.Delivery(live.member(asking.id), HearingChanged(hearing=hearing))])
    return hearing


async def _lock(member: UUID) -> None:
    """Notices of one member are written, counted and read one after the other."""
    await db.execute("SELECT 1 FROM member WHERE id = $1 FOR NO KEY UPDATE", member)


# Forgetting


async def forget() -> None:
    """Delete what is older than KEPT_DAYS; who had not read it is told what is left."""
    past = timedelta(days=KEPT_DAYS)
    members = await db.rows(
        lambda c: c, "SELECT DISTINCT member_id FROM notice WHERE at < now() - $1::interval ORDER BY member_id", past
    )
    for member in members:
        async with db.transaction():
            await _lock(member)
            missed = await db.rows(
                lambda c: c,
                "DELETE FROM notice WHERE member_id = $1 AND at < now() - $2::interval RETURNING read_at IS NULL",
                member,
                past,
            )
            if any(missed):
                told = InboxRead(unread=await queries.unread(member), ids=[])
                await live.deliver(db.current(), [live.Delivery(live.member(member), told)])
    await db.execute(
        "DELETE FROM job_hearing WHERE NOT applications AND (NOT muted OR until < now() - interval '1 day')"
    )


tasks.schedule("forget_notices", "41 3 * * *", forget)
