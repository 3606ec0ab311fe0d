"""Two profiles of one person become one, and two again when that was a mistake.

Nobody's application moves: an application stays with the name and the address under which it was made, so that its
candidate, their links and their mails notice nothing. The profile that is merged points to the one that is kept; what
the team wrote down (tags, files, fields, particulars) moves, and the merge remembers what it moved, to put it back.
Both people are locked, in the order of their ids: of two merges at once the second finds the first.
"""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.candidates.rules import plain
from server.hiring.profiles.actions import told
from server.hiring.profiles.events import CandidatesMerged, CandidatesSetApart, MergeUndone
from server.hiring.views.base import View
from server.hiring.views.payloads import ProfileChanged

UNDO_DAYS = 30
PARTICULARS = ("name", "phone", "location", "headline")
Side = Literal["kept", "other"]


class MergedMeanwhile(Refusal):
    """One of the two is part of another profile by now."""

    code = "merged_meanwhile"
    status = HTTPStatus.CONFLICT
    message = "Somebody merged one of these profiles meanwhile. Have a look at how it is now."


class TooLateToUndo(Refusal):
    """The merge is undone already, or lies too far back."""

    code = "too_late"
    status = HTTPStatus.CONFLICT
    message = f"This merge cannot be undone any more: it was undone already, or is older than {UNDO_DAYS} days."


class Merge(View, frozen=True, kw_only=True):
    """Which profile is taken into the asked one, as both were seen, and whose particulars are kept.

    `fields`: those of the workspace's own in which what the other says is kept, where both say something.
    """

    other: UUID
    version: int
    other_version: int
    name: Side = "kept"
    phone: Side = "kept"
    location: Side = "kept"
    headline: Side = "kept"
    fields: tuple[UUID, ...] = ()


class Other(View, frozen=True, kw_only=True):
    """Somebody who is another person."""

    other: UUID


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge moved, to put it back: ids, and what stood in the kept profile before."""

    particulars: dict[str, str]
    links: list[str]
    people: list[UUID]
    files: list[UUID]
    tags_added: list[UUID]
    tags_taken: list[UUID]
    fields_added: list[UUID]
    fields_taken: dict[str, str]
    fields_replaced: dict[str, str] = {}


async def _both(asking: Asking, one: UUID, other: UUID) -> tuple[db.Record, db.Record]:
    """Both people, locked. Raises NotFound, MergedMeanwhile."""
    if one == other:
        raise Invalid(fields={"other": "That is the same profile."})
    found = await db.rows(
        lambda *c: c,
        "SELECT id FROM candidate WHERE id = ANY($1) AND workspace_id = $2 ORDER BY id FOR NO KEY UPDATE",
        [one, other],
        asking.workspace,
    )
    if len(found) != 2:
        raise NotFound
    rows = {who: await db.record("SELECT * FROM candidate WHERE id = $1", who) for who in (one, other)}
    first, second = rows[one], rows[other]
    assert first is not None
    assert second is not None
    if first["merged_into"] is not None or second["merged_into"] is not None:
        raise MergedMeanwhile
    return first, second


async def merge(asking: Asking, kept: UUID, wanted: Merge, key: str | None) -> None:
    """Take one profile into another."""
    asking.require("edit_people")
    mine, theirs = await _both(asking, kept, wanted.other)
    if mine["version"] != wanted.version or theirs["version"] != wanted.other_version:
        raise Conflict
    moved = await _move(mine, theirs, wanted.fields)
    chosen = {field: theirs[field] if getattr(wanted, field) == "other" else mine[field] for field in PARTICULARS}
    links = list(dict.fromkeys([*mine["links"], *theirs["links"]]))
    await _write(kept, chosen, links)
    await db.execute("UPDATE candidate SET merged_into = $2, version = version + 1 WHERE id = $1", theirs["id"], kept)
    await db.execute(
        "INSERT INTO candidate_merge (id, workspace_id, kept_id, gone_id, member_id, moved) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        uuid7(),
        asking.workspace,
        kept,
        theirs["id"],
        asking.id,
        msgspec.json.encode(moved).decode(),
    )
    await append(
        CandidatesMerged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{kept}",
            candidate=kept,
            gone=theirs["id"],
        ),
        await _told_both(asking, kept, theirs["id"]),
        key=key,
    )


async def _write(candidate: UUID, particulars: dict[str, str], links: list[str]) -> None:
    await db.execute(
        "UPDATE candidate SET name = $2, plain = $3, phone = $4, location = $5, headline = $6, links = $7, "
        "version = version + 1 WHERE id = $1",
        candidate,
        particulars["name"],
        plain(particulars["name"]),
        particulars["phone"],
        particulars["location"],
        particulars["headline"],
        links,
    )


async def _move(mine: db.Record, theirs: db.Record, fields: Sequence[UUID]) -> Moved:
    """What the team wrote down about the other, to the kept one; of two values in `fields`, what the other says."""
    kept, gone = mine["id"], theirs["id"]

    async def ids(sql: str, *args: object) -> list[UUID]:
        return await db.rows(lambda found: found, sql, *args)

    people = await ids("UPDATE candidate SET merged_into = $1 WHERE merged_into = $2 RETURNING id", kept, gone)
    files = await ids("UPDATE candidate_file SET candidate_id = $1 WHERE candidate_id = $2 RETURNING id", kept, gone)
    tags_added = await ids(
        "INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id) SELECT gen_random_uuid(), workspace_id, "
        "$1, tag_id FROM candidate_tag WHERE candidate_id = $2 ON CONFLICT DO NOTHING RETURNING tag_id",
        kept,
        gone,
    )
    tags_taken = await ids("DELETE FROM candidate_tag WHERE candidate_id = $1 RETURNING tag_id", gone)
    fields_replaced = await db.rows(
        lambda *c: (str(c[0]), c[1]),
        "DELETE FROM field_value v USING field_value o WHERE v.candidate_id = $1 AND o.candidate_id = $2 "
        "AND v.field_id = o.field_id AND v.field_id = ANY($3) RETURNING v.field_id, v.value",
        kept,
        gone,
        list(fields),
    )
    fields_added = await ids(
        "INSERT INTO field_value (id, workspace_id, candidate_id, field_id, value) SELECT gen_random_uuid(), "
        "workspace_id, $1, field_id, value FROM field_value WHERE candidate_id = $2 ON CONFLICT DO NOTHING "
        "RETURNING field_id",
        kept,
        gone,
    )
    fields_taken = await db.rows(
        lambda *c: (str(c[0]), c[1]),
        "DELETE FROM field_value WHERE candidate_id = $1 RETURNING field_id, value",
        gone,
    )
    return Moved(
        particulars={field: mine[field] for field in PARTICULARS},
        links=list(mine["links"]),
        people=people,
        files=files,
        tags_added=tags_added,
        tags_taken=tags_taken,
        fields_added=fields_added,
        fields_taken=dict(fields_taken),
        fields_replaced=dict(fields_replaced),
    )


async def undo(asking: Asking, kept: UUID, merged: UUID, key: str | None) -> None:
    """Two profiles again; what was written down since the merge stays with the kept one."""
    asking.require("edit_people")
    found = await db.record(
        "SELECT * FROM candidate_merge WHERE id = $1 AND kept_id = $2 AND workspace_id = $3 FOR NO KEY UPDATE",
        merged,
        kept,
        asking.workspace,
    )
    if found is None:
        raise NotFound
    gone = found["gone_id"]
    locked = await db.rows(
        lambda *c: c,
        "SELECT id, merged_into FROM candidate WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        [kept, gone],
    )
    if (
        found["undone_at"] is not None
        or dict(locked) != {kept: None, gone: kept}
        or not await db.value("SELECT $1::timestamptz > now() - $2::interval", found["at"], timedelta(days=UNDO_DAYS))
    ):
        raise TooLateToUndo
    await _put_back(asking.workspace, kept, gone, msgspec.json.decode(found["moved"], type=Moved))
    await db.execute("UPDATE candidate_merge SET undone_at = now() WHERE id = $1", merged)
    await append(
        MergeUndone(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{kept}",
            candidate=kept,
            gone=gone,
        ),
        await _told_both(asking, kept, gone),
        key=key,
    )


async def _put_back(workspace: UUID, kept: UUID, gone: UUID, moved: Moved) -> None:
    await db.execute("UPDATE candidate SET merged_into = NULL, version = version + 1 WHERE id = $1", gone)
    await db.execute(
        "UPDATE candidate SET merged_into = $1 WHERE id = ANY($2) AND merged_into = $3", gone, moved.people, kept
    )
    await _take_back_particulars(kept, gone, moved)
    await db.execute(
        "UPDATE candidate_file SET candidate_id = $1 WHERE id = ANY($2) AND candidate_id = $3", gone, moved.files, kept
    )
    await db.execute(  # what they brought themselves since then goes with their applications
        "UPDATE candidate_file SET candidate_id = $1 WHERE candidate_id = $2 AND application_id IN "
        "(SELECT id FROM application WHERE candidate_id = $1 OR candidate_id = ANY($3))",
        gone,
        kept,
        moved.people,
    )
    await db.execute("DELETE FROM candidate_tag WHERE candidate_id = $1 AND tag_id = ANY($2)", kept, moved.tags_added)
    await db.execute(
        "INSERT INTO candidate_tag (id, workspace_id, candidate_id, tag_id) SELECT gen_random_uuid(), $1, $2, id "
        "FROM (SELECT id FROM tag WHERE id = ANY($3) UNION SELECT tag_id FROM merged_tag WHERE id = ANY($3)) t "
        "ON CONFLICT DO NOTHING",
        workspace,
        gone,
        moved.tags_taken,
    )
    taken = {UUID(field): value for field, value in moved.fields_taken.items()}
    added = {field: value for field, value in taken.items() if field in moved.fields_added}
    await db.execute(
        "DELETE FROM field_value v USING unnest($2::uuid[], $3::text[]) AS g (field, value) "
        "WHERE v.candidate_id = $1 AND v.field_id = g.field AND v.value = g.value",
        kept,
        list(added),
        list(added.values()),
    )
    await _fill(workspace, kept, {UUID(field): value for field, value in moved.fields_replaced.items()})
    await _fill(workspace, gone, taken)


async def _take_back_particulars(kept: UUID, gone: UUID, moved: Moved) -> None:
    """What came from the other goes; what somebody wrote down since the merge stays."""
    mine = await db.record("SELECT * FROM candidate WHERE id = $1", kept)
    theirs = await db.record("SELECT * FROM candidate WHERE id = $1", gone)
    assert mine is not None
    assert theirs is not None
    particulars = {
        field: was if mine[field] == theirs[field] else mine[field] for field, was in moved.particulars.items()
    }
    links = [link for link in mine["links"] if link in moved.links or link not in theirs["links"]]
    await _write(kept, particulars, links)


async def _fill(workspace: UUID, candidate: UUID, values: dict[UUID, str]) -> None:
    """Write down what fields say that are still there, where nothing is said by now."""
    await db.execute(
        "INSERT INTO field_value (id, workspace_id, candidate_id, field_id, value) SELECT gen_random_uuid(), $1, $2, "
        "f.id, g.value FROM unnest($3::uuid[], $4::text[]) AS g (field, value) JOIN custom_field f ON f.id = g.field "
        "ON CONFLICT DO NOTHING",
        workspace,
        candidate,
        list(values),
        list(values.values()),
    )


async def _told_both(asking: Asking, kept: UUID, gone: UUID) -> list[live.Delivery]:
    """Both profiles' pages, and every card of either: their tags are others."""
    return [
        *await told(asking, kept, cards=True),
        *(await told(asking, gone, cards=True))[1:],
        live.Delivery(live.profile(gone), ProfileChanged(candidate=gone)),
    ]


async def set_apart(asking: Asking, candidate: UUID, who: Other, key: str | None) -> None:
    """Say that two who look alike are two people: nobody is asked again."""
    asking.require("edit_people")
    await _both(asking, candidate, who.other)
    one, other = sorted((candidate, who.other))
    await db.execute(
        "INSERT INTO candidate_apart (id, workspace_id, one_id, other_id, member_id) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT DO NOTHING",
        uuid7(),
        asking.workspace,
        one,
        other,
        asking.id,
    )
    await append(
        CandidatesSetApart(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            other=who.other,
        ),
        [live.Delivery(live.profile(each), ProfileChanged(candidate=each)) for each in (one, other)],
        key=key,
    )
