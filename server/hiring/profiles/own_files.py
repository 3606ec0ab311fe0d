"""What candidates bring themselves: a CV or other papers with one of their applications.

They may bring some at any time, and take one back until they hand in. They see what they brought with this application
and nothing else of their profile; the team sees it there at once.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.response import Stream

from server.core import db, live, runtime, tasks
from server.core.access import Applicant
from server.core.errors import Invalid, NotFound, TooLarge
from server.core.events import append
from server.core.replies import json, once
from server.core.throttle import limit
from server.hiring.candidates.actions import whole
from server.hiring.profiles.events import FileAdded, FileRemoved
from server.hiring.profiles.files import download, keep
from server.hiring.profiles.rules import LARGEST_FILE, MOST_OWN_FILES, HandedIn, NoRoomForFiles, kind_of
from server.hiring.views.payloads import OwnPlaceChanged, ProfileChanged
from server.hiring.views.profiles import OwnFile, OwnFiles

Req = Request[Any, Any, Any]
TRIES = 3


async def bring(applicant: Applicant, name: str, data: bytes, key: str | None) -> None:
    """Keep a file that a candidate brings. Raises UnknownFile, NoRoomForFiles, Invalid when there are too many."""
    kind = kind_of(data)
    here = runtime.here()
    free = here.storage.free_bytes()
    if free is not None and free < here.settings.disk_floor_mb * 1024**2:
        raise NoRoomForFiles
    candidate = await _lock(applicant)
    own = await db.value("SELECT count(*) FROM candidate_file WHERE application_id = $1", applicant.application)
    if own >= MOST_OWN_FILES:
        raise Invalid(f"You can bring {MOST_OWN_FILES} files. Take one back first, or write to the team.")
    file = await keep(applicant.workspace, candidate, name, kind, data, application=applicant.application)
    await _record(FileAdded, applicant, candidate, file, key)


async def take_back(applicant: Applicant, file: UUID, key: str | None) -> None:
    """Delete one of their own files. Raises HandedIn, NotFound."""
    candidate = await _lock(applicant)
    if not await _removable(applicant):
        raise HandedIn
    gone = await db.value(
        "DELETE FROM candidate_file WHERE id = $1 AND application_id = $2 RETURNING id", file, applicant.application
    )
    if gone is None:
        raise NotFound
    await tasks.enqueue("forget_file", msgspec.json.encode(file))
    await _record(FileRemoved, applicant, candidate, file, key)


async def _lock(applicant: Applicant) -> UUID:
    """Whose profile the files belong to, locked; of a merged one that of the whole. Raises NotFound."""
    for _ in range(TRIES):
        candidate = await whole(applicant.candidate)
        if await db.value("SELECT 1 FROM candidate WHERE id = $1 AND merged_into IS NULL FOR NO KEY UPDATE", candidate):
            return candidate  # else it was merged while we waited: look again
    raise NotFound


async def _record(
    kind: type[FileAdded | FileRemoved], applicant: Applicant, candidate: UUID, file: UUID, key: str | None
) -> None:
    """Put it on record, and tell the team's profile and the candidate's own page."""
    event = kind(
        workspace=applicant.workspace,
        actor=applicant.actor,
        subject=f"candidate:{candidate}",
        candidate=candidate,
        file=file,
        application=applicant.application,
    )
    deliveries = [
        live.Delivery(live.profile(candidate), ProfileChanged(candidate=candidate)),
        live.Delivery(live.candidate(applicant.application), OwnPlaceChanged(application=applicant.application)),
    ]
    await append(event, deliveries, key=key)


async def _removable(applicant: Applicant) -> bool:
    found: bool = await db.value("SELECT submitted_at IS NULL FROM application WHERE id = $1", applicant.application)
    return found


async def own(applicant: Applicant) -> OwnFiles:
    """What they brought with this application, in order."""
    base = f"/c/a/{applicant.application}/files"
    return OwnFiles(
        files=await db.rows(
            lambda *c: OwnFile(id=c[0], name=c[1], bytes=c[2], url=f"{base}/{c[0]}", created_at=c[3]),
            "SELECT id, name, bytes, created_at FROM candidate_file WHERE application_id = $1 ORDER BY id",
            applicant.application,
        ),
        most=MOST_OWN_FILES,
        removable=await _removable(applicant),
    )


# Over HTTP


@get("/api/files", opt={"before_consent": True})
async def show(applicant: Applicant) -> Response[bytes]:
    """Their own files."""
    return json(await own(applicant))


@post("/api/files", status_code=201, request_max_body_size=LARGEST_FILE + 1024)
async def add(request: Req, applicant: Applicant, name: str = "") -> Response[bytes]:
    """Bring a file, as the raw body; `name` is what it is called."""
    await limit("own-file", str(applicant.application), 20, 3600)
    if int(request.headers.get("content-length") or 0) > LARGEST_FILE:
        raise TooLarge("A file may have at most 15 MB.")
    data = await request.body()

    async def act(key: str | None) -> OwnFiles:
        await bring(applicant, name, data, key)
        return await own(applicant)

    return await once(request, applicant.actor, act, 201)


@delete("/api/files/{file:uuid}", status_code=200)
async def remove(request: Req, applicant: Applicant, file: UUID) -> Response[bytes]:
    """Take a file back."""

    async def act(key: str | None) -> OwnFiles:
        await take_back(applicant, file, key)
        return await own(applicant)

    return await once(request, applicant.actor, act)


@get("/files/{file:uuid}")
async def fetch(applicant: Applicant, file: UUID) -> Response[Any] | Stream:
    """One of their own files as it came, for the disk."""
    found = await db.row(
        lambda name, kind: (name, kind),
        "SELECT name, kind FROM candidate_file WHERE id = $1 AND application_id = $2",
        file,
        applicant.application,
    )
    if found is None:
        raise NotFound
    return await download(file, *found)


CANDIDATES = [show, add, remove, fetch]
