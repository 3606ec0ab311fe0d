"""What belongs to people of the demo beside their answers: tags, a CV, captions; and whom notes about them name."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from media import captions
from media.captions import Cue
from server.core import db, runtime
from server.core.access import Asking
from server.demo import papers
from server.demo.founding import Troupe
from server.demo.record import id_at, record
from server.demo.script import Candidate
from server.hiring.candidates.rules import plain
from server.hiring.profiles.actions import words
from server.hiring.profiles.events import CandidateTagged, FileAdded
from server.hiring.profiles.tables import CandidateFile, CandidateTag

TAGGED_DAYS = 0.05  # after they applied


def naming(troupe: Troupe, text: str) -> tuple[str, list[Asking]]:
    """A note as it is kept, and whom it mentions: the script names them by their keys."""
    named = [key for key in troupe.members if f"<@{key}>" in text]
    for key in named:
        text = text.replace(f"<@{key}>", f"<@{troupe.members[key].id}>")
    return text, [troupe.members[key] for key in named]


async def tag(troupe: Troupe, candidate: UUID, person: Candidate, at: Callable[[float], datetime]) -> None:
    """Their tags, put on by whoever wrote about them first."""
    if not person.tags:
        return
    by = troupe.members[person.notes[0].who if person.notes else "mara"]
    found = await words(troupe.workspace, {plain(name): name for name in person.tags})
    for one in sorted(found):
        await CandidateTag(workspace_id=troupe.workspace, candidate_id=candidate, tag_id=one).save()
    event = CandidateTagged(
        workspace=troupe.workspace,
        actor=by.actor,
        subject=f"candidate:{candidate}",
        candidate=candidate,
        put=sorted(found),
        taken=[],
    )
    await record(at(person.ago - TAGGED_DAYS), event)


async def bring(troupe: Troupe, application: UUID, candidate: UUID, person: Candidate, at: datetime) -> None:
    """The CV that came with the application; `papers.read_new` reads it when there is time."""
    if not person.cv:
        return
    file, data = id_at(at), papers.draw(person.name, person.cv)
    await runtime.here().storage.put(f"{file}/file", data)
    await CandidateFile(
        id=file,
        workspace_id=troupe.workspace,
        candidate_id=candidate,
        application_id=application,
        name=f"{person.name}, CV.pdf",
        kind="pdf",
        bytes=len(data),
        created_at=at,
    ).save()
    event = FileAdded(
        workspace=troupe.workspace,
        actor=f"application:{application}",
        subject=f"candidate:{candidate}",
        candidate=candidate,
        file=file,
        application=application,
    )
    await record(at, event)


async def caption(by: Asking, film: UUID, said: Sequence[str], at: datetime) -> int:
    """Captions of a film, its sentences spread over its length. Returns how many cues they are."""
    length = await db.value("SELECT duration_ms FROM recording WHERE id = $1", film)
    step = length // len(said)
    cues = captions.check(Cue(n * step + 200, (n + 1) * step - 100, text) for n, text in enumerate(said))
    await db.execute(
        "INSERT INTO captions (recording_id, workspace_id, source, version, cues, words, changed_by, changed_at) "
        "VALUES ($1, $2, 'written', 1, $3::jsonb, $4, $5, $6)",
        film,
        by.workspace,
        msgspec.json.encode(cues).decode(),
        captions.plain(cues),
        by.id,
        at,
    )
    return len(cues)
