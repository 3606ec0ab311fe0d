"""Background work on pgqueuer: enqueued in the action's transaction, run in the worker at least once.

A task is a name and a coroutine taking bytes. What fails is tried again with growing pauses, then held for a person to
look at; what can never succeed, or kills its worker again and again (by a count of starts, which pgqueuer does not
keep), is held at once. What is away (database, storage, room on the disk, a mail server) is waited for, however long:
then nothing has failed. What goes on for long gives way when its worker is told to stop, and begins anew elsewhere.
Invariant: only this module imports pgqueuer, and late: it takes half a second, which a web process has only after it
serves. Its tables live in a Postgres schema of their own, `queue`.
"""

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import asyncpg

from media.storage import AwayError
from server.core import db
from server.core.errors import AWAY, OUTAGES, trail

if TYPE_CHECKING:
    from pgqueuer import PgQueuer
    from pgqueuer.queries import Queries

os.environ.setdefault("PGQUEUER_SCHEMA", "queue")  # pgqueuer reads its settings from the environment when imported
log = logging.getLogger("greenroom.tasks")
Task = Callable[[bytes], Awaitable[None]]
T = TypeVar("T")
MOST_STARTS = 12
LOOK_AGAIN = timedelta(seconds=5)  # for what nobody told the queue of, such as what is tried again
AWAY_PAUSE = timedelta(seconds=5)
FULL_PAUSE = timedelta(minutes=1)
DATABASE_PAUSE = 0.5  # seconds
FULL = {errno.ENOSPC, errno.EDQUOT}
MOST_TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds

_TASKS: dict[str, Task] = {}
_GIVEN_UP: dict[str, Task] = {}
_SCHEDULES: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {}


class GiveUpError(Exception):
    """Raised by a task that will not succeed another time either."""


class NotYetError(Exception):
    """Raised by a task that needs what is away: it is done when that is back. `pause`: until it is looked for again.

    `within`: how long after it was queued that is waited for; for ever without.
    """

    def __init__(self, pause: timedelta, within: timedelta | None = None) -> None:
        super().__init__(pause)
        self.pause = pause
        self.within = within


class Held(NamedTuple):
    """A task that is not tried again by itself: since when, how often it was begun, and the type of its last error."""

    name: str
    since: datetime
    tries: int
    error: str


class StoppedError(Exception):
    """The worker was told to stop, or lost its queue; the task begins anew."""


def register(name: str, task: Task, given_up: Task | None = None) -> None:
    """Make `task` known to the worker under a name that stays: queued work refers to it.

    `given_up` is told, at least once, when a task is not tried again: for people who wait for it.
    """
    if name in _TASKS:
        msg = f"two tasks are called {name}"
        raise ValueError(msg)
    _TASKS[name] = task
    if given_up is not None:
        _GIVEN_UP[name] = given_up


def schedule(name: str, cron: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` by the clock in one of the workers; `cron` as in crontab, five fields."""
    _SCHEDULES[name] = (cron, work)


async def enqueue(
    name: str,
    payload: bytes,
    *,
    priority: int = 0,
    after: timedelta | None = None,
    connection: asyncpg.Connection | None = None,
) -> None:
    """Queue a task in the open transaction (or on `connection`): it exists if and only if that commits.

    Of what waits, the highest `priority` is begun first.
    """
    from pgqueuer.db import AsyncpgDriver  # noqa: PLC0415 - see the module's docstring
    from pgqueuer.queries import Queries  # noqa: PLC0415

    c = connection or db.current().connection
    await Queries(AsyncpgDriver(c)).enqueue(name, payload, priority, execute_after=after)


async def enqueue_all(tasks: Sequence[tuple[str, bytes]]) -> None:
    """Queue tasks, each a name and a payload, in the open transaction with one query."""
    from pgqueuer.db import AsyncpgDriver  # noqa: PLC0415 - see the module's docstring
    from pgqueuer.queries import Queries  # noqa: PLC0415

    if tasks:
        names, payloads = zip(*tasks, strict=True)
        queries = Queries(AsyncpgDriver(db.current().connection))
        await queries.enqueue(list(names), list(payloads), [0] * len(tasks))


_HELD = """
SELECT q.entrypoint, q.updated, coalesce(s.starts, q.attempts + 1), coalesce(l.error, '') FROM queue.pgqueuer q
LEFT JOIN task_start s ON s.task = q.id::text
LEFT JOIN LATERAL (
    SELECT traceback ->> 'exception_type' AS error FROM queue.pgqueuer_log WHERE job_id = q.id AND status = 'failed'
    ORDER BY created DESC LIMIT 1) l ON true
WHERE q.status = 'failed' ORDER BY q.updated, q.id
"""


async def held() -> list[Held]:
    """The tasks that wait for a person, the oldest first."""
    return await db.rows(Held, _HELD)


async def try_again() -> int:
    """Put all of them back into the queue as if they had never been begun; how many these were."""
    from pgqueuer.db import AsyncpgDriver  # noqa: PLC0415 - see the module's docstring
    from pgqueuer.queries import Queries  # noqa: PLC0415
    from pgqueuer.types import JobId  # noqa: PLC0415

    async with db.transaction() as transaction:
        found = await db.rows(JobId, "SELECT id FROM queue.pgqueuer WHERE status = 'failed' ORDER BY id FOR UPDATE")
        await db.execute("DELETE FROM task_start WHERE task = ANY($1::bigint[]::text[])", found)
        await Queries(AsyncpgDriver(transaction.connection)).requeue_jobs(found)
    return len(found)


def prepare() -> None:
    """Import what `enqueue` needs, so that the first request that enqueues does not wait for it."""
    import pgqueuer.db  # noqa: PLC0415
    import pgqueuer.queries  # noqa: F401, PLC0415


_give_way: asyncio.Event | None = None


async def unless_stopped(lengthy: Awaitable[T]) -> T:
    """What `lengthy` returns. Raises StoppedError, and cancels it, when everything under way has to end soon."""
    if _give_way is None:
        return await lengthy
    working, stopping = asyncio.ensure_future(lengthy), asyncio.ensure_future(_give_way.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise StoppedError
        return working.result()
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def work(stop: asyncio.Event, limits: Mapping[str, int] | None = None) -> None:
    """Run tasks and schedules until `stop` is set. The pool must be open. Raises what ended it, such as an outage.

    `limits`: how many tasks of a name all workers together do at a time; the same in every worker.
    """
    global _give_way  # noqa: PLW0603 - one per process
    _give_way = asyncio.Event()
    from pgqueuer import PgQueuer  # noqa: PLC0415

    failures: list[Exception] = []

    def failed(error: Exception) -> None:
        failures.append(error)
        _end_soon(queue)

    queries = _patient_queries(failed)
    queue = PgQueuer(queries.driver, queries=queries)
    for name, task in _TASKS.items():
        _add_task(queue, name, task, (limits or {}).get(name, 0))
    for name, (cron, run) in _SCHEDULES.items():
        _add_schedule(queue, name, cron, run)
    running = asyncio.create_task(queue.run(dequeue_timeout=LOOK_AGAIN, heartbeat_timeout=timedelta(seconds=30)))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        _end_soon(queue)
        stopping.cancel()
        await running
    finally:
        _give_way = None
    if failures:
        raise failures[0]


def _end_soon(queue: "PgQueuer") -> None:
    """Begin nothing more, and let what goes on for long give way: the queue ends when all under way is done."""
    if _give_way is not None:
        _give_way.set()
    queue.shutdown.set()


def _patient_queries(failed: Callable[[Exception], None]) -> "Queries":
    """The queue's statements on the pool, without what pgqueuer would do to tasks when the database is away.

    `failed` is told when one fails that both halves of the queue, tasks and schedules, ask again and again. In an
    outage the answer is then that there is nothing: where one half fails, pgqueuer cancels what the other one does.
    """
    from pgqueuer.db import AsyncpgPoolDriver  # noqa: PLC0415
    from pgqueuer.queries import Queries  # noqa: PLC0415

    class Patient(Queries):
        async def retry_job(self, *told: Any) -> None:
            # A task whose retry cannot be written down would be held for good.
            await _once_there(lambda: super(Patient, self).retry_job(*told))

        async def log_jobs(self, told: list[Any]) -> None:
            # Nobody cancels tasks but a queue that ends by a failure; it would delete them. Without that they are
            # begun again when nobody is heard of them any more.
            if ended := [one for one in told if one[1] != "canceled"]:
                await super().log_jobs(ended)

    queries = Patient(AsyncpgPoolDriver(db.pool()))
    for name, nothing in _ASKED.items():
        setattr(queries, name, _watched(getattr(queries, name), failed, nothing))
    return queries


_RAISE = object()
_ASKED: dict[str, object] = {
    "dequeue": (), "eligible_queued_work": 0, "next_deferred_eta": None, "queued_work": 0, "fetch_schedule": (),
    "has_table": _RAISE, "insert_schedule": _RAISE,
}  # fmt: skip


def _watched(ask: Callable[..., Awaitable[Any]], failed: Callable[[Exception], None], nothing: object) -> Any:
    async def asked(*told: Any, **named: Any) -> Any:
        try:
            return await ask(*told, **named)
        except Exception as error:
            failed(error)
            if nothing is _RAISE or not isinstance(error, OUTAGES):
                raise
            return nothing

    return asked


async def _once_there(write: Callable[[], Awaitable[Any]]) -> None:
    """Do what has to be written of a task, as soon as the database is there. Perhaps twice."""
    while True:
        try:
            await write()
        except OUTAGES as error:
            log.warning("the database is away (%s): the queue waits", type(error).__name__)
            await asyncio.sleep(DATABASE_PAUSE)
        else:
            return


def _add_task(queue: "PgQueuer", name: str, task: Task, limit: int) -> None:
    from pgqueuer.errors import RetryRequested  # noqa: PLC0415
    from pgqueuer.models import Job  # noqa: PLC0415

    @queue.entrypoint(name, on_failure="hold", concurrency_limit=limit)
    async def run(job: Job) -> None:
        payload, number = job.payload or b"", str(job.id)
        try:
            if await _starts(number) > MOST_STARTS:
                raise GiveUpError  # noqa: TRY301 - handled as when the task says so
            await task(payload)
        except Exception as error:
            if isinstance(error, NotYetError) and error.within is not None:
                log.warning("task %s %s is refused for now (%s)", name, number, _cause(error))
                await _once_there(lambda: _ended(number))
                if datetime.now(UTC) - job.created < error.within or not await _give_up(name, payload):
                    raise RetryRequested(error.pause, _cause(error)) from error
                raise
            pause = await _away(error)
            if pause is None:
                log.error("task %s %s failed: %s", name, number, trail(error))  # noqa: TRY400 - without the message
                given_up = isinstance(error, GiveUpError) or job.attempts >= MOST_TRIES
                if given_up and await _give_up(name, payload):
                    raise
                wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2**job.attempts)
                raise RetryRequested(timedelta(seconds=wait), type(error).__name__) from error
            log.warning("task %s %s waits (%s)", name, number, _cause(error))
            await _once_there(lambda: _again(name, payload, job.priority, pause))
        await _once_there(lambda: _ended(number))


def _cause(error: BaseException) -> str:
    return type(error.__cause__ or error).__name__


async def _away(error: BaseException) -> timedelta | None:
    """When to begin again, or to look for what was needed; None where the task itself has failed."""
    match error:
        case GiveUpError():  # whatever it was that made it give up
            return None
        case StoppedError():
            return timedelta()
        case NotYetError():
            return error.pause
        case OSError() if error.errno in FULL:
            return FULL_PAUSE
    contended = isinstance(error, (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError))
    gone = contended or _from_away(error) or (isinstance(error, OUTAGES) and not await _answers())
    return AWAY_PAUSE if gone else None


def _from_away(error: BaseException | None) -> bool:
    """Whether it is, or came of, a service that is not there."""
    while error is not None:
        if isinstance(error, (AwayError, *AWAY)):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _answers() -> bool:
    """Whether the database does."""
    try:
        return bool(await db.value("SELECT true"))
    except OUTAGES:
        return False


async def _again(name: str, payload: bytes, priority: int, pause: timedelta) -> None:
    """As a task of its own: what was away does not count as a try."""
    async with db.transaction():
        await enqueue(name, payload, priority=priority, after=pause)


async def _ended(job: str) -> None:
    await db.execute("DELETE FROM task_start WHERE task = $1", job)


async def _give_up(name: str, payload: bytes) -> bool:
    """Tell who waits for it; False where that has to be done again."""
    try:
        if name in _GIVEN_UP:
            await _GIVEN_UP[name](payload)
    except Exception as error:
        log.error("nobody could be told that task %s was given up: %s", name, trail(error))  # noqa: TRY400
        return await _away(error) is None and not isinstance(error, OUTAGES)
    return True


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
