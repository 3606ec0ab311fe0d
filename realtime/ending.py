"""An end to background tasks that is one: cancelled until they are done.

A single `cancel()` can get lost on Python 3.11: `asyncio.wait_for`, on which database drivers stand, swallows it when
its inner call ends at the same moment; a loop that tries for ever would then run for ever, and its owner wait for it.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

PATIENCE_SECONDS = 1.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and wait until all are done; their errors are nobody's business any more."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=PATIENCE_SECONDS)
        for task in done:
            if not task.cancelled():
                task.exception()  # fetched, or asyncio would complain of it
