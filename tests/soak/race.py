"""The race of `tests/realtime/test_race.py` for ten minutes instead of seconds (GREENROOM_SOAK_SECONDS decides)."""

import os
import sys

import pytest

SECONDS = "600"

if __name__ == "__main__":
    os.environ.setdefault("GREENROOM_SOAK_SECONDS", SECONDS)
    limit = float(os.environ["GREENROOM_SOAK_SECONDS"]) + 120
    sys.exit(pytest.main(["tests/realtime/test_race.py", "-s", f"--timeout={limit:.0f}", *sys.argv[1:]]))
