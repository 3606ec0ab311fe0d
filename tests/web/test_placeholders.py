"""Words that somebody wrote to one candidate, as words for anybody: the browser's own code in Node."""

import pytest

from tests.web.conftest import Ask

WORDS = ["Cleo Marchetti", "Senior (m/f) *", "Northlight", "Ada Okafor"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hello Cleo, it is Ada Okafor.", "Hello {first_name}, it is {sender}."),
        ("Dear Cleo Marchetti, Cleopatra", "Dear {name}, Cleopatra"),
        ("Senior (m/f) * at Northlight!", "{job} at {workspace}!"),
        ("Northlights, cleo, {first_name} $& \\1", "Northlights, cleo, {first_name} $& \\1"),
        ("", ""),
    ],
)
def test_what_names_somebody_becomes_a_placeholder(ask: Ask, text: str, kept: str) -> None:
    assert ask("unfill", text=text, words=WORDS) == kept


def test_a_name_of_one_word_and_names_that_are_not_there(ask: Ask) -> None:
    assert ask("unfill", text="Hello Noor", words=["Noor", "", "", ""]) == "Hello {first_name}"
    assert ask("unfill", text="Hello Noor", words=["", "", "", ""]) == "Hello Noor"
