"""The live monitor: who may watch, what is seen of whom, how a session is ended, and that all of it is written down."""

import asyncio
import json
import signal
import sys
import time
from uuid import UUID, uuid4

import pytest

from realtime import census
from realtime.frames import Close
from server.core import db, runtime
from server.hiring.monitoring import actions, lines
from server.hiring.workspaces.tables import Member
from tests.cast import Cast, Colleague, Json, sign_in, until
from tests.ports import free_port
from tests.realtime.client import Client
from tests.server.house import House, environment_of
from tests.server.sockets import socket
from tests.server.test_stranger import recorded


async def look(client: Client, topic: str) -> Json:
    """What the command answers, or the code of its refusal."""
    number = len(client.frames) + 1000
    await client.send(type="command", id=number, name="monitor", topic=topic)
    reply = await client.next("reply", id=number)
    return reply["body"] if reply["error"] is None else reply["error"]


async def seen(client: Client, who: str, watcher: Colleague, *, tabs: int = 1) -> Json:
    """The lines of somebody, once a census has counted this many tabs of theirs."""

    async def lines_of() -> list[Json]:
        view = await look(client, f"monitor:{watcher.workspace}")
        lines = [line for line in view["sessions"] if line["who"] == who]
        return lines if sum(line["tabs"] for line in lines) >= tabs else []

    return await until(lines_of)


async def session_of(who: Colleague) -> str:
    return str(await db.value("SELECT id FROM sign_in WHERE account_id = $1 ORDER BY created_at", who.account))


async def logged(workspace: UUID, *kinds: str) -> list[tuple[str, str, str]]:
    return await db.rows(
        lambda *c: c,
        "SELECT kind, actor, subject FROM event WHERE workspace_id = $1 AND kind = ANY ($2) ORDER BY id",
        workspace,
        list(kinds),
    )


@pytest.fixture
async def admin(cast: Cast) -> Colleague:
    """Ben as an admin."""
    await cast.ada.make("PATCH", f"/members/{cast.ben.id}", {"role": "admin"})
    return cast.ben


async def test_who_may_watch(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    topic = f"monitor:{cast.ada.workspace}"
    for who, status in ((cast.rae, 403), (cast.ben, 403), (cast.dan, 302), (cleo, 302), (cast.nobody(), 302)):
        page = await who.page(cast.ada.at("/monitor"))
        assert page.status_code == status, who
        reply = await who.call("POST", cast.ada.at(f"/api/sessions/{uuid4()}/ending"), {})
        assert reply.status_code == (403 if status == 403 else 401)
        path = cleo.at("/live") if who is cleo else who.at("/live") if isinstance(who, Colleague) else ""
        if not path:
            continue
        async with socket(house, path, who) as client:
            await client.next("hello")
            assert (await client.subscribe(topic))["code"] == "forbidden"
            assert await look(client, topic) == "not_subscribed"
            own = f"workspace:{who.workspace}" if isinstance(who, Colleague) else f"candidate:{cleo.application}"
            await client.subscribe(own)
            assert await look(client, own) == "forbidden"  # subscribed, but to something else
            await client.send(type="command", id=7, name="monitor")
            assert (await client.next("reply", id=7))["error"] == "forbidden"
    assert await db.value("SELECT count(*) FROM monitor_visit WHERE workspace_id = $1", cast.ada.workspace) == 0
    assert (await cast.ada.page(cast.ada.at("/monitor"))).status_code == 200


async def test_an_admin_sees_who_is_there_and_no_other_workspace(house: House, cast: Cast, admin: Colleague) -> None:
    job = await cast.job(title="Product engineer")
    cleo = await cast.cleo(job, "Cleo")
    board = f"/live?page=/w/{cast.rae.slug}/jobs/{job['id']}"
    async with (
        socket(house, admin.at("/live"), admin) as ben,
        socket(house, cast.rae.at(board), cast.rae) as rae,
        socket(house, cast.rae.at("/live?page=/nowhere"), cast.rae),
        socket(house, cleo.at(f"/live?page={cleo.at('/record')}"), cleo),
        socket(house, cast.dan.at(f"/live?page=/w/x/jobs/{job['id']}"), cast.dan) as dan,
    ):
        for client, who in ((ben, admin), (dan, cast.dan)):
            await client.next("hello")
            await client.subscribe(f"monitor:{who.workspace}")
        await rae.next("hello")
        (line,) = await seen(ben, str(cast.rae.id), admin, tabs=2)
        assert (line["name"], line["role"], line["tabs"]) == ("Rae", "reviewer", 2)
        assert line["session"] == await session_of(cast.rae)
        (line,) = await seen(ben, cleo.application, admin)
        assert (line["role"], line["doing"], line["job"]) == (None, "Recorder", "Product engineer")
        view = await look(ben, f"monitor:{admin.workspace}")
        assert {line["name"] for line in view["sessions"]} == {"Ben", "Rae", "Cleo"}
        (own,) = [line for line in view["sessions"] if line["name"] == "Ben"]
        assert own["keeping"] == "own"
        (process,) = view["processes"]
        assert process["sockets"] >= 5
        assert process["bus"] and process["database"] and process["database_ms"] > 0
        token = cleo.cookies(cleo.at()).split("=", 1)[1]
        assert token not in json.dumps(view)
        (dans,) = await seen(dan, str(cast.dan.id), cast.dan)
        assert dans["doing"] == "Board, …"  # Ada's job has no name there
        theirs = await look(dan, f"monitor:{cast.dan.workspace}")
        assert [line["name"] for line in theirs["sessions"]] == ["Dan"]
        assert not {line["who"] for line in theirs["events"]} & {"Ada", "Ben", "Rae", "Cleo"}
        assert await look(dan, f"monitor:{admin.workspace}") == "not_subscribed"


async def test_a_right_that_is_taken_away_ends_the_watching(house: House, cast: Cast, admin: Colleague) -> None:
    topic = f"monitor:{admin.workspace}"
    async with socket(house, admin.at("/live"), admin) as ben:
        await ben.next("hello")
        await ben.subscribe(topic)
        assert (await look(ben, topic))["sessions"] is not None
        # as if the word to close the socket had been lost
        await db.execute("UPDATE member SET role = 'recruiter' WHERE id = $1", admin.id)
        assert await look(ben, topic) == "forbidden"
        await house.app.state.hub.reread_grants()
        assert (await ben.next("error", topic=topic))["code"] == "forbidden"


async def test_a_members_session_is_ended(house: House, cast: Cast, admin: Colleague) -> None:
    session = await session_of(cast.rae)
    async with (
        socket(house, cast.rae.at("/live"), cast.rae) as rae,
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
    ):
        await rae.next("hello")
        await ada.next("hello")
        await ada.subscribe(f"monitor:{admin.workspace}")
        ended = await admin.make("POST", f"/sessions/{session}/ending", {}, key="end-rae-1")
        assert ended == {"session": session, "application": None}
        assert await rae.closed(2.0) == Close.ENDED
        told = await ada.next("event")
        assert (told["payload"]["type"], told["payload"]["name"], told["payload"]["by"]["name"]) == (
            "session_closed", "Rae", "Ben",
        )  # fmt: skip
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        assert await rae.closed() == Close.NOT_SIGNED_IN
    assert (await cast.rae.do("GET", "/me")).status_code == 401
    again = await admin.make("POST", f"/sessions/{session}/ending", {}, key="end-rae-1")
    assert again == ended
    assert (await admin.do("POST", f"/sessions/{session}/ending", {})).status_code == 404
    assert await logged(admin.workspace, "session_ended") == [
        ("session_ended", f"member:{admin.id}", f"member:{cast.rae.id}")
    ]
    await sign_in(cast.rae)
    assert (await cast.rae.do("GET", "/me")).status_code == 200


async def test_a_candidates_session_is_ended_and_their_link_still_works(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(), "Cleo")
    session = await db.value("SELECT id FROM candidate_session WHERE application_id = $1", UUID(cleo.application))
    recording, _ = await recorded(cleo, (await cleo.questions())[0])
    async with socket(house, cleo.at("/live"), cleo) as tab:
        await tab.next("hello")
        await cast.ada.make("POST", f"/sessions/{session}/ending", {})
        assert await tab.closed(2.0) == Close.ENDED
    assert (await cleo.do("GET", "/place")).status_code == 401
    assert (await cleo.page(cleo.at())).headers["location"] == "/c/lost-link"
    assert (await cast.nobody().page("/c/ended")).status_code == 200
    assert await db.value("SELECT state FROM recording WHERE id = $1", UUID(recording)) == "ready"
    token = cleo.link.rsplit("/", 1)[1]
    await cleo.done("POST", "/c/links", {"token": token})
    assert (await cleo.do("GET", "/place")).status_code == 200


async def test_nobody_ends_an_owner_or_themselves_or_somebody_elses_people(cast: Cast, admin: Colleague) -> None:
    refused = await admin.do("POST", f"/sessions/{await session_of(cast.ada)}/ending", {})
    assert (refused.status_code, "owner" in refused.json()["message"]) == (403, True)
    own = await admin.do("POST", f"/sessions/{await session_of(admin)}/ending", {})
    assert (own.status_code, own.json()["code"]) == (409, "own_session")
    for session in (await session_of(cast.rae), await session_of(cast.ada)):
        assert (await cast.dan.do("POST", f"/sessions/{session}/ending", {})).status_code == 404
    cleo = await cast.cleo(await cast.job())
    visit = await db.value("SELECT id FROM candidate_session WHERE application_id = $1", UUID(cleo.application))
    assert (await cast.dan.do("POST", f"/sessions/{visit}/ending", {})).status_code == 404
    for who in (cast.ada, cast.rae, admin):
        assert (await who.do("GET", "/me")).status_code == 200
    assert (await cleo.do("GET", "/place")).status_code == 200
    assert await logged(admin.workspace, "session_ended") == []


async def test_another_browser_of_ones_own_can_be_ended(cast: Cast) -> None:
    forgotten = await session_of(cast.ada)
    await sign_in(cast.ada)
    await cast.ada.make("POST", f"/sessions/{forgotten}/ending", {})
    assert (await cast.ada.do("GET", "/me")).status_code == 200


async def test_a_visit_is_written_down_once_and_everybody_can_read_it(house: House, cast: Cast) -> None:
    topic = f"monitor:{cast.ada.workspace}"
    assert "Nobody has opened" in (await cast.rae.page(cast.ada.at("/monitoring"))).text
    await cast.ada.page(cast.ada.at("/monitor"))
    async with socket(house, cast.ada.at("/live"), cast.ada) as ada:
        await ada.next("hello")
        await ada.subscribe(topic)
        views = [await look(ada, topic) for _ in range(3)]
    await cast.ada.page(cast.ada.at("/monitor"))
    assert len({view["visit"] for view in views}) == 1
    both = ("monitor_opened", "monitor_closed")
    workspace = cast.ada.workspace
    me = (f"member:{cast.ada.id}", f"workspace:{workspace}")
    assert await logged(workspace, *both) == [("monitor_opened", *me)]
    await actions.close_visits()
    assert len(await logged(workspace, *both)) == 1  # half a minute has not passed
    people = (await cast.rae.page(cast.rae.at("/people"))).text
    assert '"by":{"id":"' + str(cast.ada.id) in people and '"now":true' in people
    await db.execute(
        "UPDATE monitor_visit SET seen_at = now() - interval '1 minute' WHERE workspace_id = $1", workspace
    )
    await asyncio.gather(actions.close_visits(), actions.close_visits())
    assert await logged(workspace, *both) == [("monitor_opened", *me), ("monitor_closed", *me)]
    assert "Ada" in (await cast.rae.page(cast.ada.at("/monitoring"))).text
    assert "Ada" not in (await cast.dan.page(cast.dan.at("/monitoring"))).text
    await asyncio.gather(*(cast.ada.page(cast.ada.at("/monitor")) for _ in range(4)))
    assert [kind for kind, *_ in await logged(workspace, *both)] == [*both, "monitor_opened"]
    lines_now = await lines.newest(workspace)
    assert [(line.who, line.text) for line in lines_now[:2]] == [
        ("Ada", "opened the live monitor"), ("Ada", "left the live monitor"),
    ]  # fmt: skip


async def test_watching_by_command_alone_is_written_down_too(house: House, cast: Cast) -> None:
    topic = f"monitor:{cast.ada.workspace}"
    async with socket(house, cast.ada.at("/live"), cast.ada) as ada:
        await ada.next("hello")
        await ada.subscribe(topic)
        await look(ada, topic)
    assert [kind for kind, *_ in await logged(cast.ada.workspace, "monitor_opened")] == ["monitor_opened"]


def test_an_event_without_words_of_its_own_is_told_by_its_name() -> None:
    told = lines.line(uuid4(), None, "something_new", "Ada", None, None, None, None, None, None)
    assert (told.who, told.text, told.tone) == ("Ada", "something new", "team")
    nobody = lines.line(uuid4(), None, "something_new", None, None, None, None, None, None, None)
    assert (nobody.who, nobody.tone) == ("Greenroom", "system")


async def test_one_account_in_two_workspaces_has_a_line_in_each(house: House, cast: Cast) -> None:
    """One browser, one sign-in, two members: each workspace sees the seat of its own, and nothing of the other."""
    place = await db.value("SELECT slug FROM workspace WHERE id = $1", cast.dan.workspace)
    account = cast.rae.account
    twin = Member(workspace_id=cast.dan.workspace, account_id=account, name="Rae elsewhere", colour=3, role="recruiter")
    await twin.save()
    theirs = await cast.job(cast.dan, title="Of Dan's company")
    session = await session_of(cast.rae)
    async with (
        socket(house, cast.rae.at("/live?page=/w/x/jobs"), cast.rae),
        socket(house, cast.rae.at("/live?page=/w/x/people"), cast.rae),
        socket(house, f"/w/{place}/live?page=/w/{place}/jobs/{theirs['id']}", cast.rae) as other,
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
        socket(house, cast.dan.at("/live"), cast.dan) as dan,
    ):
        assert (await other.next("hello"))["protocol"] == 1
        for client, who in ((ada, cast.ada), (dan, cast.dan)):
            await client.next("hello")
            await client.subscribe(f"monitor:{who.workspace}")

        async def seats() -> Json:
            found = [await seen(ada, str(cast.rae.id), cast.ada), await seen(dan, str(twin.id), cast.dan)]
            return found if found[0][0]["tabs"] == 2 else None

        (here,), (there,) = await until(seats)
        assert (here["name"], here["role"], here["tabs"], here["session"]) == ("Rae", "reviewer", 2, session)
        assert (there["name"], there["role"], there["tabs"], there["session"]) == (
            "Rae elsewhere", "recruiter", 1, session,
        )  # fmt: skip
        assert (here["doing"], there["doing"]) == ("People", "Board, Of Dan's company")
        mine = await look(ada, f"monitor:{cast.ada.workspace}")
        assert str(twin.id) not in json.dumps(mine)
        assert str(cast.rae.id) not in json.dumps(await look(dan, f"monitor:{cast.dan.workspace}"))
        # what is ended is the browser's sign-in: both lines go, and the tab of either workspace is told
        await cast.ada.make("POST", f"/sessions/{session}/ending", {})
        assert await other.closed(3.0) == Close.ENDED


async def test_delays_and_events_are_counted_once_per_delivery(house: House, cast: Cast) -> None:
    job = await cast.job()
    counters = house.app.state.hub.counters
    topic = f"job:{job['id']}"
    async with (
        socket(house, cast.ben.at("/live"), cast.ben) as ben,
        socket(house, cast.rae.at("/live"), cast.rae) as rae,
    ):
        for client in (ben, rae):
            await client.next("hello")
            await client.subscribe(topic)
        before = counters.events
        await cast.cleo(job)
        await ben.next("event", topic=topic)
        await rae.next("event", topic=topic)
        assert counters.events - before == 1
        delays = counters.delays()
        assert delays is not None
        assert 0 <= delays.p50 <= delays.p95
        replays = counters.replays
        await rae.send(type="unsubscribe", topic=topic)
        position = await cast.ada.read(f"/jobs/{job['id']}/board")
        after = position["positions"][topic] - 1
        await rae.subscribe(topic, after=after, epoch=position["epoch"])
        assert counters.replays == replays + 1


async def test_a_killed_process_is_gone_within_fifteen_seconds(house: House, cast: Cast) -> None:
    environment = environment_of(house.settings) | {"GREENROOM_PORT": str(free_port())}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "server", "web", env=environment)
    redis = runtime.here().redis

    async def count(wanted: int) -> bool:
        return len(await census.reports(redis)) == wanted

    try:
        await until(lambda: count(2), 30)
        process.send_signal(signal.SIGKILL)
        died = time.monotonic()
        await until(lambda: count(1), 15)
        assert time.monotonic() - died < 15
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
