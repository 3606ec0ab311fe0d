"""Candidates of a job declined, one or many at once, with a message to each: nobody is left in silence.

The moves and the messages are one transaction and one event. Only who is moved by it is written to: not who was
declined before, and not whom a colleague moved first. Taken back, the cards return; the message was read.
"""

from uuid import UUID

import msgspec

from server.core.access import Asking
from server.core.errors import Invalid
from server.hiring.applications import bulk
from server.hiring.conversations import writing_many
from server.hiring.conversations.actions import check_words
from server.hiring.conversations.automatic import check_text
from server.hiring.views.applications import ManyMoved


class Decline(bulk.NewPlaces, frozen=True, kw_only=True):
    """Where cards go, which is to the declined, and what each of them is told; the text may hold placeholders."""

    text: str


async def decline_many(asking: Asking, job: UUID, wanted: Decline, key: str | None) -> ManyMoved:
    """Move many cards to where the declined stand and write to each that goes. Raises as both of these do."""
    asking.require("write_messages")
    # To one, the words were seen as they are sent: what looks like a placeholder there is none.
    text = check_words(wanted.text, "text") if len(wanted.cards) == 1 else check_text(wanted.text, "text")
    done = await bulk.put_many(asking, job, wanted)
    if any(step.into != "declined" for step in done.steps):
        raise Invalid(fields={"cards": "These words go to who is declined: choose the stage for that."})
    chosen = sorted(step.application for step in done.steps if bulk.leaves(step))
    messages, heard = await writing_many.write(asking, chosen, text, key)
    done.steps = [
        msgspec.structs.replace(step, message=messages[step.application].id) if step.application in messages else step
        for step in done.steps
    ]
    return await bulk.tell_moved(asking, job, done, key, writing_many.told(asking.workspace, messages, heard))
