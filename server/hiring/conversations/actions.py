"""Writing in the two threads."""

import re
from datetime import UTC, datetime
from uuid import UUID

from server.core import live
from server.core.access import Applicant, Asking
from server.core.errors import Invalid
from server.core.events import append
from server.core.ids import uuid7
from server.core.words import clean
from server.hiring.applications import promising
from server.hiring.applications.actions import card_changed, person, touch
from server.hiring.applications.following import follow_by_itself
from server.hiring.applications.queries import in_workspace
from server.hiring.conversations.events import MessageWritten, NoteWritten
from server.hiring.conversations.tables import Mention, Message, Note
from server.hiring.views.applications import MessageAbout, MessageView, NoteView
from server.hiring.views.base import View
from server.hiring.views.payloads import MessageSent, NoteAdded
from server.hiring.views.people import Person
from server.hiring.workspaces.queries import present

LONGEST = 10_000
MOST_MENTIONS = 20
_MENTION = re.compile(r"<@([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})>")


class Words(View, frozen=True, kw_only=True):
    """What somebody wrote."""

    body: str


def check_words(body: str, field: str = "body") -> str:
    """The text without blanks around. Raises Invalid when it is empty or too long."""
    text = clean(body)
    if not text:
        raise Invalid(fields={field: "Write something first."})
    if len(text) > LONGEST:
        raise Invalid(fields={field: f"At most {LONGEST:,} characters, please."})
    return text


async def mentioned(workspace: UUID, body: str) -> list[Person]:
    """The members whom a note names as `<@id>`. Raises Invalid for anybody who is not one, and for a crowd."""
    ids = sorted({UUID(found) for found in _MENTION.findall(body)})
    if len(ids) > MOST_MENTIONS:
        raise Invalid(fields={"body": f"At most {MOST_MENTIONS} people in one note."})
    found = {one.id: one for one in await present(workspace)} if ids else {}
    if any(one not in found for one in ids):
        raise Invalid(fields={"body": "Somebody whom you mention is not in this workspace any more."})
    return [found[one] for one in ids]


async def write_note(asking: Asking, application: UUID, words: Words, key: str | None) -> NoteView:
    """Add a team note. Whoever writes or is mentioned follows the application from now on."""
    asking.require("write_notes")
    await in_workspace(asking.workspace, application)
    body = check_words(words.body)
    named = await mentioned(asking.workspace, body)
    view = NoteView(id=uuid7(), author=person(asking), body=body, mentions=named, created_at=datetime.now(UTC), key=key)
    await Note(
        id=view.id,
        workspace_id=asking.workspace,
        application_id=application,
        member_id=asking.id,
        body=view.body,
        created_at=view.created_at,
    ).save()
    if named:
        await Mention.insert(
            *(Mention(workspace_id=asking.workspace, note_id=view.id, member_id=one.id) for one in named)
        )
    card = await touch(application, notes=("+", 1))
    told = await follow_by_itself(asking.workspace, application, {asking.id, *(one.id for one in named)})
    await append(
        NoteWritten(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
            note=view.id,
            mentions=[one.id for one in named],
        ),
        [
            live.Delivery(live.application(application), NoteAdded(note=view)),
            *card_changed(card, "noted", view.author, key),
            *told,
        ],
        key=key,
    )
    return view


async def write_to_candidate(asking: Asking, application: UUID, words: Words, key: str | None) -> MessageView:
    """Write to the candidate, in the name of the team."""
    asking.require("write_messages")
    await in_workspace(asking.workspace, application)
    return await _write(asking.workspace, application, asking.actor, person(asking), asking.name, words, key)


async def write_to_team(applicant: Applicant, words: Words, key: str | None) -> MessageView:
    """Write to the team, as the candidate."""
    return await _write(applicant.workspace, applicant.application, applicant.actor, None, applicant.name, words, key)


async def write_by_itself(workspace: UUID, application: UUID, author: Person, words: Words) -> MessageView:
    """Write to the candidate in a member's name without their hand on it: who waits for an answer still waits."""
    actor = f"member:{author.id}"
    return await _write(workspace, application, actor, author, author.name, words, None, by_hand=False)


async def _write(
    workspace: UUID,
    application: UUID,
    actor: str,
    author: Person | None,
    name: str,
    words: Words,
    key: str | None,
    *,
    by_hand: bool = True,
) -> MessageView:
    view = MessageView(
        id=uuid7(), author=author, author_name=name, body=check_words(words.body), created_at=datetime.now(UTC), key=key
    )
    await Message(
        id=view.id,
        workspace_id=workspace,
        application_id=application,
        member_id=author.id if author else None,
        body=view.body,
        created_at=view.created_at,
    ).save()
    answered = {"waiting": author is None} if by_hand else {}
    heard = by_hand and author is not None and await promising.keep(application)
    card = await touch(application, messages=("+", 1), **answered)
    await append(
        MessageWritten(
            workspace=workspace,
            actor=actor,
            subject=f"application:{application}",
            application=application,
            message=view.id,
            by_team=author is not None,
        ),
        [
            live.Delivery(live.conversation(application), MessageSent(message=view)),
            *card_changed(card, "messaged", author, key),
            *(promising.told(workspace, application) if heard else ()),
            *([promising.desk_changed(workspace, application)] if by_hand and not heard else ()),
        ],
        key=key,
    )
    return view


async def announce(
    asking: Asking, application: UUID, about: MessageAbout, body: str, key: str | None, *, heard: bool
) -> list[live.Delivery]:
    """Tell the candidate of something in the conversation, in nobody's name. Part of the transaction of what it is.

    `heard`: it is an answer of the team's, which keeps what was promised. The caller's event carries the deliveries.
    """
    view = MessageView(
        id=uuid7(),
        author=None,
        author_name=asking.workspace_name,
        body=body,
        created_at=datetime.now(UTC),
        about=about,
    )
    await Message(
        id=view.id,
        workspace_id=asking.workspace,
        application_id=application,
        member_id=asking.id,
        body=body,
        about=about,
        created_at=view.created_at,
    ).save()
    if heard:
        await promising.keep(application)
    card = await touch(application, messages=("+", 1), **({"waiting": False} if heard else {}))
    return [
        live.Delivery(live.conversation(application), MessageSent(message=view)),
        *card_changed(card, "messaged", person(asking), key),
        *promising.told(asking.workspace, application),
    ]
