"""Files of a person: brought by the team, or by themselves (`own_files`); read by the worker in a child.

Browsers are shown pictures of their pages; the file itself only ever leaves as a download.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response
from litestar.response import Stream

from media import playback
from media.storage import MissingError
from server.core import db, live, runtime, tasks
from server.core.access import Asking
from server.core.errors import Invalid, NotFound
from server.core.events import append
from server.core.ids import uuid7
from server.core.words import clean
from server.hiring.profiles.actions import lock, told
from server.hiring.profiles.events import FileAdded, FileRemoved
from server.hiring.profiles.paper import read_aside
from server.hiring.profiles.rules import MOST_FILES, kind_of, name_on_disk
from server.hiring.views.payloads import OwnPlaceChanged, ProfileChanged
from server.hiring.views.profiles import FileKind


async def add(asking: Asking, candidate: UUID, name: str, data: bytes, key: str | None) -> None:
    """Keep a file of a person; the worker reads it. Raises UnknownFile for what is none of the kinds we take."""
    asking.require("edit_people")
    kind = kind_of(data)
    await lock(asking.workspace, candidate)
    file = await keep(asking.workspace, candidate, name, kind, data, member=asking.id)
    await append(
        FileAdded(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            file=file,
        ),
        await told(asking, candidate),
        key=key,
    )


async def keep(
    workspace: UUID,
    candidate: UUID,
    name: str,
    kind: FileKind,
    data: bytes,
    *,
    member: UUID | None = None,
    application: UUID | None = None,
) -> UUID:
    """Store a file that was brought by a member, or by the candidate with an application. Raises Invalid: too many.

    Part of the caller's transaction, which holds the person.
    """
    if await db.value("SELECT count(*) FROM candidate_file WHERE candidate_id = $1", candidate) >= MOST_FILES:
        raise Invalid(f"A person has at most {MOST_FILES} files. Delete one first.")
    file = uuid7()
    await runtime.here().storage.put(f"{file}/file", data)
    await db.execute(
        "INSERT INTO candidate_file (id, workspace_id, candidate_id, member_id, application_id, name, kind, bytes) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        file,
        workspace,
        candidate,
        member,
        application,
        " ".join(clean(name).split())[:300] or f"file.{kind}",
        kind,
        len(data),
    )
    await tasks.enqueue("read_file", msgspec.json.encode(file))
    return file


async def remove(asking: Asking, candidate: UUID, file: UUID, key: str | None) -> None:
    """Delete a file, its pictures and its text."""
    asking.require("edit_people")
    await lock(asking.workspace, candidate)
    gone = await db.record(
        "DELETE FROM candidate_file WHERE id = $1 AND candidate_id = $2 RETURNING application_id", file, candidate
    )
    if gone is None:
        raise NotFound
    await tasks.enqueue("forget_file", msgspec.json.encode(file))
    brought = gone["application_id"]
    await append(
        FileRemoved(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"candidate:{candidate}",
            candidate=candidate,
            file=file,
            application=brought,
        ),
        [
            *await told(asking, candidate),
            *([live.Delivery(live.candidate(brought), OwnPlaceChanged(application=brought))] if brought else ()),
        ],
        key=key,
    )


async def send(asking: Asking, candidate: UUID, file: UUID) -> Response[Any] | Stream:
    """The file as it came, to be kept and never opened in the page: whatever it holds, it does nothing here."""
    return await download(file, *await _name(asking, candidate, file))


async def download(file: UUID, name: str, kind: FileKind) -> Response[Any] | Stream:
    """The bytes of a file as an attachment, of no type that any program opens by itself."""
    reply = await respond(f"{file}/file", "application/octet-stream")
    saved = name_on_disk(name, kind)
    plain = "".join(c if c.isascii() else "_" for c in saved)
    more = "" if plain == saved else f"; filename*=UTF-8''{quote(saved, safe='')}"
    reply.headers["Content-Disposition"] = f'attachment; filename="{plain}"{more}'
    reply.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return reply


async def send_picture(asking: Asking, candidate: UUID, file: UUID, page: int) -> Response[Any] | Stream:
    """One page of the file, as we drew it."""
    await _name(asking, candidate, file)
    return await respond(f"{file}/{page}.webp", "image/webp")


async def _name(asking: Asking, candidate: UUID, file: UUID) -> tuple[str, FileKind]:
    """What a file is called, and what it is. Raises NotFound."""
    found = await db.row(
        lambda name, kind: (name, kind),
        "SELECT name, kind FROM candidate_file WHERE id = $1 AND candidate_id = $2 AND workspace_id = $3",
        file,
        candidate,
        asking.workspace,
    )
    if found is None:
        raise NotFound
    return found


async def respond(key: str, mime: str) -> Response[Any] | Stream:
    """Something of a file from storage. Raises NotFound."""
    try:
        return await playback.respond(runtime.here().storage, key, mime)
    except MissingError as error:
        raise NotFound from error


# In the worker


async def read_file(payload: bytes) -> None:
    """Read a file."""
    await read(msgspec.json.decode(payload, type=UUID))


async def read(file: UUID, reader: Callable[[Path, Path, FileKind], Awaitable[bool]] = read_aside) -> None:
    """Draw the first pages of a file, keep its text, and tell the page."""
    row = await db.record("SELECT candidate_id, kind FROM candidate_file WHERE id = $1 AND state <> 'read'", file)
    if row is None:
        return
    storage = runtime.here().storage
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=storage.scratch))
    try:
        await storage.fetch(f"{file}/file", folder / "file")
        fine = await reader(folder / "file", folder, row["kind"])
        pages = drawn(folder) if fine else []
        for page in pages:
            await storage.put(f"{file}/{page.name}", page)
        text = await asyncio.to_thread((folder / "text").read_text, encoding="utf-8") if fine else ""
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    async with db.transaction():
        kept = await db.value(
            "UPDATE candidate_file SET state = $2, pages = $3, text = $4 WHERE id = $1 RETURNING candidate_id",
            file,
            "read" if fine else "unreadable",
            len(pages),
            text,
        )
        if kept is not None:
            await live.deliver(db.current(), [live.Delivery(live.profile(kept), ProfileChanged(candidate=kept))])
            return
    await storage.delete_all(file)  # it was deleted meanwhile


def drawn(folder: Path) -> list[Path]:
    """The pictures in a folder, by page."""
    return sorted(folder.glob("*.webp"), key=lambda page: int(page.stem))


async def read_given_up(payload: bytes) -> None:
    """It can be downloaded; it is read all the same when somebody puts the task back into the queue."""
    async with db.transaction():
        kept = await db.value(
            "UPDATE candidate_file SET state = 'unreadable' WHERE id = $1 AND state = 'new' RETURNING candidate_id",
            msgspec.json.decode(payload, type=UUID),
        )
        if kept is not None:
            await live.deliver(db.current(), [live.Delivery(live.profile(kept), ProfileChanged(candidate=kept))])


async def forget_file(payload: bytes) -> None:
    """Delete everything of a file."""
    await runtime.here().storage.delete_all(msgspec.json.decode(payload, type=UUID))


tasks.register("read_file", read_file, read_given_up)
tasks.register("forget_file", forget_file)
