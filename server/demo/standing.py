"""How candidates of the demo stand with the team today: until when they were promised an answer, and whose they are."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from server.demo.founding import Troupe
from server.demo.script import Candidate
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


async def assign(troupe: Troupe, application: UUID, person: Candidate, stage: str, at: datetime) -> None:
    """Whoever moved the card last owns it, until it is decided."""
    if not person.moves or stage in DECIDED:
        return
    owner = troupe.members[person.moves[-1].who].id
    row = Assignment(workspace_id=troupe.workspace, application_id=application, member_id=owner, part="owner", at=at)
    await row.save()
    await Application.update({Application.owner_id: owner}).where(Application.id == application)
