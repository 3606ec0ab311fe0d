"""One message to many candidates of a job, each in their own conversation and with their own name.

Nobody can take it back: it is read, and mailed, at once. It is written once per candidate however often it is sent, and
mailed once each, under the same rule as a single message.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import bulk, promising, queries
from server.hiring.applications.actions import person
from server.hiring.conversations.automatic import check_text, fill, words_for
from server.hiring.conversations.events import MessagesWritten, Sent
from server.hiring.views.applications import MessageAbout, MessageView, Together
from server.hiring.views.base import View
from server.hiring.views.payloads import MessageSent, OwnPlaceChanged


class Circular(View, frozen=True, kw_only=True):
    """What is written to these candidates; the text may hold placeholders such as `{first_name}`."""

    cards: list[UUID]
    text: str


async def write_many(asking: Asking, job: UUID, wanted: Circular, key: str | None) -> Together:
    """Write to many candidates, in the name of the team. Raises Invalid, NotFound."""
    asking.require("write_messages")
    text = check_text(wanted.text, "text")
    chosen = await bulk.choose(asking, job, wanted.cards)
    messages, heard = await write(asking, chosen, text, key)
    cards = await queries.cards(chosen)
    event = await append(
        MessagesWritten(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"job:{job}",
            job=job,
            messages=[Sent(application=one, message=message.id) for one, message in messages.items()],
        ),
        [
            *told(asking.workspace, messages, heard),
            *bulk.told((cards[one] for one in chosen), "messaged", person(asking), key),
        ],
        key=key,
    )
    return Together(event=event, cards=[cards[one] for one in wanted.cards])


async def write(
    asking: Asking, chosen: Sequence[UUID], text: str, key: str | None
) -> tuple[dict[UUID, MessageView], list[UUID]]:
    """Write to each without telling anybody; by application what they read, and who was promised that.

    Part of the transaction of an action that has locked their job.
    """
    messages = await _bodies(asking, chosen, text, key)
    await _insert(asking, list(messages.items()))
    heard = await promising.keep_many(chosen)
    await db.execute(
        "UPDATE application SET messages = messages + 1, waiting = false, version = version + 1, changed_at = now() "
        "WHERE id = ANY($1)",
        list(chosen),
    )
    return messages, heard


async def announce_many(asking: Asking, told: Sequence[tuple[UUID, MessageAbout, str]]) -> list[live.Delivery]:
    """Tell candidates of something, in nobody's name, as `actions.announce` tells one: application, what, the words.

    It answers nobody who waits. Part of the transaction of an action that tells of the cards, and holds them.
    """
    now = datetime.now(UTC)
    messages = [
        (
            application,
            MessageView(
                id=uuid7(), author=None, author_name=asking.workspace_name, body=body, created_at=now, about=about
            ),
        )
        for application, about, body in told
    ]
    await _insert(asking, messages)
    await db.execute(
        "UPDATE application a SET messages = a.messages + m.count, version = a.version + 1, changed_at = now() "
        "FROM (SELECT id, count(*) FROM unnest($1::uuid[]) AS m (id) GROUP BY id) m WHERE a.id = m.id",
        [application for application, _ in messages],
    )
    return [live.Delivery(live.conversation(one), MessageSent(message=message)) for one, message in messages]


async def _insert(asking: Asking, messages: Sequence[tuple[UUID, MessageView]]) -> None:
    await db.execute(
        "INSERT INTO message (id, workspace_id, application_id, member_id, body, about, created_at) "
        "SELECT m.id, $1, m.application, $2, m.body, m.about, m.at "
        "FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[]) "
        "AS m (id, application, body, about, at)",
        asking.workspace,
        asking.id,
        [message.id for _, message in messages],
        [application for application, _ in messages],
        [message.body for _, message in messages],
        [message.about for _, message in messages],
        [message.created_at for _, message in messages],
    )


def told(workspace: UUID, messages: Mapping[UUID, MessageView], heard: Iterable[UUID]) -> list[live.Delivery]:
    """To the conversations, to the pages that show a promise, and to lists of who waits; the cards are told apart."""
    return [
        *(live.Delivery(live.conversation(one), MessageSent(message=message)) for one, message in messages.items()),
        *(live.Delivery(live.candidate(one), OwnPlaceChanged(application=one)) for one in heard),
        promising.desk_changed(workspace),
    ]


async def _bodies(asking: Asking, chosen: Sequence[UUID], text: str, key: str | None) -> dict[UUID, MessageView]:
    """The message to each of them, by application."""
    found = await db.rows(
        lambda *c: c,
        "SELECT a.id, c.name, j.title FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "JOIN job j ON j.id = a.job_id WHERE a.id = ANY($1) ORDER BY a.id",
        list(chosen),
    )
    now = datetime.now(UTC)
    return {
        application: MessageView(
            id=uuid7(),
            author=person(asking),
            author_name=asking.name,
            body=fill(text, words_for(name, title, asking.workspace_name, asking.name)),
            created_at=now,
            key=key,
        )
        for application, name, title in found
    }
