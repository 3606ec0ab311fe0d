"""Many cards at once: one transaction, one event, at most MOST cards.

Moved, each goes where it is told, as it was seen; the ones that somebody else had moved first, or that lack what a
stage asks for, stay where they are and are told of, the others go. Taking it back is the same with the places where
they stood. `choose` and `told` are for the other things that are done to many: assigning, writing, tagging.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, NotFound
from server.core.events import Event, append
from server.hiring.applications import queries
from server.hiring.applications.actions import person
from server.hiring.applications.events import ApplicationsMoved, Step
from server.hiring.applications.moving import MovedMeanwhile, NewPlace, put
from server.hiring.flow.rules import StageNeeds
from server.hiring.views.applications import Card, ManyMoved, NotMoved
from server.hiring.views.base import View
from server.hiring.views.payloads import ApplicationChanged, CardsChanged, JobChanged, MovedCard, OwnPlaceChanged
from server.hiring.views.people import Person

MOST = 500
TOGETHER = 100  # cards of one payload: each tab takes it in between two pictures
Verb = Literal["moved", "assigned", "tagged", "messaged"]


class Placed(NewPlace, frozen=True, kw_only=True):
    """One card and where it goes."""

    card: UUID


class NewPlaces(View, frozen=True, kw_only=True):
    """Where cards go, one after another: a later one may be put before an earlier one."""

    cards: list[Placed]


@dataclass
class Put:
    """What became of many cards: the steps they took, and by card why some did not."""

    steps: list[Step] = field(default_factory=list)
    late: dict[UUID, str] = field(default_factory=dict)


def check_choice(cards: Sequence[UUID]) -> None:
    """Raise Invalid unless these are as many different cards as are done at once."""
    if not 1 <= len(cards) <= MOST:
        raise Invalid(fields={"cards": f"Choose at least one and at most {MOST} candidates."})
    if len(set(cards)) < len(cards):
        raise Invalid(fields={"cards": "The same candidate is there twice."})


async def lock_job(asking: Asking, job: UUID) -> None:
    """Lock a job, as everything begins that is done to many of its cards. Raises NotFound."""
    found = await db.value(
        "SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", job, asking.workspace
    )
    if not found:
        raise NotFound


async def choose(asking: Asking, job: UUID, cards: Sequence[UUID], *, lock: bool = True) -> list[UUID]:
    """Lock a job and these cards of it; their ids in one order. Raises Invalid, and NotFound for any other card.

    Without `lock` the cards are left alone: who changes people locks these first.
    """
    check_choice(cards)
    await lock_job(asking, job)
    query = "SELECT id FROM application WHERE job_id = $1 AND id = ANY($2) ORDER BY id"
    found: list[UUID] = await db.rows(
        lambda c: c,
        f"{query} FOR NO KEY UPDATE" if lock else query,
        job,
        list(cards),
    )
    if len(found) < len(cards):
        raise NotFound
    return found


def told(cards: Iterable[Card], verb: Verb, by: Person, key: str | None) -> list[live.Delivery]:
    """To the boards some hundred at a time, to every candidate page its own card."""
    boards: dict[UUID, list[MovedCard]] = {}
    pages = []
    for card in cards:
        boards.setdefault(card.job, []).append(MovedCard(card=card, left=None))
        pages.append(live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=by, key=key)))
    return [*(one for job, changed in boards.items() for one in _to_board(job, changed, verb, by, key)), *pages]


def _to_board(job: UUID, cards: list[MovedCard], verb: Verb, by: Person, key: str | None) -> list[live.Delivery]:
    return [
        live.Delivery(live.job(job), CardsChanged(cards=cards[start : start + TOGETHER], verb=verb, by=by, key=key))
        for start in range(0, len(cards), TOGETHER)
    ]


async def move_many(
    asking: Asking, job: UUID, places: NewPlaces, key: str | None, undoes: UUID | None = None
) -> ManyMoved:
    """Move many cards of a job. Raises Invalid, and NotFound when any of them is not of this job.

    `undoes`: the event of the moves that this takes back.
    """
    return await tell_moved(asking, job, await put_many(asking, job, places), key, undoes=undoes)


async def put_many(asking: Asking, job: UUID, places: NewPlaces) -> Put:
    """Write where cards go, without telling anybody: the first half of moving many. Raises as `move_many` does."""
    asking.require("move")
    check_choice([place.card for place in places.cards])
    await lock_job(asking, job)
    done = Put()
    for place in places.cards:
        try:
            done.steps.append(await put(asking, job, place.card, place))
        except (MovedMeanwhile, StageNeeds) as refusal:
            done.late[place.card] = refusal.message
    return done


async def tell_moved(
    asking: Asking,
    job: UUID,
    done: Put,
    key: str | None,
    more: Iterable[live.Delivery] = (),
    *,
    undoes: UUID | None = None,
    then: Sequence[Event] = (),
) -> ManyMoved:
    """Record and tell where cards went, and `more`, with what was done to them besides: the second half."""
    moved = [step.application for step in done.steps]
    cards = await queries.cards([*moved, *done.late])
    if done.steps:
        await append(
            ApplicationsMoved(
                workspace=asking.workspace,
                actor=asking.actor,
                subject=f"job:{job}",
                job=job,
                steps=done.steps,
                undoes=undoes,
            ),
            [*_moves_told(asking, job, [(cards[step.application], step) for step in done.steps], key), *more],
            key=key,
            then=then,
        )
    return ManyMoved(
        moved=[cards[card] for card in moved],
        refused=[NotMoved(card=cards[card], message=message) for card, message in done.late.items()],
    )


def _moves_told(asking: Asking, job: UUID, done: Sequence[tuple[Card, Step]], key: str | None) -> list[live.Delivery]:
    by = person(asking)
    moved = [MovedCard(card=card, left=step.stage_from if leaves(step) else None) for card, step in done]
    deliveries = _to_board(job, moved, "moved", by, key)
    deliveries += [
        live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=by, key=key)) for card, _ in done
    ]
    gone = [card for card, step in done if leaves(step)]
    deliveries += [live.Delivery(live.candidate(card.id), OwnPlaceChanged(application=card.id)) for card in gone]
    if gone:
        deliveries.append(live.Delivery(live.workspace(asking.workspace), JobChanged(job=job, moved=True)))
    return deliveries


def leaves(step: Step) -> bool:
    """Whether a card went to another stage, not to another place of its own."""
    return step.stage != step.stage_from
