"""Postgres and Valkey as children: they start, keep data, refuse company and never outlive us."""

import asyncio
import os
import pwd
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from realtime import log
from server.core import programs
from server.core.embedded import Embedded
from server.core.folder import DataFolder, Running, StartError
from tests.platform.processes import ROOT, all_gone

HOLD = """
import asyncio, sys
from pathlib import Path
from server.core.embedded import Embedded
from server.core.folder import DataFolder

async def main():
    folder = DataFolder(Path(sys.argv[1]))
    await folder.lock()
    embedded = Embedded(folder)
    await embedded.start()
    print(*(process.pid for process in embedded.processes.values()), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def started(path: Path) -> Embedded:
    folder = DataFolder(path)
    await folder.lock()
    embedded = Embedded(folder)
    await embedded.start()
    return embedded


async def stopped(embedded: Embedded) -> None:
    await embedded.stop()
    embedded.folder.unlock()


async def count(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS seen (number int)")
        await connection.execute("INSERT INTO seen VALUES (1)")
        return int(await connection.fetchval("SELECT count(*) FROM seen"))
    finally:
        await connection.close()


async def test_data_survive_a_restart_in_a_folder_with_a_space(temporary_folder: Path) -> None:
    for expected in (1, 2):
        embedded = await started(temporary_folder / "my data")
        assert await count(embedded.database_url) == expected
        await stopped(embedded)


async def test_nothing_listens_on_the_network_and_the_sockets_are_private(temporary_folder: Path) -> None:
    embedded = await started(temporary_folder)
    assert stat.S_IMODE(embedded.sockets.stat().st_mode) == 0o700
    connection = await asyncpg.connect(embedded.database_url)
    assert await connection.fetchval("SHOW listen_addresses") == ""
    await connection.close()
    client = redis.asyncio.Redis.from_url(embedded.redis_url)
    assert (await client.info("server"))["tcp_port"] == 0
    await client.aclose()
    sockets = embedded.sockets
    await stopped(embedded)
    assert not sockets.exists()


async def test_a_second_start_on_the_same_folder_is_refused_in_one_sentence(temporary_folder: Path) -> None:
    first = DataFolder(temporary_folder)
    await first.lock()
    with pytest.raises(StartError, match=rf"in use by another Greenroom \(process {os.getpid()}\)"):
        await DataFolder(temporary_folder).lock()
    first.unlock()
    second = DataFolder(temporary_folder)
    await second.lock()
    second.unlock()


async def test_when_the_parent_is_killed_nothing_is_left_and_the_data_are(temporary_folder: Path) -> None:
    embedded = await started(temporary_folder)
    await count(embedded.database_url)
    await stopped(embedded)
    words = [sys.executable, "-c", HOLD, str(temporary_folder)]
    parent = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pids = {int(word) for word in (await parent.stdout.readline()).split()}
    assert len(pids) == 2
    parent.kill()
    await parent.wait()
    again = await started(temporary_folder)  # at once: it waits for what is left
    assert await count(again.database_url) == 2
    assert not await all_gone(pids, 0)
    await stopped(again)


async def test_a_fallen_server_comes_back_under_the_same_url(temporary_folder: Path) -> None:
    embedded = await started(temporary_folder)
    await count(embedded.database_url)
    for name, process in dict(embedded.processes).items():
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert embedded.fallen() == [name]
        await embedded.revive(name)
    assert embedded.fallen() == []
    assert await count(embedded.database_url) == 2
    client = redis.asyncio.Redis.from_url(embedded.redis_url)
    assert await client.ping()
    await client.aclose()
    await stopped(embedded)


@pytest.mark.parametrize("namespace", [True, False], ids=["namespace", "nobody"])
async def test_root_changes_nothing_outside_the_folder(
    temporary_folder: Path, monkeypatch: pytest.MonkeyPatch, namespace: bool
) -> None:
    if not namespace:
        monkeypatch.setattr(programs, "NAMESPACE", ("false",))
    users = pwd.getpwall()
    temporary_folder.chmod(0o711)
    watched = [*(temporary_folder / "data").parents, *Path(sys.executable).parents]
    before = [path.stat().st_mode for path in watched]
    embedded = await started(temporary_folder / "data")
    assert await count(embedded.database_url) == 1
    await stopped(embedded)
    assert pwd.getpwall() == users
    assert [path.stat().st_mode for path in watched] == before
    monkeypatch.undo()
    again = await started(temporary_folder / "data")  # in the other way, on the same files
    assert await count(again.database_url) == 2
    await stopped(again)


async def history(embedded: Embedded) -> str:
    """The epoch, as a start finds it."""
    connection = await asyncpg.connect(embedded.database_url)
    try:
        await connection.execute(log.SCHEMA)
        await log.settle(connection, embedded.place())
        return await log.epoch(connection)
    finally:
        await connection.close()


async def test_a_copy_of_the_folder_begins_a_history_of_its_own(temporary_folder: Path) -> None:
    async def visit(name: str) -> str:
        embedded = await started(temporary_folder / name)
        found = await history(embedded)
        await stopped(embedded)
        return found

    def copy(source: str, target: str) -> None:
        words = ["cp", "-a", f"{temporary_folder / source}/.", str(temporary_folder / target)]
        subprocess.run(words, check=True)

    first = await visit("home")
    (temporary_folder / "copy").mkdir()
    copy("home", "copy")
    (temporary_folder / "home").rename(temporary_folder / "moved")
    assert await visit("moved") == first  # neither a restart nor another name is news
    other = await visit("copy")
    assert other != first
    copy("copy", "moved")  # put back over what had gone on meanwhile: the same folder, another past
    assert await visit("moved") not in {first, other}


async def test_missing_programs_are_named(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "postgres_folders", list)
    folder = DataFolder(temporary_folder)
    await folder.lock()
    embedded = Embedded(folder)
    with pytest.raises(StartError, match=r"No Postgres 15 or later was found.*DATABASE_URL"):
        await embedded.start()
    assert embedded.processes == {}
    folder.unlock()


def test_an_old_postgres_is_not_taken(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "postgres_folders", lambda: [Path("old")])
    monkeypatch.setattr(programs, "postgres_version", lambda _folder: 13)
    with pytest.raises(StartError, match=r"too old: 13"):
        programs.choose_postgres(temporary_folder)


def test_a_database_of_a_version_that_is_gone_is_explained(temporary_folder: Path) -> None:
    (temporary_folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartError, match="made by Postgres 9"):
        programs.choose_postgres(temporary_folder)


def test_the_secret_is_made_once_and_private(temporary_folder: Path) -> None:
    secret = DataFolder(temporary_folder).secret()
    assert len(secret) > 40
    assert DataFolder(temporary_folder).secret() == secret
    assert stat.S_IMODE((temporary_folder / "secret").stat().st_mode) == 0o600


async def test_commands_find_the_running_one_only_while_it_runs(temporary_folder: Path) -> None:
    folder = DataFolder(temporary_folder)
    await folder.lock()
    note = Running("http://127.0.0.1:8000", "postgresql://app@/greenroom", "unix:///valkey.sock")
    folder.announce(note)
    assert DataFolder(temporary_folder).running() == note
    folder.unlock()
    assert DataFolder(temporary_folder).running() is None
