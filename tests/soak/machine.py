"""The state machine of `tests/realtime/test_machine.py` with other stories each time (GREENROOM_SOAK_SECONDS decides).

The suite plays the same 500 stories on every run, so that a change is judged by what it changed. New stories are looked
for here; the shortest that breaks is printed.
"""

import os
import time

from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.realtime.test_machine import LiveCore

SECONDS = "600"


def play(seconds: float) -> int:
    """Play batches of 500 stories until the time is over; how many were played. Raises what broke."""
    rules = settings(max_examples=500, stateful_step_count=40, deadline=None, derandomize=False, database=None)
    until, stories = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        run_state_machine_as_test(seed(time.time_ns())(LiveCore), settings=rules)
        stories += 500
        print(f"{stories} stories", flush=True)
    return stories


if __name__ == "__main__":
    print(f"played {play(float(os.environ.get('GREENROOM_SOAK_SECONDS', SECONDS)))} stories, none broke")
