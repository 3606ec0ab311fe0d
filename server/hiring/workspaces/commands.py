"""What an operator does from the command line when nobody can sign in."""

from server.core import db
from server.core.commands import database
from server.core.folder import StartError
from server.core.settings import Settings
from server.hiring.workspaces import actions
from server.hiring.workspaces.rules import fold


async def print_setup_link(settings: Settings) -> None:
    """Print a one-time link with which somebody sets up a workspace and owns it. Earlier unused links end."""
    async with database():
        print(f"{settings.origin}/setup/{await actions.make_setup_link()}")


async def print_reset_link(settings: Settings, email: str) -> None:
    """Print a link that sets a new password. Raises StartError when nobody has this e-mail."""
    async with database():
        account = await db.value("SELECT id FROM account WHERE folded = $1", fold(email))
        if account is None:
            msg = f"Nobody here has the e-mail {email}."
            raise StartError(msg)
        print(f"{settings.origin}/reset/{await actions.make_reset(account)}")
