"""What the team's bells remember of one candidate of the demo."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.core.access import Asking
from server.demo.founding import Troupe
from server.demo.postings import Place
from server.demo.record import id_at
from server.demo.script import Candidate, Line, Step
from server.hiring.notifications.tables import Notice

NOTICED_DAYS = 4  # how far back they remember


class Bells(msgspec.Struct, frozen=True):
    """Those of all members, about one application."""

    troupe: Troupe
    job: Place
    person: Candidate
    application: UUID
    began: datetime

    async def ring(
        self,
        event: UUID,
        at: datetime,
        kind: str,
        *,
        unread: bool,
        by: Asking | None = None,
        stage: str = "",
        only: Sequence[Asking] | None = None,
        starts_at: datetime | None = None,
    ) -> None:
        """A line in every bell, or in `only` these, but not in that of whoever did it; if it is not too long ago."""
        if self.began - at > timedelta(days=NOTICED_DAYS):
            return
        for key, member in self.troupe.members.items():
            if member is by or (only is not None and member not in only):
                continue
            await Notice(
                id=id_at(at),
                workspace_id=self.troupe.workspace,
                member_id=member.id,
                event_id=event,
                kind=kind,
                application_id=self.application,
                job_id=self.job.id,
                about=self.job.title,
                answers=len(self.person.answers),
                by_id=by.id if by else None,
                stage=stage,
                starts_at=starts_at,
                quiet=kind == "applied",
                mine=self._dealt(key, at),
                url=f"/w/{self.troupe.slug}/applications/{self.application}",
                at=at,
                read_at=None if unread else at + timedelta(hours=1),
            ).save()

    def _dealt(self, key: str, at: datetime) -> bool:
        """Whether a colleague had moved this candidate, noted something or written to them by then."""
        done: tuple[Step | Line, ...] = (*self.person.moves, *self.person.notes, *self.person.messages)
        return any(one.who == key and self.began - timedelta(days=one.ago) < at for one in done)
