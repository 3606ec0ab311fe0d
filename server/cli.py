"""The command line: `python -m server COMMAND`, or `greenroom COMMAND` where it is installed.

Options are the environment's (see `server.core.settings`); flags only override them. Every command imports what it
needs when it runs, so that `run` starts fast. A command that needs the database uses the running Greenroom's, the one
that DATABASE_URL names, or starts the built-in one for as long as it takes.
"""

import argparse
import asyncio
import contextlib
import gc
import inspect
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from server.core.embedded import Embedded
from server.core.folder import DataFolder, StartError
from server.core.settings import SettingError, Settings, load

EXISTING = {"backup", "held", "reset-password", "setup-link"}  # commands for an installation that is there
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    root = argparse.ArgumentParser(prog="greenroom", description="Self-hosted, real-time, asynchronous hiring.")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--data", type=Path, help="folder for everything that is kept (GREENROOM_DATA, var/)")
        return command

    run = add("run", "Run everything on this machine: Postgres, Valkey, web, recorder and worker.")
    run.add_argument("--host", help="address to listen on (GREENROOM_HOST, 127.0.0.1)")
    run.add_argument("--port", type=int, help="port to listen on (GREENROOM_PORT, 8000; 0 takes a free one)")
    run.add_argument("--demo", action="store_true", help="with a living demo workspace")
    for name, text in (
        ("web", "Serve pages, replies and live events."),
        ("recorder", "Receive recordings from browsers."),
        ("worker", "Do what is to be done in the background."),
    ):
        add(name, text).add_argument("--supervised", action="store_true", help="end when the parent process ends")
    migrate = add("migrate", "Bring the database's schema up to date, one starter at a time.")
    migrate.add_argument("--check", action="store_true", help="only compare tables and migrations; 1 if they differ")
    backup = add("backup", "Write the database and all recordings into one file.")
    backup.add_argument("file", type=Path)
    restore = add("restore", "Replace the database and all recordings by those of a backup.")
    restore.add_argument("file", type=Path)
    add("demo", "Fill a demo workspace.")
    held = add("held", "List the background tasks that gave up and are not tried again by themselves.")
    held.add_argument("--retry", action="store_true", help="put all of them back into the queue")
    add("reset-password", "Print a link that sets a new password.").add_argument("email")
    setup = add("setup-link", "Print the one-time link with which the first owner sets up a workspace.")
    setup.add_argument("--if-needed", action="store_true", help="print nothing when there is an owner already")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status: 0, or 1 after one sentence on standard error."""
    options = parser().parse_args(arguments)
    for name in ("host", "port", "data"):
        if (given := getattr(options, name, None)) is not None:
            os.environ[f"GREENROOM_{name.upper()}"] = str(given)
    if getattr(options, "demo", False):
        os.environ["GREENROOM_DEMO"] = "1"
    try:
        settings = load()
        return int(COMMANDS[options.command](settings, options) or 0)
    except (StartError, SettingError) as error:
        print(f"greenroom: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("greenroom: interrupted", file=sys.stderr)
    return 1


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from server.core import supervisor  # noqa: PLC0415 - see the module's docstring

    return supervisor.run(settings, demo=options.demo)


def _process(name: str) -> Callable[[Settings, argparse.Namespace], None]:
    """A long-running process: logging to standard error, bound to its supervisor if it has one."""

    def run(settings: Settings, options: argparse.Namespace) -> None:
        from server.core import orphan  # noqa: PLC0415 - see the module's docstring

        if options.supervised:
            orphan.leave_with_parent()
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the supervisor's
        else:
            asyncio.run(_check_surroundings(settings))
        logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
        outcome = _entry(name)(settings)
        if inspect.isawaitable(outcome):
            asyncio.run(_await(outcome))

    return run


async def _check_surroundings(settings: Settings) -> None:
    """Raises StartError unless a process that nobody supervises has all it needs."""
    from server.core import supervisor  # noqa: PLC0415 - see the module's docstring

    given = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "GREENROOM_SECRET": settings.secret,
    }
    if missing := [name for name, value in given.items() if not value]:
        raise StartError(f"{' and '.join(missing)} must be set for a process of its own (`greenroom run` does it all).")
    await supervisor.check_database(settings.database_url)
    await supervisor.check_redis(settings.redis_url)


def _entry(name: str) -> Callable[[Settings], Any]:
    gc.disable()  # imports make much and drop nothing
    match name:
        case "web":
            from server.app import run_web as entry  # noqa: PLC0415
        case "recorder":
            from server.recorder import run as entry  # noqa: PLC0415
        case _:
            from server.worker import run as entry  # noqa: PLC0415
    gc.freeze()  # what they made stays: a full collection of it would cost tens of milliseconds, again and again
    gc.enable()
    return entry


async def _await(outcome: Any) -> Any:
    return await outcome


@contextlib.asynccontextmanager
async def services(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with database and bus that answer: those given, the running Greenroom's, or our own for now."""
    running = None if settings.database_url and settings.redis_url else DataFolder(settings.data).running()
    if running:
        os.environ.setdefault("GREENROOM_PUBLIC_URL", running.url)  # links lead to where it runs
        yield _point_at(settings, running.database_url, running.redis_url)
        return
    if settings.database_url and settings.redis_url:
        yield settings
        return
    folder = DataFolder(settings.data)
    await folder.lock()
    embedded = Embedded(folder, postgres=not settings.database_url, valkey=not settings.redis_url)
    try:
        await embedded.start()
        yield _point_at(
            settings, settings.database_url or embedded.database_url, settings.redis_url or embedded.redis_url
        )
    finally:
        await embedded.stop()
        folder.unlock()


def _point_at(settings: Settings, database_url: str, redis_url: str) -> Settings:
    """The engine reads the environment when it is imported, so the environment is changed and read again."""
    os.environ |= {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "GREENROOM_DATA": str(settings.data.resolve())}
    return load()


async def _own_folder(settings: Settings) -> None:
    """StartError for a folder in which no Greenroom was ever started: a slip in --data must not make a new one."""
    folder = DataFolder(settings.data)
    if not settings.database_url and not (folder.path / "postgres").exists():
        raise StartError(
            f"There is no Greenroom in {folder.path}: name its data folder with --data or GREENROOM_DATA, "
            "or start one with `run`."
        )


def _with_services(work: Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int | None]]) -> Any:
    def run(settings: Settings, options: argparse.Namespace) -> int | None:
        async def inside() -> int | None:
            if options.command in EXISTING:
                await _own_folder(settings)
            async with services(settings) as connected:
                return await work(connected, options)

        return asyncio.run(inside())

    return run


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from server import migrating  # noqa: PLC0415 - see the module's docstring

    async def migrate(connected: Settings, _options: argparse.Namespace) -> int:
        return await migrating.migrate(connected)

    return asyncio.run(migrating.check()) if options.check else int(_with_services(migrate)(settings, options))


async def _backup(settings: Settings, options: argparse.Namespace) -> None:
    from server import backup  # noqa: PLC0415 - see the module's docstring

    print(await backup.write(settings, options.file))


async def _restore(settings: Settings, options: argparse.Namespace) -> None:
    from server import backup  # noqa: PLC0415 - see the module's docstring

    print(await backup.read(settings, options.file))


async def _demo(settings: Settings, _options: argparse.Namespace) -> None:
    from server import demo  # noqa: PLC0415 - see the module's docstring

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    await demo.run(settings)


async def _held(_settings: Settings, options: argparse.Namespace) -> None:
    from server.core import commands  # noqa: PLC0415 - see the module's docstring

    await (commands.try_again() if options.retry else commands.print_held())


async def _reset_password(settings: Settings, options: argparse.Namespace) -> None:
    from server.hiring.workspaces import commands  # noqa: PLC0415 - see the module's docstring

    await commands.print_reset_link(settings, options.email)


async def _setup_link(settings: Settings, options: argparse.Namespace) -> None:
    from server.hiring.workspaces import commands  # noqa: PLC0415 - see the module's docstring

    if options.if_needed and await _is_owned():
        return
    await commands.print_setup_link(settings)


async def _is_owned() -> bool:
    """Whether somebody has set this installation up. The demo's owner is nobody, who only shows what it is like."""
    from server.core import db  # noqa: PLC0415 - see the module's docstring
    from server.hiring.workspaces import queries  # noqa: PLC0415 - see the module's docstring

    async with db.open_pool(1):
        if not await queries.has_owner():
            return False
        from server.demo import founding  # noqa: PLC0415 - takes as long as all of Greenroom

        return await queries.has_owner(besides=founding.owner().email)


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int | None]] = {
    "run": _run,
    "web": _process("web"),
    "recorder": _process("recorder"),
    "worker": _process("worker"),
    "migrate": _migrate,
    "backup": _with_services(_backup),
    "restore": _with_services(_restore),
    "demo": _with_services(_demo),
    "held": _with_services(_held),
    "reset-password": _with_services(_reset_password),
    "setup-link": _with_services(_setup_link),
}
