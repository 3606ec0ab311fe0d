"""`tests/media/test_sync.py` in both browsers while five programs want a processor each, and all of it."""

import subprocess
import sys

import pytest

LOOPS = 5

if __name__ == "__main__":
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOOPS)]
    try:
        status = pytest.main(["tests/media/test_sync.py", "-s", "-n0", "--timeout=180", *sys.argv[1:]])
    finally:
        for program in programs:
            program.kill()
            program.wait()
    sys.exit(status)
