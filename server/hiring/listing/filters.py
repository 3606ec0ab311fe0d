"""What boards and lists can be narrowed to besides what applications know by themselves, and the texts they search.

Words are found where they begin, without accents and case, and in scripts without spaces wherever they stand, by
indexes on `search` columns that Postgres keeps by itself (`migrations/sql/0061_unspaced.sql`). Notes are the team's,
like everything here: no candidate reads a list.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from server.core.errors import Invalid
from server.hiring.applications.filters import TEXTS, Condition, register
from server.hiring.scorecards.rules import MOST as MOST_POINTS
from server.hiring.scorecards.rules import POINTS, seen_by

MOST_VALUES = 100
NOBODY = "nobody"
NONE = "none"  # of scores


class Source(NamedTuple):
    """Texts about candidates. `owner`: SQL over `a` and `c` that names whose; `rows`: (owner, text, search)."""

    kind: str
    owner: str
    rows: str


PERSON = "coalesce(c.merged_into, c.id)"
SOURCES = (
    Source("note", "a.id", "SELECT application_id AS owner, spoken(body) AS text, search FROM note"),
    Source("answer", "a.id", "SELECT application_id AS owner, text, search FROM answer"),
    Source(
        "captions",
        "a.id",
        "SELECT n.application_id AS owner, k.words AS text, k.search FROM captions k "
        "JOIN take t ON t.recording_id = k.recording_id JOIN answer n ON n.take_id = t.id",
    ),
    Source("file", PERSON, "SELECT candidate_id AS owner, text, search FROM candidate_file"),
)

for source in SOURCES:
    TEXTS[source.kind] = (
        f"{source.owner} IN (SELECT x.owner FROM ({source.rows}) x WHERE x.search @@ sought({{1}}::text))"  # noqa: S608
    )


def _ids(field: str, given: Sequence[str], sentence: str) -> list[UUID]:
    try:
        return [UUID(word) for word in given[:MOST_VALUES] if word != NOBODY]
    except ValueError:
        raise Invalid(fields={field: sentence}) from None


@register("owner")
def _owner(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Owned by one of these members, or by nobody."""
    ids = _ids("owner", given, "There is no such member.")
    free = " OR a.owner_id IS NULL" if NOBODY in given else ""
    return [Condition(f"(a.owner_id = ANY({{0}}::uuid[]){free})", ids)]


@register("reviewer")
def _reviewer(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Reviewed by one of these members, or by nobody."""
    ids = _ids("reviewer", given, "There is no such member.")
    free = " OR a.reviewers = '{{}}'" if NOBODY in given else ""
    return [Condition(f"(a.reviewers && {{0}}::uuid[]{free})", ids)]


@register("tag")
def _tag(given: Sequence[str], _me: UUID) -> list[Condition]:
    """With all of these tags; one that was merged means the one it became part of."""
    return [
        Condition(
            f"EXISTS (SELECT 1 FROM candidate_tag x WHERE x.candidate_id = {PERSON} AND x.tag_id = "  # noqa: S608 - ours
            "coalesce((SELECT m.tag_id FROM merged_tag m WHERE m.id = {0}::uuid), {0}::uuid))",
            tag,
        )
        for tag in _ids("tag", given, "There is no such tag.")
    ]


@register("source")
def _source(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Who came from one of these places; empty: by themselves."""
    return [Condition("a.source = ANY({0}::text[])", [word.replace("\x00", "") for word in given[:MOST_VALUES]])]


@register("unread")
def _unread(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Something in the bell of this member (as a rule, "me") is about them and unread."""
    ids = _ids("unread", given, "There is no such member.")
    return [
        Condition(
            "a.id IN (SELECT n.application_id FROM notice n WHERE n.member_id = ANY({0}::uuid[]) "
            "AND n.read_at IS NULL AND n.application_id IS NOT NULL)",
            ids,
        )
    ]


@register("score")
def _score(given: Sequence[str], me: UUID) -> list[Condition]:
    """A score of at least the lowest of these, or none yet; of whom this member does not see a score, there is none."""
    seen = f"CASE WHEN {seen_by(me)} THEN {POINTS} END"
    none = f"{seen} IS NULL" if NONE in given else "false"
    least = min((_tenths(word) for word in given[:MOST_VALUES] if word != NONE), default=None)
    return [Condition(f"({none} OR {seen} >= {{0}}::int8)", least)]


def _tenths(word: str) -> int:
    try:
        score = float(word)
    except ValueError:
        score = -1
    if not 0 <= score <= MOST_POINTS:
        raise Invalid(fields={"score": f"A score is a number from 1 to {MOST_POINTS}."})
    return round(score * 10)
