"""A scorecard that two tabs of one person write at once: the browser's own code in Node."""

from typing import Any

import pytest

from tests.web.conftest import Ask


def draft(why: str = "", hire: str = "", **ratings: int) -> dict[str, Any]:
    return {"ratings": ratings, "hire": hire, "why": why}


@pytest.mark.parametrize(
    ("written", "base", "latest", "kept"),
    [
        (draft("", "yes", a=1), draft(), draft("", "", b=2), draft("", "yes", a=1, b=2)),
        (draft(a=1), draft(a=1, b=2), draft("", "no", a=3, b=2), draft("", "no", a=3)),
        (draft(a=4), draft(a=1), draft(a=3), draft(a=4)),
        (draft("Hello "), draft("Hello"), draft("Hello", "no"), draft("Hello ", "no")),
        (draft("Hello "), draft("Hello"), draft("Hello dear"), draft("Hello dear")),
        (draft("Mine"), draft(), draft(), draft("Mine")),
        (draft("Mine"), draft("Old"), draft("Theirs"), draft("Theirs\n\nMine")),
        (draft("Theirs and mine"), draft("Old"), draft("Theirs"), draft("Theirs and mine")),
        (draft(), draft("Old"), draft("Old"), draft()),
    ],
)
def test_what_was_written_here_stays_on_top_of_what_was_saved_there(
    ask: Ask, written: Any, base: Any, latest: Any, kept: Any
) -> None:
    assert ask("rebased", written=written, base=base, latest=latest) == kept


@pytest.mark.parametrize(
    ("written", "latest", "kept"),
    [
        (draft(a=1), draft(a=1, b=2), draft(a=1)),  # cleared while it was being saved
        (draft(a=1, b=3), draft(a=1, b=2), draft(a=1, b=3)),
        (draft(a=1, b=2), draft(a=1, b=2), draft(a=1, b=2)),
        (draft("", "", a=1, b=2), draft("Words", "yes", a=1, b=2), draft("", "", a=1, b=2)),
        (draft("Words", "yes", a=1, b=2), draft("Words", "yes", a=1, b=2), draft("Words", "yes", a=1, b=2)),
        (draft(a=1, b=2), draft("", "no", c=5, a=1), draft("", "", a=1, b=2, c=5)),
    ],
)
def test_what_is_taken_back_while_it_is_being_saved_stays_taken_back(
    ask: Ask, written: Any, latest: Any, kept: Any
) -> None:
    sent = draft("Words", "yes", a=1, b=2)
    assert ask("rebased", written=written, base=draft(a=1), latest=latest, sent=sent) == kept
