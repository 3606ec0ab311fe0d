"""The list of what happened. A page costs the same number of queries however long it is."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.core import db
from server.core.access import Asking
from server.core.errors import NotFound
from server.core.events import COLUMNS, Happened, happened
from server.hiring.applications import assigning_many
from server.hiring.applications.events import Assigned
from server.hiring.views.activity import Activity, ActivityEntry, ActivityKind, Undo
from server.hiring.views.people import Person

PAGE = 30
NAMED = 3  # candidates of one line
KINDS: dict[str, ActivityKind] = {
    "applied": "applied",
    "submitted": "submitted",
    "application_moved": "moved",
    "applications_moved": "moved",
    "assigned": "assigned",
    "assigned_together": "assigned",
    "candidates_tagged": "tagged",
    "message_written": "messaged",
    "messages_written": "messaged",
    "note_written": "noted",
    "scorecard_submitted": "scored",
    "meeting_planned": "meeting_planned",
    "meeting_changed": "meeting_changed",
    "meeting_called_off": "meeting_called_off",
    "flow_changed": "flow",
    "job_edited": "edited",
    "job_state_changed": "state",
}
UNDOABLE = frozenset({"application_moved", "applications_moved", "assigned", "assigned_together", "candidates_tagged"})
# Places within a stage are the daily work of sorting, and nothing to tell of.
_EVENTS = f"""
SELECT {COLUMNS} FROM event e
WHERE e.job_id = $1 AND ($2::uuid IS NULL OR (e.at, e.id) < (SELECT at, id FROM event WHERE id = $2))
AND e.kind = ANY($3)
AND NOT (e.kind = 'application_moved' AND e.payload ->> 'stage' = e.payload ->> 'stage_from')
ORDER BY e.at DESC, e.id DESC LIMIT $4
"""  # noqa: S608 - ours
_UNDONE = "SELECT payload ->> 'undoes', actor FROM event WHERE payload ->> 'undoes' = ANY($1)"
_NAMES = """
SELECT a.id, c.name FROM application a JOIN candidate c ON c.id = a.candidate_id WHERE a.id = ANY($1)
UNION ALL SELECT id, name FROM candidate WHERE id = ANY($1) UNION ALL SELECT id, name FROM stage WHERE id = ANY($1)
UNION ALL SELECT id, name FROM tag WHERE id = ANY($1)
UNION ALL SELECT m.id, t.name FROM merged_tag m JOIN tag t ON t.id = m.tag_id WHERE m.id = ANY($1)
UNION ALL SELECT id, title FROM meeting WHERE id = ANY($1)
"""
_STANDS = "SELECT id, stage_id, moved FROM application WHERE id = ANY($1)"


async def activity(asking: Asking, job: UUID, before: UUID | None = None) -> Activity:
    """A page of what happened in a job before an event, newest first. Raises NotFound."""
    if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
        raise NotFound
    found = await db.rows(happened, _EVENTS, job, before, list(KINDS), PAGE + 1)
    shown = found[:PAGE]
    undone = dict(await db.rows(lambda *c: (c[0], c[1]), _UNDONE, [str(event.id) for event in shown]))
    names = dict(await db.rows(lambda *c: (c[0], c[1]), _NAMES, list(_named(shown))))
    people = await _people(asking.workspace, shown, undone.values())
    gone = await _moved_on(shown) | await _assigned_since(job, shown)
    return Activity(entries=[_entry(event, names, people, undone, gone) for event in shown], more=len(found) > PAGE)


def concerned(event: Happened) -> list[UUID]:
    """The applications, or for tags the people, that an event is about."""
    payload = event.payload
    steps = payload.get("steps") or payload.get("messages") or []
    if event.kind == "candidates_tagged":
        return [UUID(one) for one in payload["candidates"]]
    if steps or event.kind in {"applications_moved", "assigned_together", "messages_written"}:
        return [UUID(step["application"]) for step in steps]
    return [UUID(payload["application"])] if "application" in payload else []


def _stages(event: Happened, which: str) -> set[UUID]:
    steps = event.payload.get("steps") or [event.payload]
    return {UUID(step[which]) for step in steps if which in step}


def _named(events: Iterable[Happened]) -> set[UUID]:
    found: set[UUID] = set()
    for event in events:
        found.update(concerned(event)[:NAMED])
        for which in ("stage", "stage_from"):
            if len(several := _stages(event, which)) == 1:
                found |= several
        found.update(UUID(event.payload[which]) for which in ("tag", "meeting") if which in event.payload)
    return found


async def _people(workspace: UUID, events: Sequence[Happened], others: Iterable[str]) -> dict[str, Person]:
    """Members by the name that events give them."""
    actors = {event.actor for event in events} | set(others)
    actors |= {f"member:{event.payload['member']}" for event in events if "member" in event.payload}
    found = await db.rows(
        lambda *c: Person(id=c[0], name=c[1], colour=c[2]),
        "SELECT id, name, colour FROM member WHERE workspace_id = $1 AND id = ANY($2)",
        workspace,
        [UUID(actor.removeprefix("member:")) for actor in actors if actor.startswith("member:")],
    )
    return {f"member:{person.id}": person for person in found}


async def _moved_on(events: Iterable[Happened]) -> set[UUID]:
    """The moves of one card that cannot be taken back any more: the card is not where they put it."""
    moves = [event for event in events if event.kind == "application_moved"]
    stands = {
        str(one): (str(stage), moved)
        for one, stage, moved in await db.rows(
            lambda *c: c, _STANDS, [UUID(event.payload["application"]) for event in moves]
        )
    }
    return {
        event.id
        for event in moves
        if not stands_still(event.payload, *stands.get(event.payload["application"], ("", 0)))
    }


async def _assigned_since(job: UUID, events: Iterable[Happened]) -> set[UUID]:
    """What was assigned to one application and is not so any more, or did not say what was before."""
    given = {event.id: msgspec.convert(event.payload, Assigned) for event in events if event.kind == "assigned"}
    known = {event: done for event, one in given.items() if (done := assigning_many.together(job, one))}
    now = await assigning_many.as_it_is([(done.steps[0].application, done.member) for done in known.values()])
    still = {
        event
        for (event, done), step in zip(known.items(), now, strict=True)
        if assigning_many.stands_still(done.part, done.steps[0], step)
    }
    return set(given) - still


def stands_still(step: dict[str, Any], stage: str, moved: int) -> bool:
    """Whether a card is still where a move has put it; moves of long ago do not say at which version that was."""
    return bool(step["stage"] == stage and step.get("version", 0) in {0, moved})


def _entry(
    event: Happened, names: dict[UUID, str], people: dict[str, Person], undone: dict[str, str], gone: set[UUID]
) -> ActivityEntry:
    payload = event.payload
    ids = concerned(event)
    kind = KINDS[event.kind]
    if event.kind == "message_written" and not payload["by_team"]:
        kind = "wrote"

    def one(which: str) -> str:
        several = _stages(event, which)
        return names.get(next(iter(several)), "") if len(several) == 1 else ""

    return ActivityEntry(
        id=event.id,
        kind=kind,
        at=event.at,
        by=people.get(event.actor),
        names=[names[found] for found in ids[:NAMED] if found in names],
        count=len(ids),
        told=sum(bool(step.get("message")) for step in payload.get("steps") or []),
        application=ids[0] if len(ids) == 1 and kind != "tagged" else None,
        stage=one("stage"),
        stage_from=one("stage_from"),
        member=people.get(f"member:{payload.get('member')}"),
        part=payload.get("part") or "",
        tag=names.get(UUID(payload["tag"]), "") if "tag" in payload else "",
        put=bool(payload.get("put")),
        words=str(payload.get("state") or (names.get(UUID(payload["meeting"]), "") if "meeting" in payload else "")),
        automatic=bool(payload.get("automatic")),
        takes_back=bool(payload.get("undoes")),
        undo=_undo(event, undone, gone),
        undone_by=people.get(undone.get(str(event.id), "")),
    )


def _undo(event: Happened, undone: dict[str, str], gone: set[UUID]) -> Undo:
    if str(event.id) in undone:
        return "done"
    mine = event.kind in UNDOABLE and not event.payload.get("automatic") and not event.payload.get("undoes")
    return "open" if mine and event.id not in gone else ""
