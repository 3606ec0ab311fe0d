"""What can be read about takes and answers."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from server.core import db, live
from server.core.access import Applicant, Asking
from server.core.errors import NotFound
from server.hiring.applications import queries as applications
from server.hiring.applications.following import follows
from server.hiring.conversations import queries as conversations
from server.hiring.interviews.rules import is_damaged
from server.hiring.jobs import queries as jobs
from server.hiring.views.applications import AnswerView, ApplicationView, TakeView
from server.hiring.views.candidates import CandidateView, OwnAnswer
from server.hiring.views.jobs import QuestionView
from server.hiring.views.meetings import OwnMeeting
from server.hiring.workspaces import queries as workspaces

_TAKE = """
SELECT t.id, t.recording_id, t.number, t.state, t.kind,
       CASE WHEN r.state = 'deleted' THEN 0 ELSE coalesce(r.duration_ms, 0) END, coalesce(r.width, 0),
       coalesce(r.height, 0), coalesce(r.mime, ''), t.created_at, t.question_id,
       coalesce(r.movie, ''), coalesce(r.movie_percent, 0), coalesce(r.warnings, '{}'), w.version,
       coalesce(r.frames, 0), coalesce(r.lost, 0), coalesce(r.unheard_ms, 0),
       coalesce(r.silent, false)
FROM take t LEFT JOIN recording r ON r.id = t.recording_id
LEFT JOIN captions w ON w.recording_id = t.recording_id AND w.words <> ''
"""

# How a capability above reads a candidate's meetings; `server/reactions.py` fills it.
MEETINGS: list[Callable[[UUID], Awaitable[list[OwnMeeting]]]] = []

STAGE_WORDS = {
    "inbox": "Applied",
    "questions": "Your answers",
    "review": "The team is watching",
    "task": "The team is watching",
    "conversation": "In conversation",
    "interview": "Interview",
    "offer": "In conversation",
    "hired": "In conversation",
    "declined": "In conversation",
}  # a decision reaches the candidate from a person, never by a word that changes on their page


def _take(base: str, *c: Any) -> TakeView:
    playable = c[3] in {"ready", "interrupted"} and c[5] > 0
    return TakeView(
        id=c[0],
        recording=c[1],
        number=c[2],
        state=c[3],
        kind=c[4],
        duration_ms=c[5],
        width=c[6],
        height=c[7],
        url=f"{base}/recordings/{c[1]}/video" if playable else "",
        mime=c[8],
        mp4=f"{base}/recordings/{c[1]}/mp4" if playable and c[11] == "ready" else "",
        movie=c[11],
        movie_percent=c[12],
        warnings=c[13],
        captions=f"{base}/recordings/{c[1]}/captions?v={c[14]}" if c[14] else "",
        created_at=c[9],
        frames=c[15],
        damaged=playable and is_damaged(c[16], c[17], c[5]),
        silent=c[3] == "recording" and c[18],
    )


def base_of_candidate(application: UUID) -> str:
    """Below which path a candidate's own recordings are."""
    return f"/c/a/{application}"


async def take(application: UUID, take_id: UUID) -> TakeView:
    """One take of the candidate's own. Raises NotFound."""
    found = await db.row(
        lambda *c: _take(base_of_candidate(application), *c),
        _TAKE + "WHERE t.id = $1 AND t.application_id = $2",
        take_id,
        application,
    )
    if found is None:
        raise NotFound
    return found


async def own_answers(application: UUID, job: UUID) -> list[OwnAnswer]:
    """The candidate's own answers, one per question, with every take: three queries whatever their number."""
    takes: dict[UUID, list[TakeView]] = {}
    for question, view in await db.rows(
        lambda *c: (c[10], _take(base_of_candidate(application), *c)),
        _TAKE + "WHERE t.application_id = $1 AND t.state <> 'failed' ORDER BY t.number, t.created_at",
        application,
    ):
        takes.setdefault(question, []).append(view)
    kept = {
        r[0]: r
        for r in await db.rows(
            lambda *c: c,
            "SELECT question_id, kind, take_id, text, asked, changed_at FROM answer WHERE application_id = $1",
            application,
        )
    }
    return [_own(q, kept.get(q.id), takes.get(q.id, [])) for q in await jobs.questions(job)]


def _own(question: QuestionView, kept: tuple[Any, ...] | None, takes: list[TakeView]) -> OwnAnswer:
    return OwnAnswer(
        question=msgspec.structs.replace(question, text=kept[4]) if kept and kept[4] else question,
        kind=kept[1] if kept else None,
        accepted=kept[2] if kept else None,
        given_at=kept[5] if kept else None,
        takes=takes,
        takes_left=takes_left(question, takes),
        text=kept[3] if kept else "",
    )


def takes_left(question: QuestionView, takes: list[TakeView]) -> int:
    """How many takes remain. What broke off through no fault of the candidate, and files, do not count."""
    used = sum(t.state in {"recording", "processing", "ready"} and t.kind != "file" for t in takes)
    return max(0, question.takes - used)


async def own_answer(application: UUID, job: UUID, question: UUID) -> OwnAnswer:
    """One of them. Raises NotFound."""
    for answer in await own_answers(application, job):
        if answer.question.id == question:
            return answer
    raise NotFound


async def answers(slug: str, application: UUID) -> list[AnswerView]:
    """What the team sees: kept takes and texts, in the order of the questions (retired ones only when answered)."""
    found = await db.rows(
        lambda *c: c,
        "SELECT q.id, q.position, coalesce(nullif(n.asked, ''), q.text), q.think, q.longest, q.takes, n.kind, "
        "n.text, t.id, t.recording_id, t.number, "
        "t.state, t.kind, coalesce(r.duration_ms, 0), coalesce(r.width, 0), coalesce(r.height, 0), "
        "coalesce(r.mime, ''), "
        "t.created_at, t.question_id, coalesce(r.movie, ''), coalesce(r.movie_percent, 0), "
        "coalesce(r.warnings, '{}'), w.version, coalesce(r.frames, 0), coalesce(r.lost, 0), "
        "coalesce(r.unheard_ms, 0), coalesce(r.silent, false) "
        "FROM application a JOIN question q ON q.job_id = a.job_id "
        "LEFT JOIN answer n ON n.question_id = q.id AND n.application_id = a.id LEFT JOIN take t ON t.id = n.take_id "
        "LEFT JOIN recording r ON r.id = t.recording_id "
        "LEFT JOIN captions w ON w.recording_id = t.recording_id AND w.words <> '' "
        "WHERE a.id = $1 AND (q.retired_at IS NULL OR n.id IS NOT NULL) ORDER BY q.position, q.id",
        application,
    )
    return [
        AnswerView(
            question=jobs.question_view(*c[:6]),
            kind=c[6],
            text=c[7] or "",
            take=_take(f"/w/{slug}", *c[8:]) if c[8] else None,
            takes_left=0,
        )
        for c in found
    ]


async def application_view(asking: Asking, application: UUID) -> ApplicationView:
    """The team's page of one application, and the positions it was read at, in one snapshot."""
    async with db.snapshot():
        job = await jobs.row_of(asking.workspace, await applications.in_workspace(asking.workspace, application))
        card = await applications.card(application)
        previous, following, place, places = await applications.neighbours(application)
        topics = (live.application(application), live.conversation(application), live.member(asking.id))
        epoch, positions = await live.positions(*topics)
        return ApplicationView(
            card=card,
            name=card.name,
            email=card.line,
            job=job,
            stages=[stage for stage, _ in job.counts],
            answers=await answers(asking.slug, application),
            notes=await conversations.notes(application),
            messages=await conversations.messages(application),
            people=await workspaces.present(asking.workspace),
            following=await follows(asking.id, application),
            previous=previous,
            next=following,
            place=place,
            places=places,
            epoch=epoch,
            positions=positions,
        )


async def place_of(applicant: Applicant) -> CandidateView:
    """The candidate's own place, and the positions it was read at, in one snapshot."""
    application = applicant.application
    async with db.snapshot():
        found = await db.record(
            "SELECT a.progress, a.answering, a.submitted_at, a.promise_due, a.promise_left, s.kind, "
            "a.imported IS NOT NULL OR EXISTS (SELECT 1 FROM event e WHERE e.subject = 'application:' || a.id::text "
            "AND e.kind = 'application_added') AS added "
            "FROM application a JOIN stage s ON s.id = a.stage_id WHERE a.id = $1",
            application,
        )
        if found is None:
            raise NotFound
        own = await own_answers(application, applicant.job)
        epoch, positions = await live.positions(live.candidate(application), live.conversation(application))
        return CandidateView(
            application=application,
            name=applicant.name,
            email=applicant.email,
            added=found["added"],
            consented=applicant.consented,
            job=msgspec.structs.replace(await jobs.public(job=applicant.job), film=None),  # shown before they apply
            progress="recording" if found["answering"] else found["progress"],
            stage=STAGE_WORDS.get(found["kind"], "In progress"),
            answers=own,
            resume=next((a.question.id for a in own if a.kind is None), None),
            messages=await conversations.messages(application),
            meetings=[one for read in MEETINGS for one in await read(application)] if applicant.consented else [],
            submitted_at=found["submitted_at"],
            promised=found["promise_due"] if found["promise_left"] is None else None,
            epoch=epoch,
            positions=positions,
        )
