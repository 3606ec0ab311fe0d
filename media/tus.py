"""tus 1.0 (https://tus.io/protocols/resumable-upload): a large file in pieces, over requests that may break off.

An upload is a row (`media.tables.Upload`) and one object in storage per piece. What a PATCH has acknowledged is both
stored and counted, so that any process goes on where another one stopped. Nothing is locked while bytes arrive: two
writers may send the same piece, the row's lock lets one of them count, and the other one is told where the upload is.

Core, creation, checksum, expiration and termination are spoken. Whoever serves this adds who may ask; a transaction is
open where a connection is asked for. Errors are `TusError`, with the status that the protocol gives them.
"""

import asyncio
import base64
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec

from media.storage import Storage

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
PIECE = 5 << 20  # bytes of one PATCH
PIECE_SECONDS = 600  # what came of a piece by then is kept, as if the connection had broken
MOST_PIECES = 4000
BLOCK = 256 << 10  # bytes written at once
LIFE = "7 days"  # from the last byte that came
BODY = "application/offset+octet-stream"
LONGEST_METADATA = 2000


class TusError(Exception):
    """Says no in the protocol's way; the message is for whoever wrote the client."""

    def __init__(self, status: int, message: str) -> None:
        """`status`: what the protocol asks for."""
        self.status = status
        super().__init__(message)


class State(msgspec.Struct, frozen=True):
    """An upload as its row says; sizes in bytes."""

    id: UUID
    owner: str
    state: str
    metadata: str
    length: int
    received: int
    pieces: list[str]
    recording: UUID | None
    expires_at: datetime

    @property
    def headers(self) -> dict[str, str]:
        """What is told of it after every request."""
        told = {"Upload-Offset": str(self.received), "Tus-Resumable": VERSION}
        if self.state == "open":
            told["Upload-Expires"] = format_datetime(self.expires_at, usegmt=True)
        return told


class Piece(msgspec.Struct, frozen=True):
    """Bytes that are stored, and not counted yet. `whole`: the request that brought them did not break off."""

    key: str
    start: int
    size: int
    whole: bool


_COLUMNS = "id, owner, state, metadata, length, received, pieces, recording, expires_at"


def capabilities(largest: int) -> dict[str, str]:
    """Headers of the reply to OPTIONS; `largest` in bytes."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(largest),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(headers: Mapping[str, str]) -> None:
    """Raise 412 for a client of another version."""
    if headers.get("tus-resumable") != VERSION:
        raise TusError(412, f"This is tus {VERSION}.")


def length_of(headers: Mapping[str, str], largest: int) -> int:
    """How many bytes the client announces when it creates an upload. Raises 400, 413."""
    length = _number(headers, "upload-length")
    if not length:
        raise TusError(400, "Upload-Length must be there, and be more than nothing.")
    if length > largest:
        raise TusError(413, f"At most {largest} bytes are taken.")
    return length


def metadata_of(header: str) -> dict[str, str]:
    """The pairs of Upload-Metadata, decoded. Raises 400."""
    found: dict[str, str] = {}
    if len(header) > LONGEST_METADATA:
        raise TusError(400, "Upload-Metadata is too long.")
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except ValueError as error:
            raise TusError(400, "Upload-Metadata cannot be read.") from error
    return found


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


async def create(c: asyncpg.Connection, owner: str, length: int, metadata: str) -> State:
    """A new upload of `length` bytes."""
    return _state(
        await c.fetchrow(
            "INSERT INTO upload (id, owner, state, metadata, length, received, pieces, created_at, expires_at) "  # noqa: S608 - constants
            f"VALUES ($1, $2, 'open', $3, $4, 0, '{{}}', now(), now() + interval '{LIFE}') RETURNING {_COLUMNS}",
            uuid4(),
            owner,
            metadata,
            length,
        )
    )


async def find(c: asyncpg.Connection, upload: UUID, owner: str, *, lock: bool = False) -> State:
    """An upload of this owner. Raises 404, and 410 when it has expired."""
    row = await c.fetchrow(
        f"SELECT {_COLUMNS}, state = 'open' AND expires_at < now() AS expired FROM upload "  # noqa: S608 - constants
        f"WHERE id = $1 AND owner = $2{' FOR UPDATE' if lock else ''}",
        upload,
        owner,
    )
    if row is None:
        raise TusError(404, "There is no such upload.")
    if row["expired"]:
        raise TusError(410, "This upload has expired.")
    return _state(row)


def _state(row: asyncpg.Record) -> State:
    return State(*(row[name] for name in State.__struct_fields__))


async def receive(storage: Storage, upload: State, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Piece:
    """Store what a PATCH brings, without counting it yet: `count` does that, or else `drop` it.

    A body that breaks off (by ConnectionError) is kept as far as it came, unless it has a checksum, which then cannot
    be right. Raises 400, 409, 413, 415, 423 and 460; then nothing is stored.
    """
    if headers.get("content-type", "") != BODY:
        raise TusError(415, f"The body of a PATCH is {BODY}.")
    start = _number(headers, "upload-offset")
    if start is None:
        raise TusError(400, "Upload-Offset must be there.")
    checksum = _checksum(headers.get("upload-checksum", ""))
    _check_place(upload, start)
    most = min(PIECE, upload.length - start)
    if (_number(headers, "content-length") or 0) > most:
        raise TusError(413, f"At most {most} bytes are taken here.")
    scratch = storage.scratch / f"{upload.id}-{secrets.token_hex(8)}.piece"
    hashed = (checksum[0] if checksum else ALGORITHMS["sha256"])()
    try:
        size, whole = await _write(scratch, body, most, hashed)
        if checksum and hashed.digest() != checksum[1]:
            raise TusError(460, "The checksum does not fit: send that piece again.")
        key = f"{upload.id}/{start:012}-{secrets.token_hex(8)}"
        if size:
            await storage.put(key, scratch)
        return Piece(key, start, size, whole)
    finally:
        scratch.unlink(missing_ok=True)


def _checksum(header: str) -> tuple[type["hashlib._Hash"], bytes] | None:
    if not header:
        return None
    name, _, value = header.partition(" ")
    if name not in ALGORITHMS:
        raise TusError(400, f"Checksums are {', '.join(ALGORITHMS)}.")
    try:
        return ALGORITHMS[name], base64.b64decode(value, validate=True)  # type: ignore[return-value]  # a constructor
    except ValueError as error:
        raise TusError(400, "The checksum cannot be read.") from error


async def _write(path: Path, body: AsyncIterator[bytes], most: int, hashed: "hashlib._Hash") -> tuple[int, bool]:
    """Bytes written and hashed, and whether the body came to its end. Raises 413."""
    size, whole = 0, False
    with path.open("wb") as file:

        def flush(block: bytes) -> None:
            file.write(block)
            hashed.update(block)

        block = bytearray()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(PIECE_SECONDS):
                async for chunk in body:
                    size += len(chunk)
                    if size > most:
                        raise TusError(413, f"At most {most} bytes are taken here.")
                    block += chunk
                    if len(block) >= BLOCK:
                        full, block = bytes(block), bytearray()
                        await asyncio.to_thread(flush, full)
            whole = True
        await asyncio.to_thread(flush, bytes(block))
    return size, whole


def _check_place(upload: State, start: int) -> None:
    if upload.state != "open" and start != upload.length:
        raise TusError(409, "Everything has arrived.")
    if upload.received != start:
        raise TusError(409, f"The upload is at {upload.received}.")
    if len(upload.pieces) >= MOST_PIECES:
        raise TusError(413, "That came in too many pieces.")


async def count(c: asyncpg.Connection, upload: State, piece: Piece) -> State:
    """The piece belongs to the upload from the commit on. Raises 404, 409 and 410: somebody was faster.

    The upload's last byte makes it "whole".
    """
    now = await find(c, upload.id, upload.owner, lock=True)
    _check_place(now, piece.start)
    if not piece.size:
        return now
    return _state(
        await c.fetchrow(
            "UPDATE upload SET received = received + $2, pieces = array_append(pieces, $3::varchar), "  # noqa: S608 - constants
            "state = CASE WHEN received + $2 = length THEN 'whole' ELSE 'open' END, "
            f"expires_at = now() + interval '{LIFE}' WHERE id = $1 RETURNING {_COLUMNS}",
            upload.id,
            piece.size,
            piece.key,
        )
    )


async def drop(storage: Storage, piece: Piece) -> None:
    """Delete a piece that was not counted."""
    if piece.size:
        await storage.delete(piece.key)


async def terminate(c: asyncpg.Connection, upload: UUID, owner: str) -> None:
    """End an upload; its objects are the caller's to delete. Raises 404, 410, and 423 while it becomes a file."""
    found = await find(c, upload, owner, lock=True)
    if found.state == "whole":
        raise TusError(423, "Everything has arrived and is being looked at.")
    await c.execute("DELETE FROM upload WHERE id = $1", upload)


async def expire(c: asyncpg.Connection, most: int) -> list[UUID]:
    """Forget uploads whose time is over, at most so many; their objects are the caller's to delete."""
    return [
        row["id"]
        for row in await c.fetch(
            "DELETE FROM upload WHERE id IN (SELECT id FROM upload WHERE state <> 'whole' AND expires_at < now() "
            "ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id",
            most,
        )
    ]


async def whole(c: asyncpg.Connection, upload: UUID, *, lock: bool = False) -> State | None:
    """An upload that waits to become a file; None when there is none (any more)."""
    row = await c.fetchrow(
        f"SELECT {_COLUMNS} FROM upload WHERE id = $1 AND state = 'whole'{' FOR UPDATE' if lock else ''}",  # noqa: S608 - constants
        upload,
    )
    return None if row is None else _state(row)


async def finish(c: asyncpg.Connection, upload: UUID) -> None:
    """It is a file: its objects are the caller's to delete, its row stays until it expires."""
    await c.execute("UPDATE upload SET state = 'done', pieces = '{}' WHERE id = $1", upload)


async def join(storage: Storage, upload: State, target: Path) -> None:
    """All pieces as one local file."""
    await asyncio.to_thread(target.write_bytes, b"")
    for key in upload.pieces:
        content = await storage.get(key)
        await asyncio.to_thread(_append, target, content)
    if target.stat().st_size != upload.length:  # noqa: ASYNC240 - one look
        raise ValueError(f"the pieces of upload {upload.id} are not as long as they should be")


def _append(target: Path, content: bytes) -> None:
    with target.open("ab") as file:
        file.write(content)
