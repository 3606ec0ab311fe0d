"""What can be read about a person."""

from typing import Any
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.profiles.timeline import timeline
from server.hiring.views.jobs import StageView
from server.hiring.views.people import Person
from server.hiring.views.profiles import FieldView, FileView, ProfileApplication, ProfileView, TagView

FIRST_WORDS = 4_000  # characters of a file's text that the page shows
_APPLICATIONS = """
SELECT a.id, j.id, j.title, s.id, s.name, s.kind, s.colour, a.source, a.answers,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       a.consent_at, a.created_at
FROM application a JOIN job j ON j.id = a.job_id JOIN stage s ON s.id = a.stage_id JOIN workspace w
ON w.id = a.workspace_id WHERE a.candidate_id = $1 ORDER BY a.created_at DESC, a.id DESC
"""


async def profile(asking: Asking, candidate: UUID) -> ProfileView:
    """A person of this workspace, in one snapshot. Raises NotFound."""
    async with db.snapshot():
        return await read(asking, candidate)


async def read(asking: Asking, candidate: UUID) -> ProfileView:
    """The same within a transaction or a snapshot that is open already."""
    found = await db.record("SELECT * FROM candidate WHERE id = $1 AND workspace_id = $2", candidate, asking.workspace)
    if found is None:
        raise NotFound
    applications = await db.rows(_application, _APPLICATIONS, candidate)
    topics = [live.profile(candidate), live.workspace(asking.workspace)]
    epoch, positions = await live.positions(*topics, *(live.application(one.id) for one in applications))
    return ProfileView(
        id=candidate,
        name=found["name"],
        email=found["email"],
        phone=found["phone"],
        location=found["location"],
        headline=found["headline"],
        links=list(found["links"] or ()),
        poster=next((one.poster for one in applications if one.poster), None),
        version=found["version"],
        tags=await tags(asking.workspace, candidate),
        vocabulary=await tags(asking.workspace),
        fields=await fields(asking.workspace, candidate),
        files=await files(asking, candidate),
        applications=applications,
        timeline=await timeline(asking.workspace, candidate),
        created_at=found["created_at"],
        epoch=epoch,
        positions=positions,
    )


def _application(*c: Any) -> ProfileApplication:
    return ProfileApplication(
        id=c[0],
        job=c[1],
        title=c[2],
        stage=StageView(id=c[3], name=c[4], kind=c[5], colour=c[6], hint=0),
        source=c[7],
        answers=c[8],
        poster=c[9],
        consent_at=c[10],
        created_at=c[11],
    )


async def tags(workspace: UUID, candidate: UUID | None = None) -> list[TagView]:
    """The vocabulary by name, or what of it is on one person."""
    return await db.rows(
        lambda *c: TagView(id=c[0], name=c[1], colour=c[2]),
        "SELECT t.id, t.name, t.colour FROM tag t WHERE t.workspace_id = $1 AND ($2::uuid IS NULL OR EXISTS ("
        "SELECT 1 FROM candidate_tag x WHERE x.tag_id = t.id AND x.candidate_id = $2)) ORDER BY t.folded, t.id",
        workspace,
        candidate,
    )


async def fields(workspace: UUID, candidate: UUID) -> list[FieldView]:
    """The workspace's own fields, with what they say about one person."""
    return await db.rows(
        lambda *c: FieldView(id=c[0], name=c[1], kind=c[2], choices=list(c[3] or ()), value=c[4]),
        "SELECT f.id, f.name, f.kind, f.choices, coalesce(v.value, '') FROM custom_field f "
        "LEFT JOIN field_value v ON v.field_id = f.id AND v.candidate_id = $2 WHERE f.workspace_id = $1 "
        "ORDER BY f.position, f.id",
        workspace,
        candidate,
    )


async def files(asking: Asking, candidate: UUID) -> list[FileView]:
    """Their files, newest first."""
    base = f"/w/{asking.slug}/candidates/{candidate}/files"
    return await db.rows(
        lambda *c: FileView(
            id=c[0],
            name=c[1],
            kind=c[2],
            bytes=c[3],
            state=c[4],
            url=f"{base}/{c[0]}",
            pictures=[f"{base}/{c[0]}/pages/{page}" for page in range(1, c[5] + 1)],
            text=c[6],
            by=Person(id=c[7], name=c[8], colour=c[9]),
            created_at=c[10],
        ),
        "SELECT f.id, f.name, f.kind, f.bytes, f.state, f.pages, left(f.text, $2), m.id, m.name, m.colour, "
        "f.created_at FROM candidate_file f JOIN member m ON m.id = f.member_id WHERE f.candidate_id = $1 "
        "ORDER BY f.id DESC",
        candidate,
        FIRST_WORDS,
    )


async def known(workspace: UUID, candidate: UUID) -> None:
    """Raises NotFound unless this workspace knows the person."""
    if not await db.value("SELECT 1 FROM candidate WHERE id = $1 AND workspace_id = $2", candidate, workspace):
        raise NotFound
