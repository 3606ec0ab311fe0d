"""The child's half of never outliving the supervisor.

The kernel asks a supervised process to stop when the supervisor dies (see `children`). This is for the case that it
cannot: a process too busy or too stuck to follow is ended from a thread of its own.
"""

import os
import signal
import sys
import threading
import time

LOOK_EVERY = 0.5  # seconds
GRACE = 5.0  # seconds to finish what is being recorded or written


def leave_with_parent() -> None:
    """End this process when its parent has died: politely first, then at once."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="orphan-watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    if sys.platform != "linux":
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
