"""What can be read about a person."""

from typing import Any
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import NotFound
from server.hiring.applications.filters import patterns_of
from server.hiring.applications.queries import neighbours
from server.hiring.profiles.rules import similar
from server.hiring.profiles.timeline import timeline
from server.hiring.views.jobs import StageView
from server.hiring.views.people import Person
from server.hiring.views.profiles import (
    AlikeView,
    Around,
    FieldView,
    FileView,
    MergedView,
    Neighbour,
    ProfileApplication,
    ProfileView,
    TagView,
)

FIRST_WORDS = 4_000  # characters of a file's text that the page shows
_APPLICATIONS = """
SELECT a.id, j.id, j.title, s.id, s.name, s.kind, s.colour, a.source, a.answers,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       a.consent_at, a.consent_version, a.created_at
FROM application a JOIN job j ON j.id = a.job_id JOIN stage s ON s.id = a.stage_id JOIN workspace w
ON w.id = a.workspace_id
WHERE a.candidate_id IN (SELECT id FROM candidate WHERE id = $1 OR merged_into = $1)
ORDER BY a.created_at DESC, a.id DESC
"""


async def profile(asking: Asking, candidate: UUID, by: UUID | None = None) -> ProfileView:
    """A person of this workspace, in one snapshot; `by` is the application that leads here. Raises NotFound."""
    async with db.snapshot():
        return await read(asking, candidate, by)


async def read(asking: Asking, candidate: UUID, by: UUID | None = None) -> ProfileView:
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
        alike=await alike(asking.workspace, found),
        merged=await merged(candidate),
        timeline=await timeline(asking.workspace, candidate),
        around=await around(next((one for one in applications if one.id == by), None)),
        created_at=found["created_at"],
        epoch=epoch,
        positions=positions,
    )


async def around(by: ProfileApplication | None) -> Around | None:
    """Whoever stands before and after one of their applications, on its board."""
    if by is None:
        return None
    previous, following, place, places = await neighbours(by.id)
    found = await db.rows(
        lambda *c: Neighbour(application=c[0], candidate=c[1], name=c[2]),
        "SELECT a.id, coalesce(c.merged_into, c.id), c.name FROM application a JOIN candidate c "
        "ON c.id = a.candidate_id WHERE a.id = ANY($1)",
        [one for one in (previous, following) if one is not None],
    )
    beside = {one.application: one for one in found}
    return Around(
        application=by.id,
        title=by.title,
        previous=beside.get(previous) if previous else None,
        next=beside.get(following) if following else None,
        place=place,
        places=places,
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
        consent_version=c[11],
        created_at=c[12],
    )


# What the tags were called that became part of `tag t`, as long as nothing else is called so.
ONCE = (
    "ARRAY(SELECT m.folded::text FROM merged_tag m WHERE m.tag_id = t.id AND m.folded <> '' AND NOT EXISTS ("
    "SELECT 1 FROM tag o WHERE o.workspace_id = t.workspace_id AND o.folded = m.folded) ORDER BY m.folded)"
)


async def tags(workspace: UUID, candidate: UUID | None = None) -> list[TagView]:
    """The vocabulary by name, or what of it is on one person."""
    return await db.rows(
        lambda *c: TagView(id=c[0], name=c[1], colour=c[2], was=list(c[3]), once=list(c[4])),
        "SELECT t.id, t.name, t.colour, ARRAY(SELECT m.id FROM merged_tag m WHERE m.tag_id = t.id ORDER BY m.id), "  # noqa: S608
        f"{ONCE} FROM tag t WHERE t.workspace_id = $1 AND ($2::uuid IS NULL OR EXISTS ("
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
            by=Person(id=c[7], name=c[8], colour=c[9]) if c[7] else None,
            created_at=c[10],
        ),
        "SELECT f.id, f.name, f.kind, f.bytes, f.state, f.pages, left(f.text, $2), m.id, m.name, m.colour, "
        "f.created_at FROM candidate_file f LEFT JOIN member m ON m.id = f.member_id WHERE f.candidate_id = $1 "
        "ORDER BY f.id DESC",
        candidate,
        FIRST_WORDS,
    )


_OTHERS = """
SELECT o.id, {}, o.plain, o.name, o.email, o.phone, o.location, o.headline, o.version,
       ARRAY(SELECT t.name FROM candidate_tag x JOIN tag t ON t.id = x.tag_id WHERE x.candidate_id = o.id
             ORDER BY t.folded),
       ARRAY(SELECT f.name FROM candidate_file f WHERE f.candidate_id = o.id ORDER BY f.id),
       ARRAY(SELECT j.title FROM application a JOIN job j ON j.id = a.job_id JOIN candidate p ON p.id = a.candidate_id
             WHERE p.id = o.id OR p.merged_into = o.id ORDER BY a.id), o.created_at,
       (SELECT '/w/' || w.slug || '/recordings/' || a.poster || '/poster' FROM application a
        JOIN candidate p ON p.id = a.candidate_id JOIN workspace w ON w.id = a.workspace_id
        WHERE a.poster IS NOT NULL AND (p.id = o.id OR p.merged_into = o.id) ORDER BY a.id DESC LIMIT 1), o.links,
       ARRAY(SELECT v.field_id FROM field_value v WHERE v.candidate_id = o.id ORDER BY v.field_id),
       ARRAY(SELECT v.value FROM field_value v WHERE v.candidate_id = o.id ORDER BY v.field_id)
FROM candidate o WHERE o.workspace_id = $1 AND o.id <> $2 AND o.merged_into IS NULL
"""
_ALIKE = f"""
{_OTHERS.format("mailbox(o.folded) = mailbox($3)")}
AND (mailbox(o.folded) = mailbox($3) OR (o.phone <> '' AND digits(o.phone) = digits($4) AND length(digits($4)) > 6))
AND NOT EXISTS (SELECT 1 FROM candidate_apart x WHERE x.one_id = least(o.id, $2) AND x.other_id = greatest(o.id, $2))
ORDER BY o.id LIMIT 20
"""  # noqa: S608 - ours
_CALLED = _OTHERS.format("NULL") + "AND (o.plain LIKE ALL($3) OR o.folded LIKE ALL($4)) ORDER BY o.plain, o.id LIMIT 20"


async def alike(workspace: UUID, one: db.Record) -> list[AlikeView]:
    """Who is probably the same person: by mailbox, or by phone and a name that is similar."""
    if one["merged_into"] is not None:
        return []
    found = await db.rows(lambda *c: c, _ALIKE, workspace, one["id"], one["folded"], one["phone"])
    return [_other(c) for c in found if c[1] or similar(one["plain"], c[2])]


async def called(workspace: UUID, candidate: UUID, text: str) -> list[AlikeView]:
    """Others with these words in their names, or in their addresses: at most 20, by name. Raises NotFound."""
    await known(workspace, candidate)
    words = patterns_of(text)
    if not words:
        return []
    found = await db.rows(lambda *c: c, _CALLED, workspace, candidate, words, words)
    return [_other(c) for c in found]


def _other(c: tuple[Any, ...]) -> AlikeView:
    return AlikeView(
        id=c[0],
        why="" if c[1] is None else "mailbox" if c[1] else "phone",
        name=c[3],
        email=c[4],
        phone=c[5],
        location=c[6],
        headline=c[7],
        version=c[8],
        tags=list(c[9]),
        files=list(c[10]),
        applications=list(c[11]),
        created_at=c[12],
        poster=c[13],
        links=list(c[14]),
        fields=dict(zip(map(str, c[15]), c[16], strict=True)),
    )


async def merged(candidate: UUID) -> list[MergedView]:
    """The profiles that are parts of this one."""
    return await db.rows(
        lambda *c: MergedView(
            id=c[0],
            merge=c[1],
            name=c[2],
            email=c[3],
            by=Person(id=c[4], name=c[5], colour=c[6]),
            at=c[7],
            undoable=c[8],
        ),
        "SELECT c.id, m.id, c.name, c.email, b.id, b.name, b.colour, m.at, "
        "m.kept_id = $1 AND m.at > now() - interval '30 days' FROM candidate c JOIN LATERAL (SELECT * FROM "
        "candidate_merge WHERE gone_id = c.id AND undone_at IS NULL ORDER BY id DESC LIMIT 1) m ON true "
        "JOIN member b ON b.id = m.member_id WHERE c.merged_into = $1 ORDER BY m.id",
        candidate,
    )


async def root(workspace: UUID, candidate: UUID) -> UUID:
    """Whose profile this one is a part of; itself when it is whole. Raises NotFound."""
    found: UUID | None = await db.value(
        "SELECT coalesce(merged_into, id) FROM candidate WHERE id = $1 AND workspace_id = $2", candidate, workspace
    )
    if found is None:
        raise NotFound
    return found


async def known(workspace: UUID, candidate: UUID) -> None:
    """Raises NotFound unless this workspace knows the person."""
    if not await db.value("SELECT 1 FROM candidate WHERE id = $1 AND workspace_id = $2", candidate, workspace):
        raise NotFound
