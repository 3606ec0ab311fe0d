"""Constraints and indexes of notices and hearings, and the old sentences taken apart before their column goes."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db

ID = "2026-11-22T23:51:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of notices"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the file first, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0002_notices.sql").read_text())

    manager.add_raw(run)
    manager.drop_column(
        table_class_name="Notice",
        tablename="notice",
        column_name="text",
        db_column_name="text",
        schema=None,
    )

    return manager
