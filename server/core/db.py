"""The database: one engine and pool per process, transactions with after-commit hooks, reads into structs.

Schema, migrations and simple writes go through Piccolo; reads that matter are SQL on the same asyncpg pool, their
columns in the order of the struct's fields. Invariant: no code opens `DB.transaction()` itself; `transaction()` gives
the
connection back whatever COMMIT does (Piccolo 1.38 does not) and runs hooks only after a successful commit.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Literal, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from server.core.settings import load

log = logging.getLogger("greenroom.db")
T = TypeVar("T")


class QuietEngine(PostgresEngine):
    """Piccolo's engine, which would connect while it is being imported; ours waits until it is used."""

    async def check_version(self) -> None:
        """Greenroom checks the server's version when it migrates."""

    async def prep_database(self) -> None:
        """No extensions are needed."""


Record = asyncpg.Record

DB = QuietEngine(config={"dsn": load().database_url or None}, log_queries=False, extensions=())
MIGRATION_LOCK = 0x67726E72


class Transaction(PostgresTransaction):
    """A database transaction that cannot leak its connection, with hooks for what may happen only after the commit."""

    __slots__ = ("_hooks",)

    def __init__(self, engine: PostgresEngine) -> None:
        """See `transaction`."""
        super().__init__(engine)
        self._hooks: list[Callable[[], None]] = []

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Run `hook` once the commit is through; never after a rollback. Nothing durable may hang on it."""
        self._hooks.append(hook)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        """Commit or roll back; give the connection back and reset the context in any case."""
        if self._parent:
            return False
        done = False
        try:
            if kind is not None:
                if not self._rolled_back:
                    await self.transaction.rollback()
            elif not self._committed and not self._rolled_back:
                await self.transaction.commit()
                done = True
        finally:
            self.engine.current_transaction.reset(self.context)
            if self.engine.pool:
                await self.engine.pool.release(self.connection)
            else:
                await self.connection.close()
        if done:
            for hook in self._hooks:
                hook()
        return False


def transaction() -> Transaction:
    """Open a transaction, or join the one that is already open in this task."""
    return Transaction(DB)


def inside() -> bool:
    """Whether this task is in a transaction."""
    return DB.current_transaction.get() is not None


def current() -> Transaction:
    """The transaction this task is in. Raises RuntimeError outside of one: what calls it belongs inside."""
    running = DB.current_transaction.get()
    if not isinstance(running, Transaction):
        msg = "this must run inside transaction()"
        raise RuntimeError(msg)  # noqa: TRY004 - a mistake of the caller, not of a type
    return running


@contextlib.asynccontextmanager
async def connection() -> AsyncIterator[asyncpg.Connection]:
    """The connection of the open transaction, else one from the pool."""
    running = DB.current_transaction.get()
    if running is not None:
        yield running.connection
        return
    async with pool().acquire() as free:
        yield free


async def rows(shape: Callable[..., T], sql: str, *args: object) -> list[T]:
    """Every row as `shape(*columns)`."""
    async with connection() as c:
        return [shape(*row) for row in await c.fetch(sql, *args)]


async def row(shape: Callable[..., T], sql: str, *args: object) -> T | None:
    """The first row as `shape(*columns)`, or None."""
    async with connection() as c:
        found = await c.fetchrow(sql, *args)
    return shape(*found) if found is not None else None


async def value(sql: str, *args: object) -> Any:
    """The first column of the first row, or None."""
    async with connection() as c:
        return await c.fetchval(sql, *args)


async def record(sql: str, *args: object) -> asyncpg.Record | None:
    """The first row, or None."""
    async with connection() as c:
        found: Record | None = await c.fetchrow(sql, *args)
    return found


async def execute(sql: str, *args: object) -> str:
    """Run a statement; returns Postgres's command tag, such as `UPDATE 1`."""
    async with connection() as c:
        return str(await c.execute(sql, *args))


class _Plain(asyncpg.Connection):
    """A connection that nothing is ever set on beyond its transaction, so that nothing is to be reset behind one.

    asyncpg would send four statements for that whenever one is given back, which is with nearly every query.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


@contextlib.asynccontextmanager
async def open_pool(size: int = 10) -> AsyncIterator[None]:
    """Open the process's pool of at most `size` connections, and close it again.

    Statements are limited to 15 s and waiting for locks to 5 s: a stuck request fails with a sentence instead of
    hanging.
    """
    await DB.start_connection_pool(
        min_size=1,
        max_size=size,
        command_timeout=20,
        timeout=5,
        connection_class=_Plain,
        server_settings={"statement_timeout": "15000", "lock_timeout": "5000", "application_name": "greenroom"},
    )
    try:
        yield
    finally:
        pool = DB.pool
        DB.pool = None
        if pool is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(pool.close(), 2)


@contextlib.asynccontextmanager
async def snapshot() -> AsyncIterator[asyncpg.Connection]:
    """One consistent read of several tables: REPEATABLE READ, read only; nothing may be written inside.

    Inside of another one it is that one.
    """
    if outer := reading():
        yield outer.connection
        return
    async with connection() as c, c.transaction(isolation="repeatable_read", readonly=True):
        token = DB.current_transaction.set(_Reading(c))  # type: ignore[arg-type]  # only .connection is used
        try:
            yield c
        finally:
            DB.current_transaction.reset(token)


class _Reading:
    """Stands in for a transaction while `snapshot` reads."""

    def __init__(self, c: asyncpg.Connection) -> None:
        self.connection = c
        self.heads: dict[str, int] = {}  # of topics that were asked for: in one snapshot they stay what they are
        self.epoch = ""


def reading() -> _Reading | None:
    """The snapshot this task is in."""
    running: object = DB.current_transaction.get()
    return running if isinstance(running, _Reading) else None


def pool() -> asyncpg.Pool:
    """The process's pool. Raises RuntimeError while it is not open."""
    if DB.pool is None:
        raise RuntimeError("the pool is not open")
    return DB.pool


async def migrate(database_url: str) -> list[str]:
    """Bring the schema up to date, alone: an advisory lock makes other starters wait. Returns the ids that ran."""
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager  # noqa: PLC0415 - only here

    guard = await asyncpg.connect(database_url, timeout=10)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        before = await _ran(guard)
        manager = ForwardsMigrationManager(app_name="greenroom", migration_id="all")
        with contextlib.redirect_stdout(None):
            outcome = await manager.run()
        if not outcome.success:
            msg = f"a migration failed: {outcome.message}"
            raise RuntimeError(msg)
        return [name for name in await _ran(guard) if name not in before]
    finally:
        await guard.close()


async def _ran(c: asyncpg.Connection) -> list[str]:
    if await c.fetchval("SELECT to_regclass('migration')") is None:
        return []
    return [r["name"] for r in await c.fetch("SELECT name FROM migration WHERE app_name = 'greenroom' ORDER BY id")]
