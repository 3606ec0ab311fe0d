"""Message templates stay within their workspace, and those that are there already get what new ones begin with."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db
from server.hiring.conversations.templates import bring_along

ID = "2026-11-29T13:51:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of message templates"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the file, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0050_templates.sql").read_text())
        for workspace in await db.rows(lambda found: found, "SELECT id FROM workspace"):
            await bring_along(workspace)

    manager.add_raw(run)
    return manager
