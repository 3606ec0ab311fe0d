"""An older database that people work in is brought up to date: what was there stays, and gets what came since."""

import asyncio
import os
import subprocess
import sys
from uuid import UUID, uuid4

import asyncpg
import pytest

from server.hiring.conversations.shipped import SHIPPED
from tests.conftest import ROOT, Services

EARLIER = "2026-11-29T13:22:00:000000"  # the last migration before workspaces had message templates


async def run(services: Services, database: str, *words: str) -> str:
    """What a program says that works on a database."""
    environment = os.environ | {"DATABASE_URL": database, "REDIS_URL": services.redis_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture
async def older(services: Services, bare_database: str) -> str:
    """A database as an earlier version left it, with nobody in it."""
    await run(services, bare_database, "piccolo.main", "migrations", "forwards", "greenroom", EARLIER)
    return bare_database


async def found(connection: asyncpg.Connection, workspaces: int) -> list[UUID]:
    ids = [uuid4() for _ in range(workspaces)]
    for number, one in enumerate(ids):
        await connection.execute(
            "INSERT INTO workspace (id, slug, name) VALUES ($1, $2, $3)", one, f"w{number}", f"東京 {number}"
        )
    return ids


async def test_workspaces_that_are_there_get_what_new_ones_begin_with(services: Services, older: str) -> None:
    connection = await asyncpg.connect(older)
    try:
        assert await connection.fetchval("SELECT to_regclass('message_template')") is None, "it is older"
        workspaces = await found(connection, 2)
        senior, gone = uuid4(), uuid4()
        await connection.execute(
            "INSERT INTO tag (id, workspace_id, name, folded, colour) VALUES ($1, $2, 'Senior', 'senior', 1)",
            senior, workspaces[0],
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO merged_tag (id, workspace_id, tag_id, folded) VALUES ($1, $2, $3, 'snr')",
            gone, workspaces[0], senior,
        )  # fmt: skip
        assert "migrations run" in await run(services, older, "server", "migrate")
        for workspace in workspaces:
            templates = await connection.fetch(
                "SELECT name, folded, text, version FROM message_template WHERE workspace_id = $1", workspace
            )
            assert {row["name"]: row["text"] for row in templates} == SHIPPED
            assert {row["folded"] for row in templates} == {name.casefold() for name in SHIPPED}
            assert {row["version"] for row in templates} == {1}
        assert await connection.fetchval("SELECT people FROM merged_tag WHERE id = $1", gone) == []
        # Done once: whoever deleted one does not get it again.
        await connection.execute("DELETE FROM message_template WHERE workspace_id = $1", workspaces[1])
        assert await run(services, older, "server", "migrate") == "up to date\n"
        assert await connection.fetchval("SELECT count(*) FROM message_template") == len(SHIPPED)
    finally:
        await connection.close()


async def test_an_older_database_becomes_the_same_as_a_new_one(services: Services, older: str, database: str) -> None:
    shape = (
        "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default, generation_expression "
        "FROM information_schema.columns WHERE table_schema IN ('public', 'queue') ORDER BY 1, 2, 3"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'queue') ORDER BY 1"
    old, new = await asyncpg.connect(older), await asyncpg.connect(database)
    try:
        await found(old, 1)
        await run(services, older, "server", "migrate")
        for query in (shape, indexes):
            assert [tuple(row) for row in await old.fetch(query)] == [tuple(row) for row in await new.fetch(query)]
    finally:
        await old.close()
        await new.close()
