"""What the demo remembers in the data folder: its password, when it began, and whether it was filled.

The file is made before anything else and readable by its owner alone. The password is random for each installation:
a demo that somebody leaves running on a public address is not open to everybody who has read the source.
"""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

NAME = "demo.json"


class Keepsake(msgspec.Struct, frozen=True, kw_only=True):
    """`began` is the moment the demo's past counts back from; `filled_for` the workspace that is complete, or empty."""

    password: str
    began: datetime
    filled_for: str = ""


def load(data: Path) -> Keepsake | None:
    """What was kept, None when there was no demo here."""
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=Keepsake)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def load_or_make(data: Path) -> Keepsake:
    """What was kept, or a new one with a new password, written before it is used."""
    kept = load(data)
    if kept is None:
        kept = Keepsake(password=_readable_password(), began=datetime.now(UTC))
        _write(data, kept)
    return kept


def note_filled(data: Path, workspace: UUID) -> None:
    """Remember that this workspace is complete."""
    _write(data, msgspec.structs.replace(load_or_make(data), filled_for=str(workspace)))


def _readable_password() -> str:
    """Four groups of five letters and digits that cannot be mistaken for each other: 97 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _write(data: Path, kept: Keepsake) -> None:
    fresh = data / f"{NAME}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / NAME)
