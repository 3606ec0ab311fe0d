"""The file that a bench leaves: a run of one half keeps the other half, and says when that was measured."""

import json
from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.report import Report


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GREENROOM_DATA", str(tmp_path))
    return tmp_path / "bench" / "live.json"


def test_half_a_run_keeps_the_other_half(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "commit", lambda: "first")
    whole = Report("live")
    whole.row("size", 3, "MB")
    whole.goal("delay", 100, "ms", 250)
    whole.goal("memory", 20, "KiB", 30)
    whole.finish()
    earlier = json.loads(file.read_text())
    monkeypatch.setattr(report, "commit", lambda: "second")
    half = Report("live", partial=True)
    half.goal("delay", 300, "ms", 250)
    half.row("new", 1, "s")
    half.finish()
    found = json.loads(file.read_text())
    assert [(row["name"], row["value"], row.get("commit")) for row in found["rows"]] == [
        ("size", 3, "first"), ("delay", 300, None), ("memory", 20, "first"), ("new", 1, None),
    ]  # fmt: skip
    assert [(goal["name"], goal["met"], goal.get("commit")) for goal in found["goals"]] == [
        ("delay", False, None), ("memory", True, "first"),
    ]  # fmt: skip
    assert found["commit"] == "second"
    assert found["rows"][0]["at"] == earlier["at"]
    monkeypatch.setattr(report, "commit", lambda: "third")
    Report("live", partial=True, rows=half.rows).finish()
    again = json.loads(file.read_text())
    assert [row.get("commit") for row in again["rows"]] == ["first", None, "first", None]
    assert [goal["commit"] for goal in again["goals"]] == ["second", "first"]


def test_a_whole_run_keeps_nothing(file: Path) -> None:
    for name in ("one", "other"):
        whole = Report("live")
        whole.row(name, 1, "s")
        whole.finish()
    assert [row["name"] for row in json.loads(file.read_text())["rows"]] == ["other"]
