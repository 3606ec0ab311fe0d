"""What a board can be narrowed to: a registry of filters, each a word in the address and a condition in SQL.

A filter is evaluated over all candidates of the job, in the database. Capabilities above add their own with `register`:
the page offers what it knows how to show, the address may hold any of them, and they all must hold at once. In every
value "me" is whoever asks. A word that is searched for may stand in the name, or in any of `TEXTS`.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request

from server.core.errors import Invalid
from server.hiring.candidates.rules import plain

LONGEST = 200  # characters of a search
MOST_WORDS = 8
SHORTEST_TEXT = (
    2  # letters; what is shorter stands in every text, so it is searched in names alone: unless it is a word
)
SHORTEST_TYPO = 4  # letters; in shorter words every letter counts
TWO_TYPOS = 8  # letters from which on each half of a word may hold one


class Condition(NamedTuple):
    """SQL over `a` (application) and `c` (candidate) where `{0}` (or `{}`) stands for `value`, `{1}` for `second`."""

    sql: str
    value: object
    second: object = None

    @property
    def values(self) -> tuple[object, ...]:
        """Its parameters in order."""
        return (self.value,) if self.second is None else (self.value, self.second)


Filter = Callable[[Sequence[str], UUID], list[Condition]]
FILTERS: dict[str, Filter] = {}
# Where words are searched besides names, by kind: SQL over `a` and `c`, in which `{1}` stands for the word.
TEXTS: dict[str, str] = {}


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


def wanted_of(query: Mapping[str, Sequence[str]], me: UUID) -> Wanted:
    """What an address asks for. Raises Invalid for values that a filter does not know; other words are not ours."""
    conditions = [
        condition
        for name, known in FILTERS.items()
        if (given := query.get(name))
        for condition in known([str(me) if value == "me" else value for value in given], me)
    ]
    words = words_of(query)
    return Wanted(tuple(conditions), tuple(_has(word) for word in words), similar([plain(word) for word in words]))


def words_of(query: Mapping[str, Sequence[str]]) -> list[str]:
    """The words that an address asks for, as somebody wrote them."""
    text = " ".join(query.get("q", ())).replace("\x00", "")[:LONGEST]
    return [word for word in text.split() if plain(word)][:MOST_WORDS]


def wanted_by(request: Request[Any, Any, Any]) -> Wanted:
    """What a member's request's address asks for."""
    return wanted_of(request.query_params.dict(), request.scope["asking"].id)  # type: ignore[typeddict-item]


@register("stage")
def _stage(given: Sequence[str], _me: UUID) -> list[Condition]:
    """Only these stages."""
    try:
        return [Condition("a.stage_id = ANY({}::uuid[])", [UUID(word) for word in given[:100]])]
    except ValueError:
        raise Invalid(fields={"stage": "There is no such stage."}) from None


@register("new")
def _new(_given: Sequence[str], _me: UUID) -> list[Condition]:
    """Answers that nobody of the team has opened."""
    return [Condition("(a.submitted_at IS NOT NULL AND a.opened_at IS NULL) = {}::bool", True)]


@register("waiting")
def _waiting(_given: Sequence[str], _me: UUID) -> list[Condition]:
    """The candidate has written last."""
    return [Condition("a.waiting = {}::bool", True)]


def patterns_of(text: str) -> list[str]:
    """The words of a search as patterns, each of which must be found in a plain name."""
    words = plain(text.replace("\x00", "")[:LONGEST]).split()[:MOST_WORDS]
    return [f"%{_literal(word)}%" for word in words]


def _has(word: str) -> Condition:
    named = Condition("c.plain LIKE {0}::text", f"%{_literal(plain(word))}%")
    if not TEXTS or (len(word) < SHORTEST_TEXT and not unspaced(word)):
        return named
    return Condition(f"({' OR '.join([named.sql, *TEXTS.values()])})", named.value, word)


def unspaced(word: str) -> bool:
    """Whether some of it stands in texts without spaces around it, as Chinese, Japanese and Korean do."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in unicodedata.normalize("NFKC", word))


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
