"""What stages of a flow do with questions: mailing the way to them, and rules that ask for answers."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.core import db, mail, tasks
from server.hiring.applications.mails import mail_link
from server.hiring.flow.registry import Action, Arrival, Guard
from server.hiring.views.flow import Need, StageAction


async def ask(arrival: Arrival, action: StageAction) -> None:
    """Queue the mail: nobody waits for a mail server with a job locked."""
    payload = msgspec.json.encode((arrival.application, f"ask:{arrival.application}:{action.id}"))
    await tasks.enqueue("mail_questions", payload)


async def mail_questions(payload: bytes) -> None:
    """Mail the link to the questions, unless they are answered by now or there are none."""
    application, key = msgspec.json.decode(payload, type=tuple[UUID, str])
    async with mail.sending():
        if await db.value(
            "SELECT 1 FROM application a WHERE id = $1 AND submitted_at IS NULL "
            "AND EXISTS (SELECT 1 FROM question q WHERE q.job_id = a.job_id AND q.retired_at IS NULL)",
            application,
        ):
            await mail_link(key, application, "your questions are waiting")


async def answers_missing(applications: Sequence[UUID], _need: Need, _mover: UUID | None) -> dict[UUID, str]:
    """Applications whose answers are not handed in."""
    found = await db.rows(
        lambda *c: c,
        "SELECT a.id, a.answers, (SELECT count(*) FROM question q WHERE q.job_id = a.job_id AND q.retired_at IS NULL) "
        "FROM application a WHERE a.id = ANY($1) AND a.submitted_at IS NULL",
        list(applications),
    )
    return {
        one: f"{answers} of {asked} questions are answered" if answers < asked else "the answers are not handed in"
        for one, answers, asked in found
    }


async def looks_missing(applications: Sequence[UUID], _need: Need, _mover: UUID | None) -> dict[UUID, str]:
    """Applications whose answers nobody of the team has opened."""
    found: list[UUID] = await db.rows(
        lambda c: c, "SELECT id FROM application WHERE id = ANY($1) AND opened_at IS NULL", list(applications)
    )
    return dict.fromkeys(found, "nobody has opened the answers")


tasks.register("mail_questions", mail_questions)

ASK = Action(kind="ask", label="Mail the link to the questions, unless they are answered", uses=("after",), run=ask)
ANSWERS = Guard(kind="answers", one="All answers, handed in", missing=answers_missing)
LOOK = Guard(kind="opened", one="Answers opened by the team", missing=looks_missing)
