"""What a stage does by itself when a card comes into it or leaves it.

Each action is a task of its own that waits `GRACE_SECONDS`, longer than a move can be undone at once: a card that has
gone elsewhere by then was never there. It is done once per card, stage and action, noted in the transaction that does
it: repeated tasks, cards that come back, undone and bulk moves send nothing twice.
"""

from datetime import timedelta
from uuid import UUID

import msgspec

from server.core import db, tasks
from server.core.events import Event, on
from server.core.ids import uuid7
from server.hiring.applications.actions import lock
from server.hiring.applications.events import ApplicationMoved, ApplicationsMoved, Applied, Step
from server.hiring.flow.registry import ACTIONS, Arrival
from server.hiring.views.flow import StageAction, When

GRACE_SECONDS = 15

_decode = msgspec.json.Decoder(list[StageAction]).decode


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One action of one stage for one card, to be looked at again when its time has come."""

    arrival: Arrival
    action: UUID
    when: When


@on(ApplicationMoved, "pass_stages", when=lambda event: event.acts)
async def pass_stages(event_id: UUID, event: ApplicationMoved) -> None:
    """A card went from one stage to another. What was taken back at once has not happened, neither here nor there."""
    if event.stage != event.stage_from and not await _takes_back(event_id, event.job, event):
        await leave_and_enter(event_id, event, event.application, event.stage_from, event.stage)


@on(ApplicationsMoved, "pass_stages_together", when=lambda event: any(step.acts for step in event.steps))
async def pass_stages_together(event_id: UUID, event: ApplicationsMoved) -> None:
    """Many cards went from one stage to another."""
    for step in event.steps:
        if step.acts and not await _takes_back(event_id, event.job, step):
            await leave_and_enter(event_id, event, step.application, step.stage_from, step.stage)


# The card's last move before this event, by itself or with others, if it was a moment ago.
_LAST_MOVE = """
WITH this AS (SELECT at FROM event WHERE id = $1)
SELECT stage FROM (
    SELECT e.id, e.payload ->> 'stage_from' AS stage FROM event e, this
    WHERE e.subject = $2 AND e.kind = 'application_moved' AND e.id < $1
    AND e.at > this.at - make_interval(secs => $5)
    UNION ALL
    SELECT e.id, step ->> 'stage_from' FROM event e, this, jsonb_array_elements(e.payload -> 'steps') step
    WHERE e.subject = $3 AND e.kind = 'applications_moved' AND e.id < $1
    AND e.at > this.at - make_interval(secs => $5) AND step ->> 'application' = $4) moves
ORDER BY id DESC LIMIT 1
"""


async def _takes_back(event_id: UUID, job: UUID, move: ApplicationMoved | Step) -> bool:
    application = str(move.application)
    last: str | None = await db.value(
        _LAST_MOVE, event_id, f"application:{application}", f"job:{job}", application, GRACE_SECONDS
    )
    return last == str(move.stage)


@on(Applied, "enter_first_stage")
async def enter_first_stage(event_id: UUID, event: Applied) -> None:
    """Somebody applied, and stands in the stage for applicants; going on from there has its own event."""
    stage: UUID | None = await db.value("SELECT id FROM stage WHERE job_id = $1 AND kind = 'inbox'", event.job)
    await leave_and_enter(event_id, event, event.application, None, stage)


async def leave_and_enter(
    event_id: UUID, event: Event, application: UUID, left: UUID | None, entered: UUID | None
) -> None:
    """Queue what the two stages do. The task that calls this may run twice; what it queues is done once."""
    if event.workspace is None:
        return
    ways: list[tuple[UUID | None, When]] = [(left, "exit"), (entered, "entry")]
    async with db.transaction():
        for stage, when in ways:
            for action in await _actions(stage) if stage else ():
                if action.when == when and action.kind in ACTIONS:
                    arrival = Arrival(
                        event=event_id,
                        workspace=event.workspace,
                        application=application,
                        stage=stage,  # type: ignore[arg-type]  # without one there are no actions
                        actor=event.actor,
                    )
                    due = Due(arrival=arrival, action=action.id, when=when)
                    wait = timedelta(seconds=GRACE_SECONDS, minutes=action.after)
                    await tasks.enqueue("act_for_stage", msgspec.json.encode(due), after=wait)


async def _actions(stage: UUID) -> list[StageAction]:
    return _decode(await db.value("SELECT actions FROM stage WHERE id = $1", stage) or "[]")


async def act_for_stage(payload: bytes) -> None:
    """Do it, unless the card is elsewhere by now, the stage does something else, or it was done before."""
    due = msgspec.json.decode(payload, type=Due)
    arrival = due.arrival
    async with db.transaction():
        card = await lock(arrival.application)
        if card is None or (card["stage_id"] == arrival.stage) is not (due.when == "entry"):
            return
        action = next((one for one in await _actions(arrival.stage) if one.id == due.action), None)
        if action is None or action.kind not in ACTIONS or not await _claim(arrival, action):
            return
        await ACTIONS[action.kind].run(arrival, action)


async def _claim(arrival: Arrival, action: StageAction) -> bool:
    mine = await db.value(
        "INSERT INTO stage_run (id, workspace_id, application_id, stage_id, action, at) "
        "VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT (application_id, stage_id, action) DO NOTHING RETURNING id",
        uuid7(),
        arrival.workspace,
        arrival.application,
        arrival.stage,
        action.id,
    )
    return mine is not None


tasks.register("act_for_stage", act_for_stage)
