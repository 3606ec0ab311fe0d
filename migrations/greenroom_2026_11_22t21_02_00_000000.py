"""Constraints and indexes beyond Piccolo's columns, the live log, and the queue of background work."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db

ID = "2026-11-22T21:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints, live log, queue"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the files in order, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        for name in ("0001_constraints.sql", "0001_log.sql", "0001_queue.sql"):
            await db.execute((SQL / name).read_text())

    manager.add_raw(run)
    return manager
