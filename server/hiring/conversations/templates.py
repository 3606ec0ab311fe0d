"""Message templates: words that a workspace keeps to write from, with placeholders for whom they go to.

A workspace begins with a few, adds its own, and changes or deletes any of them; whoever writes to candidates reads
them. What was begun with one is a copy: no message and no stage says anything else because a template does.
"""

from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Conflict, Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.conversations.automatic import check_text
from server.hiring.conversations.events import MessageTemplateDropped, MessageTemplateSaved
from server.hiring.conversations.shipped import SHIPPED
from server.hiring.views.base import View
from server.hiring.views.payloads import TemplatesChanged
from server.hiring.views.people import Person
from server.hiring.views.templates import MessageTemplates, MessageTemplateView
from server.hiring.workspaces.rules import check_name

LONGEST_NAME = 80
MOST = 200


class TemplateTaken(Refusal):
    """Another template is called so."""

    code = "template_taken"
    status = HTTPStatus.CONFLICT
    message = "Another template has this name already. Choose a different one."


class NewTemplate(View, frozen=True, kw_only=True):
    """Words to keep, and what they are called."""

    name: str
    text: str


class TemplateChange(View, frozen=True, kw_only=True):
    """What is to be another, as seen at `version`; None: as it is."""

    version: int
    name: str | None = None
    text: str | None = None


# Actions


async def bring_along(workspace: UUID) -> None:
    """Give a new workspace something to begin with; runs inside its founding, and in the migration for older ones."""
    await db.execute(
        "INSERT INTO message_template (id, workspace_id, name, folded, text, version, changed_at) "
        "SELECT t.id, $1, t.name, t.folded, t.text, 1, now() "
        "FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS t (id, name, folded, text)",
        workspace,
        [uuid7() for _ in SHIPPED],
        list(SHIPPED),
        [name.casefold() for name in SHIPPED],
        list(SHIPPED.values()),
    )


async def make(asking: Asking, wanted: NewTemplate, key: str | None) -> MessageTemplateView:
    """Keep words under a name. Raises Invalid, TemplateTaken."""
    asking.require("edit_templates")
    name, text = check_name(wanted.name, "name", LONGEST_NAME), check_text(wanted.text, "text")
    template = uuid7()
    await _lock_names(asking.workspace)
    if await db.value("SELECT count(*) FROM message_template WHERE workspace_id = $1", asking.workspace) >= MOST:
        raise Invalid(fields={"name": f"There are {MOST} templates already. Delete one that nobody needs."})
    await _check_free(asking.workspace, name, template)
    await db.execute(
        "INSERT INTO message_template (id, workspace_id, name, folded, text, version, changed_by, changed_at) "
        "VALUES ($1, $2, $3, $4, $5, 1, $6, now())",
        template,
        asking.workspace,
        name,
        name.casefold(),
        text,
        asking.id,
    )
    return await _tell(asking, template, key)


async def change(asking: Asking, template: UUID, wanted: TemplateChange, key: str | None) -> MessageTemplateView:
    """Say a template otherwise. Raises NotFound, Conflict when somebody else did since, Invalid, TemplateTaken."""
    asking.require("edit_templates")
    await _lock_names(asking.workspace)
    known = await one(asking.workspace, template)
    if known.version != wanted.version:
        raise Conflict
    name = known.name if wanted.name is None else check_name(wanted.name, "name", LONGEST_NAME)
    text = known.text if wanted.text is None else check_text(wanted.text, "text")
    if (name, text) == (known.name, known.text):
        return known
    await _check_free(asking.workspace, name, template)
    await db.execute(
        "UPDATE message_template SET name = $2, folded = $3, text = $4, version = version + 1, changed_by = $5, "
        "changed_at = now() WHERE id = $1",
        template,
        name,
        name.casefold(),
        text,
        asking.id,
    )
    return await _tell(asking, template, key)


async def drop(asking: Asking, template: UUID, key: str | None) -> None:
    """Delete a template. Raises NotFound."""
    asking.require("edit_templates")
    name = await db.value(
        "DELETE FROM message_template WHERE id = $1 AND workspace_id = $2 RETURNING name", template, asking.workspace
    )
    if name is None:
        raise NotFound
    await append(
        MessageTemplateDropped(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            template=template,
            name=name,
        ),
        [_changed(asking.workspace)],
        key=key,
    )


async def _lock_names(workspace: UUID) -> None:
    """Two who save come one after the other: the names are looked at between."""
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", workspace)


async def _check_free(workspace: UUID, name: str, template: UUID) -> None:
    if await db.value(
        "SELECT 1 FROM message_template WHERE workspace_id = $1 AND folded = $2 AND id <> $3",
        workspace,
        name.casefold(),
        template,
    ):
        raise TemplateTaken


async def _tell(asking: Asking, template: UUID, key: str | None) -> MessageTemplateView:
    saved = await one(asking.workspace, template)
    await append(
        MessageTemplateSaved(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            template=template,
            name=saved.name,
        ),
        [_changed(asking.workspace)],
        key=key,
    )
    return saved


def _changed(workspace: UUID) -> live.Delivery:
    return live.Delivery(live.workspace(workspace), TemplatesChanged(workspace=workspace))


# Queries

_TEMPLATES = """
SELECT t.id, t.name, t.text, t.version, t.changed_at, m.id, m.name, m.colour
FROM message_template t LEFT JOIN member m ON m.id = t.changed_by
WHERE t.workspace_id = $1 AND ($2::uuid IS NULL OR t.id = $2) ORDER BY t.folded, t.id
"""


async def view(workspace: UUID) -> MessageTemplates:
    """All of them by name, in one snapshot."""
    async with db.snapshot():
        epoch, positions = await live.positions(live.workspace(workspace))
        return MessageTemplates(templates=await _rows(workspace, None), epoch=epoch, positions=positions)


async def one(workspace: UUID, template: UUID) -> MessageTemplateView:
    """One of them. Raises NotFound."""
    found = await _rows(workspace, template)
    if not found:
        raise NotFound
    return found[0]


async def _rows(workspace: UUID, template: UUID | None) -> list[MessageTemplateView]:
    return await db.rows(
        lambda *c: MessageTemplateView(
            id=c[0],
            name=c[1],
            text=c[2],
            version=c[3],
            changed_at=c[4],
            by=Person(id=c[5], name=c[6], colour=c[7]) if c[5] else None,
        ),
        _TEMPLATES,
        workspace,
        template,
    )
