"""A Postgres that is made and brought up to date once per checkout, and copied by every test that wants one of its own.

Making the cluster and running all migrations takes three seconds of a processor each time, for what is always the same.
How both come about by themselves is tested where it belongs, in tests/platform.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from server.core.embedded import Embedded
from server.core.folder import DataFolder

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".tools" / "tests"


async def prepare_postgres(data: Path) -> None:
    """Put a cluster with the whole schema and no rows into an empty data folder."""
    kept = await asyncio.to_thread(_locked_place)
    try:
        cluster = PLACE / f"postgres-{_digest()}"
        if not cluster.exists():
            for old in PLACE.glob("postgres-*"):
                shutil.rmtree(old)
            await _make(cluster.with_suffix(".new"))
            cluster.with_suffix(".new").rename(cluster)  # whole or not at all
        await asyncio.to_thread(shutil.copytree, cluster, data / "postgres")
    finally:
        os.close(kept)


def _locked_place() -> int:
    PLACE.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(PLACE / "postgres.lock", os.O_CREAT | os.O_WRONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _digest() -> str:
    """Of all that decides what the cluster is."""
    parts = [*sorted((ROOT / "migrations").rglob("*.py")), *sorted((ROOT / "locks").glob("*.txt")), Path(__file__)]
    parts += [ROOT / "server" / "core" / name for name in ("db.py", "embedded.py")]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()[:16]


async def _make(cluster: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="greenroom-test-") as place:
        folder = DataFolder(Path(place))
        await folder.lock()
        embedded = Embedded(folder, durable=False, valkey=False)
        await embedded.start()
        try:
            await migrate(embedded.database_url)
        finally:
            await embedded.stop()
            folder.unlock()
        shutil.copytree(Path(place) / "postgres", cluster)


async def migrate(database_url: str) -> None:
    """As a person does it."""
    migration = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "migrate",
        env=os.environ | {"DATABASE_URL": database_url}, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await migration.communicate()
    assert migration.returncode == 0, said.decode()
