"""What crosses jobs: a member's home, finding by name, and the list of all candidates."""

import time
from datetime import timedelta

import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.crowd import fill
from tests.server.house import counted, drain
from tests.server.test_meetings import TOMORROW, call_off, meet
from tests.server.test_promises import handed_in, is_late, promising
from tests.server.test_team import assign

EMPTY: Json = {"answers": [], "waiting": [], "reviews": [], "mentions": [], "meetings": []}


async def home(who: Colleague, show: str = "") -> Json:
    return await who.read(f"/home?show={show}")


def names(cards: list[Json]) -> list[str]:
    return [card["name"] for card in cards]


async def note(who: Colleague, cleo: Visitor, body: str) -> None:
    await who.make("POST", f"/applications/{cleo.application}/notes", {"body": body})
    await drain()


async def test_home_shows_what_needs_me_now(cast: Cast) -> None:
    found = await home(cast.rae)
    assert {name: found[name] for name in EMPTY} == EMPTY
    assert (found["jobs"], found["overdue"]) == (0, 0)
    one, other = await promising(cast), await cast.job(title="Support lead")
    new = await handed_in(cast, one, "New")
    asks = await cast.cleo(other, "Asks")
    await asks.make("POST", "/messages", {"body": "Is it remote?"})
    late = await handed_in(cast, one, "Late")
    await is_late(late)
    await assign(cast.ada, asks, cast.rae, "reviewer")
    await assign(cast.ada, new, cast.rae, "owner")
    await note(cast.ben, asks, f"What do you think, <@{cast.rae.id}>?")
    found = await home(cast.rae)
    assert (found["answers_count"], names(found["answers"])) == (2, ["Late", "New"])
    assert (found["waiting_count"], names(found["waiting"]), found["overdue"]) == (3, ["Late", "New", "Asks"], 1)
    assert [(card["name"], card["part"], card["unseen"] > 0) for card in found["reviews"]] == [
        ("New", "owner", True),
        ("Asks", "reviewer", True),
    ]
    (mention,) = found["mentions"]
    assert (mention["name"], mention["note"]["author"]["name"], mention["title"]) == ("Asks", "Ben", "Support lead")
    assert [person["name"] for person in mention["note"]["mentions"]] == ["Rae"]
    assert (await home(cast.ben))["mentions"] == []
    assert (await home(cast.ben))["reviews_count"] == 0


async def test_what_is_done_is_gone(cast: Cast) -> None:
    job = await promising(cast)
    cleo = await handed_in(cast, job)
    await cleo.make("POST", "/messages", {"body": "Hello?"})
    await assign(cast.ada, cleo, cast.ben, "owner")
    await note(cast.ada, cleo, f"<@{cast.ben.id}> please")
    await cast.ben.page(cast.ben.at(f"/applications/{cleo.application}"))
    await cast.ben.make("POST", "/inbox/reading", {})
    await cast.ben.make("POST", f"/applications/{cleo.application}/messages", {"body": "Here I am."})
    stages = {stage["kind"]: stage["id"] for stage in job["stages"]}
    place = {"stage": stages["declined"], "version": 10_000}
    assert names((await home(cast.ben))["reviews"]) == [cleo.name]
    await cast.ben.make("POST", f"/applications/{cleo.application}/moves", place)
    found = await home(cast.ben)
    assert {name: found[name] for name in EMPTY} == EMPTY


async def test_home_carries_my_meetings_in_order_however_far_ahead(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    later = await meet(cast.ada, cleo, cast.ben, starts_at=(TOMORROW + timedelta(days=20)).isoformat())
    first = await meet(cast.ada, cleo, cast.ada, cast.ben)
    last = await meet(cast.ada, cleo, cast.ben, starts_at=(TOMORROW + timedelta(days=364)).isoformat())
    found = await home(cast.ben)
    assert [one["id"] for one in found["meetings"]] == [first["id"], later["id"], last["id"]]
    assert found["meetings"][0] == first
    assert (await home(cast.rae))["meetings"] == []
    await assign(cast.ada, cleo, cast.rae, "owner")
    await call_off(cast.ada, later)
    alone = await home(cast.rae, "meetings")
    assert [(one["id"], one["state"]) for one in alone["meetings"]] == [
        (first["id"], "planned"),
        (later["id"], "called_off"),
        (last["id"], "planned"),
    ]
    # What was today is still there in the evening, wherever that is.
    await db.execute("UPDATE meeting SET starts_at = now() - interval '20 hours' WHERE id = $1", first["id"])
    assert [one["id"] for one in (await home(cast.ben))["meetings"]] == [first["id"], later["id"], last["id"]]
    await db.execute("UPDATE meeting SET starts_at = now() - interval '30 hours' WHERE id = $1", first["id"])
    assert [one["id"] for one in (await home(cast.ben))["meetings"]] == [later["id"], last["id"]]


async def test_each_list_can_be_looked_at_alone(cast: Cast) -> None:
    job = await cast.job()
    for number in range(8):
        await handed_in(cast, job, f"Number {number}")
    found = await home(cast.ada)
    assert (len(found["answers"]), found["answers_count"]) == (6, 8)
    assert len((await home(cast.ada, "answers"))["answers"]) == 8
    assert (await cast.ada.do("GET", "/home?show=everything")).status_code == 422


async def test_a_long_list_is_reached_to_its_end(cast: Cast) -> None:
    job = await cast.job()
    await fill(job["id"], [job["stages"][0]["id"]], 230)
    await db.execute("UPDATE application SET waiting = true")
    pages = [await home(cast.ada, f"waiting&skip={skip}") for skip in (0, 100, 200)]
    assert [(page["waiting_count"], page["skipped"], len(page["waiting"])) for page in pages] == [
        (230, 0, 100), (230, 100, 100), (230, 200, 30),
    ]  # fmt: skip
    assert len({card["id"] for page in pages for card in page["waiting"]}) == 230
    shorter = await home(cast.ada, "waiting&skip=500")
    assert (shorter["waiting_count"], shorter["skipped"], len(shorter["waiting"])) == (230, 0, 100)
    assert (await cast.ada.do("GET", "/home?show=waiting&skip=-1")).status_code == 422


async def test_nothing_of_it_is_for_strangers(cast: Cast) -> None:
    await handed_in(cast, await cast.job(), "Cleopatra")
    for path in ("/home", "/find?q=cleo", "/candidates"):
        assert "Cleopatra" not in (await cast.dan.do("GET", path)).text
        assert (await cast.nobody().get(cast.ada.at(f"/api{path}"))).status_code == 401
        assert (await cast.dan.get(cast.ada.at(f"/api{path}"))).status_code == 401


@pytest.mark.parametrize("path", ["/home", "/find?q=number", "/candidates", "/candidates?q=number"])
async def test_one_costs_as_many_queries_as_three(cast: Cast, path: str) -> None:
    job = await promising(cast)

    async def another(number: int) -> None:
        cleo = await handed_in(cast, job, f"Number {number}")
        await assign(cast.ada, cleo, cast.rae, "reviewer")
        await note(cast.ada, cleo, f"<@{cast.rae.id}>")

    async def cost() -> int:
        await cast.rae.read(path)
        with counted() as seen:
            await cast.rae.read(path)
        return len(seen)

    await another(1)
    one = await cost()
    await another(2)
    await another(3)
    assert await cost() == one


@pytest.mark.parametrize(
    ("words", "found", "similar"),
    [("ines", ["Inês Carvalho"], False), ("carvahlo", ["Inês Carvalho"], True),
     ("ma", ["Maja Kowalska", "Amara Ma"], False), ("zzzzz", [], False), (" ", [], False), ("%", [], False),
     ("\x00", [], False)],
)  # fmt: skip
async def test_candidates_are_found_by_name(cast: Cast, words: str, found: list[str], similar: bool) -> None:
    job = await cast.job()
    for name in ("Inês Carvalho", "Amara Ma", "Maja Kowalska"):
        await cast.cleo(job, name)
    reply = (await cast.rae.call("GET", cast.rae.at("/api/find"), params={"q": words})).json()
    assert names(reply["people"]) == found
    assert reply["similar"] == similar


async def test_jobs_and_addresses_are_found_too(cast: Cast) -> None:
    job = await cast.job(title="Ingénieure produit")
    cleo = await cast.cleo(job, "Cleo", "cleo.marchetti@example.org")
    found = await cast.rae.read("/find?q=ingenieure")
    assert [(one["title"], one["people"]) for one in found["jobs"]] == [("Ingénieure produit", 1)]
    (person,) = (await cast.rae.read("/find?q=marchetti@example"))["people"]
    assert (person["application"], person["title"]) == (cleo.application, "Ingénieure produit")


async def test_all_candidates_page_by_page(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Support lead")
    await fill(job["id"], [job["stages"][0]["id"]], 55)
    cleo = await cast.cleo(job, "Cleo Marchetti", "cleo@example.net")
    await cast.cleo(other, "Cleo Marchetti", "cleo@example.net")
    first = await cast.rae.read("/candidates")
    assert (first["count"], len(first["candidates"])) == (56, 50)
    (newest, *_) = first["candidates"]
    assert [one["title"] for one in newest["applications"]] == ["Support lead", "Product engineer"]
    second = await cast.rae.read(f"/candidates?before={first['next']}")
    assert (len(second["candidates"]), second["next"]) == (6, None)
    assert len({one["id"] for page in (first, second) for one in page["candidates"]}) == 56
    person = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]
    await cast.ada.make("PUT", f"/candidates/{person}/tags", {"tags": ["Très bien"]})
    for query, fits in [("tag=Très bien", True), ("tag=Nobody", False), ("q=marcheti&tag=très bien", True)]:
        found = await cast.rae.read(f"/candidates?{query}")
        assert [one["id"] for one in found["candidates"]] == ([person] if fits else []), query
        assert found["similar"] == ("marcheti" in query)
    assert (await cast.rae.do("GET", "/candidates?before=x")).status_code == 422


async def test_finding_among_many_is_quick(cast: Cast) -> None:
    """Not a measurement: what would be read row by row a thousand times over is seen at once."""
    job = await cast.job()
    await fill(job["id"], [job["stages"][0]["id"]], 1000)
    begun = time.perf_counter()
    with counted() as seen:
        await cast.rae.read("/find?q=nobodyhasthisname")
    assert len(seen) < 8
    assert time.perf_counter() - begun < 5
    assert await db.value("SELECT count(*) FROM candidate WHERE workspace_id = $1", cast.ada.workspace) == 1000
