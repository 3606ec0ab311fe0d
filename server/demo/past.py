"""Plays one candidate's past into the tables: what the actions would have done, at the time it is said to be.

Each application is one transaction, rows and events alike, told to open boards as one new card. Reactions are left out:
nobody gets a mail, or a toast, about what happened three weeks ago.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from fractional_indexing import generate_key_between

from media.tables import Recording
from server.core import db, live
from server.core.access import Asking
from server.core.events import Event
from server.core.tables import EventRow
from server.demo import standing
from server.demo.founding import Troupe
from server.demo.postings import Place
from server.demo.script import Candidate, Line, Step, read
from server.hiring.applications.actions import card_changed
from server.hiring.applications.events import ApplicationMoved, ApplicationOpened, Applied
from server.hiring.applications.queries import card
from server.hiring.applications.tables import Application
from server.hiring.candidates.rules import plain
from server.hiring.candidates.tables import Candidate as Person
from server.hiring.conversations.events import MessageWritten, NoteWritten
from server.hiring.conversations.tables import Message, Note
from server.hiring.interviews.events import Answered, Submitted, TakeEnded
from server.hiring.interviews.recordings import recount
from server.hiring.interviews.tables import Answer, Take
from server.hiring.notifications.rules import DECISIONS
from server.hiring.notifications.tables import Notice
from server.hiring.views.payloads import JobChanged
from server.hiring.workspaces.rules import fold

MINUTES_PER_ANSWER = 4
NOTICED_DAYS = 4  # how far back the bells remember


def id_at(at: datetime) -> UUID:
    """A UUID 7 of that moment: threads and bells are sorted by id."""
    tail = int.from_bytes(os.urandom(10), "big")
    millis = int(at.timestamp() * 1000)
    return UUID(int=millis << 80 | 0x7 << 76 | (tail >> 68) << 64 | 0b10 << 62 | tail & (1 << 62) - 1)


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
        self.stage = "inbox"
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
        found += [(self.at(step.ago), self._moving(step)) for step in person.moves]
        found += [(self.at(line.ago), self._noting(line)) for line in person.notes]
        found += [(self.at(line.ago), self._writing(line)) for line in person.messages]
        return found

    async def _record(self, at: datetime, event: Event) -> UUID:
        """Append to the permanent record, at that time and without reactions."""
        self.version += 1
        row = EventRow(
            id=id_at(at),
            workspace_id=event.workspace,
            actor=event.actor,
            subject=event.subject,
            kind=event.kind,
            payload=msgspec.json.encode(event).decode(),
            at=at,
        )
        await row.save()
        return row.id

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
                created_at=at,
            ).save()
        await Application(
            id=self.id,
            workspace_id=self.troupe.workspace,
            job_id=self.job.id,
            candidate_id=candidate,
            stage_id=self.job.stages["inbox"],
            rank="a0",
            consent_at=at,
            created_at=at,
            changed_at=at,
        ).save()
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
        await self._ring(event, at, "applied", unread=not self.person.answers)

    def _answering(self, place: int, kind: str) -> Callable[[datetime], Awaitable[None]]:
        async def answer(at: datetime) -> None:
            question = self.job.questions[place]
            written = self.person.answers[: place + 1].count("t")
            take = await self._take(question, at) if kind == "v" else None
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

    async def _take(self, question: UUID, at: datetime) -> UUID:
        """A take whose film is still to be made: `clips` finds it by the recording's node."""
        clip = next(clip for clip in read().team.clips if clip.face == self.person.face)
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
        await self._ring(event, at, "submitted", unread=self.person.opened is None)

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
                await self._ring(event, at, "moved", unread=False, by=by, stage=step.kind.capitalize())

        return move

    def _noting(self, line: Line) -> Callable[[datetime], Awaitable[None]]:
        async def note(at: datetime) -> None:
            by = self.troupe.members[line.who]
            row = Note(
                id=id_at(at),
                workspace_id=self.troupe.workspace,
                application_id=self.id,
                member_id=by.id,
                body=line.text,
                created_at=at,
            )
            await row.save()
            await self._record(
                at,
                NoteWritten(
                    workspace=self.troupe.workspace,
                    actor=by.actor,
                    subject=self.actor,
                    application=self.id,
                    note=row.id,
                ),
            )

        return note

    def _writing(self, line: Line) -> Callable[[datetime], Awaitable[None]]:
        async def write(at: datetime) -> None:
            by = self.troupe.members[line.who] if line.who else None
            row = Message(
                id=id_at(at),
                workspace_id=self.troupe.workspace,
                application_id=self.id,
                member_id=by.id if by else None,
                body=line.text,
                created_at=at,
            )
            await row.save()
            event = await self._record(
                at,
                MessageWritten(
                    workspace=self.troupe.workspace,
                    actor=by.actor if by else self.actor,
                    subject=self.actor,
                    application=self.id,
                    message=row.id,
                    by_team=by is not None,
                ),
            )
            if by is None:
                await self._ring(event, at, "message", unread=line == self._last_message())

        return write

    def _last_message(self) -> Line | None:
        return min(self.person.messages, key=lambda line: line.ago, default=None)

    async def _ring(
        self, event: UUID, at: datetime, kind: str, *, unread: bool, by: Asking | None = None, stage: str = ""
    ) -> None:
        """A line in every bell but that of whoever did it, if it is not too long ago."""
        if self.began - at > timedelta(days=NOTICED_DAYS):
            return
        for key, member in self.troupe.members.items():
            if member is by:
                continue
            await Notice(
                id=id_at(at),
                workspace_id=self.troupe.workspace,
                member_id=member.id,
                event_id=event,
                kind=kind,
                application_id=self.id,
                job_id=self.job.id,
                about=self.job.title,
                answers=len(self.person.answers),
                by_id=by.id if by else None,
                stage=stage,
                quiet=kind == "applied",
                mine=self._dealt(key, at),
                url=f"/w/{self.troupe.slug}/applications/{self.id}",
                at=at,
                read_at=None if unread else at + timedelta(hours=1),
            ).save()

    def _dealt(self, key: str, at: datetime) -> bool:
        """Whether a colleague had moved this candidate, noted something or written to them by then."""
        done: tuple[Step | Line, ...] = (*self.person.moves, *self.person.notes, *self.person.messages)
        return any(one.who == key and self.at(one.ago) < at for one in done)

    async def _settle(self) -> None:
        """Put the card where it ended, with its counts, and show it on open boards."""
        person, (moved, by, moved_at) = self.person, self.moved
        await recount(self.id)
        stage, last = self.job.stages[self.stage], self._last_message()
        lowest = await db.value("SELECT max(rank) FROM application WHERE stage_id = $1 AND id <> $2", stage, self.id)
        await Application.update(
            {
                "stage_id": stage,
                "rank": generate_key_between(lowest, None),
                "version": max(self.version, 1),
                "moved": moved,
                "moved_by": by,
                "moved_at": moved_at,
                "progress": "submitted"
                if person.submitted is not None
                else "answering"
                if person.answers
                else "applied",
                "notes": len(person.notes),
                "messages": len(person.messages),
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
