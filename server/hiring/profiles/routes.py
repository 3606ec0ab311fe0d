"""Profiles over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, patch, post, put
from litestar.response import Stream

from server.core.access import Asking
from server.core.errors import TooLarge
from server.core.replies import json, once
from server.core.throttle import limit
from server.hiring.applications import adding
from server.hiring.profiles import actions, files, merging, own_files, queries, tagging_many, vocabulary
from server.hiring.profiles.rules import LARGEST_FILE
from server.hiring.profiles.timeline import LAST, timeline
from server.hiring.views.applications import Together
from server.hiring.views.profiles import ProfileView, TagRow

Req = Request[Any, Any, Any]
Work = Callable[[str | None], Awaitable[object]]


async def _then(request: Req, asking: Asking, candidate: UUID, work: Work, status: int = 200) -> Response[bytes]:
    """Do it once, and reply with the profile as it is then."""

    async def act(key: str | None) -> ProfileView:
        await work(key)
        return await queries.read(asking, candidate)

    return await once(request, asking.actor, act, status)


@get("/api/candidates/{candidate:uuid}", opt={"right": "read"})
async def show(asking: Asking, candidate: UUID, application: UUID | None = None) -> Response[bytes]:
    """A person with everything that the workspace knows of them; of a merged one, the profile it is a part of."""
    return json(await queries.profile(asking, await queries.root(asking.workspace, candidate), application))


@get("/api/candidates/{candidate:uuid}/others", opt={"right": "edit_people"})
async def others(asking: Asking, candidate: UUID, q: str = "") -> Response[bytes]:
    """Whom else this profile could be compared with: by words of their names or addresses."""
    return json(await queries.called(asking.workspace, candidate, q))


@get("/api/candidates/{candidate:uuid}/timeline", opt={"right": "read"})
async def older(asking: Asking, candidate: UUID, before: UUID = LAST) -> Response[bytes]:
    """What happened before an event."""
    return json(await timeline(asking.workspace, await queries.root(asking.workspace, candidate), before))


@patch("/api/candidates/{candidate:uuid}", opt={"right": "edit_people"})
async def edit(request: Req, asking: Asking, candidate: UUID, data: actions.Particulars) -> Response[bytes]:
    """Change contact and other particulars."""
    return await _then(request, asking, candidate, lambda key: actions.edit(asking, candidate, data, key))


@put("/api/candidates/{candidate:uuid}/tags", opt={"right": "edit_people"})
async def tag(request: Req, asking: Asking, candidate: UUID, data: actions.Tags) -> Response[bytes]:
    """Give a person exactly these tags."""
    return await _then(request, asking, candidate, lambda key: actions.tag(asking, candidate, data, key))


@post("/api/jobs/{job:uuid}/tags", opt={"right": "edit_people"}, status_code=200)
async def tag_many(request: Req, asking: Asking, job: UUID, data: tagging_many.TaggingMany) -> Response[bytes]:
    """Put a tag on many people of a job, or take it off."""

    async def act(key: str | None) -> Together:
        return await tagging_many.tag_many(asking, job, data, key)

    return await once(request, asking.actor, act)


@put("/api/candidates/{candidate:uuid}/fields/{field:uuid}", opt={"right": "edit_people"})
async def fill(request: Req, asking: Asking, candidate: UUID, field: UUID, data: actions.Value) -> Response[bytes]:
    """Write down what a field says."""
    return await _then(request, asking, candidate, lambda key: actions.fill(asking, candidate, field, data, key))


@post("/api/candidates/{candidate:uuid}/applications", opt={"right": "edit_people"}, status_code=201)
async def add_to_job(request: Req, asking: Asking, candidate: UUID, data: adding.NewPlaceInJob) -> Response[bytes]:
    """Make an application for them."""
    return await _then(request, asking, candidate, lambda key: adding.add(asking, candidate, data, key), 201)


@get("/api/tags", opt={"right": "read"})
async def tags(asking: Asking) -> Response[bytes]:
    """The workspace's tags, with how many people have each."""
    return json(await vocabulary.rows(asking.workspace))


@patch("/api/tags/{tag:uuid}", opt={"right": "edit_people"})
async def change_tag(request: Req, asking: Asking, tag: UUID, data: vocabulary.NewTag) -> Response[bytes]:
    """Call or colour a tag otherwise, on everybody."""

    async def act(key: str | None) -> list[TagRow]:
        await vocabulary.change(asking, tag, data, key)
        return await vocabulary.rows(asking.workspace)

    return await once(request, asking.actor, act)


@delete("/api/tags/{tag:uuid}", opt={"right": "edit_people"}, status_code=200)
async def drop_tag(request: Req, asking: Asking, tag: UUID) -> Response[bytes]:
    """Take a tag away from everybody."""

    async def act(key: str | None) -> list[TagRow]:
        await vocabulary.drop(asking, tag, key)
        return await vocabulary.rows(asking.workspace)

    return await once(request, asking.actor, act)


@get("/api/tags/{tag:uuid}/merges/{into:uuid}", opt={"right": "edit_people"})
async def tag_overlap(asking: Asking, tag: UUID, into: UUID) -> Response[bytes]:
    """How many people it is about, before two tags are merged."""
    return json(await vocabulary.overlap(asking, tag, into))


@post("/api/tags/{tag:uuid}/merges", opt={"right": "edit_people"}, status_code=200)
async def merge_tag(request: Req, asking: Asking, tag: UUID, data: vocabulary.Merging) -> Response[bytes]:
    """Make a tag part of another, on everybody."""

    async def act(key: str | None) -> list[TagRow]:
        await vocabulary.merge(asking, tag, data, key)
        return await vocabulary.rows(asking.workspace)

    return await once(request, asking.actor, act)


@post("/api/fields", opt={"right": "edit_people"}, status_code=201)
async def make_field(request: Req, asking: Asking, data: actions.NewField) -> Response[bytes]:
    """Make a field for all profiles."""

    async def act(key: str | None) -> dict[str, UUID]:
        return {"id": await actions.make_field(asking, data, key)}

    return await once(request, asking.actor, act, 201)


@delete("/api/fields/{field:uuid}", opt={"right": "edit_people"}, status_code=200)
async def drop_field(request: Req, asking: Asking, field: UUID) -> Response[bytes]:
    """Take a field away from all profiles."""

    async def act(key: str | None) -> None:
        await actions.drop_field(asking, field, key)

    return await once(request, asking.actor, act)


@post(
    "/api/candidates/{candidate:uuid}/files",
    opt={"right": "edit_people"},
    status_code=201,
    request_max_body_size=LARGEST_FILE + 1024,
)
async def add_file(request: Req, asking: Asking, candidate: UUID, name: str = "") -> Response[bytes]:
    """Bring a file, as the raw body; `name` is what it is called."""
    await limit("file", str(asking.id), 200, 3600)
    if int(request.headers.get("content-length") or 0) > LARGEST_FILE:
        raise TooLarge("A file may have at most 15 MB.")
    await queries.known(asking.workspace, candidate)
    data = await request.body()
    return await _then(request, asking, candidate, lambda key: files.add(asking, candidate, name, data, key), 201)


@delete("/api/candidates/{candidate:uuid}/files/{file:uuid}", opt={"right": "edit_people"}, status_code=200)
async def remove_file(request: Req, asking: Asking, candidate: UUID, file: UUID) -> Response[bytes]:
    """Delete a file."""
    return await _then(request, asking, candidate, lambda key: files.remove(asking, candidate, file, key))


@get("/candidates/{candidate:uuid}/files/{file:uuid}", opt={"right": "read"})
async def file(asking: Asking, candidate: UUID, file: UUID) -> Response[Any] | Stream:
    """A file as it came, for the disk."""
    return await files.send(asking, candidate, file)


@get("/candidates/{candidate:uuid}/files/{file:uuid}/pages/{page:int}", opt={"right": "read"})
async def picture(asking: Asking, candidate: UUID, file: UUID, page: int) -> Response[Any] | Stream:
    """One page of a file as a picture."""
    return await files.send_picture(asking, candidate, file, page)


@post("/api/candidates/{candidate:uuid}/merges", opt={"right": "edit_people"}, status_code=200)
async def merge(request: Req, asking: Asking, candidate: UUID, data: merging.Merge) -> Response[bytes]:
    """Take another profile into this one."""
    return await _then(request, asking, candidate, lambda key: merging.merge(asking, candidate, data, key))


@delete("/api/candidates/{candidate:uuid}/merges/{merge:uuid}", opt={"right": "edit_people"}, status_code=200)
async def undo_merge(request: Req, asking: Asking, candidate: UUID, merge: UUID) -> Response[bytes]:
    """Two profiles again."""
    return await _then(request, asking, candidate, lambda key: merging.undo(asking, candidate, merge, key))


@post("/api/candidates/{candidate:uuid}/distinctions", opt={"right": "edit_people"}, status_code=200)
async def set_apart(request: Req, asking: Asking, candidate: UUID, data: merging.Other) -> Response[bytes]:
    """Two who look alike are two people."""
    return await _then(request, asking, candidate, lambda key: merging.set_apart(asking, candidate, data, key))


MEMBERS = [
    show,
    others,
    add_to_job,
    tags,
    change_tag,
    drop_tag,
    tag_overlap,
    merge_tag,
    merge,
    undo_merge,
    set_apart,
    older,
    edit,
    tag,
    tag_many,
    fill,
    make_field,
    drop_field,
    add_file,
    remove_file,
    file,
    picture,
]
CANDIDATES = own_files.CANDIDATES
