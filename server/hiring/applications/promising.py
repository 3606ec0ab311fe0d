"""The reply promise: by when a candidate hears from the team, what keeps it, and who is told when it is late.

It is made when the answers are handed in (so many working days, set in the job) or when somebody enters a stage whose
action it is; the newer one counts. A message by hand keeps it, and so does a decision. Leaving the stage that made it
ends it as well: a trigger of the database notes in `promise_left` where the card stood, whoever moves it, so that
taking the move back brings the promise back with it. The candidate sees the date on their own page.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from server.core import db, live, tasks
from server.core.errors import Invalid
from server.core.events import append
from server.hiring.applications import queries
from server.hiring.applications.actions import card_changed
from server.hiring.applications.events import PromiseBroken, PromiseMade
from server.hiring.applications.filters import Condition, register
from server.hiring.flow.registry import Action, Arrival
from server.hiring.jobs.rules import MOST_PROMISED, working_days_after
from server.hiring.views.flow import StageAction
from server.hiring.views.payloads import DeskChanged, OwnPlaceChanged

BATCH = 100

OPEN = "a.promise_due IS NOT NULL AND a.promise_left IS NULL"
"""SQL over `a` (application): a promise stands."""


async def begin(application: UUID, days: int, stage: UUID | None = None) -> datetime | None:
    """Promise an answer within so many working days; returns until when. Part of the transaction of what caused it.

    0 days promise nothing. The caller changes the card afterwards, or tells of it: its version is not raised here.
    """
    if not days:
        return None
    now = datetime.now(UTC)
    due = working_days_after(now, days)
    await db.execute(
        "UPDATE application SET promised_at = $2, promise_due = $3, promise_stage = $4, promise_left = NULL, "
        "promise_told = false WHERE id = $1",
        application,
        now,
        due,
        stage,
    )
    return due


async def begin_by_job(application: UUID, job: UUID) -> None:
    """What the job promises to everybody who hands in their answers."""
    await begin(application, await db.value("SELECT promise_days FROM job WHERE id = $1", job) or 0)


async def stands(application: UUID) -> bool:
    """Whether the candidate was promised to hear, and has not yet."""
    return bool(await db.value(f"SELECT {OPEN} FROM application a WHERE a.id = $1", application))  # noqa: S608 - ours


async def keep(application: UUID) -> bool:
    """The candidate hears from the team; whether a promise stood. Part of the transaction of the message."""
    stood = await db.value(
        "UPDATE application SET promised_at = NULL, promise_due = NULL, promise_stage = NULL, promise_left = NULL "
        "FROM (SELECT id, promise_left IS NULL AS stood FROM application WHERE id = $1) was "
        "WHERE application.id = was.id AND promise_due IS NOT NULL RETURNING stood",
        application,
    )
    return bool(stood)


async def keep_many(applications: Sequence[UUID]) -> list[UUID]:
    """The same for many; those where a promise stood."""
    found: list[tuple[UUID, bool]] = await db.rows(
        lambda *c: (c[0], c[1]),
        "UPDATE application SET promised_at = NULL, promise_due = NULL, promise_stage = NULL, promise_left = NULL "
        "FROM (SELECT id, promise_left IS NULL AS stood FROM application WHERE id = ANY($1)) was "
        "WHERE application.id = was.id AND promise_due IS NOT NULL RETURNING was.id, stood",
        list(applications),
    )
    return [one for one, stood in found if stood]


def told(workspace: UUID, application: UUID) -> list[live.Delivery]:
    """The candidate's own page and lists of who waits are no longer what they were."""
    return [
        live.Delivery(live.candidate(application), OwnPlaceChanged(application=application)),
        desk_changed(workspace, application),
    ]


def desk_changed(workspace: UUID, application: UUID | None = None) -> live.Delivery:
    """Who waits for the team, or whose they are, is another now; None: of many."""
    return live.Delivery(live.workspace(workspace), DeskChanged(application=application))


# Late


_BROKEN = f"""
UPDATE application SET promise_told = true WHERE id IN (
    SELECT id FROM application a WHERE {OPEN} AND NOT promise_told AND promise_due < now()
    ORDER BY promise_due LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, workspace_id, job_id, promise_due
"""  # noqa: S608 - ours


async def tell_overdue() -> None:
    """Note, once each, which promises are broken: who is to be told is told by what listens."""
    while await _tell_some():
        pass


async def _tell_some() -> bool:
    async with db.transaction():
        late = await db.rows(
            lambda *c: c,
            _BROKEN,
            BATCH,
        )
        if not late:
            return False
        cards = await queries.cards([application for application, *_ in late])
        events = [
            PromiseBroken(
                workspace=workspace,
                actor="nobody",
                subject=f"application:{application}",
                application=application,
                job=job,
                due=due,
            )
            for application, workspace, job, due in late
        ]
        deliveries = [
            delivery
            for application, workspace, *_ in late
            for delivery in (*card_changed(cards[application], "changed", None), desk_changed(workspace, application))
        ]
        await append(events[0], deliveries, then=events[1:])
    return len(late) == BATCH


tasks.schedule("tell_overdue", "* * * * *", tell_overdue)


@register("overdue")
def _overdue(_given: object, _me: UUID) -> list[Condition]:
    """Promised an answer that they have not got."""
    return [Condition(f"({OPEN} AND a.promise_due < now()) = {{}}::bool", True)]


# What stages do


def check_promise(action: StageAction, where: str) -> None:
    """Raise Invalid unless it is made on entry and for a time that can be promised."""
    if action.when != "entry" or action.after:
        raise Invalid(fields={f"{where}.when": "A promise begins when somebody enters."})
    if not 1 <= action.count <= MOST_PROMISED:
        raise Invalid(fields={f"{where}.count": f"From 1 to {MOST_PROMISED} working days."})


async def promise(arrival: Arrival, action: StageAction) -> None:
    """Whoever enters hears from the team in time."""
    due = await begin(arrival.application, action.count, arrival.stage)
    if due is None:
        return
    await db.execute("UPDATE application SET version = version + 1 WHERE id = $1", arrival.application)
    card = await queries.card(arrival.application)
    await append(
        PromiseMade(
            workspace=arrival.workspace,
            actor=arrival.actor,
            subject=f"application:{arrival.application}",
            application=arrival.application,
            stage=arrival.stage,
            due=due,
        ),
        [*card_changed(card, "changed", None), *told(arrival.workspace, card.id)],
    )


PROMISE = Action(kind="promise", label="Promise an answer", uses=("days",), check=check_promise, run=promise)
