"""Merged tags stay within their workspace."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db

ID = "2026-11-29T13:22:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Merged tags stay within their workspace"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the file, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0063_merged_tags.sql").read_text())

    manager.add_raw(run)
    return manager
