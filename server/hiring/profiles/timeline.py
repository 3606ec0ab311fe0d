"""One timeline of a person, from the record of events: everything that happened in any of their applications.

Events name what they are about by id; the words are fetched for a whole page at once, so that a page costs the same
number of queries however long it is, and what was erased is not told.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from server.core import db
from server.hiring.views.people import Person
from server.hiring.views.profiles import EntryKind, Timeline, TimelineEntry

PAGE = 30
LAST = UUID(int=(1 << 128) - 1)
KINDS: dict[str, EntryKind] = {
    "applied": "applied",
    "import_ended": "imported",
    "application_moved": "application_moved",
    "application_opened": "application_opened",
    "answered": "answered",
    "submitted": "submitted",
    "promise_made": "promise_made",
    "promise_broken": "promise_broken",
    "note_written": "note_written",
    "message_written": "message_written",
    "profile_edited": "profile_edited",
    "candidate_tagged": "candidate_tagged",
    "field_filled": "field_filled",
    "file_added": "file_added",
    "file_removed": "file_removed",
    "candidates_merged": "candidates_merged",
    "merge_undone": "merge_undone",
    "candidates_set_apart": "candidates_set_apart",
    "assigned": "assigned",
    "application_added": "application_added",
    "source_set": "source_set",
    "link_asked": "link_asked",
}
_EVENTS = """
(SELECT e.id, e.kind, e.at, e.actor, e.subject, e.payload FROM event e
 WHERE e.workspace_id = $1 AND e.subject = ANY($2) AND e.kind = ANY($3) AND e.id < $4
 AND NOT (e.kind = 'application_moved' AND e.payload ->> 'stage' = e.payload ->> 'stage_from')
 ORDER BY e.id DESC LIMIT $5)
UNION ALL
(SELECT e.id, 'application_moved', e.at, e.actor, 'application:' || (step ->> 'application'), step
 FROM event e, jsonb_array_elements(e.payload -> 'steps') step
 WHERE e.workspace_id = $1 AND e.subject = ANY($6) AND e.kind = 'applications_moved' AND e.id < $4
 AND step ->> 'application' = ANY($7) AND step ->> 'stage' <> step ->> 'stage_from'
 ORDER BY e.id DESC LIMIT $5)
ORDER BY 1 DESC LIMIT $5
"""
_PLACES = (
    "SELECT a.id, j.title, a.imported, j.id FROM application a JOIN job j ON j.id = a.job_id "
    "WHERE a.candidate_id = ANY($1)"
)
_WORDS = """
SELECT id, body FROM note WHERE id = ANY($1) UNION ALL SELECT id, body FROM message WHERE id = ANY($1)
UNION ALL SELECT id, name FROM stage WHERE id = ANY($1) UNION ALL SELECT id, text FROM question WHERE id = ANY($1)
UNION ALL SELECT id, name FROM tag WHERE id = ANY($1) UNION ALL SELECT id, name FROM custom_field WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate_file WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate_import WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate WHERE id = ANY($1)
"""


class _Happened(NamedTuple):
    id: UUID
    kind: str
    at: Any
    actor: str
    subject: str
    payload: dict[str, Any]


async def timeline(workspace: UUID, candidate: UUID, before: UUID = LAST) -> Timeline:
    """A page of what happened before an event, newest first."""
    group = await db.rows(
        lambda found: found, "SELECT id FROM candidate WHERE id = $1 OR merged_into = $1 ORDER BY id", candidate
    )
    found_places = await db.rows(lambda *c: c, _PLACES, group)
    places = {application: (title, imported) for application, title, imported, _ in found_places}
    imports = {str(imported): application for application, (_, imported) in places.items() if imported}
    subjects = [
        *(f"candidate:{one}" for one in group),
        *(f"application:{one}" for one in places),
        *(f"import:{i}" for i in imports),
    ]
    found = await db.rows(
        _happened,
        _EVENTS,
        workspace,
        subjects,
        list(KINDS),
        before,
        PAGE + 1,
        [f"job:{job}" for *_, job in found_places],
        [str(one) for one in places],
    )
    shown = found[:PAGE]
    words = dict(await db.rows(lambda *c: (c[0], c[1]), _WORDS, list(_named(shown))))
    people = await _people(workspace, shown)
    entries = []
    for event in shown:
        kind, _, name = event.subject.partition(":")
        with_it = event.payload.get("application")  # a file that came with one
        application = imports.get(name) if kind == "import" else UUID(with_it) if with_it else None
        entries.append(_entry(event, application, places.get(application, ("", None))[0], words, people))
    return Timeline(entries=entries, more=len(found) > PAGE)


def _happened(*c: Any) -> _Happened:
    return _Happened(c[0], c[1], c[2], c[3], c[4], msgspec.json.decode(c[5]))


def _ids(payload: dict[str, Any], *names: str) -> list[UUID]:
    """The ids that an event names under these names, one or a list each."""
    given = [payload.get(name) or [] for name in names]
    return [UUID(one) for value in given for one in ([value] if isinstance(value, str) else value)]


_NAMED = (
    "note",
    "message",
    "stage",
    "stage_from",
    "question",
    "put",
    "taken",
    "field",
    "file",
    "imported",
    "gone",
    "other",
)


def _named(events: Iterable[_Happened]) -> set[UUID]:
    return {one for event in events for one in _ids(event.payload, *_NAMED)}


async def _people(workspace: UUID, events: Iterable[_Happened]) -> dict[str, Person]:
    """The members who did it or whom a note names, by the name that events give them."""
    events = list(events)
    ids = {UUID(event.actor.removeprefix("member:")) for event in events if event.actor.startswith("member:")}
    ids |= {one for event in events for one in _ids(event.payload, "mentions", "member")}
    found = await db.rows(
        lambda *c: Person(id=c[0], name=c[1], colour=c[2]),
        "SELECT id, name, colour FROM member WHERE workspace_id = $1 AND id = ANY($2)",
        workspace,
        list(ids),
    )
    return {f"member:{person.id}": person for person in found}


def _spoken(body: str, event: _Happened, people: dict[str, Person]) -> str:
    """A note with the names of those whom it mentions; what candidates write mentions nobody."""
    if event.kind == "note_written":
        for member in event.payload.get("mentions") or []:
            if person := people.get(f"member:{member}"):
                body = body.replace(f"<@{member}>", f"@{person.name}")
    return body


def _entry(
    event: _Happened, application: UUID | None, title: str, words: dict[UUID, str], people: dict[str, Person]
) -> TimelineEntry:
    def said(*names: str) -> list[str]:
        return [words[one] for one in _ids(event.payload, *names) if one in words]

    written = said("note", "message")
    what: Sequence[str] = said("stage", "question", "put", "field", "file", "imported", "gone", "other")
    if event.kind == "profile_edited":
        what = event.payload["what"]
    if event.kind == "assigned":
        written = [event.payload["part"]]
        what = [member.name] if (member := people.get(f"member:{event.payload['member']}")) else []
    return TimelineEntry(
        id=event.id,
        kind=KINDS[event.kind],
        at=event.at,
        by=people.get(event.actor),
        application=application,
        title=title,
        text=_spoken(written[0], event, people) if written else "",
        what=list(what),
        was=said("stage_from", "taken"),
        automatic=bool(event.payload.get("automatic")),
    )
