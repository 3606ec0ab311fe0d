from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-29T07:47:17:364438"
VERSION = "1.38.0"
DESCRIPTION = "Silence of recordings"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Recording",
        tablename="recording",
        column_name="silent",
        db_column_name="silent",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    return manager
