"""Taking back what an event did, as far as nobody changed it since."""

from http import HTTPStatus
from uuid import UUID

import msgspec

from server.core import db
from server.core.access import Asking
from server.core.errors import NotFound, Refusal
from server.core.events import COLUMNS, Happened, happened
from server.hiring.activity.queries import UNDOABLE, stands_still
from server.hiring.applications import assigning_many, bulk, moving
from server.hiring.applications import queries as applications
from server.hiring.applications.events import Assigned, AssignedTogether, Step
from server.hiring.profiles import tagging_many
from server.hiring.profiles.events import CandidatesTagged
from server.hiring.views.activity import TakenBack
from server.hiring.views.applications import Card, NotMoved
from server.hiring.views.base import View

_NEXT = (
    "SELECT id FROM application WHERE stage_id = $1 AND (rank, id) > ($2, $3) AND id <> $3 ORDER BY rank, id LIMIT 1"
)


class NotUndoable(Refusal):
    """What happened cannot be taken back by a button."""

    code = "not_undoable"
    status = HTTPStatus.CONFLICT
    message = "This cannot be taken back: it was read, or somebody else relies on it."


class UndoneAlready(Refusal):
    """Somebody has taken it back before."""

    code = "undone_already"
    status = HTTPStatus.CONFLICT


class Reversal(View, frozen=True, kw_only=True):
    """Which event is taken back."""

    event: UUID


async def take_back(asking: Asking, job: UUID, wanted: Reversal, key: str | None) -> TakenBack:
    """Put back what an event of this job changed. What somebody changed since stays, and it is said who did.

    Raises NotFound, NotUndoable, UndoneAlready, and Forbidden for whoever may not do such a thing.
    """
    await bulk.lock_job(asking, job)
    event = await db.row(
        happened,
        f"SELECT {COLUMNS} FROM event e WHERE e.id = $1 AND e.job_id = $2",  # noqa: S608 - ours
        wanted.event,
        job,
    )
    if event is None:
        raise NotFound
    if event.kind not in UNDOABLE or event.payload.get("automatic") or event.payload.get("undoes"):
        raise NotUndoable
    await _check_not_undone(event)
    body = msgspec.json.encode(event.payload)
    if event.kind == "assigned_together":
        return await _assignments(asking, event, msgspec.json.decode(body, type=AssignedTogether), key)
    if event.kind == "assigned":
        done = assigning_many.together(job, msgspec.json.decode(body, type=Assigned))
        if done is None:
            raise NotUndoable
        return await _assignments(asking, event, done, key)
    if event.kind == "candidates_tagged":
        tagged = await tagging_many.take_back(asking, event.id, msgspec.json.decode(body, type=CandidatesTagged), key)
        return TakenBack(cards=tagged.cards, refused=[])
    steps = event.payload.get("steps") or [event.payload]
    return await _moves(asking, job, event, [msgspec.convert(step, Step) for step in steps], key)


async def _check_not_undone(event: Happened) -> None:
    who = await db.record(
        "SELECT m.name FROM event e LEFT JOIN member m ON e.actor = 'member:' || m.id "
        "WHERE e.payload ->> 'undoes' = $1 LIMIT 1",
        str(event.id),
    )
    if who is not None:
        raise UndoneAlready(f"{who['name'] or 'Somebody'} has taken this back already.")


async def _assignments(asking: Asking, event: Happened, done: AssignedTogether, key: str | None) -> TakenBack:
    back, late = await assigning_many.take_back(asking, event.id, done, key)
    cards = await applications.cards(sorted(late))
    return TakenBack(
        cards=back.cards,
        refused=[
            NotMoved(card=card, message=await assigning_many.who_assigned(card, event.id)) for card in cards.values()
        ],
    )


async def _moves(asking: Asking, job: UUID, event: Happened, steps: list[Step], key: str | None) -> TakenBack:
    """Each card to where it stood, unless it is not where it was put any more."""
    asking.require("move")
    ids = [step.application for step in steps]
    stands = {
        one: (str(stage), moved)
        for one, stage, moved in await db.rows(
            lambda *c: c,
            "SELECT id, stage_id, moved FROM application WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
            ids,
        )
    }
    there = [step for step in steps if step.application in stands]
    still = [step for step in there if _still(step, *stands[step.application])]
    late = [step.application for step in there if step not in still]
    cards: list[Card] = []
    refused = [
        NotMoved(card=card, message=await moving.who_moved(one))
        for one, card in (await applications.cards(late)).items()
    ]
    if still:
        # In the order in which they stood: each finds its neighbour, or the one that was put back before it.
        places = [
            await _place(step) for step in sorted(still, key=lambda s: (s.stage_from, s.rank_from, s.application))
        ]
        done = await bulk.move_many(asking, job, bulk.NewPlaces(cards=places), key, event.id)
        cards, refused = done.moved, [*refused, *done.refused]
    return TakenBack(cards=cards, refused=refused)


def _still(step: Step, stage: str, moved: int) -> bool:
    return stands_still({"stage": str(step.stage), "version": step.version}, stage, moved) or (
        step.stage == step.stage_from and str(step.stage) == stage
    )


async def _place(step: Step) -> bulk.Placed:
    """Before the card that would be its neighbour where it stood."""
    version = await db.value("SELECT version FROM application WHERE id = $1", step.application)
    before = step.rank_from and await db.value(_NEXT, step.stage_from, step.rank_from, step.application)
    return bulk.Placed(card=step.application, stage=step.stage_from, version=version, before=before or None)
