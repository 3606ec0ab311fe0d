"""What stages of a flow do with the two threads: a message in somebody's name, and a rule that asks for notes.

A message is in the name of whoever moved the card; when the candidate did, or a colleague who has left or may not
write, in that of whoever posted the job, else of the first owner. It does not answer what the candidate asked: a card
that waits for a reply still waits.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from server.core import db
from server.core.access import RIGHTS
from server.core.errors import Invalid
from server.hiring.conversations.actions import LONGEST, Words, check_words, write_by_itself
from server.hiring.flow.registry import Action, Arrival, Guard
from server.hiring.views.flow import Need, StageAction
from server.hiring.views.people import Person

PLACEHOLDERS = ("name", "first_name", "job", "workspace", "sender")
_PLACE = re.compile(r"\{([^{}\n]{0,40})\}")
_WRITERS = [role for role, rights in RIGHTS.items() if "write_messages" in rights]


def check_message(action: StageAction, where: str) -> None:
    """Raise Invalid for an empty text, one that is too long, or a placeholder that does not exist."""
    check_text(action.text, f"{where}.text")


def check_text(text: str, field: str) -> str:
    """A message with placeholders, without blanks around. Raises Invalid."""
    words = check_words(text, field)
    for name in _PLACE.findall(words):
        if name not in PLACEHOLDERS:
            choice = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise Invalid(fields={field: f"There is no {{{name}}}. Choose among {choice}."})
    return words


def words_for(name: str, job: str, workspace: str, sender: str) -> dict[str, str]:
    """What the placeholders stand for in a message to a candidate of this name."""
    return {"name": name, "first_name": name.split(maxsplit=1)[0], "job": job, "workspace": workspace, "sender": sender}


def fill(text: str, words: dict[str, str]) -> str:
    """The text with its placeholders filled, in one pass: what stands in a name is never one."""
    return _PLACE.sub(lambda found: words.get(found[1], found[0]), text)[:LONGEST]


async def send_message(arrival: Arrival, action: StageAction) -> None:
    """Write to the candidate in the conversation."""
    found = await db.record(
        "SELECT c.name, j.title, w.name AS workspace FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "JOIN job j ON j.id = a.job_id JOIN workspace w ON w.id = a.workspace_id WHERE a.id = $1",
        arrival.application,
    )
    author = await author_of(arrival)
    if found is None or author is None:
        return
    words = words_for(found["name"], found["title"], found["workspace"], author.name)
    await write_by_itself(arrival.workspace, arrival.application, author, Words(body=fill(action.text, words)))


async def author_of(arrival: Arrival) -> Person | None:
    """In whose name a stage speaks."""
    kind, _, mover = arrival.actor.partition(":")
    return await db.row(
        lambda *c: Person(id=c[0], name=c[1], colour=c[2]),
        "SELECT m.id, m.name, m.colour FROM member m JOIN application a ON a.id = $1 JOIN job j ON j.id = a.job_id "
        "WHERE m.workspace_id = $2 AND m.removed_at IS NULL AND m.role = ANY($4) "
        "AND (m.id = $3 OR m.id = j.created_by OR m.role = 'owner') "
        "ORDER BY m.id IS DISTINCT FROM $3, m.id <> j.created_by, m.joined_at LIMIT 1",
        arrival.application,
        arrival.workspace,
        UUID(mover) if kind == "member" else None,
        _WRITERS,
    )


async def notes_missing(applications: Sequence[UUID], need: Need, _mover: UUID | None) -> dict[UUID, str]:
    """Applications with fewer notes than asked for."""
    found = await db.rows(
        lambda *c: c,
        "SELECT id, notes FROM application WHERE id = ANY($1) AND notes < $2",
        list(applications),
        need.count,
    )
    return {one: f"it has {notes} of {need.count} team note{'' if need.count == 1 else 's'}" for one, notes in found}


MESSAGE = Action(
    kind="message",
    label="Send a message",
    uses=("text", "after"),
    placeholders=PLACEHOLDERS,
    check=check_message,
    run=send_message,
)
NOTES = Guard(kind="notes", one="team note", many="team notes", counted=True, missing=notes_missing)
