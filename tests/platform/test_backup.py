"""Backup and restore: what was there comes back, what came later is gone, and damage is noticed."""

import json
import stat
import tarfile
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from media.storage import Storage
from server import backup
from server.core.folder import StartError
from server.core.settings import Settings

TOUCHING = "'applications_moved', 'assigned_together', 'candidates_tagged', 'messages_written'"
KEPT, LATER = str(uuid4()), str(uuid4())


class Installation:
    """A database and a media folder with something in them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(database_url=url, data=folder)
        self.storage = Storage.open(self.settings.storage_url, folder)

    async def sql(self, statement: str, *values: object, **settings: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.settings.database_url, server_settings=settings)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def fill(self) -> None:
        await self.sql("CREATE TABLE diary (line text); ")
        await self.sql("INSERT INTO diary VALUES ('Zoë said: \\ \"hello\"'), (NULL)")
        await self.storage.put(f"{KEPT}/video.webm", b"\x1aE\xdf\xa3" * 100_000)
        await self.storage.put(f"{KEPT}/poster.jpg", b"")


@pytest.fixture
async def installation(database: str, temporary_folder: Path) -> Installation:
    made = Installation(database, temporary_folder / "data")
    await made.fill()
    return made


async def test_a_round_trip_gives_back_exactly_what_was_there(
    installation: Installation, temporary_folder: Path
) -> None:
    tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information)' ORDER BY 1, 2"
    before = await installation.sql(tables), await installation.sql("TABLE diary")
    file = temporary_folder / "greenroom.tar"
    assert (await backup.write(installation.settings, file)).startswith(f"{file}: the database and 2 files")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in temporary_folder.iterdir()) == ["data", "greenroom.tar"]
    await installation.sql("DELETE FROM diary")
    await installation.sql("CREATE SCHEMA later; ")
    await installation.sql("CREATE TABLE later.more ()")
    await installation.storage.put(f"{LATER}/video.webm", b"x")
    await installation.storage.delete_all(KEPT)
    said = await backup.read(installation.settings, file)
    assert said.endswith("the database and 2 files")
    assert (await installation.sql(tables), await installation.sql("TABLE diary")) == before
    assert sorted(await installation.storage.keys("")) == [f"{KEPT}/poster.jpg", f"{KEPT}/video.webm"]
    assert await installation.storage.get(f"{KEPT}/video.webm") == b"\x1aE\xdf\xa3" * 100_000


async def test_words_of_every_script_are_found_again_after_a_restore(
    installation: Installation, bare_database: str, temporary_folder: Path
) -> None:
    """Columns that Postgres generates and their indexes are made anew by functions, without any schema to look in."""
    words = "私は東京大学で日本語を勉強しました。 在北京的大学,熟悉React 데이터베이스를 개발했습니다 İstanbul'da"
    workspace, recording = uuid4(), uuid4()
    await installation.sql("INSERT INTO workspace (id, slug, name) VALUES ($1, 'w', '東京')", workspace)
    await installation.sql(
        "INSERT INTO recording (id, owner, state, source, mime, duration_ms, derivatives) "
        "VALUES ($1, 'answer:1', 'ready', 'webrtc', 'video/webm', 9000, '{}')",
        recording,
    )
    await installation.sql(
        "INSERT INTO captions (recording_id, workspace_id, words) VALUES ($1, $2, $3)", recording, workspace, words
    )
    before = await installation.sql("SELECT * FROM captions")
    file = temporary_folder / "greenroom.tar"
    await backup.write(installation.settings, file)
    other = Installation(bare_database, temporary_folder / "other")
    await backup.read(other.settings, file)
    assert await other.sql("SELECT * FROM captions") == before
    for word, found in [("日本語", 1), ("京大学", 1), ("本学", 0), ("베이스", 1), ("熟悉react", 1), ("istan", 1)]:
        assert len(await other.sql("SELECT 1 FROM captions WHERE search @@ sought($1)", word)) == found, word
    indexes = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    assert await other.sql(indexes) == await installation.sql(indexes)
    for index, query in [
        ("captions_search", "SELECT 1 FROM captions WHERE search @@ sought('日本')"),
        ("event_touched", f"SELECT 1 FROM event WHERE touched(payload) && '{{}}' AND kind IN ({TOUCHING})"),  # noqa: S608 - ours
    ]:
        plan = "\n".join(row[0] for row in await other.sql(f"EXPLAIN {query}", enable_seqscan="off"))
        assert index in plan


async def test_a_backup_moves_to_another_installation(
    installation: Installation, bare_database: str, temporary_folder: Path
) -> None:
    file = temporary_folder / "greenroom.tar"
    await backup.write(installation.settings, file)
    other = Installation(bare_database, temporary_folder / "other")
    await backup.read(other.settings, file)
    assert await other.sql("TABLE diary") == await installation.sql("TABLE diary")
    assert await other.storage.size(f"{KEPT}/video.webm") == 400_000


async def test_live_subscribers_learn_that_history_has_changed(
    installation: Installation, temporary_folder: Path
) -> None:
    from realtime.log import epoch

    async def history() -> str:
        connection = await asyncpg.connect(installation.settings.database_url)
        try:
            return await epoch(connection)
        finally:
            await connection.close()

    before = await history()
    file = temporary_folder / "greenroom.tar"
    await backup.write(installation.settings, file)
    await backup.read(installation.settings, file)
    assert await history() != before


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "newer", "missing"])
async def test_what_is_no_whole_backup_changes_nothing(
    installation: Installation, temporary_folder: Path, damage: str
) -> None:
    file = temporary_folder / "greenroom.tar"
    await backup.write(installation.settings, file)
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = content.index(b"\x1aE\xdf\xa3") + 200_000
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "missing":
        file.unlink()
    else:
        with tarfile.open(file, "w") as archive:
            member = temporary_folder / "complete.json"
            end = {"format": 2, "made_at": "2026-01-01T00:00:00Z", "files": 0, "digest": ""}
            member.write_text(json.dumps(end))
            archive.add(member, "complete.json" if damage == "newer" else "holiday.json")
    await installation.sql("INSERT INTO diary VALUES ('after')")
    with pytest.raises(StartError) as refused:
        await backup.read(installation.settings, file)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(await installation.sql("TABLE diary")) == 3


async def test_a_restore_is_refused_while_somebody_uses_the_database(
    installation: Installation, temporary_folder: Path
) -> None:
    file = temporary_folder / "greenroom.tar"
    await backup.write(installation.settings, file)
    connection = await asyncpg.connect(installation.settings.database_url)
    with pytest.raises(StartError, match="in use: stop Greenroom"):
        await backup.read(installation.settings, file)
    await connection.close()


async def test_a_dump_that_fails_half_way_changes_nothing(installation: Installation, temporary_folder: Path) -> None:
    script = temporary_folder / "plain.sql"
    script.write_text("CREATE TABLE fine ();\nCREATE TABLE broken (;\n")
    prepared = temporary_folder / "restore.sql"
    backup._prepare_script(script, prepared, 18)
    assert "DROP SCHEMA" in prepared.read_text()
    with pytest.raises(StartError, match="psql failed"):
        await backup._run_script(installation.settings.database_url, prepared)
    assert len(await installation.sql("TABLE diary")) == 2


async def test_a_place_that_cannot_be_written_is_one_sentence(installation: Installation) -> None:
    with pytest.raises(StartError, match=r"could not be written to /dev/null/x"):
        await backup.write(installation.settings, Path("/dev/null/x"))


def test_older_servers_are_spared_the_setting_they_do_not_know() -> None:
    lines = [b"SET transaction_timeout = 0;\n", b"CREATE TABLE t ();\n", b"SET transaction_timeout = 0;\n"]
    assert list(backup._known_settings(iter(lines), 15)) == lines[1:]
    assert list(backup._known_settings(iter(lines), 18)) == lines
