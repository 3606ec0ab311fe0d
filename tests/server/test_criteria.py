"""Criteria are the job's: what scorecards rate stays what it was when they are changed."""

from uuid import UUID

from server.core import db
from tests.cast import Cast
from tests.server.scoring import reopen, score, sheet


async def test_criteria_are_the_jobs(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await score(cast.ada, cleo, 5, 1)
    path, known = f"/jobs/{job['id']}", (await cast.ada.read(f"/jobs/{job['id']}"))
    first, second, *_ = known["criteria"]
    wanted = [{"name": "  Taste "}, {"id": first["id"], "name": "Solving"}]
    made = await cast.ben.make("PUT", f"{path}/criteria", {"version": known["version"], "criteria": wanted})
    assert [one["name"] for one in made["criteria"]] == ["Taste", "Solving"]
    assert made["criteria"][1]["id"] == first["id"]
    found = await sheet(cast.ben, cleo)
    assert [one["name"] for one in found["criteria"]] == ["Taste", "Solving", second["name"]], "a rated one stays"
    assert found["score"] == 3.0
    stale = {"version": 0, "ratings": {second["id"]: 4, first["id"]: 2}, "hire": "yes", "why": ""}
    kept = await cast.ben.make("PUT", f"/applications/{cleo.application}/scorecard", stale)
    assert kept["mine"]["ratings"] == {first["id"]: 2}, "of a criterion that is gone nothing is kept"
    for wrong, sentence in (
        ([{"name": "A"}, {"name": "a"}], "Another criterion has this name already."),
        ([{"name": " "}], "Please fill this in."),
        ([{"name": "x" * 81}], "At most 80 characters, please."),
        ([{"name": str(n)} for n in range(13)], "At most 12 criteria: nobody fills in long scorecards."),
    ):
        reply = await cast.ada.do("PUT", f"{path}/criteria", {"version": made["version"], "criteria": wrong})
        assert (reply.status_code, *reply.json()["fields"].values()) == (422, sentence)
    late = await cast.ada.do("PUT", f"{path}/criteria", {"version": known["version"], "criteria": []})
    assert late.status_code == 409
    assert (await cast.rae.do("PUT", f"{path}/criteria", {"version": 1, "criteria": []})).status_code == 403
    await cast.ada.make("PUT", f"{path}/criteria", {"version": made["version"], "criteria": []})
    await reopen(cast.ada, cleo)
    bare = await score(cast.ada, cleo, hire="strong_yes")  # without criteria the answer alone counts
    assert (bare["mine"]["average"], bare["score"], len(bare["submitted"])) == (None, None, 1)


async def test_a_criterion_that_comes_back_is_the_same(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await score(cast.ada, cleo, 5, 1)
    path = f"/jobs/{job['id']}/criteria"
    known = await cast.ada.read(f"/jobs/{job['id']}")
    whole = known["criteria"]
    without = await cast.ada.make("PUT", path, {"version": known["version"], "criteria": whole[1:]})
    again = await cast.ada.make("PUT", path, {"version": without["version"], "criteria": whole})
    assert again["criteria"] == whole
    assert (await sheet(cast.ben, cleo))["criteria"] == whole
    other = await cast.job()
    foreign = await cast.ada.make(
        "PUT", f"/jobs/{other['id']}/criteria", {"version": other["version"], "criteria": whole[:1]}
    )
    assert foreign["criteria"][0]["id"] != whole[0]["id"]


async def test_old_jobs_have_the_usual_criteria(cast: Cast) -> None:
    job = await cast.job()
    assert await db.value("SELECT count(*) FROM criterion WHERE job_id = $1", UUID(job["id"])) == 4
