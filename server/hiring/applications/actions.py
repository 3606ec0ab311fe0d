"""What happens to applications: applying, moving, opening. `touch` keeps a card's counts for the capabilities above."""

from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from fractional_indexing import generate_key_between

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Invalid, Refusal
from server.core.events import append
from server.core.ids import uuid7
from server.core.words import clean
from server.hiring.applications import queries
from server.hiring.applications.events import ApplicationMoved, ApplicationOpened, Applied, LinkAsked
from server.hiring.applications.rules import CONSENT_VERSION, LONGEST_SOURCE
from server.hiring.candidates import actions as candidates
from server.hiring.flow import queries as flow
from server.hiring.jobs import queries as jobs
from server.hiring.views.applications import Card
from server.hiring.views.base import View
from server.hiring.views.payloads import ApplicationChanged, CardChanged, JobChanged, ProfileChanged
from server.hiring.views.people import Person
from server.hiring.workspaces.rules import check_email, check_name, fold

Verb = Literal["applied", "moved", "recording", "answered", "submitted", "noted", "messaged", "scored", "changed"]


class JobClosed(Refusal):
    """Applying to a job that is not open."""

    code = "job_closed"
    status = HTTPStatus.CONFLICT
    message = "This job does not take applications any more."


class NewApplication(View, frozen=True, kw_only=True):
    """What the apply form sends; `source` stood in the address of the job's page."""

    name: str
    email: str
    consent: bool
    source: str = ""


class Entered(View, frozen=True, kw_only=True):
    """How applying went: the application and its tokens, or None when the e-mail is known here already."""

    application: UUID | None
    session: str = ""
    link: str = ""


def person(asking: Asking) -> Person:
    """The asker as colleagues see them."""
    return Person(id=asking.id, name=asking.name, colour=asking.colour)


def card_changed(
    card: Card, verb: Verb, by: Person | None, key: str | None = None, *, left: UUID | None = None
) -> list[live.Delivery]:
    """A card's new projection for the board and for the candidate page; `left` is the stage it was taken from."""
    return [
        live.Delivery(live.job(card.job), CardChanged(card=card, verb=verb, by=by, left=left, key=key)),
        live.Delivery(live.application(card.id), ApplicationChanged(card=card, by=by, key=key)),
    ]


async def apply(token: str, form: NewApplication, device: str) -> Entered:
    """Apply to an open job. A known e-mail changes nothing and lets the worker mail the link."""
    job = await jobs.by_token(token)
    if job["state"] != "open":
        raise JobClosed
    name, email = check_name(form.name), check_email(form.email)
    source = " ".join(clean(form.source).split())[:LONGEST_SOURCE]  # no candidate is stopped by the link they followed
    if not form.consent:
        raise Invalid(fields={"consent": "We need your consent to keep your answers for this application."})
    workspace = job["workspace_id"]
    async with db.transaction():
        await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", job["id"])
        candidate = await candidates.know(workspace, name, email)
        known = await db.value(
            "SELECT id FROM application WHERE job_id = $1 AND candidate_id = $2", job["id"], candidate
        )
        if known is not None:
            await _ask_for_link(workspace, known, candidate)
            return Entered(application=None)
        stage = await db.value("SELECT id FROM stage WHERE job_id = $1 ORDER BY position LIMIT 1", job["id"])
        application = uuid7()
        await db.execute(
            "INSERT INTO application (id, workspace_id, job_id, candidate_id, stage_id, rank, source, consent_version) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            application,
            workspace,
            job["id"],
            candidate,
            stage,
            await rank_between(stage, application, None),
            source,
            CONSENT_VERSION,
        )
        link = await candidates.make_link(workspace, application)
        session = await candidates.open_session(workspace, application, device)
        card = await queries.card(application)
        await append(
            Applied(
                workspace=workspace,
                actor=f"application:{application}",
                subject=f"application:{application}",
                application=application,
                job=job["id"],
            ),
            [
                *card_changed(card, "applied", None),
                live.Delivery(live.workspace(workspace), JobChanged(job=job["id"])),
                await _profile_changed(candidate),
            ],
        )
        return Entered(application=application, session=session, link=link)


async def has_agreed(application: UUID) -> bool:
    """Whether they agreed to being kept."""
    agreed: bool = await db.value("SELECT consent_at IS NOT NULL FROM application WHERE id = $1", application)
    return agreed


async def ask_for_links(email: str, job_token: str | None) -> None:
    """Let the worker mail the links of every application with this e-mail (in one job, or in all)."""
    async with db.transaction():
        for workspace, application, candidate in await db.rows(
            lambda *c: c,
            "SELECT a.workspace_id, a.id, c.id FROM application a JOIN candidate c ON c.id = a.candidate_id "
            "JOIN job j ON j.id = a.job_id WHERE c.folded = $1 AND ($2::text IS NULL OR j.token = $2) LIMIT 20",
            fold(email),
            job_token,
        ):
            await _ask_for_link(workspace, application, candidate)


async def _ask_for_link(workspace: UUID, application: UUID, candidate: UUID) -> None:
    """Let the worker mail a link; the profile tells of it."""
    await append(
        LinkAsked(workspace=workspace, actor="nobody", subject=f"application:{application}", application=application),
        [await _profile_changed(candidate)],
    )


async def _profile_changed(candidate: UUID) -> live.Delivery:
    whole = await candidates.whole(candidate)
    return live.Delivery(live.profile(whole), ProfileChanged(candidate=whole))


async def rank_between(stage: UUID, moving: UUID, before: UUID | None, after: UUID | None = None) -> str:
    """A key between the neighbours as they are now. The job's row must be locked."""
    upper = before and await db.value("SELECT rank FROM application WHERE id = $1 AND stage_id = $2", before, stage)
    if not upper and after:
        upper = await db.value(
            "SELECT a.rank FROM application a JOIN application one ON one.id = $3 AND one.stage_id = $1 "
            "WHERE a.stage_id = $1 AND a.id <> $2 AND a.rank > one.rank ORDER BY a.rank LIMIT 1",
            stage,
            moving,
            after,
        )
    lower = await db.value(
        "SELECT rank FROM application WHERE stage_id = $1 AND id <> $2 AND ($3::text IS NULL OR rank < $3) "
        "ORDER BY rank DESC LIMIT 1",
        stage,
        moving,
        upper,
    )
    return generate_key_between(lower, upper or None)


async def lock(application: UUID) -> db.Record | None:
    """Lock a card and, before it, its job; every action that may move the card begins so. Returns its row.

    One order for all (job, application, then takes and the live log): actions wait for each other, never in a circle.
    """
    await db.execute(
        "SELECT 1 FROM job WHERE id = (SELECT job_id FROM application WHERE id = $1) FOR NO KEY UPDATE", application
    )
    return await db.record("SELECT * FROM application WHERE id = $1 FOR NO KEY UPDATE", application)


async def advance(application: UUID, kinds_from: tuple[str, ...], kind: str) -> UUID | None:
    """Move a card on by its own progress: from a stage of one of `kinds_from` to the job's first stage of `kind`.

    Returns the stage it left. Does nothing when the team has put the card elsewhere, when the flow has no such stage,
    or when that one asks for more. Part of another action's transaction, which holds `lock`; its event carries the
    delivery of the card.
    """
    found = await db.record(
        "SELECT a.workspace_id, a.job_id, a.stage_id, s.kind, "
        "(SELECT id FROM stage t WHERE t.job_id = a.job_id AND t.kind = $2 ORDER BY position LIMIT 1) AS target "
        "FROM application a JOIN stage s ON s.id = a.stage_id WHERE a.id = $1",
        application,
        kind,
    )
    if found is None or found["kind"] not in kinds_from or found["target"] is None:
        return None
    way = await flow.entrance(found["job_id"], found["target"], found["stage_id"])
    if way is None or await flow.lacking(way.needs, [application], None):
        return None
    await db.execute(
        "UPDATE application SET stage_id = $2, rank = $3, version = version + 1, moved = version + 1, moved_by = NULL, "
        "moved_at = now(), changed_at = now() WHERE id = $1",
        application,
        found["target"],
        await rank_between(found["target"], application, None),
    )
    left: UUID = found["stage_id"]
    await append(
        ApplicationMoved(
            workspace=found["workspace_id"],
            actor=f"application:{application}",
            subject=f"application:{application}",
            application=application,
            job=found["job_id"],
            stage_from=found["stage_id"],
            stage=found["target"],
            into=kind,
            acts=way.acts,
            automatic=True,
        )
    )
    return left


async def touch(application: UUID, *, silently: bool = False, **columns: Any) -> Card:
    """Set columns of a card, raise its version, and return the new projection. `notes=("+", 1)` adds.

    `silently`: nobody did anything, so when the card last changed stays as it was.
    """
    parts, values = ["version = version + 1"] + ["changed_at = now()"] * (not silently), []
    for name, given in columns.items():
        values.append(given[1] if isinstance(given, tuple) else given)
        parts.append(
            f"{name} = {name} + ${len(values) + 1}" if isinstance(given, tuple) else f"{name} = ${len(values) + 1}"
        )
    await db.execute(
        f"UPDATE application SET {', '.join(parts)} WHERE id = $1",  # noqa: S608 - names are ours
        application,
        *values,
    )
    return await queries.card(application)


async def open_answers(asking: Asking, application: UUID) -> None:
    """Note that the team has looked, once, after the answers were handed in."""
    async with db.transaction():
        first = await db.value(
            "UPDATE application SET opened_at = now(), version = version + 1 "
            "WHERE id = $1 AND workspace_id = $2 AND submitted_at IS NOT NULL AND opened_at IS NULL RETURNING id",
            application,
            asking.workspace,
        )
        if first is None:
            return
        card = await queries.card(application)
        await append(
            ApplicationOpened(
                workspace=asking.workspace,
                actor=asking.actor,
                subject=f"application:{application}",
                application=application,
            ),
            [
                *card_changed(card, "changed", person(asking)),
                live.Delivery(live.workspace(asking.workspace), JobChanged(job=card.job)),
            ],
        )
