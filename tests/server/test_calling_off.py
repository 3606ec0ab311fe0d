"""Who is declined is not waited for: what was planned with them is called off with it, when that is wanted."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House, counted, drain
from tests.server.test_declining import decline, read_by
from tests.server.test_meetings import TOMORROW, agenda, bells, change, meet, meetings, merge, put_back


async def call_off(who: Colleague, job: Json, *people: Visitor, text: str | None = None, key: str = "") -> Json:
    body = decline(job, [one.application for one in people]) | {"text": text, "call_off": True}
    return await who.make("POST", f"/jobs/{job['id']}/declines", body, **({"key": key} if key else {}))


async def move(who: Colleague, job: Json, cleo: Visitor, stage: int) -> None:
    place = {"stage": job["stages"][stage]["id"], "version": 10_000}
    await who.make("POST", f"/applications/{cleo.application}/moves", place)


async def states(cleo: Visitor, who: Colleague) -> dict[str, tuple[str, bool]]:
    return {one["title"]: (one["state"], one["declined"]) for one in await meetings(who, cleo)}


async def coming(who: Colleague, job: Json, *people: Visitor) -> list[str]:
    query = httpx.QueryParams({"cards": [one.application for one in people]})
    return [one["title"] for one in await who.read(f"/jobs/{job['id']}/meetings?{query}")]


async def test_it_ends_with_the_decline_and_everybody_hears_of_it(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo Marchetti")
    await meet(cast.ada, cleo, cast.rae, title="First call")
    await meet(cast.ada, cleo, cast.rae, cast.ben, title="Second", starts_at=(TOMORROW + timedelta(days=1)).isoformat())
    await drain()
    before, words = len(house.mails(cleo.email)), len(await read_by(cleo))
    begun = await db.value("SELECT clock_timestamp()")
    replies = [await call_off(cast.ada, job, cleo, text="Thank you, {name}.", key="the same click") for _ in range(2)]
    assert replies[0] == replies[1]
    assert replies[0]["moved"][0]["messages"] == words + 3
    told = [one.splitlines()[0] for one in (await read_by(cleo))[words:]]
    assert told == [
        "Thank you, Cleo Marchetti.", "Your meeting is called off: First call", "Your meeting is called off: Second",
    ]  # fmt: skip
    assert await states(cleo, cast.rae) == {"First call": ("called_off", False), "Second": ("called_off", False)}
    assert (await cleo.read("/place"))["meetings"] == []
    kinds = await db.rows(str, "SELECT kind FROM event WHERE at >= $1 ORDER BY id", begun)
    assert kinds == ["applications_moved", "meeting_called_off", "meeting_called_off"]
    await drain()
    mails = house.mails(cleo.email)[before:]
    files = [part.get_content() for mail in mails for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len(mails) == 3
    assert len(files) == 2
    assert all("METHOD:CANCEL" in str(file) for file in files)
    assert [kind for kind, *_ in await bells(cast.rae)][:2] == ["meeting_called_off"] * 2
    assert [kind for kind, *_ in await bells(cast.ben)][:1] == ["meeting_called_off"]
    candidate = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]
    lines = (await cast.ada.read(f"/candidates/{candidate}/timeline"))["entries"]
    assert [one["kind"] for one in lines].count("meeting_called_off") == 2


async def test_nothing_needs_to_be_said_besides(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await meet(cast.ada, cleo)
    await cleo.make("POST", "/messages", {"body": "Shall I bring something?"})
    done = await call_off(cast.ben, job, cleo)
    assert [one.splitlines()[0] for one in (await read_by(cleo))[2:]] == ["Your meeting is called off: First call"]
    assert done["moved"][0]["waiting"], "that is no answer"


async def test_only_what_has_not_begun_with_who_goes_is_called_off(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Another")
    cleo, gone, kept = [await cast.cleo(job, name) for name in ("Cleo", "Gone Already", "Kept Now")]
    elsewhere = await cast.cleo(other, "Cleo elsewhere")
    await meet(cast.ada, cleo, title="To come")
    await put_back(await meet(cast.ada, cleo, title="Goes on"), minutes=10)
    await put_back(await meet(cast.ada, cleo, title="Was"), days=2)
    for who in (gone, kept, elsewhere):
        await meet(cast.ada, who, title="Theirs")
    await merge(cast.ada, cleo, elsewhere)
    await move(cast.ben, job, gone, -1)
    await move(cast.ben, job, kept, 4)
    body = decline(job, [one.application for one in (cleo, gone, kept)]) | {"call_off": True}
    body["cards"][2]["version"] = 1
    done = await cast.ada.make("POST", f"/jobs/{job['id']}/declines", body)
    assert [refused["card"]["id"] for refused in done["refused"]] == [kept.application]
    assert {title: state for title, (state, _) in (await states(cleo, cast.ada)).items()} == {
        "To come": "called_off", "Goes on": "planned", "Was": "planned",
    }  # fmt: skip
    assert [await states(one, cast.ada) for one in (gone, kept, elsewhere)] == [
        {"Theirs": ("planned", True)}, {"Theirs": ("planned", False)}, {"Theirs": ("planned", False)},
    ]  # fmt: skip


async def test_taking_the_decline_back_brings_no_meeting_back(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await meet(cast.ada, cleo)
    await call_off(cast.ada, job, cleo)
    entries = (await cast.ben.read(f"/jobs/{job['id']}/activity"))["entries"]
    (line,) = [one for one in entries if one["undo"] == "open"]
    await cast.ben.make("POST", f"/jobs/{job['id']}/reversals", {"event": line["id"]})
    assert await states(cleo, cast.ada) == {"First call": ("called_off", False)}


async def test_what_is_left_is_marked_until_somebody_touches_it(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await meet(cast.ada, cleo)
    await cast.ada.make("POST", f"/jobs/{job['id']}/declines", decline(job, [cleo.application]))
    (left,) = await agenda(cast.ada)
    assert (left["state"], left["declined"]) == ("planned", True)
    assert await meetings(cast.rae, cleo) == [left]
    await move(cast.ada, job, cleo, 2)
    assert await states(cleo, cast.ada) == {"First call": ("planned", False)}
    await move(cast.ada, job, cleo, -1)
    assert await states(cleo, cast.ada) == {"First call": ("planned", True)}
    await change(cast.ada, left, title="What we thought")
    await meet(cast.ada, cleo, title="Since then")
    assert await states(cleo, cast.ada) == {
        "What we thought": ("planned", False), "Since then": ("planned", False),
    }  # fmt: skip


async def test_meetings_outlast_the_hire_and_the_job(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await meet(cast.ada, cleo)
    await move(cast.ada, job, cleo, -2)
    await cast.ada.make("PUT", f"/jobs/{job['id']}/state", {"state": "closed"})
    assert await states(cleo, cast.ada) == {"First call": ("planned", False)}
    assert [one["title"] for one in (await cleo.read("/place"))["meetings"]] == ["First call"]
    assert len(await agenda(cast.ada)) == 1
    await call_off(cast.ada, job, cleo)
    assert (await cleo.read("/place"))["meetings"] == []


async def test_who_asks_is_told_what_is_to_come(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Another")
    cleo, sam, elsewhere = await cast.cleo(job), await cast.cleo(job, "Sam"), await cast.cleo(other, "Else")
    later = (TOMORROW + timedelta(hours=2)).isoformat()
    await meet(cast.ada, cleo, title="Later", starts_at=later)
    await put_back(await meet(cast.ada, cleo, title="Goes on"), minutes=10)
    with counted() as few:
        assert await coming(cast.rae, job, cleo) == ["Later"]
    for title in ("One", "Other", "Third"):
        await meet(cast.ada, sam, title=title)
    await meet(cast.ada, elsewhere, title="Elsewhere")
    with counted() as more:
        assert await coming(cast.rae, job, cleo, sam, elsewhere) == ["One", "Other", "Third", "Later"]
    assert len(few) == len(more)
    assert await coming(cast.rae, job, elsewhere) == await coming(cast.rae, job) == []
    path = f"/jobs/{job['id']}/meetings?cards={cleo.application}"
    assert (await cast.dan.do("GET", path)).status_code == 404


async def test_who_may_not_plan_calls_nothing_off(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    made = await meet(cast.ada, cleo)
    path, body = f"/jobs/{job['id']}/declines", decline(job, [cleo.application]) | {"call_off": True}
    for text in (body["text"], None):
        assert (await cast.rae.do("POST", path, body | {"text": text})).status_code == 403
        assert (await cast.dan.do("POST", path, body | {"text": text})).status_code == 404
    for wrong, field in ((body | {"text": " "}, "text"), (body | decline(job, [cleo.application], stage=2), "cards")):
        reply = await cast.ada.do("POST", path, wrong)
        assert (reply.status_code, set(reply.json()["fields"])) == (422, {field})
    mine = await cast.job(cast.dan)
    await cast.cleo(mine)
    foreign = {"text": None, "call_off": True, "cards": body["cards"]}
    assert (await cast.dan.do("POST", f"/jobs/{mine['id']}/declines", foreign)).status_code == 404
    assert await meetings(cast.ada, cleo) == [made]


async def test_nothing_that_was_planned_before_is_left_by_two_who_act_at_once(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    made = await meet(cast.ada, cleo)
    path = f"/meetings/{made['id']}"
    later = {name: made[name] for name in ("title", "minutes", "zone", "place")} | {
        "version": 1,
        "starts_at": (TOMORROW + timedelta(hours=3)).isoformat(),
        "members": [str(cast.ben.id)],
    }
    done, changed, off = await asyncio.gather(
        call_off(cast.ada, job, cleo),
        cast.ben.do("PUT", path, later),
        cast.ben.do("DELETE", f"{path}?version=1"),
    )
    assert len(done["moved"]) == 1
    assert {changed.status_code, off.status_code} <= {200, 409}
    assert [one["state"] for one in await meetings(cast.ada, cleo)] == ["called_off"]
    events = "SELECT count(*) FROM event WHERE kind = 'meeting_called_off' AND payload ->> 'meeting' = $1"
    assert await db.value(events, made["id"]) == 1


@pytest.mark.parametrize("count", [1, 3])
async def test_many_cost_the_same_as_one(cast: Cast, count: int) -> None:
    job = await cast.job()
    first, *people = [await cast.cleo(job, f"Number {number}") for number in range(2 * count + 1)]
    silent, told = people[:count], people[count:]
    for who in (first, *told):
        for hour in range(count):
            await meet(cast.ada, who, starts_at=(TOMORROW + timedelta(hours=hour)).isoformat())
    await call_off(cast.ada, job, first)  # after which the connection knows the types
    with counted() as without:
        await call_off(cast.ada, job, *silent)
    with counted() as with_meetings:
        await call_off(cast.ada, job, *told)
    assert len(with_meetings) - len(without) == 5  # what they are, words, counts, owners, and the tasks that mail them
    left = "SELECT count(*) FROM meeting WHERE state = 'planned' AND application_id = ANY($1)"
    assert await db.value(left, [UUID(one.application) for one in told]) == 0
