"""One timeline of a person, from the record of events: everything that happened in any of their applications.

Events name what they are about by id; the words are fetched for a whole page at once, so that a page costs the same
number of queries however long it is, and what was erased is not told.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from server.core import db
from server.core.events import COLUMNS, Happened, happened
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
    "assignment_taken_back": "assignment_taken_back",  # an assignment as well, which took back another one
    "application_added": "application_added",
    "source_set": "source_set",
    "link_asked": "link_asked",
    "consent_given": "consent_given",
    "scorecard_submitted": "scorecard_submitted",
    "meeting_planned": "meeting_planned",
    "meeting_changed": "meeting_changed",
    "meeting_called_off": "meeting_called_off",
}
# What was done to many stands once in the record, and here as what was done to this person alone. It is found by an
# index on whom it concerned, before anything is sorted: the work does not grow with what happened to others.
_EVENTS = f"""
WITH together AS MATERIALIZED (
    SELECT e.* FROM event e
    WHERE e.kind IN ('applications_moved', 'assigned_together', 'candidates_tagged', 'messages_written')
    AND touched(e.payload) && $6::uuid[] AND e.workspace_id = $1 AND e.id < $4)
(SELECT {COLUMNS} FROM event e
 WHERE e.workspace_id = $1 AND e.subject = ANY($2) AND e.kind = ANY($3) AND e.id < $4
 AND NOT (e.kind = 'application_moved' AND e.payload ->> 'stage' = e.payload ->> 'stage_from')
 ORDER BY e.id DESC LIMIT $5)
UNION ALL
SELECT e.id, 'application_moved', e.at, e.actor, 'application:' || (one ->> 'application'), one - 'message'
FROM together e, jsonb_array_elements(e.payload -> 'steps') one
WHERE e.kind = 'applications_moved' AND (one ->> 'application')::uuid = ANY($6)
AND one ->> 'stage' <> one ->> 'stage_from'
UNION ALL
SELECT e.id, CASE WHEN e.payload ->> 'undoes' IS NULL THEN 'assigned' ELSE 'assignment_taken_back' END, e.at, e.actor,
       'application:' || (one ->> 'application'), e.payload - 'steps' || one
FROM together e, jsonb_array_elements(e.payload -> 'steps') one
WHERE e.kind = 'assigned_together' AND (one ->> 'application')::uuid = ANY($6)
UNION ALL
SELECT e.id, 'message_written', e.at, e.actor, 'application:' || (one ->> 'application'),
       jsonb_build_object('application', one -> 'application', 'message', one -> 'message')
FROM together e, jsonb_array_elements(COALESCE(e.payload -> 'messages', e.payload -> 'steps')) one
WHERE e.kind IN ('messages_written', 'applications_moved') AND one ->> 'message' IS NOT NULL
AND (one ->> 'application')::uuid = ANY($6)
UNION ALL
SELECT e.id, 'candidate_tagged', e.at, e.actor, 'candidate:' || one,
       jsonb_build_object(CASE WHEN (e.payload ->> 'put')::bool THEN 'put' ELSE 'taken' END, e.payload -> 'tag')
FROM together e, jsonb_array_elements_text(e.payload -> 'candidates') one
WHERE e.kind = 'candidates_tagged' AND one::uuid = ANY($6)
ORDER BY 1 DESC LIMIT $5
"""  # noqa: S608 - ours
_PLACES = (
    "SELECT a.id, j.title, a.imported FROM application a JOIN job j ON j.id = a.job_id WHERE a.candidate_id = ANY($1)"
)
_WORDS = """
SELECT id, body FROM note WHERE id = ANY($1) UNION ALL SELECT id, body FROM message WHERE id = ANY($1)
UNION ALL SELECT id, name FROM stage WHERE id = ANY($1) UNION ALL SELECT id, text FROM question WHERE id = ANY($1)
UNION ALL SELECT id, name FROM tag WHERE id = ANY($1)
UNION ALL SELECT m.id, t.name FROM merged_tag m JOIN tag t ON t.id = m.tag_id WHERE m.id = ANY($1)
UNION ALL SELECT id, name FROM custom_field WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate_file WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate_import WHERE id = ANY($1)
UNION ALL SELECT id, name FROM candidate WHERE id = ANY($1)
UNION ALL SELECT id, title FROM meeting WHERE id = ANY($1)
"""


async def timeline(workspace: UUID, candidate: UUID, before: UUID = LAST) -> Timeline:
    """A page of what happened before an event, newest first."""
    group = await db.rows(
        lambda found: found, "SELECT id FROM candidate WHERE id = $1 OR merged_into = $1 ORDER BY id", candidate
    )
    places = {
        application: (title, imported) for application, title, imported in await db.rows(lambda *c: c, _PLACES, group)
    }
    imports = {str(imported): application for application, (_, imported) in places.items() if imported}
    subjects = [
        *(f"candidate:{one}" for one in group),
        *(f"application:{one}" for one in places),
        *(f"import:{i}" for i in imports),
    ]
    found = await db.rows(
        happened,
        _EVENTS,
        workspace,
        subjects,
        list(KINDS),
        before,
        PAGE + 1,
        [*group, *places],
    )
    # Of one event there may be several lines: they stay together.
    shown = [event for event in found if event.id > found[PAGE].id] if len(found) > PAGE else found
    words = dict(await db.rows(lambda *c: (c[0], c[1]), _WORDS, list(_named(shown))))
    people = await _people(workspace, shown)
    entries = []
    for event in shown:
        kind, _, name = event.subject.partition(":")
        with_it = event.payload.get("application")  # a file that came with one
        application = imports.get(name) if kind == "import" else UUID(with_it) if with_it else None
        entries.append(_entry(event, application, places.get(application, ("", None))[0], words, people))
    return Timeline(entries=entries, more=len(found) > len(shown))


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
    "meeting",
)


def _named(events: Iterable[Happened]) -> set[UUID]:
    return {one for event in events for one in _ids(event.payload, *_NAMED)}


async def _people(workspace: UUID, events: Iterable[Happened]) -> dict[str, Person]:
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


def _spoken(body: str, event: Happened, people: dict[str, Person]) -> str:
    """A note with the names of those whom it mentions; what candidates write mentions nobody."""
    if event.kind == "note_written":
        for member in event.payload.get("mentions") or []:
            if person := people.get(f"member:{member}"):
                body = body.replace(f"<@{member}>", f"@{person.name}")
    return body


def _entry(
    event: Happened, application: UUID | None, title: str, words: dict[UUID, str], people: dict[str, Person]
) -> TimelineEntry:
    def said(*names: str) -> list[str]:
        return [words[one] for one in _ids(event.payload, *names) if one in words]

    written = said("note", "message", "meeting")
    what: Sequence[str] = said("stage", "question", "put", "field", "file", "imported", "gone", "other")
    if event.kind == "profile_edited":
        what = event.payload["what"]
    if "starts_at" in event.payload:
        what = [event.payload["starts_at"]]
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
