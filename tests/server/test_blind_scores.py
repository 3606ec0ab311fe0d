"""Who is to review sees no score and no other scorecard before their own: wherever it stands, and whatever they do."""

from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House
from tests.server.scoring import card_of, reopen, save, score, seen_scores, sheet
from tests.server.sockets import socket
from tests.server.test_flow import flow_of, move, needing, put
from tests.server.test_team import assign


async def test_reviewers_do_not_see_others_before_their_own(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Somebody Else")
    for one in (cleo, other):
        await score(cast.ada, one, 5, 5)
    await assign(cast.ada, cleo, cast.rae, "reviewer")
    await save(cast.rae, cleo, 2)  # a draft opens nothing
    hidden = await sheet(cast.rae, cleo)
    assert (hidden["hidden"], hidden["others"], hidden["score"]) == (True, [], None)
    assert [one["name"] for one in hidden["submitted"]] == ["Ada"]
    assert await seen_scores(cast.rae, job, cleo, other) == {other.application: 5.0}
    assert await seen_scores(cast.ben, job, cleo, other) == {cleo.application: 5.0, other.application: 5.0}
    for query in ("score=1", "sort=-score&columns=score"):
        found = await cast.rae.read(f"/jobs/{job['id']}/rows?{query}")
        assert [row["card"]["id"] for row in found["rows"]][:1] == [other.application], query
    assert [c["id"] for c in (await cast.rae.read(f"/jobs/{job['id']}/board?score=4.5"))["cards"]] == [
        other.application
    ]
    assert [c["id"] for c in (await cast.rae.read(f"/jobs/{job['id']}/board?score=none"))["cards"]] == [
        cleo.application
    ]
    open_now = await score(cast.rae, cleo, 2)
    assert (open_now["hidden"], open_now["score"], len(open_now["others"])) == (False, 3.5, 1)
    assert await seen_scores(cast.rae, job, cleo) == {cleo.application: 3.5}
    assert (await reopen(cast.rae, cleo))["hidden"]


async def test_a_card_counts_the_reviewers_who_submitted(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    for one in (cast.ben, cast.rae):
        await assign(cast.ada, cleo, one, "reviewer")
    await score(cast.ada, cleo, 4)  # asked by nobody

    async def counts() -> tuple[int, int]:
        card = await card_of(cast.ada, cleo)
        return card["scored"], card["reviewed"]

    assert await counts() == (1, 0)
    await score(cast.rae, cleo, 3)
    assert await counts() == (2, 1)
    assert (await assign(cast.ada, cleo, cast.ada, "reviewer"))["reviewed"] == 2
    assert (await assign(cast.ada, cleo, cast.rae, ""))["reviewed"] == 1
    await reopen(cast.ada, cleo)
    assert await counts() == (1, 0)


async def test_a_profile_asks_for_the_scores_of_its_applications(cast: Cast) -> None:
    one, two = await cast.job(), await cast.job()
    cleo, again = await cast.cleo(one), await cast.cleo(two, "Cleo Again")
    await score(cast.ada, cleo, 4)
    await score(cast.ada, again, 2)
    person, other = [(await card_of(cast.ada, who))["candidate"] for who in (cleo, again)]

    async def seen(who: Colleague) -> Json:
        found: Json = (await who.read(f"/candidates/{person}/scores"))["scores"]
        return found

    assert await seen(cast.rae) == {cleo.application: 4.0}
    versions = [(await cast.ada.read(f"/candidates/{one}"))["version"] for one in (person, other)]
    body = {"other": other, "version": versions[0], "other_version": versions[1]}
    await cast.ada.make("POST", f"/candidates/{person}/merges", body)
    assert await seen(cast.rae) == {cleo.application: 4.0, again.application: 2.0}
    await assign(cast.ada, again, cast.rae, "reviewer")
    assert await seen(cast.rae) == {cleo.application: 4.0}
    assert "'score'" not in str(await cast.rae.read(f"/candidates/{person}"))
    assert (await cast.dan.do("GET", f"/candidates/{person}/scores")).status_code == 404


async def test_who_leaves_the_reviewers_sees_no_more_than_before(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await score(cast.ada, cleo, 5)

    async def blind() -> bool:
        hidden: bool = (await sheet(cast.ben, cleo))["hidden"]
        assert (await seen_scores(cast.ben, job, cleo) == {}) is hidden
        assert ((await cast.ben.read(f"/jobs/{job['id']}/rows?score=1"))["rows"] == []) is hidden
        return hidden

    assert not await blind(), "an onlooker sees it"
    await assign(cast.ada, cleo, cast.ben, "reviewer")
    for part in ("", "owner", "reviewer", ""):  # by whichever way they leave
        await assign(cast.ben, cleo, cast.ben, part)
        assert await blind(), part
    await score(cast.ben, cleo, 2)
    assert not await blind()
    await reopen(cast.ben, cleo)
    assert await blind()
    await assign(cast.ada, cleo, cast.ben, "owner")
    assert not await blind(), "a colleague decided otherwise"
    await assign(cast.ada, cleo, cast.ben, "reviewer")
    assert await blind()
    await assign(cast.ada, cleo, cast.ben, "")
    assert not await blind()


async def test_leaving_many_or_taking_back_opens_no_score(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("One", "Two", "Three")]
    for one in people:
        await score(cast.ada, one, 5)

    async def together(who: Colleague, part: str, *cards: Visitor) -> str:
        body = {"member": str(cast.ben.id), "part": part, "cards": [one.application for one in cards]}
        done = await who.make("POST", f"/jobs/{job['id']}/assignments", body)
        return str(done["event"])

    async def seen() -> list[str]:
        found = await seen_scores(cast.ben, job, *people)
        return [one.name for one in people if one.application in found]

    one, two, three = people
    mistake = await together(cast.ben, "reviewer", three)
    await cast.ben.make("POST", f"/jobs/{job['id']}/reversals", {"event": mistake})
    assert await seen() == ["One", "Two", "Three"], "whoever takes back what they did themselves is what they were"
    asked = await together(cast.ada, "reviewer", one, two)
    assert await seen() == ["Three"]
    await together(cast.ben, "", one)
    assert await seen() == ["Three"]
    await cast.ben.make("POST", f"/jobs/{job['id']}/reversals", {"event": asked})
    assert await seen() == ["Three"], "what a colleague asked for is left by taking it back as well"
    await together(cast.ada, "owner", one, two)
    assert await seen() == ["One", "Two", "Three"]


async def test_taking_back_an_own_step_opens_nothing_that_a_colleague_closed_since(cast: Cast) -> None:
    job = await cast.job()
    cleo, other = await cast.cleo(job), await cast.cleo(job, "Other")
    for one in (cleo, other):
        await score(cast.ada, one, 5)
    own = []
    for one in (cleo, other):
        await assign(cast.ben, one, cast.ben, "reviewer")
        own.append((await cast.ben.read(f"/jobs/{job['id']}/activity"))["entries"][0]["id"])
    for part in ("", "reviewer"):
        await assign(cast.ada, cleo, cast.ben, part)
    for event in own:
        await cast.ben.make("POST", f"/jobs/{job['id']}/reversals", {"event": event})
    assert set(await seen_scores(cast.ben, job, cleo, other)) == {other.application}


async def test_nothing_of_it_travels_to_who_may_not_see_it(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await assign(cast.ada, cleo, cast.rae, "reviewer")
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        await rae.next("hello")
        for topic in (f"job:{job['id']}", f"application:{cleo.application}", f"member:{cast.rae.id}"):
            await rae.subscribe(topic)
        await score(cast.ada, cleo, 3, 3, hire="strong_yes")
        kinds = ("card", "application", "scorecards")
        while {*kinds} - {frame.get("payload", {}).get("type") for frame in rae.frames}:
            await rae.next("event")
    said = str(rae.frames)
    assert "'scored': 1" in said
    for secret in ("strong_yes", "'score'", "average", "ratings"):
        assert secret not in said, secret
    own = str(await cleo.read("/place"))
    assert "score" not in own
    assert "strong_yes" not in own


async def test_a_stage_tells_nobody_what_others_said(cast: Cast) -> None:
    job = await cast.job()
    liked, not_liked = await cast.cleo(job, "Liked"), await cast.cleo(job, "Not Liked")
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, needing(stages, 3, kind="scorecards", count=1, least=3.5))
    for one, value in ((liked, 5), (not_liked, 1)):
        await assign(cast.ada, one, cast.ben, "reviewer")
        await score(cast.ada, one, value)

    async def refusal(one: Visitor) -> str:
        reply = await move(cast.ben, one, stages[3]["id"])
        assert (reply.status_code, reply.json()["code"]) == (409, "stage_needs")
        return str(reply.json()["message"]).replace(one.name, "They")

    words = "They cannot go to Interview yet: your own scorecard is not submitted."
    assert [await refusal(one) for one in (liked, not_liked)] == [words, words]
    for one in (liked, not_liked):
        await score(cast.ben, one, 4)
    assert "below 3.5" in await refusal(not_liked)
    assert (await move(cast.ben, liked, stages[3]["id"])).status_code == 200


async def test_strangers_and_candidates_see_nothing(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await score(cast.ada, cleo, 4)
    path = f"/applications/{cleo.application}/scorecard"
    for method, rest, body in (
        ("GET", "", None), ("PUT", "", {"version": 0, "ratings": {}}), ("POST", "/submission", {"version": 1}),
        ("POST", "/reopening", {}),
    ):  # fmt: skip
        assert (await cast.dan.do(method, path + rest, body)).status_code == 404
    assert (await cast.dan.do("GET", f"/jobs/{job['id']}/scores?cards={cleo.application}")).status_code == 404
    own = await cast.dan.read(f"/jobs/{(await cast.job(cast.dan))['id']}/scores?cards={cleo.application}")
    assert own == {"scores": {}}
