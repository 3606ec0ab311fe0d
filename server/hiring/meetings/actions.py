"""Planning meetings, changing them, calling them off.

Each is told to the candidate in the same transaction, and by mail from its event. Locks go application, meeting,
members. Planning and changing are an answer to somebody who waits for one; calling off is none, and takes that answer
back.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, NotFound
from server.core.events import Event, append
from server.core.ids import uuid7
from server.hiring.applications import promising
from server.hiring.applications.queries import in_workspace
from server.hiring.conversations.actions import announce
from server.hiring.conversations.writing_many import announce_many
from server.hiring.meetings import queries
from server.hiring.meetings.events import MeetingCalledOff, MeetingChanged, MeetingPlanned
from server.hiring.meetings.rules import (
    Changing,
    MeetingMoved,
    MeetingOff,
    MeetingOver,
    Planning,
    check,
    ends,
    in_words,
    told,
)
from server.hiring.meetings.tables import Meeting, MeetingMember
from server.hiring.views import payloads
from server.hiring.views.meetings import MeetingView

Told = MeetingPlanned | MeetingChanged | MeetingCalledOff
E = TypeVar("E", MeetingPlanned, MeetingChanged, MeetingCalledOff)


async def plan(asking: Asking, application: UUID, wanted: Planning, key: str | None) -> MeetingView:
    """Arrange a meeting. Raises NotFound and Invalid."""
    asking.require("meet")
    await in_workspace(asking.workspace, application)
    wanted = check(wanted, datetime.now(UTC))
    await hold(application)
    meeting = uuid7()
    await Meeting(
        id=meeting,
        workspace_id=asking.workspace,
        application_id=application,
        title=wanted.title,
        starts_at=wanted.starts_at,
        minutes=wanted.minutes,
        zone=wanted.zone,
        place=wanted.place,
        answered=await promising.stands(application),
        changed_by=asking.id,
    ).save()
    await _seat(asking.workspace, meeting, wanted.members)
    view = await queries.view(asking.workspace, meeting)
    return await _tell(asking, _event(MeetingPlanned, asking, view), view, "", key)


async def change(asking: Asking, meeting: UUID, wanted: Changing, key: str | None) -> MeetingView:
    """Change a meeting that is not over. Raises NotFound, Invalid, MeetingMoved, MeetingOff, MeetingOver.

    Says nothing to anybody when it is as wanted already.
    """
    asking.require("meet")
    was = await _lock(asking, meeting, wanted.version)
    wanted = check(wanted, datetime.now(UTC), was.starts_at)
    before = [member.id for member in was.members]
    if _same(was, wanted):
        return was
    await db.execute(
        "UPDATE meeting SET title = $2, starts_at = $3, minutes = $4, zone = $5, place = $6, version = version + 1, "
        "changed_by = $7, changed_at = now() WHERE id = $1",
        meeting,
        wanted.title,
        wanted.starts_at,
        wanted.minutes,
        wanted.zone,
        wanted.place,
        asking.id,
    )
    if set(before) != set(wanted.members):
        await db.execute("DELETE FROM meeting_member WHERE meeting_id = $1", meeting)
        await _seat(asking.workspace, meeting, wanted.members)
    view = await queries.view(asking.workspace, meeting)
    came = [one for one in wanted.members if one not in before]
    went = [one for one in before if one not in wanted.members]
    event = _event(MeetingChanged, asking, view, came=came, went=went)
    moved = (was.starts_at, was.minutes, was.zone) != (view.starts_at, view.minutes, view.zone)
    return await _tell(asking, event, view, in_words(was.starts_at, was.minutes, was.zone) if moved else "", key)


async def call_off(asking: Asking, meeting: UUID, version: int | None, key: str | None) -> MeetingView:
    """Let a meeting that is not over not take place. Raises NotFound, MeetingMoved, MeetingOff, MeetingOver."""
    asking.require("meet")
    await _lock(asking, meeting, version)
    await db.execute(
        "UPDATE meeting SET state = 'called_off', version = version + 1, changed_by = $2, changed_at = now() "
        "WHERE id = $1",
        meeting,
        asking.id,
    )
    view = await queries.view(asking.workspace, meeting)
    await _wait_again(view.application)
    return await _tell(asking, _event(MeetingCalledOff, asking, view), view, "", key)


async def _wait_again(application: UUID) -> None:
    """What meetings had answered is open again: a question of the candidate's, and a promise, by that of their job."""
    await db.execute(_WAITING, application)
    if job := await db.value(_PROMISED, application):
        await promising.begin_by_job(application, job)


# A meeting to come is an answer, and whoever is decided about waits for none.
_OPEN = f"""
FROM application a JOIN stage s ON s.id = a.stage_id
WHERE a.id = $1 AND s.kind NOT IN ('hired', 'declined')
    AND NOT EXISTS (SELECT 1 FROM meeting x WHERE x.application_id = a.id AND {queries.TO_COME})
"""  # noqa: S608 - ours
_WAITING = f"""
UPDATE application SET waiting = true WHERE id = (SELECT a.id {_OPEN})
    AND (SELECT member_id IS NULL FROM message WHERE application_id = $1 AND about = '' ORDER BY id DESC LIMIT 1)
"""  # noqa: S608 - ours
_PROMISED = f"""
SELECT a.job_id {_OPEN} AND a.promise_due IS NULL AND EXISTS (
    SELECT 1 FROM meeting x WHERE x.application_id = a.id AND x.answered AND NOT EXISTS (
        SELECT 1 FROM message m
        WHERE m.application_id = a.id AND m.member_id IS NOT NULL AND m.about = '' AND m.id > x.id))
"""  # noqa: S608 - ours


async def call_off_all(asking: Asking, applications: Sequence[UUID]) -> tuple[list[Event], list[live.Delivery]]:
    """Let nothing take place that has not begun with these candidates; what happened and who hears of it.

    Part of the transaction of an action that holds them, writes the events down and tells of the cards. It costs the
    same however many there are.
    """
    asking.require("meet")
    ids: list[UUID] = await db.rows(
        lambda c: c,
        "UPDATE meeting x SET state = 'called_off', version = version + 1, "  # noqa: S608 - ours
        "changed_by = $2, changed_at = now() "
        f"WHERE x.application_id = ANY($1) AND {queries.TO_COME} RETURNING x.id",
        list(applications),
        asking.id,
    )
    if not ids:
        return [], []
    views = await queries.views(asking.workspace, ids)
    events: list[Event] = [_event(MeetingCalledOff, asking, view) for view in views]
    written = await announce_many(asking, [(view.application, *told(MeetingCalledOff.kind, view)) for view in views])
    return events, [*await changed(*views), *written]


async def hold(application: UUID) -> None:
    """Before any of its meetings: whoever changes one begins so."""
    await db.execute("SELECT 1 FROM application WHERE id = $1 FOR NO KEY UPDATE", application)


async def _lock(asking: Asking, meeting: UUID, version: int | None) -> MeetingView:
    """The meeting as it is, held. Raises unless it may still be changed, and by whoever has seen this version."""
    application = await db.value(
        "SELECT application_id FROM meeting WHERE id = $1 AND workspace_id = $2", meeting, asking.workspace
    )
    if application is None:
        raise NotFound
    if version is None:
        raise Invalid(fields={"version": "Please fill this in."})
    await hold(application)
    await db.execute("SELECT 1 FROM meeting WHERE id = $1 FOR NO KEY UPDATE", meeting)
    found = await queries.view(asking.workspace, meeting)
    if found.state == "called_off":
        raise MeetingOff(f"{await _who_changed(asking, meeting)} called this meeting off. You can plan another one.")
    if found.version != version:
        when = in_words(found.starts_at, found.minutes, found.zone)
        raise MeetingMoved(
            f"{await _who_changed(asking, meeting)} changed this meeting meanwhile: {found.title}, {when}. "
            "Have a look at it and try again."
        )
    if ends(found.starts_at, found.minutes) <= datetime.now(UTC):
        raise MeetingOver
    return found


async def _who_changed(asking: Asking, meeting: UUID) -> str:
    member, name = (
        await db.rows(
            lambda *c: (c[0], c[1]),
            "SELECT m.id, m.name FROM meeting x JOIN member m ON m.id = x.changed_by WHERE x.id = $1",
            meeting,
        )
    )[0]
    return "You" if member == asking.id else name


def _same(was: MeetingView, wanted: Planning) -> bool:
    """In whatever order those who take part are named."""
    return [was.title, was.starts_at, was.minutes, was.zone, was.place, {one.id for one in was.members}] == [
        wanted.title, wanted.starts_at, wanted.minutes, wanted.zone, wanted.place, set(wanted.members),
    ]  # fmt: skip


async def _seat(workspace: UUID, meeting: UUID, members: Sequence[UUID]) -> None:
    """Write who takes part. Whoever is being removed from the workspace at this moment waits, and is taken out then."""
    present = await db.rows(
        lambda found: found,
        "SELECT id FROM member WHERE id = ANY($1) AND workspace_id = $2 AND removed_at IS NULL ORDER BY id FOR SHARE",
        list(members),
        workspace,
    )
    if len(present) < len(members):
        raise Invalid(fields={"members": "Somebody whom you chose is not in this workspace any more."})
    await MeetingMember.insert(
        *(MeetingMember(workspace_id=workspace, meeting_id=meeting, member_id=one) for one in members)
    )


def _event(kind: type[E], asking: Asking, view: MeetingView, **more: Any) -> E:
    return kind(
        workspace=asking.workspace,
        actor=asking.actor,
        subject=f"application:{view.application}",
        application=view.application,
        meeting=view.id,
        starts_at=view.starts_at,
        members=[one.id for one in view.members],
        **more,
    )


async def _tell(asking: Asking, event: Told, view: MeetingView, before: str, key: str | None) -> MeetingView:
    """Record it; tell the candidate in words, and whoever it concerns. `before`: when it was to be."""
    heard = not isinstance(event, MeetingCalledOff)
    about, words = told(event.kind, view, before)
    written = await announce(asking, view.application, about, words, key, heard=heard)
    went = event.went if isinstance(event, MeetingChanged) else []
    await append(event, [*await changed(view, went=went), *written], key=key)
    return view


async def changed(*views: MeetingView, went: Iterable[UUID] = ()) -> list[live.Delivery]:
    """The new projection of meetings, for the team's pages and for everybody whom they concern or did."""
    owners = dict(
        await db.rows(
            lambda *c: (c[0], c[1]),
            "SELECT id, owner_id FROM application WHERE id = ANY($1) AND owner_id IS NOT NULL",
            [view.application for view in views],
        )
    )
    told = []
    for view in views:
        concerned = {*(one.id for one in view.members), *went}
        if view.application in owners:
            concerned.add(owners[view.application])
        topics = [live.application(view.application), *(live.member(one) for one in sorted(concerned))]
        told += [live.Delivery(topic, payloads.MeetingChanged(meeting=view)) for topic in topics]
    return told
