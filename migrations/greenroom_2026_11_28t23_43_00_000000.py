"""Counts the cards of every stage from now on, and makes the names that are there searchable."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from server.core import db
from server.hiring.candidates.rules import plain

ID = "2026-11-28T23:43:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count people per stage"
SQL = Path(__file__).parent / "sql"
BATCH = 5000


async def forwards() -> MigrationManager:
    """Triggers and index, then the names, in the migration's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    async def run() -> None:
        await db.execute((SQL / "0005_board.sql").read_text())
        names = await db.rows(lambda *c: (c[0], plain(c[1])), "SELECT id, name FROM candidate")
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            await db.execute(
                "UPDATE candidate c SET plain = n.plain FROM unnest($1::uuid[], $2::text[]) AS n (id, plain) "
                "WHERE c.id = n.id",
                [one for one, _ in batch],
                [name for _, name in batch],
            )

    manager.add_raw(run)

    return manager
