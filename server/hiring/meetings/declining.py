"""Candidates of a job declined, one or many at once: nobody is left in silence, and nobody waits in an empty room.

The moves, a message to each and the end of the meetings that were to come are one transaction. Only who is moved by it
is concerned: not who was declined before, and not whom a colleague moved first. Taken back, the cards return; the
message was read, and what was called off stays so.
"""

from uuid import UUID

import msgspec

from server.core import live
from server.core.access import Asking
from server.core.errors import Invalid
from server.core.events import Event
from server.hiring.applications import bulk
from server.hiring.conversations import writing_many
from server.hiring.conversations.actions import check_words
from server.hiring.conversations.automatic import check_text
from server.hiring.meetings import actions
from server.hiring.views.applications import ManyMoved


class Decline(bulk.NewPlaces, frozen=True, kw_only=True):
    """Where cards go, which is to the declined, and what each of them is told; the text may hold placeholders.

    `text`: None says nothing. `call_off`: what is planned with them does not take place, as far as it has not begun.
    """

    text: str | None
    call_off: bool = False


async def decline(asking: Asking, job: UUID, wanted: Decline, key: str | None) -> ManyMoved:
    """Move cards to where the declined stand, write to each that goes, and call their meetings off.

    Raises as moving and writing do.
    """
    text = _check(asking, wanted)
    done = await bulk.put_many(asking, job, wanted)
    if any(step.into != "declined" for step in done.steps):
        raise Invalid(fields={"cards": "These words go to who is declined: choose the stage for that."})
    chosen = sorted(step.application for step in done.steps if bulk.leaves(step))
    told: list[live.Delivery] = []
    off: list[Event] = []
    if text:
        messages, heard = await writing_many.write(asking, chosen, text, key)
        done.steps = [
            msgspec.structs.replace(step, message=messages[step.application].id)
            if step.application in messages
            else step
            for step in done.steps
        ]
        told += writing_many.told(asking.workspace, messages, heard)
    if wanted.call_off:
        ended, about = await actions.call_off_all(asking, chosen)
        off += ended
        told += about
    return await bulk.tell_moved(asking, job, done, key, told, then=off)


def _check(asking: Asking, wanted: Decline) -> str | None:
    """What is to be said. Raises Forbidden and Invalid."""
    if wanted.call_off:
        asking.require("meet")
    if wanted.text is None:
        return None
    asking.require("write_messages")
    # To one, the words were seen before: braces around what is no placeholder of ours are theirs, and no slip.
    return check_words(wanted.text, "text") if len(wanted.cards) == 1 else check_text(wanted.text, "text")
