"""Scorecards stay within their workspace, and the jobs that are there already get the criteria that new ones have."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db
from server.hiring.jobs.criteria import begin_with_usual

ID = "2026-11-29T15:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of scorecards"
SQL = Path(__file__).parent / "sql"


async def forwards() -> MigrationManager:
    """Run the file, inside the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0064_scorecards.sql").read_text())
        for workspace, job in await db.rows(lambda *c: (c[0], c[1]), "SELECT workspace_id, id FROM job"):
            await begin_with_usual(workspace, job)

    manager.add_raw(run)
    return manager
