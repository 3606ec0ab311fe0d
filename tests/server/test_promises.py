"""The reply promise: what begins it, what keeps it, who sees it, and who is told once when it is late."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.core import db
from server.hiring.applications.promising import tell_overdue
from server.hiring.jobs.rules import working_days_after
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House, counted, drain
from tests.server.test_flow import doing, flow_of, move, put
from tests.server.test_meetings import call_off, meet, meetings
from tests.server.test_team import assign


async def promising(cast: Cast, days: int = 3) -> Json:
    """A job that promises an answer."""
    job = await cast.job()
    return await cast.ada.make("PATCH", f"/jobs/{job['id']}", {"version": job["version"], "promise_days": days})


async def handed_in(cast: Cast, job: Json, name: str = "Cleo Candidate") -> Visitor:
    cleo = await cast.cleo(job, name)
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    return cleo


async def card_of(cast: Cast, cleo: Visitor) -> Json:
    return (await cast.ada.read(f"/applications/{cleo.application}"))["card"]


async def promised(cast: Cast, cleo: Visitor) -> str | None:
    """Until when, as the team and the candidate see it alike."""
    card, place = await card_of(cast, cleo), await cleo.read("/place")
    assert card["promised"] == place["promised"]
    until: str | None = card["promised"]
    return until


async def is_late(cleo: Visitor, days: int = 1) -> None:
    """Time passes until the promise is broken."""
    await db.execute(
        "UPDATE application SET promise_due = now() - make_interval(days => $2), "
        "promised_at = now() - interval '9 days' WHERE id = $1",
        UUID(cleo.application),
        days,
    )


async def kinds(who: Colleague) -> list[str]:
    return [line["kind"] for line in (await who.read("/inbox"))["notifications"]]


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [("2026-11-23", 3, "2026-11-26"), ("2026-11-27", 1, "2026-11-30"), ("2026-11-28", 1, "2026-11-30"),
     ("2026-11-26", 5, "2026-12-03"), ("2026-11-29", 6, "2026-12-07")],
)  # fmt: skip
def test_working_days_have_no_weekend(at: str, days: int, due: str) -> None:
    begun = datetime.fromisoformat(f"{at}T09:41:00+00:00")
    assert working_days_after(begun, days) == datetime.fromisoformat(f"{due}T09:41:00+00:00")


async def test_handing_in_begins_it_and_a_message_by_hand_keeps_it(cast: Cast) -> None:
    cleo = await cast.cleo(await promising(cast))
    assert (await cleo.read("/place"))["job"]["promise_days"] == 3
    assert await promised(cast, cleo) is None, "nothing is promised before the answers are there"
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    until = await promised(cast, cleo)
    assert until is not None
    assert timedelta(days=2) < datetime.fromisoformat(until) - datetime.now(UTC) < timedelta(days=6)
    await cleo.make("POST", "/messages", {"body": "When do I hear from you?"})
    assert await promised(cast, cleo) == until, "what they write themselves is no answer"
    await cast.rae.make("POST", f"/applications/{cleo.application}/notes", {"body": "Good."})
    assert await promised(cast, cleo) == until, "nor is a note"
    await cast.ben.make("POST", f"/applications/{cleo.application}/messages", {"body": "Tomorrow."})
    assert await promised(cast, cleo) is None


async def test_without_one_nothing_is_promised(cast: Cast) -> None:
    assert await promised(cast, await handed_in(cast, await cast.job())) is None
    job = await cast.job()
    for days in (-1, 61):
        body = {"version": job["version"], "promise_days": days}
        assert (await cast.ada.do("PATCH", f"/jobs/{job['id']}", body)).status_code == 422


async def test_a_meeting_keeps_it_until_it_is_called_off(cast: Cast) -> None:
    cleo = await handed_in(cast, await promising(cast))
    await cleo.make("POST", "/messages", {"body": "When do I hear from you?"})
    for number in range(2):
        made = await meet(cast.ada, cleo)
        assert (await promised(cast, cleo), (await card_of(cast, cleo))["waiting"]) == (None, False), number
    await call_off(cast.ada, made)
    assert await promised(cast, cleo) is None, "there is another one"
    (left,) = [one for one in await meetings(cast.ada, cleo) if one["state"] == "planned"]
    await call_off(cast.ada, left)
    assert (await card_of(cast, cleo))["waiting"], "what they asked is open again"
    assert await promised(cast, cleo)
    assert [one["id"] for one in (await cast.ada.read("/home"))["waiting"]] == [cleo.application]


async def test_a_meeting_that_kept_none_brings_none_back(cast: Cast) -> None:
    written, heard = [await handed_in(cast, await promising(cast), name) for name in ("Cleo", "Noor")]
    await cast.ada.make("POST", f"/applications/{written.application}/messages", {"body": "Let us talk."})
    await call_off(cast.ada, await meet(cast.ada, written))
    assert await promised(cast, written) is None, "a message had kept it"
    made = await meet(cast.ada, heard)
    await cast.ada.make("POST", f"/applications/{heard.application}/messages", {"body": "We have to cancel."})
    await call_off(cast.ada, made)
    assert await promised(cast, heard) is None, "they have heard since"


async def test_a_meeting_of_who_asked_nothing_leaves_no_question(cast: Cast) -> None:
    cleo = await cast.cleo(await promising(cast))
    await call_off(cast.ada, await meet(cast.ada, cleo))
    assert (await promised(cast, cleo), (await card_of(cast, cleo))["waiting"]) == (None, False)


async def test_a_decision_keeps_it_and_taking_the_decision_back_brings_it_back(cast: Cast) -> None:
    job = await promising(cast)
    cleo = await handed_in(cast, job)
    until = await promised(cast, cleo)
    stages = {stage["kind"]: stage["id"] for stage in (await flow_of(job, cast.ada))["stages"]}
    assert (await move(cast.ada, cleo, stages["interview"])).status_code == 200
    assert await promised(cast, cleo) == until, "the team goes on; the candidate has heard nothing"
    for kind in ("offer", "hired", "declined"):
        assert (await move(cast.ada, cleo, stages[kind])).status_code == 200
        assert await promised(cast, cleo) is None
        assert (await move(cast.ada, cleo, stages["interview"])).status_code == 200
        assert await promised(cast, cleo) == until
    places = [{"card": cleo.application, "stage": stages["declined"], "version": 10_000}]
    await cast.ada.make("POST", f"/jobs/{job['id']}/moves", {"cards": places})
    assert await promised(cast, cleo) is None, "many at once are decided on like one"


async def test_a_stage_begins_one_and_leaving_the_stage_ends_it(cast: Cast) -> None:
    job = await promising(cast, 20)
    stages = (await flow_of(job, cast.ada))["stages"]
    review, interview = stages[2]["id"], stages[3]["id"]
    await put(cast.ada, job, doing(stages, 3, {"id": str(uuid4()), "kind": "promise", "count": 2}))
    cleo = await handed_in(cast, job)
    by_job = await promised(cast, cleo)
    assert (await move(cast.ada, cleo, interview)).status_code == 200
    assert await promised(cast, cleo) == by_job, "not before the move can no longer be taken back at once"
    await drain()
    by_stage = await promised(cast, cleo)
    assert by_job is not None
    assert by_stage is not None
    assert by_stage < by_job, "the newer one counts"
    version = (await card_of(cast, cleo))["version"]
    assert (await move(cast.ada, cleo, review)).status_code == 200
    assert await promised(cast, cleo) is None
    assert (await move(cast.ada, cleo, interview)).status_code == 200
    await drain()
    assert await promised(cast, cleo) == by_stage, "coming back begins none that ends later"
    assert (await card_of(cast, cleo))["version"] == version + 2


async def test_a_promise_of_a_stage_is_checked(cast: Cast) -> None:
    job = await cast.job()
    flow = await flow_of(job, cast.ada)
    offer = next(one for one in flow["actions"] if one["kind"] == "promise")
    assert offer["uses"] == ["days"]
    for wrong in ({"count": 0}, {"count": 61}, {"count": 2, "when": "exit"}, {"count": 2, "after": 5}):
        action = {"id": str(uuid4()), "kind": "promise", **wrong}
        body = {"version": flow["version"], "stages": doing(flow["stages"], 3, action)}
        assert (await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", body)).status_code == 422


async def test_the_owner_is_told_once_though_the_job_is_muted(house: House, cast: Cast) -> None:
    job = await promising(cast)
    cleo = await handed_in(cast, job)
    await assign(cast.ada, cleo, cast.ben, "owner")
    await cast.ben.make("PUT", f"/jobs/{job['id']}/hearing", {"muted": True})
    await tell_overdue()
    await drain()
    assert "overdue" not in await kinds(cast.ben), "there is time"
    await is_late(cleo)
    for _ in range(2):
        await tell_overdue()
        await drain()
    assert (await kinds(cast.ben)).count("overdue") == 1
    for who in (cast.ada, cast.rae, cast.dan):
        assert "overdue" not in await kinds(who)
    found = await db.rows(
        lambda kind: kind,
        "SELECT kind FROM event WHERE subject = $1 AND kind LIKE 'promise%'",
        f"application:{cleo.application}",
    )
    assert found == ["promise_broken"]


async def test_many_that_are_late_are_told_in_one_step(cast: Cast) -> None:
    jobs = [await promising(cast) for _ in range(2)]
    late = [await handed_in(cast, job, f"Late {number}") for number, job in enumerate([*jobs, *jobs])]
    for one in late:
        await is_late(one)
    with counted() as seen:
        await tell_overdue()
    assert len([query for query in seen if "realtime_topic" in query]) == 1, "each topic is locked last, and once"
    subjects = sorted(f"application:{one.application}" for one in late)
    found = await db.rows(
        str, "SELECT subject FROM event WHERE kind = 'promise_broken' AND subject = ANY($1) ORDER BY subject", subjects
    )
    assert found == subjects


async def test_without_an_owner_whoever_posted_the_job_is_told(cast: Cast) -> None:
    cleo = await handed_in(cast, await promising(cast))
    await is_late(cleo)
    await tell_overdue()
    await drain()
    assert "overdue" in await kinds(cast.ada)
    assert "overdue" not in await kinds(cast.ben)


async def test_what_is_kept_or_decided_meanwhile_is_not_late(cast: Cast) -> None:
    job = await promising(cast)
    kept, decided = [await handed_in(cast, job, name) for name in ("Kept", "Decided")]
    stages = {stage["kind"]: stage["id"] for stage in (await flow_of(job, cast.ada))["stages"]}
    for cleo in (kept, decided):
        await is_late(cleo)
    await tell_overdue()
    await cast.ada.make("POST", f"/applications/{kept.application}/messages", {"body": "We are slow, sorry."})
    assert (await move(cast.ada, decided, stages["declined"])).status_code == 200
    await drain()
    assert "overdue" not in await kinds(cast.ada)


async def test_the_late_ones_are_filtered(cast: Cast) -> None:
    job = await promising(cast)
    late, _ = [await handed_in(cast, job, name) for name in ("Late", "In time")]
    await is_late(late)
    board = await cast.rae.read(f"/jobs/{job['id']}/board?overdue=1")
    assert [card["name"] for card in board["cards"]] == ["Late"]
    assert (await cast.dan.do("GET", f"/jobs/{job['id']}/board?overdue=1")).status_code == 404


async def test_each_job_says_who_waits_as_home_does(cast: Cast) -> None:
    job, quiet = await promising(cast), await cast.job(title="Where nobody waits")
    late, _ = [await handed_in(cast, job, name) for name in ("Late", "In time")]
    asks = await cast.cleo(job, "Asks")
    await asks.make("POST", "/messages", {"body": "May I bring a question?"})
    await is_late(late)

    async def lines() -> dict[str, tuple[int, int, str | None]]:
        found = await cast.rae.read("/jobs")
        return {line["id"]: (line["waiting"], line["overdue"], line["due"]) for line in found}

    home = await cast.rae.read("/home")
    due = next(card["promised"] for card in home["waiting"] if card["name"] == "In time")
    assert (home["waiting_count"], home["overdue"]) == (3, 1)
    assert await lines() == {job["id"]: (3, 1, due), quiet["id"]: (0, 0, None)}
    for cleo in (late, asks):
        await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "Soon."})
    assert (await lines())[job["id"]] == (1, 0, due)
    assert job["id"] not in {line["id"] for line in await cast.dan.read("/jobs")}
