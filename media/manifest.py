"""The recorder's memory of a recording: a small JSON file beside the media file, written through to the disk.

It is written when a recording begins, again when its file is finished, and deleted when whoever is told of finished
recordings has acknowledged this one. A recorder that was killed finds in these files what it has left to do.
"""

from pathlib import Path
from typing import Literal
from uuid import UUID

import msgspec

from media.webm import MEDIA_TYPE, sync

SUFFIX = ".json"
Outcome = Literal["recording", "complete", "interrupted", "failed"]


class Manifest(msgspec.Struct, kw_only=True):
    """One recording. Times are Unix seconds, `key` is the file's key in storage (empty when there is no file).

    `outcome` is "recording" while it runs, then "complete" (stopped by the browser or at its limit), "interrupted" (the
    browser vanished, the recorder stopped or died; what came in is kept) or "failed" (there is nothing to keep).
    `reason` is a stable code: stopped, limit, too_large, left, shutdown, cut, ice_timeout, no_media, disk.
    What never came although it was asked for: `lost` packets of the picture, `unheard_ms` of the sound.
    """

    id: UUID
    node: str
    outcome: Outcome = "recording"
    reason: str = ""
    error: str = ""
    mime: str = MEDIA_TYPE
    duration_ms: int = 0
    bytes: int = 0
    width: int = 0
    height: int = 0
    audio: bool = False
    video: bool = False
    frames: int = 0
    lost: int = 0
    unheard_ms: int = 0
    key: str = ""
    created_at: float = 0.0
    started_at: float = 0.0
    finished_at: float = 0.0


def save(folder: Path, manifest: Manifest) -> None:
    """Writes through to the disk; a reader sees the old or the new one, never half of one."""
    target = folder / f"{manifest.id}{SUFFIX}"
    draft = target.with_suffix(".draft")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    sync(draft)
    draft.replace(target)
    sync(target)


def load_all(folder: Path) -> list[Manifest]:
    """All manifests in a folder, oldest first; unreadable ones are left alone."""
    found: list[Manifest] = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Manifest))
        except (OSError, msgspec.DecodeError):
            continue
    return sorted(found, key=lambda manifest: manifest.created_at)


def knows(folder: Path, recording_id: UUID) -> bool:
    """Whether there is a manifest of it, also one that cannot be read."""
    return (folder / f"{recording_id}{SUFFIX}").exists()


def forget(folder: Path, recording_id: UUID) -> None:
    """Removes a manifest and all that lies beside it; the manifest last."""
    for path in sorted(folder.glob(f"{recording_id}.*"), key=lambda path: path.suffix == SUFFIX):
        path.unlink(missing_ok=True)
