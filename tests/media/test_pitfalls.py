"""The list of what goes wrong names code and tests that exist."""

import importlib
import re
from functools import reduce
from pathlib import Path

LIST = Path(__file__).resolve().parents[2] / "media" / "PITFALLS.md"


def test_every_pitfall_names_its_answer_and_its_test() -> None:
    rows = [line.strip("| ").split(" | ") for line in LIST.read_text().splitlines() if line.startswith("| ")][2:]
    assert {row[0][:2] for row in rows} >= {f"{letter}." for letter in "ABCDEFGHI"}
    for _, answers, tests in rows:
        for package, names in (("media", answers), ("tests.media", tests)):
            found = re.findall(r"`([^`]+)`", names)
            assert found
            for name in found:
                module, *parts = name.split(".")
                assert callable(reduce(getattr, parts, importlib.import_module(f"{package}.{module}"))), name
