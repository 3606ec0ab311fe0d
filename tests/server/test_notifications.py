"""The bell: who is told what and when not, read in step, muted in effect, paged, and forgotten in time."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.core import db, tasks
from server.hiring.notifications.actions import forget
from server.hiring.notifications.queries import PAGE
from tests.cast import Cast, Colleague, Json, Visitor
from tests.realtime.browser import Browser, browser_code
from tests.server import takes
from tests.server.house import House, counted, drain


@pytest.fixture(scope="module")
async def tab() -> AsyncIterator[Browser]:
    async with browser_code() as running:
        yield running


async def told(member: Colleague) -> list[tuple[str, str]]:
    """(kind, candidate or colleague) of every line, newest first."""
    inbox = await member.read("/inbox")
    return [(line["kind"], line["name"] or line["by"]["name"]) for line in inbox["notifications"]]


async def submitted(cleo: Visitor) -> None:
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})


async def mute(member: Colleague, job: Json, **more: Json) -> Json:
    return await member.make("PUT", f"/jobs/{job['id']}/hearing", {"muted": True, **more})


async def move(member: Colleague, cleo: Visitor, stage: Json) -> None:
    await member.make("POST", f"/applications/{cleo.application}/moves", {"stage": stage["id"], "version": 10_000})


def stage_of(job: Json, kind: str) -> Json:
    return next(stage for stage in job["stages"] if stage["kind"] == kind)


async def test_notices_come_once_to_every_member_and_to_nobody_else(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(questions=2), "Cleo <b>Bold</b>")
    await submitted(cleo)
    await cleo.make("POST", "/messages", {"body": "Here I am, in secret words"})
    queued = await db.rows(
        lambda *c: c, "SELECT entrypoint, payload FROM queue.pgqueuer WHERE status = 'queued' ORDER BY id"
    )
    await drain()
    mails = len(house.mails(cleo.email))
    for name, payload in queued:  # a worker that died before it could say that it was done
        await tasks._TASKS[name](payload)
    assert len(house.mails(cleo.email)) == mails
    for member in (cast.ada, cast.ben, cast.rae):
        inbox = await member.read("/inbox")
        assert await told(member) == [(kind, cleo.name) for kind in ("message", "submitted", "applied")]
        assert (inbox["unread"], inbox["more"], inbox["mine"]) == (3, False, False)
        message, answers, applied = inbox["notifications"]
        assert (answers["answers"], answers["about"], answers["by"]) == (2, "Product engineer", None)
        assert [line["quiet"] for line in (message, answers, applied)] == [False, False, True]
        assert (await member.page(message["url"])).status_code == 200
        assert "secret words" not in json.dumps(inbox)
    assert (await cast.dan.read("/inbox"))["notifications"] == []
    assert (await cast.dan.read("/inbox/older"))["notifications"] == []


async def test_what_is_read_here_is_read_everywhere_and_only_mine(cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo, dora = await cast.cleo(job, "Cleo"), await cast.cleo(job, "Dora")
    for visitor in (cleo, dora):
        await submitted(visitor)
    await drain()
    inbox = await cast.ada.read("/inbox")
    one = inbox["notifications"][-1]
    position = inbox["positions"][f"member:{cast.ada.id}"]
    assert (await cast.dan.make("POST", "/inbox/reading", {"id": one["id"]}))["unread"] == 0
    assert (await cast.ben.make("POST", "/inbox/reading", {"id": one["id"]}))["unread"] == 4
    left = await cast.ada.make("POST", "/inbox/reading", {"id": one["id"]})
    assert (left["unread"], [line["read"] for line in left["notifications"]]) == (3, [False, False, False, True])
    url = cast.ada.at(f"/applications/{dora.application}")
    assert (await cast.ada.make("POST", "/inbox/reading", {"url": url}))["unread"] == 1
    assert (await cast.ada.make("POST", "/inbox/reading", {}))["unread"] == 0
    assert (await cast.ada.make("POST", "/inbox/reading", {}))["unread"] == 0  # and nobody is told again
    assert (await cast.ada.read("/me"))["unread"] == 0
    assert (await cast.ben.read("/me"))["unread"] == 4
    payloads = await delivered(cast.ada, position)
    assert [(p["type"], p["unread"], p["url"], p["ids"]) for p in payloads] == [
        ("inbox_read", 3, None, [one["id"]]),
        ("inbox_read", 1, url, None),
        ("inbox_read", 0, None, None),
    ]


async def delivered(member: Colleague, after: int) -> list[Json]:
    """What was told to the tabs of a member since."""
    rows = await db.rows(
        bytes,
        "SELECT payload FROM realtime_log WHERE topic = $1 AND seq > $2 ORDER BY seq",
        f"member:{member.id}",
        after,
    )
    return [json.loads(payload) for payload in rows]


async def test_nobody_is_told_of_what_they_did_and_everybody_of_a_decision(cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    await drain()
    for member in (cast.ada, cast.ben, cast.rae):
        await member.make("POST", "/inbox/reading", {})
    for kind in ("review", "interview", "offer"):
        await move(cast.ben, cleo, stage_of(job, kind))
    await move(cast.ben, cleo, stage_of(job, "offer"))  # another place in the same stage
    await cast.ben.make("POST", f"/applications/{cleo.application}/messages", {"body": "An offer!"})
    await drain()
    assert (await cast.ben.read("/inbox"))["unread"] == 0
    for member in (cast.ada, cast.rae):
        line = (await member.read("/inbox"))["notifications"][0]
        assert (line["kind"], line["name"], line["stage"], line["read"]) == ("moved", "Cleo", "Offer", False)
        assert line["by"] == {"id": str(cast.ben.id), "name": "Ben", "colour": line["by"]["colour"]}
        assert (await member.read("/inbox"))["unread"] == 1


async def test_a_colleague_who_joins_is_announced_to_the_others(cast: Cast) -> None:
    link = await cast.ada.make("POST", "/invitations", {"email": f"eve-{uuid4()}@example.org", "role": "recruiter"})
    eve = cast.nobody()
    token = link["link"].rsplit("/", 1)[1]
    entered = await eve.done(
        "POST", f"/api/invitations/{token}/acceptance", {"name": "Eve", "password": "a sentence of Eve's own"}
    )
    await drain()
    assert await told(cast.ben) == [("joined", "Eve")]
    line = (await cast.ada.read("/inbox"))["notifications"][0]
    assert (line["about"], line["candidate"], line["job"]) == ("recruiter", None, None)
    assert (await cast.ada.page(line["url"])).status_code == 200
    base = entered["next"].removesuffix("/home")
    assert (await eve.done("GET", f"{base}/api/inbox"))["notifications"] == []


async def test_a_recording_that_we_broke_is_told_to_those_who_can_help_and_once(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(questions=2), "Cleo")
    first, second = await cleo.questions()

    async def breaks(outcome: str, reason: str, question: str = first) -> None:
        ticket = await takes.begin(house, cleo, question)
        await takes.report(house, ticket["recording"], ["recording", outcome], reason=reason)
        await drain()

    await breaks("interrupted", "left")  # the candidate closed the page
    assert await told(cast.ada) == [("applied", "Cleo")]
    await breaks("interrupted", "shutdown")
    await breaks("interrupted", "cut")  # and again, while nobody has read the first
    assert await told(cast.ada) == [("interrupted", "Cleo"), ("applied", "Cleo")]
    await breaks("failed", "no_media", second)  # no camera: theirs
    await breaks("failed", "disk", second)
    assert await told(cast.ada) == [("lost", "Cleo"), ("interrupted", "Cleo"), ("applied", "Cleo")]
    assert await told(cast.rae) == [("applied", "Cleo")]


async def test_a_muted_job_is_silent_until_it_is_not(house: House, cast: Cast) -> None:
    loud, muted = await cast.job(title="Loud"), await cast.job(title="Muted")
    until = datetime.now(UTC) + timedelta(hours=1)
    hearing = await mute(cast.ada, muted, until=until.isoformat())
    assert (hearing["muted"], hearing["title"]) == (True, "Muted")
    cleo = await cast.cleo(muted, "Cleo")
    dora = await cast.cleo(loud, "Dora")
    await drain()
    assert await told(cast.ada) == [("applied", "Dora")]
    assert await told(cast.ben) == [("applied", "Dora"), ("applied", "Cleo")]
    assert [one["job"] for one in (await cast.ada.read("/inbox"))["hearings"]] == [muted["id"]]
    assert (await cast.ben.read("/inbox"))["hearings"] == []
    await db.execute("UPDATE job_hearing SET until = now() - interval '1 second' WHERE member_id = $1", cast.ada.id)
    await submitted(cleo)
    await drain()
    assert (await told(cast.ada))[0] == ("submitted", "Cleo")
    assert (await cast.ada.read("/inbox"))["hearings"] == []
    await mute(cast.ada, muted)  # for good
    await cleo.make("POST", "/messages", {"body": "Anybody there?"})
    await drain()
    assert (await told(cast.ada))[0] == ("submitted", "Cleo")
    await cast.ada.make("PUT", f"/jobs/{muted['id']}/hearing", {"muted": False, "applications": True})
    await cast.cleo(muted, "Eli")
    await drain()
    assert (await cast.ada.read("/inbox"))["notifications"][0]["quiet"] is False
    assert (await cast.ben.read("/inbox"))["notifications"][0]["quiet"] is True
    await dora.make("POST", "/messages", {"body": "Hello"})


async def test_a_mute_is_of_a_job_of_ours_and_ends_within_a_year(cast: Cast) -> None:
    job = await cast.job()
    assert (await cast.dan.do("PUT", f"/jobs/{job['id']}/hearing", {"muted": True})).status_code == 404
    assert (await cast.ada.do("PUT", f"/jobs/{uuid4()}/hearing", {"muted": True})).status_code == 404
    now = datetime.now(UTC)
    for until in (now - timedelta(minutes=1), now + timedelta(days=400), now.replace(tzinfo=None) + timedelta(days=1)):
        refused = await cast.ada.do("PUT", f"/jobs/{job['id']}/hearing", {"muted": True, "until": until.isoformat()})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["until"])
    assert (await mute(cast.rae, job))["until"] is None  # reviewers have bells of their own


async def test_mine_are_the_candidates_with_whom_one_has_dealt(cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo, dora, eli = [await cast.cleo(job, name) for name in ("Cleo", "Dora", "Eli")]
    await drain()
    await cast.ben.make("POST", f"/applications/{cleo.application}/notes", {"body": "Promising"})
    await cast.ben.make("POST", f"/applications/{dora.application}/messages", {"body": "Hello"})
    await move(cast.ada, eli, stage_of(job, "interview"))
    for visitor in (cleo, dora, eli):
        await submitted(visitor)
    await drain()

    async def mine(member: Colleague) -> list[str]:
        return [line["name"] for line in (await member.read("/inbox/older?mine=true"))["notifications"]]

    assert await mine(cast.ben) == ["Dora", "Cleo"]
    assert await mine(cast.ada) == ["Eli"]
    assert await mine(cast.rae) == []
    assert [(await member.read("/inbox"))["mine"] for member in (cast.ben, cast.rae)] == [True, False]


async def test_older_lines_come_page_by_page_without_gap_or_repetition(cast: Cast) -> None:
    job = await cast.job(questions=1)
    for name in ("Cleo", "Dora"):
        visitor = await cast.cleo(job, name)
        for number in range(PAGE + 1):
            await visitor.make("POST", "/messages", {"body": f"Message {number}"})
    await drain()
    page = await cast.ada.read("/inbox")
    seen = [line["id"] for line in page["notifications"]]
    assert page["unread"] == 2 * PAGE + 4
    while page["more"]:
        assert len(page["notifications"]) == PAGE
        page = await cast.ada.read(f"/inbox/older?before={seen[-1]}")
        seen += [line["id"] for line in page["notifications"]]
    assert len(set(seen)) == len(seen) == 2 * PAGE + 4
    assert seen == sorted(seen, reverse=True)
    assert (await cast.dan.read(f"/inbox/older?before={seen[3]}"))["notifications"] == []


async def test_telling_costs_the_same_queries_for_one_member_and_for_three(cast: Cast) -> None:
    await drain()

    async def cost(visitor: Visitor) -> int:
        await visitor.make("POST", "/messages", {"body": "Hello"})
        found = await db.record("DELETE FROM queue.pgqueuer WHERE entrypoint = 'notify_message' RETURNING payload")
        assert found is not None
        with counted() as seen:
            await tasks._TASKS["notify_message"](found["payload"])
        return sum("realtime" not in query for query in seen)

    alone = await cast.cleo(await cast.job(cast.dan))
    three = await cast.cleo(await cast.job())
    for _ in range(3):  # each connection asks for the types of its arguments once
        await cost(three)
    assert min([await cost(alone) for _ in range(3)]) == min([await cost(three) for _ in range(3)])


async def test_a_removed_member_is_told_nothing(cast: Cast) -> None:
    job = await cast.job()
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    await cast.cleo(job)
    await drain()
    assert await db.value("SELECT count(*) FROM notice WHERE member_id = $1", cast.ben.id) == 0
    assert (await cast.ben.do("GET", "/inbox")).status_code == 401
    assert await told(cast.rae) != []


async def test_what_comes_at_once_is_counted_as_it_is(cast: Cast) -> None:
    job = await cast.job(questions=1)
    visitors = [await cast.cleo(job, f"Cleo {number}") for number in range(6)]
    await drain()
    await cast.ada.make("POST", "/inbox/reading", {})
    position = (await cast.ada.read("/inbox"))["positions"][f"member:{cast.ada.id}"]
    for visitor in visitors:
        await visitor.make("POST", "/messages", {"body": "Hello"})
    queued = await db.rows(
        bytes, "DELETE FROM queue.pgqueuer WHERE entrypoint = 'notify_message' AND status = 'queued' RETURNING payload"
    )
    await asyncio.gather(*(tasks._TASKS["notify_message"](payload) for payload in queued))
    assert [payload["unread"] for payload in await delivered(cast.ada, position)] == [1, 2, 3, 4, 5, 6]


async def test_after_ninety_days_a_line_goes_and_the_count_with_it(cast: Cast) -> None:
    job = await cast.job(questions=1)
    for name in ("Cleo", "Dora"):
        await cast.cleo(job, name)
    await drain()
    position = (await cast.ada.read("/inbox"))["positions"][f"member:{cast.ada.id}"]
    await db.execute(
        "UPDATE notice SET at = now() - interval '91 days' WHERE id IN "
        "(SELECT DISTINCT ON (member_id) id FROM notice WHERE workspace_id = $1 ORDER BY member_id, id)",
        cast.ada.workspace,
    )
    await forget()
    assert await told(cast.ada) == [("applied", "Dora")]
    payloads = await delivered(cast.ada, position)
    assert [(p["type"], p["unread"], p["ids"]) for p in payloads] == [("inbox_read", 1, [])]
    await forget()
    assert len(await delivered(cast.ada, position)) == 1


async def test_every_tab_arrives_where_a_fresh_page_would(house: House, cast: Cast, tab: Browser) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    await drain()
    ada = cast.ada

    async def messages(count: int) -> None:
        for number in range(count):
            await cleo.make("POST", "/messages", {"body": f"Message {number}"})

    async def newest() -> Json:
        return {"id": (await ada.read("/inbox"))["notifications"][0]["id"]}

    async def read_one() -> None:
        await ada.make("POST", "/inbox/reading", await newest())

    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: submitted(cleo),
        lambda: messages(3),
        read_one,
        lambda: cast.ben.make("POST", f"/applications/{cleo.application}/notes", {"body": "Fine"}),
        lambda: move(cast.ben, cleo, stage_of(job, "offer")),
        lambda: ada.make("POST", "/inbox/reading", {"url": ada.at(f"/applications/{cleo.application}")}),
        lambda: messages(PAGE + 2),
        lambda: mute(ada, job, until=until),
        lambda: messages(2),
        lambda: ada.make("PUT", f"/jobs/{job['id']}/hearing", {"applications": True}),
        lambda: cast.cleo(job, "Dora"),
        lambda: ada.make("PUT", f"/jobs/{job['id']}/hearing", {}),
        lambda: ada.make("POST", "/inbox/reading", {}),
        forget,
    ]
    topic = f"member:{ada.id}"
    for number, step in enumerate(steps):
        before = await ada.read("/inbox")
        await step()
        await drain()
        payloads = await delivered(ada, before["positions"][topic])
        fresh = await ada.read("/inbox")
        for order in (payloads, payloads + payloads[-1:]):
            reached = await tab.reduce("inbox", before, order)
            assert {**reached, "positions": 0} == {**fresh, "positions": 0}, number
        part = {"unread": before["unread"], "mine": before["mine"], "hearings": before["hearings"]}
        assert await tab.reduce("inbox", part, payloads) == {key: fresh[key] for key in part}, number


async def test_pages_carry_what_the_bell_goes_on_from(cast: Cast) -> None:
    job = await cast.job(title="Kept </script><script>alert(1)</script>")
    await mute(cast.ada, job)
    await cast.cleo(job)
    await drain()
    for path in ("/jobs", "/people", "/inbox", f"/jobs/{job['id']}"):
        page = (await cast.ada.page(cast.ada.at(path))).text
        bell = json.loads(page.split('id="bell">', 1)[1].split("</script>", 1)[0])
        assert (bell["unread"], bell["hearings"][0]["job"]) == (0, job["id"])
        assert UUID(next(iter(bell["positions"])).removeprefix("member:")) == cast.ada.id
