"""Applications that the team makes for somebody whom it knows, and where somebody came from.

Who is added has agreed to nothing and is told nothing, unless whoever adds them says so; no stage acts by itself about
them until they are moved.
"""

from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, NotFound, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications import queries
from server.hiring.applications.actions import JobClosed, card_changed, person, rank_between
from server.hiring.applications.events import ApplicationAdded, SourceSet
from server.hiring.applications.rules import check_source
from server.hiring.views.applications import Card
from server.hiring.views.base import View
from server.hiring.views.payloads import JobChanged, ProfileChanged


class AlreadyThere(Refusal):
    """They have an application for this job."""

    code = "already_there"
    status = HTTPStatus.CONFLICT
    message = "They are in this job already. Open that application instead."


class NewPlaceInJob(View, frozen=True, kw_only=True):
    """Which job somebody is added to; `stage` None: the first one. `mail`: send them their personal link."""

    job: UUID
    stage: UUID | None = None
    source: str = "Added by hand"
    mail: bool = False


class Source(View, frozen=True, kw_only=True):
    """Where somebody came from; empty: by themselves, or nobody knows."""

    source: str


async def add(asking: Asking, candidate: UUID, wanted: NewPlaceInJob, key: str | None) -> Card:
    """Make an application for a known person. Raises NotFound, JobClosed, AlreadyThere."""
    asking.require("edit_people")
    source = check_source(wanted.source)
    job = await db.record(
        "SELECT id, state FROM job WHERE id = $1 AND workspace_id = $2 FOR NO KEY UPDATE", wanted.job, asking.workspace
    )
    whole = await db.value(
        "SELECT 1 FROM candidate WHERE id = $1 AND workspace_id = $2 AND merged_into IS NULL",
        candidate,
        asking.workspace,
    )
    if job is None or not whole:
        raise NotFound
    if job["state"] == "closed":
        raise JobClosed("This job is closed. Open it again before you add somebody.")
    if await db.value(
        "SELECT 1 FROM application a JOIN candidate c ON c.id = a.candidate_id "
        "WHERE a.job_id = $1 AND (c.id = $2 OR c.merged_into = $2)",
        wanted.job,
        candidate,
    ):
        raise AlreadyThere
    stage = await db.value(
        "SELECT id FROM stage WHERE job_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY position LIMIT 1",
        wanted.job,
        wanted.stage,
    )
    if stage is None:
        raise Invalid(fields={"stage": "This job has no such stage. Reload the page."})
    application = uuid7()
    await db.execute(
        "INSERT INTO application (id, workspace_id, job_id, candidate_id, stage_id, rank, source, consent_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        application,
        asking.workspace,
        wanted.job,
        candidate,
        stage,
        await rank_between(stage, application, None),
        source,
    )
    card = await queries.card(application)
    await append(
        ApplicationAdded(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
            job=wanted.job,
            mail=wanted.mail,
        ),
        [
            *card_changed(card, "applied", person(asking), key),
            live.Delivery(live.workspace(asking.workspace), JobChanged(job=wanted.job)),
            live.Delivery(live.profile(candidate), ProfileChanged(candidate=candidate)),
        ],
        key=key,
    )
    return card


async def set_source(asking: Asking, application: UUID, wanted: Source, key: str | None) -> Card:
    """Say where somebody came from."""
    asking.require("edit_people")
    source = check_source(wanted.source)
    found = await db.record(
        "SELECT a.source, coalesce(c.merged_into, c.id) AS candidate FROM application a "
        "JOIN candidate c ON c.id = a.candidate_id WHERE a.id = $1 AND a.workspace_id = $2 FOR NO KEY UPDATE OF a",
        application,
        asking.workspace,
    )
    if found is None:
        raise NotFound
    if found["source"] == source:
        return await queries.card(application)
    await db.execute("UPDATE application SET source = $2, version = version + 1 WHERE id = $1", application, source)
    card = await queries.card(application)
    await append(
        SourceSet(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
        ),
        [
            *card_changed(card, "changed", person(asking), key),
            live.Delivery(live.profile(found["candidate"]), ProfileChanged(candidate=found["candidate"])),
        ],
        key=key,
    )
    return card
