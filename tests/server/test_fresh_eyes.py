"""What somebody found who used the product for the first time."""

from tests.cast import Cast
from tests.server.house import House


async def test_rewording_a_question_leaves_old_answers_under_the_words_they_answered(house: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job)
    place = await cleo.make("GET", "/place")
    asked = place["answers"][0]["question"]
    await cleo.make("PUT", f"/questions/{asked['id']}/text", {"text": "A ferry timetable."})
    now = await cast.ada.make("GET", f"/jobs/{job['id']}")
    changed = [{**now["questions"][0], "text": "Why do you want to leave?"}]
    await cast.ada.make("PUT", f"/jobs/{job['id']}/questions", {"version": now["version"], "questions": changed})
    theirs = await cast.ada.make("GET", f"/applications/{cleo.application}")
    assert theirs["answers"][0]["question"]["text"] == asked["text"]
    assert (await cleo.make("GET", "/place"))["answers"][0]["question"]["text"] == asked["text"]
    dora = await cast.cleo(job, "Dora")
    assert (await dora.make("GET", "/place"))["answers"][0]["question"]["text"] == "Why do you want to leave?"


async def test_a_decision_never_reaches_the_candidate_by_a_changed_word(house: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job)
    words = set()
    for stage in (await cast.ada.make("GET", f"/jobs/{job['id']}/board"))["stages"]:
        card = (await cast.ada.make("GET", f"/applications/{cleo.application}"))["card"]
        if card["stage"] != stage["id"]:
            body = {"stage": stage["id"], "version": card["version"]}
            await cast.ada.make("POST", f"/applications/{cleo.application}/moves", body)
        if stage["kind"] in {"offer", "hired", "declined"}:
            words.add((await cleo.make("GET", "/place"))["stage"])
    assert words == {"In conversation"}


async def test_bytes_that_are_no_text_are_refused_by_name(house: House, cast: Cast) -> None:
    headers = {"content-type": "application/json"}
    reply = await cast.ada.do("POST", "/jobs", content=b'{"title":"\xff"}', headers=headers)
    assert reply.status_code == 400
    assert reply.json()["code"] == "bad_request"


async def test_opening_a_candidate_reads_their_notices_and_no_others(house: House, cast: Cast) -> None:
    ada = cast.ada
    url = ada.at("/applications/0190b5a0-0000-7000-8000-000000000000")
    reply = await ada.make("POST", "/inbox/reading", {"url": url})
    assert reply["unread"] >= 0
    assert (await ada.make("POST", "/inbox/reading", {}))["unread"] == 0


async def test_members_see_their_own_workspaces(cast: Cast, house: House) -> None:
    mine = await cast.ada.make("GET", "/workspaces")
    assert [row["current"] for row in mine] == [True]
    theirs = await cast.dan.make("GET", "/workspaces")
    assert {row["slug"] for row in mine}.isdisjoint(row["slug"] for row in theirs)
