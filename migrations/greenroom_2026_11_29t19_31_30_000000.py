"""Meetings stay within their workspace; messages and notices tell of them."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db

ID = "2026-11-29T19:31:30:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of meetings"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the file, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0070_meetings.sql").read_text())

    manager.add_raw(run)
    return manager
