"""The collisions of `tests/server/test_collisions.py` for twenty seconds instead of six (GREENROOM_SOAK_SECONDS)."""

import os
import sys

import pytest

SECONDS = "20"

if __name__ == "__main__":
    os.environ.setdefault("GREENROOM_SOAK_SECONDS", SECONDS)
    limit = float(os.environ["GREENROOM_SOAK_SECONDS"]) + 120
    sys.exit(pytest.main(["tests/server/test_collisions.py", "-s", f"--timeout={limit:.0f}", *sys.argv[1:]]))
