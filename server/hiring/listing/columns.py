"""The columns of a list: how each is sorted in the database, and what it says in a file. A registry.

`sort` and `cell` are SQL over `a` (application), `c` (candidate), `s` (stage) and `o` (the owner, if any), in which
`SEEN` stands for whether who asks may see the score. Who has nothing in a column comes last, whichever way it is
sorted.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from server.core.errors import Invalid
from server.hiring.applications.promising import OPEN
from server.hiring.listing.filters import PERSON
from server.hiring.views.listing import ListField

Kind = Literal["text", "int8", "float8"]
DEFAULT = ("stage", "score", "waiting", "answers", "tags", "source", "owner", "changed")
FIELD = "field:"
SEEN = ":seen"
MOST = 60  # columns of an address


class Column(NamedTuple):
    """One column; `name` is its word in the address, `title` its heading in a file."""

    name: str
    title: str
    sort: str
    cell: str
    kind: Kind = "text"


def _text(name: str, title: str, sql: str) -> Column:
    return Column(name, title, f"nullif(lower({sql}), '')", sql)


def _number(name: str, title: str, sql: str) -> Column:
    return Column(name, title, f"{sql}::int8", sql, "int8")


def _moment(name: str, title: str, sql: str) -> Column:
    return Column(name, title, f"(extract(epoch FROM {sql}) * 1000000)::int8", sql, "int8")


def _score() -> Column:
    """Shown with one decimal, as everywhere; of whom a member does not see it yet, there is none."""
    seen = f"(CASE WHEN {SEEN} THEN a.score END)"
    return Column("score", "Score", f"{seen}::int8", f"to_char((({seen} + 5) / 10) / 10.0, 'FM0.0')", "int8")


_TAGS = f"candidate_tag x JOIN tag t ON t.id = x.tag_id WHERE x.candidate_id = {PERSON}"
_REVIEWERS = "member m WHERE m.id = ANY(a.reviewers)"
COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("name", "Name", "c.plain", "c.name"),
        Column("stage", "Stage", "lpad(s.position::text, 6, '0') || a.rank", "s.name"),
        _score(),
        _moment("waiting", "Answer promised by", f"(CASE WHEN {OPEN} THEN a.promise_due END)"),
        _number("answers", "Answers", "a.answers"),
        Column(
            "tags", "Tags",
            f"(SELECT string_agg(t.folded, ' ' ORDER BY t.folded) FROM {_TAGS})",  # noqa: S608 - ours
            f"(SELECT string_agg(t.name, ', ' ORDER BY t.folded) FROM {_TAGS})",  # noqa: S608 - ours
        ),
        _text("source", "Source", "a.source"),
        _text("owner", "Owner", "o.name"),
        Column(
            "reviewers", "Reviewers",
            f"(SELECT string_agg(lower(m.name), ' ' ORDER BY lower(m.name)) FROM {_REVIEWERS})",  # noqa: S608 - ours
            f"(SELECT string_agg(m.name, ', ' ORDER BY lower(m.name)) FROM {_REVIEWERS})",  # noqa: S608 - ours
        ),
        _text("email", "E-mail", "c.email"),
        _text("phone", "Phone", "c.phone"),
        _text("location", "Location", "c.location"),
        _text("headline", "Headline", "c.headline"),
        _number("notes", "Notes", "a.notes"),
        _number("messages", "Messages", "a.messages"),
        _moment("added", "Added", "a.created_at"),
        _moment("changed", "Last change", "a.changed_at"),
    )
}  # fmt: skip


def of_field(field: ListField) -> Column:
    """The column of a field of the workspace's own."""
    said = f"(SELECT v.value FROM field_value v WHERE v.candidate_id = {PERSON} AND v.field_id = '{field.id}'::uuid)"  # noqa: S608 - an id
    if field.kind == "number":
        return Column(f"{FIELD}{field.id}", field.name, f"{said}::float8", said, "float8")
    return Column(f"{FIELD}{field.id}", field.name, f"lower({said})", said)


def column_of(word: str, fields: Sequence[ListField]) -> Column | None:
    """A column by its word. None for a field that is gone: who kept it in a view is not turned away."""
    if not word.startswith(FIELD):
        if word not in COLUMNS:
            raise Invalid(fields={"columns": "There is no such column."})
        return COLUMNS[word]
    try:
        wanted = UUID(word.removeprefix(FIELD))
    except ValueError:
        raise Invalid(fields={"columns": "There is no such column."}) from None
    return next((of_field(field) for field in fields if field.id == wanted), None)


def chosen(given: Sequence[str], fields: Sequence[ListField]) -> list[Column]:
    """The columns that an address asks for, each once, the name first. Raises Invalid."""
    words = [word for text in given for word in text.split(",") if word][:MOST] or list(DEFAULT)
    found = [COLUMNS["name"], *(column_of(word, fields) for word in words)]
    return list({column.name: column for column in found if column is not None}.values())
