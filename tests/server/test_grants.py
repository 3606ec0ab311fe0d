"""The gate's one answer to realtime: who may follow which topic, asked for one and for many at once."""

from uuid import UUID, uuid4

from realtime.rooms import Who
from server import gate
from server.core import db
from tests.cast import Cast, Colleague, Visitor


def members_who(who: Colleague, session: UUID) -> Who:
    return Who(id=str(who.id), name=who.name, kind=f"member:{who.workspace}", session=str(session))


async def test_who_may_follow_which_topic(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Someone Else")
    candidate = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]

    async def session(who: Colleague) -> UUID:
        found: UUID = await db.value("SELECT id FROM sign_in WHERE account_id = $1", who.account)
        return found

    async def visit(who: Visitor) -> Who:
        found = await db.value("SELECT id FROM candidate_session WHERE application_id = $1", UUID(who.application))
        return Who(id=who.application, name=who.name, kind="candidate", session=str(found))

    ada, ben, rae, dan = [members_who(m, await session(m)) for m in (cast.ada, cast.ben, cast.rae, cast.dan)]
    cleos, others = await visit(cleo), await visit(other)
    ended = Who(id=ada.id, name=ada.name, kind=ada.kind, session=str(uuid4()))
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    everybody = {
        "ada": ada, "removed": ben, "rae": rae, "dan": dan, "cleo": cleos, "other": others, "ended": ended,
    }  # fmt: skip
    team = {"ada", "rae"}
    allowed = {
        f"job:{job['id']}": team,
        f"application:{cleo.application}": team,
        f"conversation:{cleo.application}": team | {"cleo"},
        f"candidate:{cleo.application}": {"cleo"},
        f"workspace:{cast.ada.workspace}": team,
        f"member:{cast.ada.id}": {"ada"},
        f"member:{cleo.application}": set(),
        f"monitor:{cast.ada.workspace}": {"ada"},
        f"profile:{candidate}": team,
        f"monitor:{cast.ada.id}": set(),
        f"monitor:{cleo.application}": set(),
        f"job:{uuid4()}": set(),
        f"workspace:{cast.dan.workspace}": {"dan"},
        "job:": set(),
        "job": set(),
        "": set(),
        "conversation:' OR 1=1 --": set(),
    }
    for topic, expected in allowed.items():
        granted = {name for name, who in everybody.items() if await gate.grant(who, topic)}
        assert granted == expected, topic
    conversation = await gate.grant(cleos, f"conversation:{cleo.application}")
    assert conversation is not None
    assert not conversation.presence
    pairs = [(who, topic) for who in everybody.values() for topic in allowed]
    assert await gate.grants(pairs) == [await gate.grant(*pair) for pair in pairs]
