"""What a measurement prints and leaves behind: a table, the same as JSON, and one line per goal at the end."""

import json
import math
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.core.settings import load

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Row:
    """One line of the table. `load`: the machine's load average just then, for who else was busy."""

    name: str
    value: float
    unit: str
    note: str = ""
    load: float = 0.0


@dataclass(frozen=True)
class Goal:
    """A value that should not be above a limit; infinite when it could not be measured."""

    name: str
    value: float
    unit: str
    limit: float

    @property
    def met(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "missed"
        value = f"{self.value:.4g} {self.unit}" if math.isfinite(self.value) else "not measured"
        return f"goal {self.name}: {value} (<= {self.limit:g} {self.unit}) {verdict}"


@dataclass
class Report:
    """Grows while a bench runs; `finish` prints and writes it.

    `partial`: not everything is measured; what an earlier run wrote of the rest stays, under its own time and commit.
    """

    name: str
    partial: bool = False
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)

    def row(self, name: str, value: float, unit: str, note: str = "") -> None:
        """Note a number and show that the bench is alive."""
        self.rows.append(Row(name, value, unit, note, round(os.getloadavg()[0], 1)))
        print(f"  ... {name}: {value:.4g} {unit}", flush=True)

    def goal(self, name: str, value: float, unit: str, limit: float, note: str = "") -> None:
        """Note a number that has a goal: at most `limit`."""
        self.row(name, value, unit, note)
        self.goals.append(Goal(name, value, unit, limit))

    def finish(self) -> int:
        """Print the table and the goals, write the JSON; the exit status, 0 whether goals were met or missed."""
        width = max(len(row.name) for row in self.rows)
        print(f"\n{self.name}, {machine()}\n")
        for row in self.rows:
            print(f"{row.name:<{width}}  {row.value:>9.4g} {row.unit:<4} load {row.load:>4.1f}  {row.note}".rstrip())
        path = self._write()
        print(f"\nwritten to {path}\n")
        for goal in self.goals:
            print(goal)
        return 0

    def _write(self) -> Path:
        folder = load().data / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        here = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "commit": commit()}
        rows = [asdict(row) | {"value": _finite(row.value)} for row in self.rows]
        goals = [asdict(goal) | {"value": _finite(goal.value), "met": goal.met} for goal in self.goals]
        content: dict[str, Any] = {"name": self.name, **here, "rows": rows, "goals": goals}
        if self.partial and path.exists():
            earlier = json.loads(path.read_text())
            origin = {key: earlier[key] for key in here}
            for part in ("rows", "goals"):
                content[part] = _joined(earlier[part], content[part], origin)
        path.write_text(json.dumps(content, indent=2) + "\n")
        return path


def _joined(earlier: list[Any], now: list[Any], origin: dict[str, str]) -> list[Any]:
    """What was measured now in the place of what it measured anew, and the rest, each saying where it comes from."""
    fresh = {each["name"]: each for each in now}
    kept = [fresh.pop(each["name"], None) or origin | each for each in earlier]
    return [*kept, *fresh.values()]


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def machine() -> str:
    """What it ran on: numbers without it mean nothing."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def commit() -> str:
    """The tree's commit, empty outside of one."""
    words = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
