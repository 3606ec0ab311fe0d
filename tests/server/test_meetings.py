"""Meetings: planned, changed and called off by the team, told to the candidate, and nobody else's business."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House, counted, drain
from tests.server.sockets import socket
from tests.server.test_team import assign

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


def wanted(*members: Colleague, **other: Json) -> Json:
    return {
        "title": "First call",
        "starts_at": TOMORROW.isoformat(),
        "minutes": 30,
        "zone": "Europe/Berlin",
        "place": "https://meet.example/first",
        "members": [str(one.id) for one in members],
    } | other


async def meet(who: Colleague, cleo: Visitor, *members: Colleague, **other: Json) -> Json:
    """A meeting with its planner, unless others are named."""
    body = wanted(*(members or [who]), **other)
    return await who.make("POST", f"/applications/{cleo.application}/meetings", body)


async def change(who: Colleague, meeting: Json, **other: Json) -> Json:
    names = ("title", "starts_at", "minutes", "zone", "place", "version")
    body = {name: meeting[name] for name in names} | {"members": [one["id"] for one in meeting["members"]]} | other
    return await who.make("PUT", f"/meetings/{meeting['id']}", body)


async def call_off(who: Colleague, meeting: Json) -> Json:
    return await who.make("DELETE", f"/meetings/{meeting['id']}?version={meeting['version']}")


async def meetings(who: Colleague, cleo: Visitor) -> Json:
    return await who.read(f"/applications/{cleo.application}/meetings")


async def agenda(who: Colleague, since: datetime = TOMORROW, days: float = 1) -> Json:
    span = {"from": since.isoformat(), "until": (since + timedelta(days=days)).isoformat()}
    return await who.read(f"/meetings?{httpx.QueryParams(span)}")


async def refusal(who: Colleague, method: str, path: str, body: Json = None) -> Any:
    reply = await who.do(method, path, body)
    assert reply.status_code >= 400, reply.text
    said = reply.json()
    return reply.status_code, said["code"], said["fields"]


async def test_everybody_on_the_team_sees_what_was_planned(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    made = await meet(cast.ben, cleo, cast.ben, cast.rae)
    assert (made["job"], made["candidate"]["name"]) == ({"id": job["id"], "title": job["title"]}, cleo.name)
    assert [one["name"] for one in made["members"]] == ["Ben", "Rae"]
    assert (made["state"], made["version"], made["link"]) == ("planned", 1, "https://meet.example/first")
    assert datetime.fromisoformat(made["starts_at"]) == TOMORROW
    for who in (cast.ada, cast.ben, cast.rae):
        assert await meetings(who, cleo) == [made]
    assert (await agenda(cast.rae), await agenda(cast.ben), await agenda(cast.ada)) == ([made], [made], [])


async def test_lists_cost_the_same_for_one_and_three(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    costs = []
    await cleo.read("/place")
    for more in (1, 2):
        for _ in range(more):
            await meet(cast.ada, cleo, cast.ada, cast.ben, cast.rae)
        with counted() as seen:
            await meetings(cast.ada, cleo)
            await agenda(cast.ada)
            await cleo.read("/place")
        costs.append(len(seen))
    assert len(await meetings(cast.ada, cleo)) == 3
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "), ("title", "x" * 121), ("minutes", 4), ("minutes", 481), ("minutes", 10**12),
        ("zone", "Mars/Phobos"), ("zone", ""), ("zone", "../../etc/passwd"), ("zone", "localtime"),
        ("place", "x" * 501), ("members", []), ("members", [str(uuid4())]),
        ("members", [str(uuid4()) for _ in range(21)]),
        ("starts_at", "2000-01-01T10:00:00Z"), ("starts_at", "0001-01-01T00:00:00+14:00"),
        ("starts_at", "9999-12-31T23:59:00-14:00"), ("starts_at", "2100-01-01T10:00:00Z"),
        ("starts_at", "2100-01-01T10:00:00"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_field(cast: Cast, field: str, value: Json) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}/meetings"
    status, code, fields = await refusal(cast.ada, "POST", path, wanted(cast.ada) | {field: value})
    assert (status, code, set(fields)) == (422, "invalid", {field})
    assert await meetings(cast.ada, cleo) == []
    made = await meet(cast.ada, cleo)
    body = wanted(cast.ada) | {"version": 1, field: value}
    assert (await refusal(cast.ada, "PUT", f"/meetings/{made['id']}", body))[:2] == (422, "invalid")
    assert await meetings(cast.ada, cleo) == [made]


async def test_a_change_is_made_on_what_one_has_seen(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    made = await meet(cast.ada, cleo)
    moved = await change(cast.ada, made, starts_at=(TOMORROW + timedelta(hours=2)).isoformat(), minutes=45)
    assert (moved["version"], moved["minutes"]) == (2, 45)
    assert await change(cast.ben, moved) == moved, "nothing is another, so nothing is told"
    reply = await cast.ben.do("PUT", f"/meetings/{made['id']}", wanted(cast.ben) | {"version": 1})
    assert (reply.status_code, reply.json()["code"]) == (409, "meeting_changed")
    assert reply.json()["message"].startswith("Ada changed this meeting meanwhile: First call, ")
    path = f"/meetings/{made['id']}"
    assert await refusal(cast.ben, "DELETE", f"{path}?version=1") == (409, "meeting_changed", {})
    assert (await refusal(cast.ben, "DELETE", path))[1:] == ("invalid", {"version": "Please fill this in."})
    off = await call_off(cast.ben, moved)
    assert (off["state"], off["version"]) == ("called_off", 3)
    for method, where, body in (
        ("PUT", path, wanted(cast.ada) | {"version": 3}), ("DELETE", f"{path}?version=3", None),
    ):  # fmt: skip
        reply = await cast.ada.do(method, where, body)
        assert (reply.status_code, reply.json()["code"]) == (409, "meeting_called_off")
        assert reply.json()["message"].startswith("Ben called this meeting off.")
    assert await meetings(cast.rae, cleo) == [off]
    assert (await cleo.read("/place"))["meetings"] == []


async def test_another_order_of_the_same_people_is_no_change(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    made = await meet(cast.ada, cleo, cast.ada, cast.ben)
    assert await change(cast.ada, made, members=[one["id"] for one in reversed(made["members"])]) == made


async def test_two_who_change_one_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    made = await meet(cast.ada, cleo)
    bodies = [wanted(cast.ada, title=title) | {"version": 1} for title in ("One", "Other")]
    replies = await asyncio.gather(
        *(
            who.do("PUT", f"/meetings/{made['id']}", body)
            for who, body in zip((cast.ada, cast.ben), bodies, strict=True)
        )
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]


async def test_a_double_click_plans_one(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path, body = f"/applications/{cleo.application}/meetings", wanted(cast.ada)
    first, second = [await cast.ada.make("POST", path, body, key="the same click") for _ in range(2)]
    assert first == second
    assert len(await meetings(cast.ada, cleo)) == 1


async def put_back(meeting: Json, **ago: float) -> None:
    """Let it have begun earlier."""
    began = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(**ago)
    await db.execute("UPDATE meeting SET starts_at = $2 WHERE id = $1", UUID(meeting["id"]), began)


async def test_what_is_over_stays_as_it_was(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    first, second, third = [await meet(cast.ada, cleo, title=title) for title in ("First", "Second", "Third")]
    await change(cast.ada, third, starts_at=(TOMORROW - timedelta(hours=1)).isoformat())
    await put_back(first, days=2)
    await put_back(second, minutes=10)  # goes on for 20 minutes more
    assert [one["title"] for one in await meetings(cast.rae, cleo)] == ["Second", "Third", "First"]
    assert [one["title"] for one in (await cleo.read("/place"))["meetings"]] == ["Second", "Third"]
    for method, rest, body in (("PUT", "", wanted(cast.ada) | {"version": 1}), ("DELETE", "?version=1", None)):
        assert (await refusal(cast.ada, method, f"/meetings/{first['id']}{rest}", body))[:2] == (409, "meeting_over")
    now = (await meetings(cast.ada, cleo))[0]
    longer = await change(cast.ada, now, minutes=60)
    assert longer["minutes"] == 60, "it may keep its beginning while it goes on"
    earlier = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    body = wanted(cast.ada) | {"version": longer["version"], "starts_at": earlier}
    assert (await refusal(cast.ada, "PUT", f"/meetings/{second['id']}", body))[2].keys() == {"starts_at"}


async def test_my_meetings_are_those_i_take_part_in_and_those_of_whom_i_own(cast: Cast) -> None:
    job = await cast.job()
    owned, other = await cast.cleo(job, "Owned"), await cast.cleo(job, "Other")
    await assign(cast.ada, owned, cast.rae, "owner")
    await meet(cast.ada, owned, title="Mine by owning")
    await meet(cast.ada, other, cast.ben, title="Not mine")
    made = await meet(cast.ada, other, cast.rae, title="Mine", starts_at=(TOMORROW - timedelta(minutes=10)).isoformat())
    assert [one["title"] for one in await agenda(cast.rae)] == ["Mine", "Mine by owning"], "one goes on as it begins"
    assert await agenda(cast.rae, TOMORROW + timedelta(minutes=30)) == []
    assert [one["title"] for one in await agenda(cast.rae, TOMORROW - timedelta(days=31), 32)] != []
    await call_off(cast.ada, made)
    assert [one["state"] for one in await agenda(cast.rae)] == ["called_off", "planned"]
    day = TOMORROW.isoformat()
    for since, until, field in (
        (day, day, "until"), (day, (TOMORROW + timedelta(days=33)).isoformat(), "until"), (day[:19], day, "from"),
        (day, "", "until"),
    ):  # fmt: skip
        span = httpx.QueryParams({"from": since} | ({"until": until} if until else {}))
        status, code, fields = await refusal(cast.rae, "GET", f"/meetings?{span}")
        assert (status, code, set(fields)) == (422, "invalid", {field})


async def clashes(who: Colleague, cleo: Visitor, begins: datetime, *members: Colleague, besides: str = "") -> list[str]:
    span = {"from": begins.isoformat(), "until": (begins + timedelta(minutes=30)).isoformat()}
    query = httpx.QueryParams(
        {**span, "members": [str(one.id) for one in members]} | ({"besides": besides} if besides else {})
    )
    found = await who.read(f"/applications/{cleo.application}/meetings/clashes?{query}")
    return [one["title"] for one in found]


async def test_who_is_taken_then_is_said(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Other")
    again = await cast.cleo(await cast.job(title="Another"), "Cleo again")
    made = await meet(cast.ada, cleo, cast.ada, title="Hers")
    await meet(cast.ada, other, cast.ben, title="His")
    assert await clashes(cast.rae, other, TOMORROW, cast.ada) == ["Hers", "His"]
    assert await clashes(cast.ada, cleo, TOMORROW + timedelta(minutes=30), cast.ada, cast.ben) == []
    assert await clashes(cast.ada, cleo, TOMORROW - timedelta(minutes=30), cast.ada, cast.ben) == []
    assert await clashes(cast.ada, cleo, TOMORROW, cast.ada, besides=made["id"]) == []
    assert await clashes(cast.ada, again, TOMORROW) == []
    await merge(cast.ada, cleo, again)
    assert await clashes(cast.ada, again, TOMORROW) == ["Hers"], "it is the same person"
    await call_off(cast.ada, made)
    assert await clashes(cast.ada, cleo, TOMORROW, cast.ada) == []


async def merge(who: Colleague, one: Visitor, other: Visitor) -> None:
    ids = [(await who.read(f"/applications/{which.application}"))["card"]["candidate"] for which in (one, other)]
    kept, gone = [await who.read(f"/candidates/{which}") for which in ids]
    body = {"other": gone["id"], "version": kept["version"], "other_version": gone["version"]}
    await who.make("POST", f"/candidates/{kept['id']}/merges", body)


async def test_a_merge_leaves_meetings_with_their_application(cast: Cast) -> None:
    cleo, again = await cast.cleo(await cast.job()), await cast.cleo(await cast.job(title="Another"), "Cleo again")
    made = await meet(cast.ada, again)
    await merge(cast.ada, cleo, again)
    assert [one["id"] for one in await meetings(cast.ada, again)] == [made["id"]]
    assert (await change(cast.ada, made, title="Second call"))["title"] == "Second call"
    assert [one["title"] for one in (await again.read("/place"))["meetings"]] == ["Second call"]
    candidate = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]
    (told, *_) = (await cast.ada.read(f"/candidates/{candidate}/timeline"))["entries"]
    assert (told["kind"], told["text"]) == ("meeting_changed", "Second call")


# What the team is told


async def bells(who: Colleague) -> list[tuple[str, str, Json]]:
    lines = (await who.read("/inbox"))["notifications"]
    return [
        (one["kind"], one["by"]["name"] if one["by"] else "", one["starts_at"]) for one in lines if one["starts_at"]
    ]


async def test_those_who_are_expected_are_told_and_nobody_else(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await assign(cast.ada, cleo, cast.ada, "owner")
    await cast.rae.make("PUT", f"/jobs/{job['id']}/hearing", {"muted": True})
    made = await meet(cast.ben, cleo, cast.ben, cast.rae)
    await drain()
    assert await bells(cast.rae) == [("meeting_planned", "Ben", made["starts_at"])], "muted or not: they are expected"
    assert await bells(cast.ben) == await bells(cast.ada) == []
    moved = await change(cast.ben, made, members=[str(cast.ben.id), str(cast.ada.id)])
    await drain()
    assert (await bells(cast.rae))[0][0] == "meeting_without_you"
    assert (await bells(cast.ada))[0][0] == "meeting_planned"
    later = await change(cast.ben, moved, starts_at=(TOMORROW + timedelta(hours=1)).isoformat())
    await call_off(cast.ben, later)
    await drain()
    assert [kind for kind, *_ in await bells(cast.ada)] == ["meeting_called_off", "meeting_changed", "meeting_planned"]
    assert (await bells(cast.ada))[0][2] == later["starts_at"]
    assert (len(await bells(cast.rae)), await bells(cast.ben)) == (2, [])


async def test_who_leaves_takes_part_in_nothing_that_is_to_come(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await assign(cast.ada, cleo, cast.ada, "owner")
    past, alone = await meet(cast.ada, cleo, cast.rae), await meet(cast.ada, cleo, cast.rae, title="Alone")
    shared = await meet(cast.ada, cleo, cast.rae, cast.ben, title="Shared")
    off = await call_off(cast.ada, await meet(cast.ada, cleo, cast.rae, title="Off"))
    await put_back(past, hours=2)
    await drain()
    await cast.ada.make("DELETE", f"/members/{cast.rae.id}")
    await drain()
    now = {one["id"]: [who["name"] for who in one["members"]] for one in await meetings(cast.ada, cleo)}
    assert now == {past["id"]: ["Rae"], alone["id"]: [], shared["id"]: ["Ben"], off["id"]: ["Rae"]}
    assert [one["members"] for one in (await cleo.read("/place"))["meetings"]] == [[], ["Ben"]]
    assert [(kind, by) for kind, by, _ in await bells(cast.ada)] == [("meeting_deserted", "")]
    status, _, fields = await refusal(
        cast.ada, "PUT", f"/meetings/{alone['id']}", wanted(cast.rae, title="Alone") | {"version": 1}
    )
    assert (status, fields.keys()) == (422, {"members"}), "who has left cannot be named again"
    assert (await change(cast.ada, alone, members=[str(cast.ben.id)]))["members"][0]["name"] == "Ben"


async def test_nobody_is_left_in_a_meeting_that_is_planned_as_they_go(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}/meetings"
    plans = [cast.ben.do("POST", path, wanted(cast.ben, cast.rae, title=f"Number {one}")) for one in range(6)]
    replies = await asyncio.gather(*plans[:3], cast.ada.do("DELETE", f"/members/{cast.rae.id}"), *plans[3:])
    assert {reply.status_code for reply in replies} <= {200, 201, 204, 422}
    await drain()
    assert {who["name"] for one in await meetings(cast.ada, cleo) for who in one["members"]} <= {"Ben"}


async def test_it_is_told_in_the_timeline_and_the_activity(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    made = await meet(cast.ada, cleo, title="Tea, perhaps")
    await call_off(cast.ben, await change(cast.ada, made, title="Tea"))
    candidate = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]
    lines = (await cast.ada.read(f"/candidates/{candidate}/timeline"))["entries"][:3]
    assert [(one["kind"], one["by"]["name"], one["text"]) for one in lines] == [
        ("meeting_called_off", "Ben", "Tea"), ("meeting_changed", "Ada", "Tea"), ("meeting_planned", "Ada", "Tea"),
    ]  # fmt: skip
    assert datetime.fromisoformat(lines[0]["what"][0]) == TOMORROW
    done = (await cast.ada.read(f"/jobs/{job['id']}/activity"))["entries"][:3]
    assert [(one["kind"], one["words"], one["names"], one["undo"]) for one in done] == [
        (kind, "Tea", [cleo.name], "") for kind in ("meeting_called_off", "meeting_changed", "meeting_planned")
    ]


async def test_only_whom_it_concerns_hears_of_it_on_their_own_topic(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await assign(cast.ada, cleo, cast.ben, "owner")
    made = await meet(cast.ada, cleo, cast.ada)
    async with (
        socket(house, cast.rae.at("/live"), cast.rae) as rae,
        socket(house, cast.ben.at("/live"), cast.ben) as ben,
    ):
        for client, who in ((rae, cast.rae), (ben, cast.ben)):
            await client.next("hello")
            await client.subscribe(f"member:{who.id}")
        await rae.subscribe(f"application:{cleo.application}")
        moved = await change(cast.ada, made, title="Other")
        assert (await ben.next("event"))["payload"] == {"type": "meeting", "meeting": moved}
        heard = await rae.next("event")
        assert (heard["topic"], heard["payload"]) == (
            f"application:{cleo.application}",
            {"type": "meeting", "meeting": moved},
        )
        await change(cast.ada, moved, members=[str(cast.rae.id)])
        while (await rae.next("event"))["topic"] != f"member:{cast.rae.id}":
            pass


async def test_strangers_and_other_candidates_see_and_change_nothing(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Other")
    made = await meet(cast.ada, cleo)
    path, here = f"/meetings/{made['id']}", f"/applications/{cleo.application}/meetings"
    span = httpx.QueryParams({"from": TOMORROW.isoformat(), "until": (TOMORROW + timedelta(hours=1)).isoformat()})
    for method, where, body in (
        ("GET", here, None), ("GET", f"{here}/clashes?{span}", None), ("POST", here, wanted(cast.dan)),
        ("PUT", path, wanted(cast.dan) | {"version": 1}), ("DELETE", f"{path}?version=1", None),
        ("GET", f"{path}/calendar.ics", None),
    ):  # fmt: skip
        assert (await cast.dan.do(method, where, body)).status_code == 404, (method, where)
    for method, where, body in (
        ("POST", here, wanted(cast.rae)), ("PUT", path, wanted(cast.rae) | {"version": 1}),
        ("DELETE", f"{path}?version=1", None),
    ):  # fmt: skip
        assert (await refusal(cast.rae, method, where, body))[:2] == (403, "forbidden")
    assert (await refusal(cast.ada, "POST", here, wanted(cast.dan)))[2].keys() == {"members"}
    own = await cast.cleo(await cast.job(cast.dan))
    elsewhere = f"/applications/{own.application}/meetings/clashes?{span}&members={cast.ada.id}"
    assert await cast.dan.read(elsewhere) == await agenda(cast.dan) == []
    assert (await other.read("/place"))["meetings"] == []
    assert await meetings(cast.ada, cleo) == [made]
