"""What each file of tests costs: seconds of processor time, its own and those of all it starts (`pytest --costs`).

Processor time, for the seconds on the clock depend on who else is at work. What a session shares (an installation, a
browser) is on the account of the file that needed it first, and of those in whose time it worked. Linux only.
"""

from collections import defaultdict
from collections.abc import Generator
from os import getpid, sysconf
from pathlib import Path

import pytest

from tests.workers import unit

DEAREST = 40  # tests that are named, too
TICKS = sysconf("SC_CLK_TCK")


def spent() -> float:
    """Seconds of processor time of this process and all below it so far, with those that have ended."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        number = int(folder.name)
        parents[number], ticks[number] = int(fields[1]), sum(map(int, fields[11:15]))
    total, mine = 0, {getpid()}
    while mine:
        total += sum(ticks[number] for number in mine)
        mine = {number for number, parent in parents.items() if parent in mine}
    return total / TICKS


class Costs:
    """Keeps the account: on every report of every process, and in a table at the end."""

    def __init__(self) -> None:
        self.before = spent()
        self.reports: list[pytest.TestReport] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        now = spent()
        # Who is killed takes along what those below it owed, for their next parent is not one of ours.
        report.__dict__["cost"], self.before = max(0.0, now - self.before), now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        tests: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        files: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for report in self.reports:
            for account in (tests[report.nodeid], files[report.nodeid.split("::", 1)[0]]):
                account[0] += getattr(report, "cost", 0.0)
                account[1] += report.duration
        terminalreporter.section("seconds of processor, and of the clock")
        lines = [(sum(cost for cost, _ in files.values()), sum(clock for _, clock in files.values()), "all of them")]
        for accounts, most in ((files, len(files)), (tests, DEAREST)):
            dearest = sorted(accounts, key=lambda name: -accounts[name][0])[:most]
            lines += [(accounts[name][0], accounts[name][1], name) for name in dearest]
        for cost, clock, name in lines:
            terminalreporter.write_line(f"{cost:8.1f} {clock:8.1f}  {name}")
        terminalreporter.section("which process was at what, in seconds from the first test on")
        for line in self.shifts():
            terminalreporter.write_line(line)

    def shifts(self) -> list[str]:
        """A line for every unit that a process worked through: when it began and ended, and how much it cost."""
        began = min((report.start for report in self.reports), default=0.0)
        shifts: dict[tuple[str, str], list[pytest.TestReport]] = defaultdict(list)
        for report in self.reports:
            shifts[getattr(report, "worker_id", "gw0"), unit(report.nodeid)].append(report)
        lines = []
        for (process, name), reports in sorted(shifts.items(), key=lambda shift: (shift[0][0], shift[1][0].start)):
            start, end = min(report.start for report in reports), max(report.stop for report in reports)
            cost = sum(getattr(report, "cost", 0.0) for report in reports)
            lines.append(f"{process} {start - began:6.0f} {end - began:6.0f} {cost:8.1f}  {name}")
        return lines
