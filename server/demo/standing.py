"""How candidates of the demo stand with the team today: until when they were promised an answer, and whose they are."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from server.demo.founding import Troupe
from server.demo.script import Candidate, Line
from server.hiring.applications.tables import Application, Assignment
from server.hiring.jobs.rules import working_days_after

PROMISED_DAYS = 5  # as the postings say
DECIDED = frozenset({"hired", "declined"})


def promised(person: Candidate, stage: str, at: Callable[[float], datetime]) -> dict[Any, Any]:
    """The columns of a promise, for who has handed in and heard nothing since."""
    if person.submitted is None or stage in DECIDED | {"offer"}:
        return {}
    if any(line.who and line.ago < person.submitted for line in person.messages):
        return {}
    made = at(person.submitted)
    return {"promised_at": made, "promise_due": working_days_after(made, PROMISED_DAYS)}


def last_message(person: Candidate) -> Line | None:
    """Which was written last, by whomever."""
    return min(person.messages, key=lambda line: line.ago, default=None)


def progress(person: Candidate) -> str:
    """How far they are themselves."""
    if person.submitted is not None:
        return "submitted"
    return "answering" if person.answers else "applied"


async def assign(troupe: Troupe, application: UUID, person: Candidate, stage: str, at: datetime) -> None:
    """Whoever moved the card last owns it, until it is decided; reviewers stay."""
    owner = troupe.members[person.moves[-1].who].id if person.moves and stage not in DECIDED else None
    reviewers = [troupe.members[one].id for one in person.reviewers if troupe.members[one].id != owner]
    for member, part in [*((one, "reviewer") for one in reviewers), *([(owner, "owner")] if owner else [])]:
        row = Assignment(workspace_id=troupe.workspace, application_id=application, member_id=member, part=part, at=at)
        await row.save()
    await Application.update({Application.owner_id: owner, Application.reviewers: reviewers}).where(
        Application.id == application
    )
