"""Scorecards: drafts are one's own, submitted ones make the score, and no two tabs overwrite each other."""

import asyncio
from uuid import UUID, uuid4

import pytest

from server.core import db
from server.hiring.scorecards.rules import average
from tests.cast import Cast, Json
from tests.server.house import counted
from tests.server.scoring import card_of, refused, reopen, save, score, seen_scores, sheet


async def test_a_draft_is_its_authors_alone(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    begun = await sheet(cast.rae, cleo)
    assert [one["name"] for one in begun["criteria"]][:2] == ["Problem solving", "Communication"]
    assert (begun["mine"], begun["others"], begun["submitted"], begun["score"]) == (None, [], [], None)
    kept = (await save(cast.rae, cleo, 4, 0, 5, hire="", why=" <b>Good</b>\x00 \n"))["mine"]
    assert (sorted(kept["ratings"].values()), kept["hire"], kept["why"], kept["version"]) == (
        [4, 5],
        "",
        "<b>Good</b>",
        1,
    )
    assert (kept["average"], kept["submitted_at"], kept["author"]["name"]) == (None, None, "Rae")
    assert (await sheet(cast.rae, cleo))["mine"] == kept
    others = await sheet(cast.ben, cleo)
    assert (others["mine"], others["others"], others["submitted"]) == (None, [], [])
    assert (await card_of(cast.ben, cleo))["scored"] == 0
    assert await seen_scores(cast.ben, job, cleo) == {}


async def test_submitted_ones_make_the_score(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Somebody Else")
    mine = (await score(cast.ada, cleo, 5, 4, 4))["mine"]  # 4.33
    assert (mine["average"], mine["submitted_at"] is not None, mine["version"]) == (4.3, True, 2)
    assert await seen_scores(cast.ben, job, cleo, other) == {cleo.application: 4.3}
    await score(cast.ben, cleo, 2, 3, hire="no")  # 2.5
    assert await seen_scores(cast.rae, job, cleo, other) == {cleo.application: 3.4}
    assert (await card_of(cast.rae, cleo))["scored"] == 2
    found = await sheet(cast.rae, cleo)
    assert [(one["author"]["name"], one["hire"], one["average"]) for one in found["others"]] == [
        ("Ada", "yes", 4.3), ("Ben", "no", 2.5),
    ]  # fmt: skip
    assert (found["score"], found["hidden"], [one["name"] for one in found["submitted"]]) == (
        3.4,
        False,
        ["Ada", "Ben"],
    )
    back = await reopen(cast.ben, cleo)
    assert (back["mine"]["submitted_at"], back["mine"]["average"], len(back["mine"]["ratings"])) == (None, None, 2)
    assert await seen_scores(cast.ben, job, cleo) == {cleo.application: 4.3}
    await reopen(cast.ada, cleo)
    assert await seen_scores(cast.ben, job, cleo) == {}
    assert (await card_of(cast.ada, cleo))["scored"] == 0
    version = (await card_of(cast.ada, cleo))["version"]
    await reopen(cast.ada, cleo)  # there is nothing to take back
    assert (await card_of(cast.ada, cleo))["version"] == version


async def test_what_cannot_count_says_why(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    (first, *_) = (await sheet(cast.ada, cleo))["criteria"]
    draft: Json = {"version": 0, "ratings": {first["id"]: 3}, "hire": "", "why": ""}
    for wrong, field in (
        ({"ratings": {str(uuid4()): 3}}, "ratings"), ({"ratings": {first["id"]: 6}}, "ratings"),
        ({"ratings": {first["id"]: 0}}, "ratings"), ({"why": "x" * 2001}, "why"),
    ):  # fmt: skip
        code, fields = await refused(cast.ada, cleo, "", {**draft, **wrong}, "PUT")
        assert (code, list(fields)) == ("invalid", [field])
    assert (
        await cast.ada.do("PUT", f"/applications/{cleo.application}/scorecard", {**draft, "hire": "maybe"})
    ).status_code in {400, 422}
    assert await refused(cast.ada, cleo, "/submission", {"version": 0}) == (
        "invalid", {"ratings": "Rate at least one criterion.", "hire": "Say whether you would hire them."},
    )  # fmt: skip
    await save(cast.ada, cleo, 3, hire="")
    assert await refused(cast.ada, cleo, "/submission", {"version": 1}) == (
        "invalid", {"hire": "Say whether you would hire them."},
    )  # fmt: skip
    await save(cast.ada, cleo, 3)
    assert (await refused(cast.ada, cleo, "/submission", {"version": 1}))[0] == "scorecard_moved"
    assert (await refused(cast.ada, cleo, "", draft, "PUT"))[0] == "scorecard_moved"
    await cast.ada.make("POST", f"/applications/{cleo.application}/scorecard/submission", {"version": 2})
    assert (await refused(cast.ada, cleo, "", {**draft, "version": 3}, "PUT"))[0] == "scorecard_submitted"
    assert (await refused(cast.ada, cleo, "/submission", {"version": 3}))[0] == "scorecard_submitted"


async def test_two_tabs_cannot_overwrite_each_other(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    for version in (0, 1):
        draft: Json = {"version": version, "ratings": {}, "hire": "no", "why": ""}
        replies = await asyncio.gather(
            *(
                cast.ada.do("PUT", f"/applications/{cleo.application}/scorecard", {**draft, "why": str(n)})
                for n in range(4)
            )
        )
        assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
        (kept,) = [reply.json()["mine"] for reply in replies if reply.status_code == 200]
        assert (await sheet(cast.ada, cleo))["mine"] == kept


async def test_those_who_score_at_once_all_count(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    people = [(cast.ada, 5), (cast.ben, 4), (cast.rae, 2)]
    for who, value in people:
        await save(who, cleo, value)
    path = f"/applications/{cleo.application}/scorecard/submission"
    await asyncio.gather(*(who.make("POST", path, {"version": 1}) for who, _ in people))
    assert (await card_of(cast.ada, cleo))["scored"] == 3
    assert await seen_scores(cast.ada, job, cleo) == {cleo.application: 3.7}


async def test_nothing_is_saved_while_it_is_submitted(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await save(cast.ada, cleo, 2)
    async with db.transaction():
        await db.execute(
            "UPDATE scorecard SET version = 2, why = 'Saved' WHERE application_id = $1", UUID(cleo.application)
        )
        late = asyncio.create_task(refused(cast.ada, cleo, "/submission", {"version": 1}))
        await asyncio.sleep(0.5)
        assert not late.done()
    assert (await late)[0] == "scorecard_moved"


@pytest.mark.parametrize(
    "path",
    [
        "/applications/{one}/scorecard",
        "/jobs/{job}/scores?cards={one}&cards={two}",
        "/candidates/{person}/scores",
    ],
)
async def test_one_costs_as_many_queries_as_three(cast: Cast, path: str) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Somebody Else")
    await score(cast.ada, cleo, 4)
    person = (await card_of(cast.ada, cleo))["candidate"]
    address = path.format(one=cleo.application, two=other.application, job=job["id"], person=person)

    async def cost() -> int:
        with counted() as seen:
            await cast.ada.read(address)
        return len(seen)

    before = await cost()
    for who, one in ((cast.ben, cleo), (cast.rae, cleo), (cast.rae, other)):
        await score(who, one, 3)
    assert await cost() == before


@pytest.mark.parametrize(("ratings", "expected"), [((), None), ((1,), 100), ((5, 4, 4), 433), ((2, 3), 250)])
def test_the_average(ratings: tuple[int, ...], expected: int | None) -> None:
    assert average({UUID(int=n): value for n, value in enumerate(ratings)}) == expected
