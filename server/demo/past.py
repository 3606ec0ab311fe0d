"""Plays one candidate's past into the tables: what the actions would have done, at the time it is said to be.

Each application is one transaction, rows and events alike, told to open boards as one new card. Reactions are left out:
nobody gets a mail, or a toast, about what happened three weeks ago.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from fractional_indexing import generate_key_between

from media.tables import Recording
from server.core import db, live
from server.core.events import Event
from server.demo import belongings, meeting, saying, scoring, standing
from server.demo.bells import Bells
from server.demo.founding import Troupe
from server.demo.postings import Place
from server.demo.record import id_at, record
from server.demo.script import Appointment, Candidate, Line, Scored, Step, clip_of
from server.hiring.applications.actions import card_changed
from server.hiring.applications.events import ApplicationAdded, ApplicationMoved, ApplicationOpened, Applied
from server.hiring.applications.queries import card
from server.hiring.applications.rules import CONSENT_VERSION
from server.hiring.applications.tables import Application
from server.hiring.candidates.rules import plain
from server.hiring.candidates.tables import Candidate as Person
from server.hiring.interviews.events import Answered, CaptionsChanged, Submitted, TakeEnded
from server.hiring.interviews.recordings import recount
from server.hiring.interviews.tables import Answer, Take
from server.hiring.notifications.rules import DECISIONS
from server.hiring.views.payloads import JobChanged
from server.hiring.workspaces.rules import fold

MINUTES_PER_ANSWER = 4
CAPTIONED_DAYS = 0.01  # after the answers were opened


async def play(troupe: Troupe, job: Place, person: Candidate, began: datetime) -> bool:
    """Add this candidate with everything that happened; False when they are there already."""
    async with db.transaction():
        if await db.value(
            "SELECT 1 FROM application a JOIN candidate c ON c.id = a.candidate_id "
            "WHERE a.job_id = $1 AND c.folded = $2",
            job.id,
            fold(person.email),
        ):
            return False
        await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", job.id)  # before any of its stages
        await _Life(troupe, job, person, began).play()
    return True


class _Life:
    """One application, growing moment by moment."""

    def __init__(self, troupe: Troupe, job: Place, person: Candidate, began: datetime) -> None:
        self.troupe = troupe
        self.job = job
        self.person = person
        self.began = began
        self.id = id_at(self.at(person.ago))
        self.actor = f"application:{self.id}"
        self.bells = Bells(troupe, job, person, self.id, began)
        self.stage = "inbox"
        self.films: dict[int, UUID] = {}  # by the place of the question
        self.version = 0
        self.last = self.at(person.ago)
        self.moved: tuple[int, UUID | None, datetime | None] = (1, None, None)

    def at(self, ago: float) -> datetime:
        return self.began - timedelta(days=ago)

    async def play(self) -> None:
        await self._apply()
        for at, moment in sorted(self._moments(), key=lambda pair: pair[0]):
            await moment(at)
            self.last = at
        await self._settle()

    def _moments(self) -> list[tuple[datetime, Callable[[datetime], Awaitable[None]]]]:
        """Everything that happened after applying, in no order."""
        person = self.person
        found: list[tuple[datetime, Callable[[datetime], Awaitable[None]]]] = []
        for place, kind in enumerate(person.answers):
            early = timedelta(minutes=MINUTES_PER_ANSWER * (len(person.answers) - place))
            found.append((self.at(person.answered) - early, self._answering(place, kind)))
        if person.submitted is not None:
            found.append((self.at(person.submitted), self._submit))
        if person.opened is not None:
            found.append((self.at(person.opened.ago), self._open))
            found += [(self.at(person.opened.ago - CAPTIONED_DAYS), self._captioning(place)) for place in person.said]
        found += [(self.at(step.ago), self._moving(step)) for step in person.moves]
        found += [(self.at(line.ago), partial(self._note, line)) for line in person.notes]
        found += [(self.at(line.ago), partial(self._write, line)) for line in person.messages]
        found += [(self.at(one.ago), partial(self._score, one)) for one in person.scores]
        found += [(self.at(one.ago), partial(self._meet, one)) for one in person.meetings]
        return found

    async def _record(self, at: datetime, event: Event) -> UUID:
        """Put what concerns the card on record, at that time."""
        self.version += 1
        return await record(at, event)

    async def _apply(self) -> None:
        at = self.last
        candidate = await db.value(
            "SELECT id FROM candidate WHERE workspace_id = $1 AND folded = $2",
            self.troupe.workspace,
            fold(self.person.email),
        )
        if candidate is None:
            candidate = id_at(at)
            await Person(
                id=candidate,
                workspace_id=self.troupe.workspace,
                name=self.person.name,
                email=self.person.email,
                folded=fold(self.person.email),
                plain=plain(self.person.name),
                headline=self.person.headline,
                location=self.person.location,
                phone=self.person.phone,
                created_at=at,
            ).save()
        await Application(
            id=self.id,
            workspace_id=self.troupe.workspace,
            job_id=self.job.id,
            candidate_id=candidate,
            stage_id=self.job.stages["inbox"],
            rank="a0",
            source=self.person.source,
            consent_at=None if self.person.added else at,
            consent_version=None if self.person.added else CONSENT_VERSION,
            created_at=at,
            changed_at=at,
        ).save()
        await belongings.bring(self.troupe, self.id, candidate, self.person, at)
        await belongings.tag(self.troupe, candidate, self.person, self.at)
        if self.person.added:
            by = self.troupe.members[self.person.added]
            added = ApplicationAdded(
                workspace=self.troupe.workspace,
                actor=by.actor,
                subject=self.actor,
                application=self.id,
                job=self.job.id,
            )
            await self._record(at, added)
            return
        event = await self._record(
            at,
            Applied(
                workspace=self.troupe.workspace,
                actor=self.actor,
                subject=self.actor,
                application=self.id,
                job=self.job.id,
            ),
        )
        await self.bells.ring(event, at, "applied", unread=not self.person.answers)

    def _answering(self, place: int, kind: str) -> Callable[[datetime], Awaitable[None]]:
        async def answer(at: datetime) -> None:
            question = self.job.questions[place]
            written = self.person.answers[: place + 1].count("t")
            take = None if kind == "t" else await self._take(place, kind, at)
            await Answer(
                workspace_id=self.troupe.workspace,
                application_id=self.id,
                question_id=question,
                kind="video" if take else "text",
                take_id=take,
                text="" if take else self.person.written[written - 1],
                created_at=at,
                changed_at=at,
            ).save()
            if self.stage == "inbox":
                self._enter("questions", None, at)
            await self._record(
                at,
                Answered(
                    workspace=self.troupe.workspace,
                    actor=self.actor,
                    subject=self.actor,
                    application=self.id,
                    question=question,
                    answer_kind="video" if take else "text",
                ),
            )

        return answer

    async def _take(self, place: int, kind: str, at: datetime) -> UUID:
        """A take whose film is still to be made: `clips` finds it by the recording's node."""
        clip, question = clip_of(self.person.face, kind), self.job.questions[place]
        take, recording, length = id_at(at), id_at(at), timedelta(seconds=clip.seconds)
        await Recording(
            id=recording,
            owner=f"take:{take}",
            state="processing",
            source="synth",
            node=f"clip:{clip.face}",
            duration_ms=round(clip.seconds * 1000),
            created_at=at - length,
            started_at=at - length,
        ).save()
        self.films[place] = recording
        await Take(
            id=take,
            workspace_id=self.troupe.workspace,
            application_id=self.id,
            question_id=question,
            recording_id=recording,
            kind="video",
            state="processing",
            created_at=at - length,
        ).save()
        await self._record(
            at,
            TakeEnded(
                workspace=self.troupe.workspace,
                actor=self.actor,
                subject=self.actor,
                application=self.id,
                take=take,
                state="ready",
            ),
        )
        return take

    def _enter(self, kind: str, member: UUID | None, at: datetime) -> None:
        self.stage = kind
        self.moved = (self.version + 1, member, at)

    async def _submit(self, at: datetime) -> None:
        self._enter("review", None, at)
        event = await self._record(
            at,
            Submitted(
                workspace=self.troupe.workspace,
                actor=self.actor,
                subject=self.actor,
                application=self.id,
                job=self.job.id,
            ),
        )
        await self.bells.ring(event, at, "submitted", unread=self.person.opened is None)

    async def _open(self, at: datetime) -> None:
        assert self.person.opened is not None
        await self._record(
            at,
            ApplicationOpened(
                workspace=self.troupe.workspace,
                actor=self.troupe.members[self.person.opened.who].actor,
                subject=self.actor,
                application=self.id,
            ),
        )

    def _captioning(self, place: str) -> Callable[[datetime], Awaitable[None]]:
        async def caption(at: datetime) -> None:
            assert self.person.opened is not None
            by, film = self.troupe.members[self.person.opened.who], self.films[int(place) - 1]
            cues = await belongings.caption(by, film, self.person.said[place], at)
            await self._record(
                at,
                CaptionsChanged(
                    workspace=self.troupe.workspace,
                    actor=by.actor,
                    subject=self.actor,
                    recording=film,
                    source="written",
                    cues=cues,
                ),
            )

        return caption

    def _moving(self, step: Step) -> Callable[[datetime], Awaitable[None]]:
        async def move(at: datetime) -> None:
            by, left = self.troupe.members[step.who], self.stage
            self._enter(step.kind, by.id, at)
            event = await self._record(
                at,
                ApplicationMoved(
                    workspace=self.troupe.workspace,
                    actor=by.actor,
                    subject=self.actor,
                    application=self.id,
                    job=self.job.id,
                    stage_from=self.job.stages[left],
                    stage=self.job.stages[step.kind],
                ),
            )
            if step.kind in DECISIONS:
                await self.bells.ring(event, at, "moved", unread=False, by=by, stage=step.kind.capitalize())

        return move

    async def _note(self, line: Line, at: datetime) -> None:
        event, named = await saying.note(self.troupe, self.id, line, at)
        recorded = await self._record(at, event)
        if named:
            await self.bells.ring(recorded, at, "mentioned", unread=True, by=self.troupe.members[line.who], only=named)

    async def _write(self, line: Line, at: datetime) -> None:
        recorded = await self._record(at, await saying.write(self.troupe, self.id, line, at))
        if not line.who:
            await self.bells.ring(recorded, at, "message", unread=line == standing.last_message(self.person))

    async def _score(self, scored: Scored, at: datetime) -> None:
        await self._record(at, await scoring.submit(self.troupe, self.job.id, self.id, scored, at))

    async def _meet(self, one: Appointment, at: datetime) -> None:
        planned = await meeting.plan(self.troupe, self.id, one, self.began, at)
        await meeting.ring(self.bells, await self._record(at, planned), one, planned, at)

    async def _settle(self) -> None:
        """Put the card where it ended, with its counts, and show it on open boards."""
        person, (moved, by, moved_at) = self.person, self.moved
        await recount(self.id)
        stage, last = self.job.stages[self.stage], standing.last_message(person)
        lowest = await db.value("SELECT max(rank) FROM application WHERE stage_id = $1 AND id <> $2", stage, self.id)
        await Application.update(
            {
                "stage_id": stage,
                "rank": generate_key_between(lowest, None),
                "version": max(self.version, 1),
                "moved": moved,
                "moved_by": by,
                "moved_at": moved_at,
                "progress": standing.progress(person),
                "notes": len(person.notes),
                "messages": len(person.messages) + len(person.meetings),
                "waiting": last is not None and not last.who,
                "submitted_at": None if person.submitted is None else self.at(person.submitted),
                "opened_at": None if person.opened is None else self.at(person.opened.ago),
                "changed_at": self.last,
                **standing.promised(person, self.stage, self.at),
            }
        ).where(Application.id == self.id)
        await standing.assign(self.troupe, self.id, person, self.stage, self.last)
        shown = card_changed(await card(self.id), "applied", None)
        lists = live.Delivery(live.workspace(self.troupe.workspace), JobChanged(job=self.job.id))
        await live.deliver(db.current(), [*shown, lists])
