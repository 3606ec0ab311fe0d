"""Views that people keep. Everybody keeps their own; those that are shared are for who edits jobs."""

from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound
from server.core.events import append
from server.core.words import clean
from server.hiring.listing import queries
from server.hiring.listing.events import ViewDropped, ViewSaved
from server.hiring.listing.rules import asked_by, checked
from server.hiring.listing.tables import SavedViewRow
from server.hiring.views.base import View
from server.hiring.views.listing import Layout, SavedView
from server.hiring.views.payloads import ViewsChanged

LONGEST = 60
MOST = 100  # views that one member has made


class NewView(View, frozen=True, kw_only=True):
    """A view to be kept. `everywhere`: for all jobs, which asks for no stage of this one."""

    name: str
    layout: Layout
    query: str
    shared: bool = False
    everywhere: bool = False


class ViewChange(View, frozen=True, kw_only=True):
    """What is to be another, as seen at `version`; None: as it is."""

    version: int
    name: str | None = None
    layout: Layout | None = None
    query: str | None = None
    shared: bool | None = None


def check_title(text: str) -> str:
    """What a view is called. Raises Invalid."""
    name = " ".join(clean(text).split())
    if not 1 <= len(name) <= LONGEST:
        raise Invalid(fields={"name": f"Give it a name of at most {LONGEST} characters."})
    return name


def check_everywhere(query: str, *, everywhere: bool) -> None:
    """Raise Invalid when a view for all jobs asks for stages of one."""
    if everywhere and "stage" in asked_by(query):
        raise Invalid(fields={"everywhere": "Stages belong to one job. Take them out of the filter, or keep it here."})


async def save(asking: Asking, job: UUID, wanted: NewView, key: str | None) -> SavedView:
    """Keep a view. Raises NotFound, Invalid, and Forbidden when it is for everybody and this member edits no jobs."""
    if wanted.shared:
        asking.require("edit_jobs")
    await queries.known(asking.workspace, job)
    query = checked(wanted.query, await queries.fields(asking.workspace), asking.id)
    check_everywhere(query, everywhere=wanted.everywhere)
    await db.execute("SELECT 1 FROM member WHERE id = $1 FOR NO KEY UPDATE", asking.id)
    if await db.value("SELECT count(*) FROM saved_view WHERE member_id = $1", asking.id) >= MOST:
        raise Invalid(fields={"name": f"You have {MOST} views already. Delete one that nobody needs."})
    row = SavedViewRow(
        workspace_id=asking.workspace,
        job_id=None if wanted.everywhere else job,
        member_id=asking.id,
        name=check_title(wanted.name),
        layout=wanted.layout,
        query=query,
        shared=wanted.shared,
    )
    await row.save()
    return await _tell(asking, row.id, wanted.shared, shown=wanted.shared, key=key)


async def change(asking: Asking, view: UUID, wanted: ViewChange, key: str | None) -> SavedView:
    """Change a view. Raises NotFound for what this member does not see, Conflict, Forbidden, Invalid."""
    known = await _lock(asking, view)
    shared = known["shared"] if wanted.shared is None else wanted.shared
    if shared or known["shared"]:
        asking.require("edit_jobs")
    if known["version"] != wanted.version:
        raise Conflict
    query: str = known["query"]
    if wanted.query is not None:
        query = checked(wanted.query, await queries.fields(asking.workspace), asking.id)
        check_everywhere(query, everywhere=known["job_id"] is None)
    await db.execute(
        "UPDATE saved_view SET name = $2, layout = $3, query = $4, shared = $5, version = version + 1, "
        "changed_at = now() WHERE id = $1",
        view,
        known["name"] if wanted.name is None else check_title(wanted.name),
        wanted.layout or known["layout"],
        query,
        shared,
    )
    return await _tell(asking, view, shared, shown=shared or known["shared"], key=key)


async def drop(asking: Asking, view: UUID, key: str | None) -> None:
    """Delete a view. Raises NotFound, Forbidden."""
    known = await _lock(asking, view)
    if known["shared"]:
        asking.require("edit_jobs")
    await db.execute("DELETE FROM saved_view WHERE id = $1", view)
    await append(
        ViewDropped(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"view:{view}",
            view=view,
            shared=known["shared"],
        ),
        [_changed(asking, known["job_id"], known["member_id"], shown=known["shared"])],
        key=key,
    )


async def _lock(asking: Asking, view: UUID) -> db.Record:
    """A view that this member sees, locked."""
    found = await db.record(
        "SELECT job_id, member_id, name, layout, query, shared, version FROM saved_view "
        "WHERE id = $1 AND workspace_id = $2 AND (shared OR member_id = $3) FOR NO KEY UPDATE",
        view,
        asking.workspace,
        asking.id,
    )
    if found is None:
        raise NotFound
    return found


async def _tell(asking: Asking, view: UUID, shared: bool, *, shown: bool, key: str | None) -> SavedView:
    found = await queries.saved(asking.workspace, view)
    await append(
        ViewSaved(workspace=asking.workspace, actor=asking.actor, subject=f"view:{view}", view=view, shared=shared),
        [_changed(asking, found.job, found.by.id, shown=shown)],
        key=key,
    )
    return found


def _changed(asking: Asking, job: UUID | None, member: UUID, *, shown: bool) -> live.Delivery:
    """To everybody when everybody sees or saw it, else to whose it is."""
    topic = live.workspace(asking.workspace) if shown else live.member(member)
    return live.Delivery(topic, ViewsChanged(job=job))
