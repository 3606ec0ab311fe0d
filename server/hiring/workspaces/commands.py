"""What an operator does from the command line when nobody can sign in."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg

from server.core import db
from server.core.errors import OUTAGES
from server.core.folder import StartError
from server.core.settings import Settings
from server.hiring.workspaces import actions
from server.hiring.workspaces.rules import fold

UNREACHABLE: tuple[type[BaseException], ...] = (*OUTAGES, asyncpg.InvalidCatalogNameError)


async def print_setup_link(settings: Settings) -> None:
    """Print a one-time link with which somebody sets up a workspace and owns it. Earlier unused links end."""
    async with _database():
        print(f"{settings.origin}/setup/{await actions.make_setup_link()}")


async def print_reset_link(settings: Settings, email: str) -> None:
    """Print a link that sets a new password. Raises StartError when nobody has this e-mail."""
    async with _database():
        account = await db.value("SELECT id FROM account WHERE folded = $1", fold(email))
        if account is None:
            msg = f"Nobody here has the e-mail {email}."
            raise StartError(msg)
        print(f"{settings.origin}/reset/{await actions.make_reset(account)}")


@contextlib.asynccontextmanager
async def _database() -> AsyncIterator[None]:
    """One connection. Raises StartError with a sentence when there is none to be had."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(db.open_pool(1))
        except UNREACHABLE as error:
            msg = f"The database cannot be reached: {error}. Is Greenroom running, is DATABASE_URL right?"
            raise StartError(msg) from error
        yield
