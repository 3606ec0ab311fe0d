"""What an operator sees to from the command line: a database that answers, and tasks that nobody tries again."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC

import asyncpg

from server.core import db, tasks
from server.core.errors import OUTAGES
from server.core.folder import StartError

UNREACHABLE: tuple[type[BaseException], ...] = (*OUTAGES, asyncpg.InvalidCatalogNameError)


@contextlib.asynccontextmanager
async def database() -> AsyncIterator[None]:
    """One connection. Raises StartError with a sentence when there is none to be had."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(db.open_pool(1))
        except UNREACHABLE as error:
            msg = f"The database cannot be reached: {error}. Is Greenroom running, is DATABASE_URL right?"
            raise StartError(msg) from error
        yield


async def print_held() -> None:
    """A line for each task that is held, and what to do about them. Nothing of what is in them."""
    async with database():
        found = await tasks.held()
    for task in found:
        since = task.since.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        print(f"{task.name}: since {since}, begun {_times(task.tries)}, {task.error or 'for no known error'}")
    if found:
        print(f"{_tasks(len(found))} held. The worker's log says more; `greenroom held --retry` has all of them done.")
    else:
        print("No task is held.")


async def try_again() -> None:
    """All of them go back into the queue."""
    async with database():
        count = await tasks.try_again()
    print(f"{_tasks(count)} back in the queue." if count else "No task is held.")


def _tasks(count: int) -> str:
    return "1 task is" if count == 1 else f"{count} tasks are"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
