"""How the whole suite is shared out among processes that run side by side (`pytest -n auto`, as `./dev test` does).

Each has its own Postgres, Valkey, browsers and installations, made when first needed. It is handed one unit after the
other: the tests of a file in one engine, so that what they share is made once. Whatever films in real time is one unit
and the first, for two cameras at once are more than two cores can encode, and what was measured then would be the
machine. The others step back for it: they and all they start are nice, which costs them little, for they wait a lot.
"""

import os
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.engines import ENGINES

ROOT = Path(__file__).resolve().parents[1]
FILMING = (  # files, and a folder
    "tests/e2e/test_foreign_clients.py",
    "tests/e2e/test_faults.py",
    "tests/e2e/test_lost_recordings.py",
    "tests/e2e/test_on_camera.py",
    "tests/e2e/test_own_copy.py",
    "tests/e2e/test_spine.py",
    "tests/media/",
    "tests/server/test_draining.py",
    "tests/server/test_recording.py",
    "tests/soak/",
)
FEWEST, MOST = 3, 4  # processes: one that films, and those that use what it leaves; more have no more units to take
NICE = 10


class Units(LoadScopeScheduling):
    """Hands out units in the order in which their first tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """The name of what a test belongs to."""
    file = nodeid.split("::", 1)[0]
    engine = next((name for name in ENGINES if f"[{name}" in nodeid), "")
    return "camera" if file.startswith(FILMING) else f"{file} {engine}"


def camera_first(items: list[pytest.Item]) -> None:
    """Put the longest unit first."""
    assert all((ROOT / name).exists() for name in FILMING), "what films has another name now"
    items.sort(key=lambda item: unit(item.nodeid) != "camera")


def step_back(item: pytest.Item) -> None:
    """A process of several gives way as soon as it is clear that it does not film."""
    if "PYTEST_XDIST_WORKER" in os.environ and unit(item.nodeid) != "camera" and os.nice(0) == 0:
        os.nice(NICE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return max(FEWEST, min(MOST, os.cpu_count() or 1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Units:
    config.option.loadscopereorder = False
    return Units(config, log)
