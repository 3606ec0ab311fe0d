"""`greenroom migrate`: the schema brought up to date, and `--check`: tables and migrations compared.

The check replays all migrations on paper and compares the outcome with the tables in the code. It needs the database
only because Piccolo's engine does; nothing is written.
"""

import contextlib
import io

from server.core.folder import StartError
from server.core.settings import Settings


async def migrate(settings: Settings) -> int:
    """Run what has not run yet and say what that was; the exit status."""
    from server.core import db  # noqa: PLC0415 - importing it reads DATABASE_URL

    try:
        ran = await db.migrate(settings.database_url)
    except (OSError, RuntimeError) as error:
        raise StartError(f"The database could not be brought up to date: {error}") from error
    print(f"{len(ran)} migration{'' if len(ran) == 1 else 's'} run" if ran else "up to date")
    return 0


async def check() -> int:
    """Exit status 1, and a sentence, when the tables in the code differ from what the migrations make."""
    from piccolo.apps.migrations.commands.new import AutoMigrationManager  # noqa: PLC0415 - a second of imports

    from server.piccolo_app import APP_CONFIG  # noqa: PLC0415 - importing it reads DATABASE_URL

    asked = io.StringIO()
    with contextlib.redirect_stdout(asked):
        statements = await AutoMigrationManager(auto_input="y").get_alter_statements(app_config=APP_CONFIG)
    changes = [line for group in statements for line in group.statements]
    if not changes:
        print("tables and migrations agree")
        return 0
    print("The tables differ from what the migrations make; `./dev migrate NAME` writes the missing one:")
    for line in changes:
        print(f"  {' '.join(line.split())}")
    return 1
