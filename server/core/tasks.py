"""Background work on pgqueuer: enqueued in the action's transaction, run in the worker at least once.

A task is a name and a coroutine taking bytes. What fails is tried again with growing pauses, then held for a person to
look at; what kills its worker again and again is set aside by a count of starts, which pgqueuer does not keep.
Invariant: only this module imports pgqueuer, and late: it takes half a second, which a web process has only after it
serves. Its tables live in a Postgres schema of their own, `queue`.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from media.storage import AwayError
from server.core import db
from server.core.errors import trail

if TYPE_CHECKING:
    from pgqueuer import PgQueuer
    from pgqueuer.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters

os.environ.setdefault("PGQUEUER_SCHEMA", "queue")  # pgqueuer reads its settings from the environment when imported
log = logging.getLogger("greenroom.tasks")
Task = Callable[[bytes], Awaitable[None]]
MOST_STARTS = 12
STORAGE_PAUSE = timedelta(seconds=15)

_TASKS: dict[str, Task] = {}
_SCHEDULES: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {}


def register(name: str, task: Task) -> None:
    """Make `task` known to the worker under a name that stays: queued work refers to it."""
    if name in _TASKS:
        msg = f"two tasks are called {name}"
        raise ValueError(msg)
    _TASKS[name] = task


def schedule(name: str, cron: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` by the clock in one of the workers; `cron` as in crontab, five fields."""
    _SCHEDULES[name] = (cron, work)


async def enqueue(
    name: str, payload: bytes, *, after: timedelta | None = None, connection: asyncpg.Connection | None = None
) -> None:
    """Queue a task in the open transaction (or on `connection`): it exists if and only if that commits."""
    from pgqueuer.db import AsyncpgDriver  # noqa: PLC0415 - see the module's docstring
    from pgqueuer.queries import Queries  # noqa: PLC0415

    c = connection or db.current().connection
    await Queries(AsyncpgDriver(c)).enqueue(name, payload, execute_after=after)


def prepare() -> None:
    """Import what `enqueue` needs, so that the first request that enqueues does not wait for it."""
    import pgqueuer.db  # noqa: PLC0415
    import pgqueuer.queries  # noqa: F401, PLC0415


async def work(stop: asyncio.Event) -> None:
    """Run tasks and schedules until `stop` is set. The pool must be open."""
    from pgqueuer import PgQueuer  # noqa: PLC0415
    from pgqueuer.db import AsyncpgPoolDriver  # noqa: PLC0415

    queue = PgQueuer(AsyncpgPoolDriver(db.pool()))
    for name, task in _TASKS.items():
        _add_task(queue, name, task)
    for name, (cron, run) in _SCHEDULES.items():
        _add_schedule(queue, name, cron, run)
    running = asyncio.create_task(
        queue.run(dequeue_timeout=timedelta(seconds=5), heartbeat_timeout=timedelta(seconds=30))
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    queue.shutdown.set()
    stopping.cancel()
    await running


def _add_task(queue: "PgQueuer", name: str, task: Task) -> None:
    from pgqueuer.executors import DatabaseRetryEntrypointExecutor  # noqa: PLC0415
    from pgqueuer.models import Job  # noqa: PLC0415

    def executor(parameters: "EntrypointExecutorParameters") -> "AbstractEntrypointExecutor":
        return DatabaseRetryEntrypointExecutor(parameters, max_attempts=8, initial_delay=timedelta(seconds=1))

    @queue.entrypoint(name, on_failure="hold", executor_factory=executor)
    async def run(job: Job) -> None:
        if await _starts(str(job.id)) > MOST_STARTS:
            log.error("task %s %s was begun %d times and never finished: set aside", name, job.id, MOST_STARTS)
            return
        try:
            await task(job.payload or b"")
        except AwayError:  # for as long as it takes; nobody need look at it
            log.warning("task %s %s waits for the storage", name, job.id)
            async with db.transaction():
                await enqueue(name, job.payload or b"", after=STORAGE_PAUSE)
        except Exception as error:
            log.error("task %s %s failed: %s", name, job.id, trail(error))  # noqa: TRY400 - without the message
            raise
        await db.execute("DELETE FROM task_start WHERE task = $1", str(job.id))


def _add_schedule(queue: "PgQueuer", name: str, cron: str, run: Callable[[], Awaitable[None]]) -> None:
    from pgqueuer.models import Schedule  # noqa: PLC0415

    @queue.schedule(name, cron)
    async def tick(_: Schedule) -> None:
        try:
            await run()
        except Exception as error:
            log.error("schedule %s failed: %s", name, trail(error))  # noqa: TRY400 - without the message


async def _starts(job: str) -> int:
    count: int = await db.value(
        "INSERT INTO task_start (id, task, starts, at) VALUES (gen_random_uuid(), $1, 1, now()) "
        "ON CONFLICT (task) DO UPDATE SET starts = task_start.starts + 1 RETURNING starts",
        job,
    )
    return count
