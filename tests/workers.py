"""How the whole suite is shared out among processes that run side by side (`pytest -n auto`, as `./dev test` does).

Each has its own Postgres, Valkey, browsers and installations, made when first needed. It is handed one unit after the
other: the tests of a file, so that what they share is made once. Whatever films in a browser in real time is one unit
and the first, for two cameras at once are more than two cores can encode, and what was measured then would be the
machine. The senders of our own, which only send, are the second, and what breaks a whole installation the third. The
others step back for the first two: they and all they start are nice, which costs them little, for they wait a lot.
That is also why there are more processes than cores; `./dev test --costs` tells what uses the processor. Where all the
same nobody gets what they need, the others take turns: one at a time beside cameras and senders, two without them.

Linux weighs whole sessions against each other where it groups them (`kernel.sched_autogroup_enabled`), and every server
and browser here is a session: there, being nice helps nobody. `.ci/run` turns that off for its time, as root.

A test that hangs ends by itself, with the place where it waited, shortly before pytest-timeout ends its whole process.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import functools
import inspect
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
CAMERA = (
    "tests/e2e/test_faults.py",
    "tests/e2e/test_foreign_clients.py",
    "tests/e2e/test_lost_recordings.py",
    "tests/e2e/test_monitor.py",
    "tests/e2e/test_nerves.py",
    "tests/e2e/test_on_camera.py",
    "tests/e2e/test_own_copy.py",
    "tests/e2e/test_spine.py",
    "tests/e2e/test_ways_down.py",
    "tests/media/test_browser.py",
    "tests/media/test_links.py",
    "tests/media/test_loss.py",
    "tests/media/test_sync.py",
)
SENDERS = (  # files, and two folders
    "tests/media/",
    "tests/server/test_draining.py",
    "tests/server/test_recording.py",
    "tests/soak/",
)
BREAKERS = ("tests/e2e/test_closed_doors.py", "tests/e2e/test_kept_changes.py", "tests/e2e/test_outages.py")
# What follows is in the order of the folders: e2e has the long units, server and web the short ones for the end.
IN_REAL_TIME = {"camera", "senders"}
FIRST = ("camera", "senders", "breakers")
FEWEST, MOST = 4, 6  # processes
NICE = 10
PR_CAPBSET_DROP, CAP_SYS_NICE = 24, 23  # of linux/prctl.h and linux/capability.h
CROWDED = 80.0  # percent of the last ten seconds in which something waited for a processor
PRESSURE = Path("/proc/pressure/cpu")
AGAIN = 0.2  # seconds
LOCKS = ROOT / ".tools" / "tests"
NEARLY = 0.9  # of what pytest-timeout gives a test with its fixtures


class Units(LoadScopeScheduling):
    """Hands out units in the order in which their first tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """The name of what a test belongs to."""
    file = nodeid.split("::", 1)[0]
    units = (("camera", CAMERA), ("senders", SENDERS), ("breakers", BREAKERS))
    return next((name for name, files in units if file.startswith(files)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the units that decide how long it all takes in front."""
    assert all((ROOT / name).exists() for name in CAMERA + SENDERS + BREAKERS), (
        "what is named here has another name now"
    )
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(unit(item.nodeid), len(FIRST)))


def step_back(item: pytest.Item) -> None:
    """A process of several gives way as soon as it is clear that it neither films nor sends."""
    if "PYTEST_XDIST_WORKER" in os.environ and unit(item.nodeid) not in IN_REAL_TIME and os.nice(0) == 0:
        os.nice(NICE)
        if sys.platform == "linux":  # root's browsers would make themselves less nice again: they may not
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0)


_real_time = contextlib.ExitStack()  # held from the first test of a camera or a sender to the last


@contextlib.contextmanager
def taking_turns(item: pytest.Item) -> Iterator[None]:
    """For a whole test: says that it works in real time, or waits for its turn where processors are lacking."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
    elif unit(item.nodeid) in IN_REAL_TIME:
        _begin_real_time()
        yield
    else:
        _real_time.close()
        with contextlib.ExitStack() as turn:
            while _crowded() and not _takes_turn(turn):
                time.sleep(AGAIN)
            yield


@functools.cache
def _begin_real_time() -> None:
    """Such units come first: a process has them in one go."""
    _real_time.enter_context(_locked("real-time", fcntl.LOCK_SH))


def _crowded() -> bool:
    try:
        return float(PRESSURE.read_text().split("avg10=")[1].split()[0]) >= CROWDED
    except OSError:  # a kernel that does not tell
        return False


def _takes_turn(turn: contextlib.ExitStack) -> bool:
    """Whether there was one: one at a time beside who works in real time, a second one where nobody does."""
    for name in ("turn",) if _at_work() else ("turn", "second-turn"):
        with contextlib.suppress(BlockingIOError):
            turn.enter_context(_locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB))
            return True
    return False


def _at_work() -> bool:
    """Whether anybody works in real time."""
    try:
        with _locked("real-time", fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


@contextlib.contextmanager
def _locked(name: str, how: int) -> Iterator[None]:
    """Raises BlockingIOError with LOCK_NB when others hold it."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / name).open("w") as file:
        fcntl.flock(file, how)
        yield


def say_where_it_hangs(item: pytest.Item) -> None:
    """Let a coroutine be cancelled when its time is nearly over: the traceback leads to what it waited for."""
    work = getattr(item, "obj", None)
    if not isinstance(item, pytest.Function) or not inspect.iscoroutinefunction(work):
        return
    mark = item.get_closest_marker("timeout")
    usual = item.config.getoption("timeout") or item.config.getini("timeout")
    limit = float(mark.args[0] if mark else usual) * NEARLY

    @functools.wraps(work)
    async def limited(*arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(limit):
            await work(*arguments, **named)

    item.obj = limited


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return max(FEWEST, min(MOST, os.cpu_count() or 1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Units:
    config.option.loadscopereorder = False
    return Units(config, log)
