"""`greenroom backup FILE` and `greenroom restore FILE`: the database and every recording, in one tar file.

A backup may be taken while Greenroom runs: the database is one snapshot, and files are listed after it, so that none
it speaks of is missing. A restore replaces everything, in one transaction, and only while nothing else uses the
database. The last member of the file says that it is complete; without it nothing is restored.
"""

# ruff: noqa: ASYNC240 - a command of its own: nobody else waits for its loop

import asyncio
import contextlib
import hashlib
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import asyncpg
import msgspec

from media.storage import MissingError, Storage
from server.core import programs
from server.core.folder import StartError
from server.core.settings import Settings

FORMAT = 1
DATABASE = "database.dump"
MEDIA = "media/"
END = "complete.json"
EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
END $$;
CREATE SCHEMA public;
"""


class End(msgspec.Struct, frozen=True):
    """The last member: what the file holds, and a SHA-256 over the digests of all members before it."""

    format: int
    made_at: datetime
    files: int
    digest: str


async def write(settings: Settings, target: Path) -> str:
    """Write a backup, complete or not at all, readable by its owner only. Returns a sentence; raises StartError."""
    storage = Storage.open(settings.storage_url, settings.data)
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".greenroom-") as scratch:
            os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            with tarfile.open(part, "w") as archive:
                end = await _fill(archive, settings, storage, Path(scratch))
            part.chmod(0o600)
            part.replace(target)
    except OSError as error:
        raise StartError(f"The backup could not be written to {target}: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return f"{target}: the database and {end.files} files, {target.stat().st_size / 1e6:.1f} MB"


async def _fill(archive: tarfile.TarFile, settings: Settings, storage: Storage, scratch: Path) -> End:
    dump = scratch / DATABASE
    tool = programs.postgres_tool("pg_dump", await _server_version(settings.database_url))
    await _call([tool, "--format=custom", "--no-owner", "--no-acl", f"--file={dump}", settings.database_url])
    total = hashlib.sha256()
    await asyncio.to_thread(_add, archive, DATABASE, dump, total)
    files = 0
    for key in sorted(await storage.keys("")):
        copy = scratch / "file"
        try:
            await storage.fetch(key, copy)
        except MissingError:
            continue  # deleted since it was listed, as the people it belongs to wished
        await asyncio.to_thread(_add, archive, MEDIA + key, copy, total)
        files += 1
    end = End(FORMAT, datetime.now(UTC), files, total.hexdigest())
    last = scratch / END
    last.write_bytes(msgspec.json.encode(end))
    archive.add(last, END)
    return end


def _add(archive: tarfile.TarFile, name: str, path: Path, total: "hashlib._Hash") -> None:
    archive.add(path, name)
    with path.open("rb") as file:
        total.update(hashlib.file_digest(file, "sha256").digest())


async def read(settings: Settings, source: Path) -> str:
    """Replace database and recordings by those of a backup. Returns a sentence; raises StartError."""
    if not source.is_file():
        raise StartError(f"There is no file {source}.")
    end = await asyncio.to_thread(_verify, source)
    await _refuse_while_in_use(settings.database_url)
    storage = Storage.open(settings.storage_url, settings.data)
    with (
        tempfile.TemporaryDirectory(dir=storage.scratch, prefix="restore-") as scratch,
        tarfile.open(source, "r:") as archive,
    ):
        restored = set()
        for member in archive:
            if member.name.startswith(MEDIA):
                key = member.name.removeprefix(MEDIA)
                await storage.put(key, await asyncio.to_thread(_extract, archive, member, Path(scratch) / "file"))
                restored.add(key)
        dump = await asyncio.to_thread(_extract, archive, archive.getmember(DATABASE), Path(scratch) / DATABASE)
        await _load(settings.database_url, dump, Path(scratch))
    kept = {_recording(key) for key in restored}
    for recording in {_recording(key) for key in await storage.keys("")} - kept:
        await storage.delete_all(recording)
    return f"restored the backup of {end.made_at:%d %B %Y, %H:%M} UTC: the database and {len(restored)} files"


def _recording(key: str) -> str:
    return key.partition("/")[0]


def _verify(source: Path) -> End:
    """Read the whole file once. Raises StartError unless it is a complete, undamaged backup of a format we know."""
    total, files = hashlib.sha256(), 0
    try:
        with tarfile.open(source, "r:") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    break
                if member.name == END:
                    end = msgspec.json.decode(content.read(), type=End)
                    if end.format != FORMAT:
                        raise StartError(f"{source} was made by a newer Greenroom; restore it with that version.")
                    if (end.files, end.digest) == (files, total.hexdigest()):
                        return end
                    break
                if ".." in PurePosixPath(member.name).parts:
                    break
                files += member.name.startswith(MEDIA)
                total.update(hashlib.file_digest(content, "sha256").digest())  # type: ignore[arg-type]  # it is a file
    except (tarfile.TarError, EOFError, msgspec.DecodeError) as error:
        raise StartError(f"{source} is not a complete Greenroom backup ({error}).") from error
    raise StartError(f"{source} is not a complete Greenroom backup.")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> Path:
    content = archive.extractfile(member)
    assert content is not None
    with target.open("wb") as file:
        while chunk := content.read(1 << 20):
            file.write(chunk)
    return target


async def _refuse_while_in_use(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
    finally:
        await connection.close()
    if others:
        raise StartError("The database is in use: stop Greenroom, then restore.")


async def _load(url: str, dump: Path, scratch: Path) -> None:
    """Replace everything in the database by a dump: all of it, or nothing when something fails."""
    version = await _server_version(url)
    restore = programs.postgres_tool("pg_restore", version)
    script = scratch / "restore.sql"
    plain = scratch / "plain.sql"
    await _call([restore, "--no-owner", "--no-acl", f"--file={plain}", str(dump)])
    await asyncio.to_thread(_prepare_script, plain, script, version)
    await _run_script(url, script)


async def _run_script(url: str, script: Path) -> None:
    tool = programs.postgres_tool("psql", await _server_version(url))
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}", url]
    await _call([tool, *words])


def _prepare_script(plain: Path, script: Path, version: int) -> None:
    """Put the emptying first, and leave out the one setting that older servers do not know."""
    with plain.open("rb") as given, script.open("wb") as prepared:
        prepared.write(EMPTY.encode())
        prepared.writelines(_known_settings(given, version))


def _known_settings(lines: Iterator[bytes], version: int) -> Iterator[bytes]:
    header = True
    for line in lines:
        header = header and not line.startswith((b"CREATE ", b"COPY "))
        if not (header and version < 17 and line.startswith(b"SET transaction_timeout")):
            yield line


async def _server_version(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()


async def _call(words: list[str | Path]) -> None:
    process = await asyncio.create_subprocess_exec(
        *map(str, words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        reason = (said.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise StartError(f"{Path(words[0]).name} failed: {reason}")
