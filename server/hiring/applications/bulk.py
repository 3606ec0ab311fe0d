"""Many cards moved together: one transaction, one event, at most MOST cards.

Each goes where it is told, as it was seen; the ones that somebody else had moved first, or that lack what a stage asks
for, stay where they are and are told of, the others go. Taking it back is the same with the places where they stood.
"""

from collections.abc import Sequence
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, NotFound
from server.core.events import append
from server.hiring.applications import queries
from server.hiring.applications.actions import person
from server.hiring.applications.events import ApplicationsMoved, Step
from server.hiring.applications.moving import MovedMeanwhile, NewPlace, put
from server.hiring.flow.rules import StageNeeds
from server.hiring.views.applications import Card, ManyMoved, NotMoved
from server.hiring.views.base import View
from server.hiring.views.payloads import ApplicationChanged, CardsMoved, JobChanged, MovedCard, OwnPlaceChanged

MOST = 500
TOGETHER = 100  # cards of one payload: each tab takes it in between two pictures


class Placed(NewPlace, frozen=True, kw_only=True):
    """One card and where it goes."""

    card: UUID


class NewPlaces(View, frozen=True, kw_only=True):
    """Where cards go, one after another: a later one may be put before an earlier one."""

    cards: list[Placed]


async def move_many(asking: Asking, job: UUID, places: NewPlaces, key: str | None) -> ManyMoved:
    """Move many cards of a job. Raises Invalid, and NotFound when any of them is not of this job."""
    asking.require("move")
    wanted = {place.card: place for place in places.cards}
    if not 1 <= len(places.cards) <= MOST:
        raise Invalid(fields={"cards": f"Choose at least one and at most {MOST} candidates."})
    if len(wanted) < len(places.cards):
        raise Invalid(fields={"cards": "The same candidate is there twice."})
    if not await db.value(
        "SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", job, asking.workspace
    ):
        raise NotFound
    steps: dict[UUID, Step] = {}
    late: dict[UUID, str] = {}
    for card, place in wanted.items():
        try:
            steps[card] = await put(asking, job, card, place)
        except (MovedMeanwhile, StageNeeds) as refusal:
            late[card] = refusal.message
    cards = await queries.cards(list(wanted))
    if steps:
        await append(
            ApplicationsMoved(
                workspace=asking.workspace,
                actor=asking.actor,
                subject=f"job:{job}",
                job=job,
                steps=list(steps.values()),
            ),
            _deliveries(asking, job, [(cards[card], step) for card, step in steps.items()], key),
            key=key,
        )
    return ManyMoved(
        moved=[cards[card] for card in steps],
        refused=[NotMoved(card=cards[card], message=message) for card, message in late.items()],
    )


def _deliveries(asking: Asking, job: UUID, done: Sequence[tuple[Card, Step]], key: str | None) -> list[live.Delivery]:
    """To the board some hundred at a time, to every candidate page its own card."""
    by = person(asking)
    moved = [MovedCard(card=card, left=step.stage_from if _left(step) else None) for card, step in done]
    told = [
        live.Delivery(live.job(job), CardsMoved(cards=moved[start : start + TOGETHER], by=by, key=key))
        for start in range(0, len(moved), TOGETHER)
    ]
    told += [
        live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=by, key=key)) for card, _ in done
    ]
    gone = [card for card, step in done if _left(step)]
    told += [live.Delivery(live.candidate(card.id), OwnPlaceChanged(application=card.id)) for card in gone]
    if gone:
        told.append(live.Delivery(live.workspace(asking.workspace), JobChanged(job=job)))
    return told


def _left(step: Step) -> bool:
    return step.stage != step.stage_from
