"""What scorecards lead to: rules of stages, lists, what is to be done, and what is told."""

import csv
import io
from uuid import UUID

from server.core import db
from server.hiring.listing.columns import COLUMNS
from tests.cast import Cast, Colleague, Json
from tests.server.house import drain
from tests.server.scoring import card_of, reopen, score, seen_scores
from tests.server.test_flow import flow_of, move, needing, put
from tests.server.test_team import assign


async def test_a_stage_can_ask_for_scorecards(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    stages = (await flow_of(job, cast.ada))["stages"]
    interview = stages[3]["id"]
    offers = {need["kind"]: need for need in (await flow_of(job, cast.ada))["needs"]}
    assert (offers["scorecards"]["counted"], offers["scorecards"]["scored"]) == (True, True)
    await put(cast.ada, job, needing(stages, 3, kind="scorecards", count=2, least=3.5))

    async def refusal() -> str:
        reply = await move(cast.ada, cleo, interview)
        assert (reply.status_code, reply.json()["code"]) == (409, "stage_needs")
        return str(reply.json()["message"])

    assert await refusal() == "Cleo cannot go to Interview yet: it has 0 of 2 scorecards."
    await score(cast.ada, cleo, 5)
    await score(cast.ben, cleo, 1)
    assert await refusal() == "Cleo cannot go to Interview yet: its score is below 3.5."
    await score(cast.rae, cleo, 5)
    assert (await move(cast.ada, cleo, interview)).status_code == 200
    for wrong in (0.5, 3.2, 5.5):
        flow = await flow_of(job, cast.ada)
        body = {"version": flow["version"], "stages": needing(flow["stages"], 3, kind="scorecards", least=wrong)}
        assert (await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", body)).status_code == 422
    flow = await flow_of(job, cast.ada)
    body = {"version": flow["version"], "stages": needing(flow["stages"], 3, kind="notes", least=3)}
    assert (await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", body)).status_code == 422


async def test_a_score_counts_as_it_is_shown(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, needing(stages, 3, kind="scorecards", count=1, least=3.5))
    await score(cast.ada, cleo, 4, 4, 3, 3)
    await db.execute("UPDATE application SET score = 345 WHERE id = $1", UUID(cleo.application))
    assert await seen_scores(cast.ada, job, cleo) == {cleo.application: 3.5}
    assert len((await cast.ada.read(f"/jobs/{job['id']}/rows?score=3.5"))["rows"]) == 1
    assert (await cast.ada.read(f"/jobs/{job['id']}/rows?score=3.6"))["rows"] == []
    assert (await move(cast.ada, cleo, stages[3]["id"])).status_code == 200


async def test_lists_sort_filter_and_export_it(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("Low", "High", "None", "Half")]
    for who, value in zip(people, ((2,), (5,), (), (4, 3)), strict=True):
        if value:
            await score(cast.ada, who, *value)

    async def names(query: str) -> list[str]:
        return [row["card"]["name"] for row in (await cast.ben.read(f"/jobs/{job['id']}/rows?{query}"))["rows"]]

    assert await names("sort=-score") == ["High", "Half", "Low", "None"]
    assert await names("sort=score") == ["Low", "Half", "High", "None"]
    assert sorted(await names("score=3.5")) == ["Half", "High"]
    assert await names("score=none") == ["None"]
    assert sorted(await names("score=none&score=4")) == ["High", "None"]
    for wrong in ("six", "6", "-1", "nan", "1e400"):
        assert (await cast.ben.do("GET", f"/jobs/{job['id']}/rows?score={wrong}")).status_code == 422, wrong
    reply = await cast.ben.do("POST", f"/jobs/{job['id']}/list/exports", {"query": "sort=-score&columns=score"})
    lines = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [line["Score"] for line in lines] == ["5.0", "3.5", "2.0", ""]
    assert "score" in COLUMNS


async def test_what_is_reviewed_leaves_my_reviews(cast: Cast) -> None:
    job = await cast.job()
    cleo, owned = await cast.cleo(job), await cast.cleo(job, "Owned")
    await assign(cast.ada, cleo, cast.rae, "reviewer")
    await assign(cast.ada, owned, cast.rae, "owner")
    assert (await cast.rae.read("/home"))["reviews_count"] == 2
    for one in (cleo, owned):
        await score(cast.rae, one, 4)
    assert [one["name"] for one in (await cast.rae.read("/home"))["reviews"]] == ["Owned"]
    await reopen(cast.rae, cleo)
    assert (await cast.rae.read("/home"))["reviews_count"] == 2


async def test_it_is_told_in_the_timeline_and_the_activity(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await score(cast.rae, cleo, 4, hire="strong_yes")
    candidate = (await card_of(cast.ada, cleo))["candidate"]
    (told, *_) = (await cast.ada.read(f"/candidates/{candidate}/timeline"))["entries"]
    assert (told["kind"], told["by"]["name"]) == ("scorecard_submitted", "Rae")
    (line, *_) = (await cast.ada.read(f"/jobs/{job['id']}/activity"))["entries"]
    assert (line["kind"], line["by"]["name"], line["names"], line["undo"]) == ("scored", "Rae", [cleo.name], "")
    assert "strong_yes" not in str(told) + str(line)


async def test_the_owner_hears_of_others_scorecards(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await assign(cast.ada, cleo, cast.ben, "owner")
    for who in (cast.rae, cast.ben):
        await score(who, cleo, 4, hire="strong_yes")
    await drain()

    async def told(who: Colleague) -> list[Json]:
        return [one for one in (await who.read("/inbox"))["notifications"] if one["kind"] == "scored"]

    (line,) = await told(cast.ben)
    assert (line["by"]["name"], line["name"], "strong_yes" in str(line)) == ("Rae", cleo.name, False)
    assert await told(cast.ada) == []
    assert await told(cast.rae) == []
