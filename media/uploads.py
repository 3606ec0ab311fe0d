"""A recording that comes as a file: one request, streamed to the local disk, looked at, then stored.

Nothing of it stays when it is refused. `receive` lives as long as the request.
"""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from media.probe import NotMediaError, Probe, probe
from media.storage import Storage
from media.webm import sync

SUFFIX = {"webm": "webm", "mp4": "mp4", "ogg": "ogg", "mov": "mp4", "matroska": "mkv", "mp3": "mp3", "wav": "wav"}


class TooLargeError(ValueError):
    """More bytes came than the limit allows."""


async def receive(storage: Storage, recording_id: UUID, stream: AsyncIterator[bytes], mime: str, limit: int) -> Probe:
    """Stores the file under `key_of(recording_id, probe)`; `limit` is in bytes.

    Raises TooLargeError, and NotMediaError for what is neither audio nor video, whatever `mime` calls it.
    """
    if not mime.startswith(("video/", "audio/")):
        raise NotMediaError("only audio and video are taken")
    path = storage.scratch / f"{recording_id}.upload"
    try:
        size = 0
        with path.open("wb") as copy:
            async for chunk in stream:
                size += len(chunk)
                if size > limit:
                    raise TooLargeError(f"the file is larger than {limit >> 20} MiB")
                await asyncio.to_thread(copy.write, chunk)
        await asyncio.to_thread(sync, path)
        found = await probe(path)
        await storage.put(key_of(recording_id, found), path)
    finally:
        path.unlink(missing_ok=True)
    return found


def key_of(recording_id: UUID, found: Probe) -> str:
    """Where an uploaded file is kept."""
    kind, _, subtype = found.mime.partition("/")
    return f"{recording_id}/{kind}.{SUFFIX.get(subtype, 'bin')}"
