from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Integer
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-28T23:42:52:013941"
VERSION = "1.38.0"
DESCRIPTION = "Counted stages and plain names"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="greenroom", description=DESCRIPTION)

    manager.add_column(
        table_class_name="Stage",
        tablename="stage",
        column_name="people",
        db_column_name="people",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 0,
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

    manager.add_column(
        table_class_name="Candidate",
        tablename="candidate",
        column_name="plain",
        db_column_name="plain",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": None,
            "default": "",
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
