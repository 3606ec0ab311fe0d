"""What a board can be narrowed to: a registry of filters, each a word in the address and a condition in SQL.

A filter is evaluated over all candidates of the job, in the database. Capabilities above add their own with `register`:
the page offers what it knows how to show, the address may hold any of them, and they all must hold at once.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request

from server.core.errors import Invalid
from server.hiring.candidates.rules import plain

LONGEST = 200  # characters of a search
MOST_WORDS = 8
SHORTEST_TYPO = 4  # letters; in shorter words every letter counts
TWO_TYPOS = 8  # letters from which on each half of a word may hold one


class Condition(NamedTuple):
    """SQL over `a` (application) and `c` (candidate) in which `{}` stands for `value`."""

    sql: str
    value: object


Filter = Callable[[Sequence[str]], list[Condition]]
FILTERS: dict[str, Filter] = {}


class Wanted(NamedTuple):
    """Conditions that must hold, and what may stand in for the exact words where nobody has them."""

    conditions: tuple[Condition, ...] = ()
    exact: tuple[Condition, ...] = ()
    similar: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is left out at all."""
        return bool(self.conditions or self.exact)


EVERYBODY = Wanted()


def register(name: str) -> Callable[[Filter], Filter]:
    """Make a filter known under its word in the address."""

    def add(found: Filter) -> Filter:
        if name in FILTERS:
            msg = f"two filters are called {name}"
            raise ValueError(msg)
        FILTERS[name] = found
        return found

    return add


def wanted_of(query: Mapping[str, Sequence[str]]) -> Wanted:
    """What an address asks for. Raises Invalid for values that a filter does not know; other words are not ours."""
    conditions = [
        condition for name, known in FILTERS.items() if (given := query.get(name)) for condition in known(given)
    ]
    text = plain(" ".join(query.get("q", ())).replace("\x00", "")[:LONGEST])
    words = text.split()[:MOST_WORDS]
    return Wanted(tuple(conditions), tuple(_has(word) for word in words), similar(words))


def wanted_by(request: Request[Any, Any, Any]) -> Wanted:
    """What a request's address asks for."""
    return wanted_of(request.query_params.dict())


@register("stage")
def _stage(given: Sequence[str]) -> list[Condition]:
    """Only these stages."""
    try:
        return [Condition("a.stage_id = ANY({}::uuid[])", [UUID(word) for word in given[:100]])]
    except ValueError:
        raise Invalid(fields={"stage": "There is no such stage."}) from None


@register("new")
def _new(_given: Sequence[str]) -> list[Condition]:
    """Answers that nobody of the team has opened."""
    return [Condition("(a.submitted_at IS NOT NULL AND a.opened_at IS NULL) = {}::bool", True)]


@register("waiting")
def _waiting(_given: Sequence[str]) -> list[Condition]:
    """The candidate has written last."""
    return [Condition("a.waiting = {}::bool", True)]


def _has(word: str) -> Condition:
    return Condition("c.plain LIKE {}::text", f"%{_literal(word)}%")


def similar(words: Sequence[str]) -> tuple[Condition, ...]:
    """Names that would have these words but for a slip: one letter wrong, missing, too many, or two of them swapped.

    A long word may hold one in each of its halves. Nothing, where all words are too short for that.
    """
    if not any(len(word) >= SHORTEST_TYPO for word in words):
        return ()
    parts = [part for word in words for part in _halves(word)]
    return tuple(Condition("c.plain LIKE ANY({}::text[])", slips(part)) for part in parts)


def _halves(word: str) -> list[str]:
    middle = len(word) // 2
    return [word[:middle], word[middle:]] if len(word) >= TWO_TYPOS else [word]


def slips(word: str) -> list[str]:
    """Patterns of a word with at most one slip."""
    found = {_literal(word): None}
    if len(word) >= SHORTEST_TYPO:
        letters = [_literal(letter) for letter in word]
        for at in range(len(letters)):
            before, after = "".join(letters[:at]), "".join(letters[at + 1 :])
            found |= dict.fromkeys((f"{before}_{after}", f"{before}{after}"))
            if at:
                found[f"{before}_{letters[at]}{after}"] = None
                found["".join(letters[: at - 1]) + letters[at] + letters[at - 1] + after] = None
    return [f"%{pattern}%" for pattern in found]


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
