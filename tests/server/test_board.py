"""The board and the two threads: order, conflicts, words, and what never reaches the candidate."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from server.core import db
from server.hiring.applications import queries
from tests.cast import Cast, Colleague, Visitor
from tests.server import takes
from tests.server.crowd import fill
from tests.server.house import House, drain


async def crowd(cast: Cast, job: Any, count: int) -> list[Visitor]:
    return [await cast.cleo(job, f"Candidate {number}") for number in range(count)]


async def order(who: Colleague, job: Any, stage: str) -> list[str]:
    """The names in a column, as the page orders them."""
    cards = (await who.read(f"/jobs/{job['id']}/board"))["cards"]
    inside = [card for card in cards if card["stage"] == stage]
    return [c["name"].rsplit(" ", 1)[1] for c in sorted(inside, key=lambda c: (c["rank"].encode(), c["id"]))]


async def test_cards_go_where_they_are_put(cast: Cast) -> None:
    job = await cast.job()
    people = await crowd(cast, job, 4)
    inbox, _, review = (stage["id"] for stage in job["stages"][:3])
    ids = [p.application for p in people]

    async def put(card: int, stage: str, before: int | None) -> Any:
        body = {"stage": stage, "before": None if before is None else ids[before], "version": 99}
        return await cast.ada.make("POST", f"/applications/{ids[card]}/moves", body)

    assert await order(cast.ada, job, inbox) == ["0", "1", "2", "3"]
    await put(3, inbox, 0)
    assert await order(cast.ada, job, inbox) == ["3", "0", "1", "2"]
    await put(0, inbox, None)
    assert await order(cast.ada, job, inbox) == ["3", "1", "2", "0"]
    await put(2, inbox, 2)  # before itself: to the end
    assert await order(cast.ada, job, inbox) == ["3", "1", "0", "2"]
    await put(1, review, None)
    await put(2, review, 1)
    moved = await put(3, review, 0)  # its neighbour stands in another column: to the end
    assert await order(cast.ada, job, review) == ["2", "1", "3"]
    assert await order(cast.ada, job, inbox) == ["0"]
    assert moved["stage"] == review
    view = await cast.ben.read(f"/applications/{ids[1]}")
    assert (view["previous"], view["next"], view["place"], view["places"]) == (ids[2], ids[3], 2, 3)


async def test_a_card_goes_behind_another_where_the_one_before_it_is_not_known(cast: Cast) -> None:
    job = await cast.job()
    people = await crowd(cast, job, 5)
    inbox, _, review = (stage["id"] for stage in job["stages"][:3])
    ids = [p.application for p in people]

    def place(stage: str, after: int, before: int | None = None) -> Any:
        named = None if before is None else ids[before]
        return {"stage": stage, "before": named, "after": ids[after], "version": 99}

    async def put(card: int, where: Any) -> None:
        await cast.ada.make("POST", f"/applications/{ids[card]}/moves", where)

    await put(4, place(inbox, 0))
    assert await order(cast.ada, job, inbox) == ["0", "4", "1", "2", "3"]
    await put(4, place(inbox, 3))
    assert await order(cast.ada, job, inbox) == ["0", "1", "2", "3", "4"]
    await put(1, place(inbox, 1))  # behind itself: it stays
    assert await order(cast.ada, job, inbox) == ["0", "1", "2", "3", "4"]
    await put(1, place(inbox, 4))
    assert await order(cast.ada, job, inbox) == ["0", "2", "3", "4", "1"]
    await put(1, place(inbox, 0, before=4))  # the one before it is there, and counts
    assert await order(cast.ada, job, inbox) == ["0", "2", "3", "1", "4"]
    await put(3, place(review, 0))  # both stand in another column: to the end
    await put(2, place(inbox, 0, before=3))  # one of them does
    assert await order(cast.ada, job, inbox) == ["0", "2", "1", "4"]
    together = [{"card": ids[one], **place(inbox, after)} for one, after in ((4, 0), (3, 4))]
    await cast.ada.make("POST", f"/jobs/{job['id']}/moves", {"cards": together})
    assert await order(cast.ada, job, inbox) == ["0", "4", "3", "2", "1"]


async def test_who_comes_second_is_told_who_was_first(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    stages = [stage["id"] for stage in job["stages"]]
    path = f"/applications/{cleo.application}/moves"
    seen = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"][0]["version"]
    await cast.ben.make("POST", path, {"stage": stages[3], "version": seen})
    late = await cast.ada.do("POST", path, {"stage": stages[4], "version": seen})
    assert (late.status_code, late.json()["code"]) == (409, "moved_meanwhile")
    assert late.json()["message"] == "Ben moved Cleo to Interview just now."
    # within the stage where it is now nothing is stale
    same = await cast.ada.make("POST", path, {"stage": stages[3], "version": seen})
    assert same["stage"] == stages[3]
    # what else happened to the card does not stand in the way of a move
    await cast.ben.make("POST", f"/applications/{cleo.application}/notes", {"body": "Fine"})
    assert (await cast.ada.make("POST", path, {"stage": stages[4], "version": same["version"]}))["stage"] == stages[4]
    both = await asyncio.gather(
        cast.ada.do("POST", path, {"stage": stages[5], "version": same["version"] + 2}),
        cast.ben.do("POST", path, {"stage": stages[6], "version": same["version"] + 2}),
    )
    assert sorted(r.status_code for r in both) == [200, 409]


async def test_a_move_of_its_own_progress_has_no_name(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    await cleo.write_everything()
    offer = job["stages"][4]["id"]
    late = await cast.ada.do("POST", f"/applications/{cleo.application}/moves", {"stage": offer, "version": 1})
    assert late.json()["message"] == "Somebody moved Cleo to Video just now."


async def test_only_a_move_that_decides_leaves_work_for_later(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await drain()
    stages = {stage["kind"]: stage["id"] for stage in job["stages"]}
    first = job["stages"][0]["id"]
    counts = []
    await db.execute("DELETE FROM queue.pgqueuer")  # what others left, and put off
    for stage in (first, stages["interview"], stages["offer"], stages["offer"]):
        body = {"stage": stage, "before": None, "version": 99}
        await cast.ada.make("POST", f"/applications/{cleo.application}/moves", body)
        counts.append(await db.value("SELECT count(*) FROM queue.pgqueuer WHERE status = 'queued'"))
        await drain()
    assert counts == [0, 0, 1, 0]


async def test_moves_to_places_that_are_not_on_this_board(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Other")
    cleo = await cast.cleo(job)
    dans = await cast.job(cast.dan)
    for stage in (other["stages"][1]["id"], dans["stages"][1]["id"], job["id"]):
        reply = await cast.ada.do("POST", f"/applications/{cleo.application}/moves", {"stage": stage, "version": 1})
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_twenty_moves_at_once_leave_one_order(cast: Cast) -> None:
    job = await cast.job()
    people = await crowd(cast, job, 6)
    stages = [stage["id"] for stage in job["stages"][:2]]
    chance = random.Random(5)
    members = [cast.ada, cast.ben]

    async def move(number: int) -> int:
        card, before = chance.sample(people, 2)
        body = {"stage": chance.choice(stages), "before": before.application, "version": 1000}
        reply = await members[number % 2].do("POST", f"/applications/{card.application}/moves", body)
        return reply.status_code

    async def answer(person: Visitor) -> int:
        question = (await person.questions())[0]
        reply = await person.do("PUT", f"/questions/{question}/text", {"text": "Meanwhile"})
        return reply.status_code

    done = await asyncio.gather(*(move(n) for n in range(20)), *(answer(p) for p in people))
    assert set(done) == {200}
    cards = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert len(cards) == 6
    for stage in stages:
        ranks = [card["rank"] for card in cards if card["stage"] == stage]
        assert len(set(ranks)) == len(ranks)
    assert await order(cast.ada, job, stages[0]) == await order(cast.ben, job, stages[0])
    topic = f"job:{job['id']}"
    seqs = await db.rows(int, "SELECT seq FROM realtime_log WHERE topic = $1 ORDER BY seq", topic)
    assert seqs == list(range(1, len(seqs) + 1))


async def test_everybody_at_once_waits_for_each_other_and_never_in_a_circle(house: House, cast: Cast) -> None:
    job = await cast.job()
    people = await crowd(cast, job, 5)
    stages = [stage["id"] for stage in job["stages"][:4]]
    tickets = {person.application: await takes.begin(house, person, (await person.questions())[0]) for person in people}
    path = "/applications/{}/{}"

    async def candidate(person: Visitor) -> list[int]:
        questions = await person.questions()
        codes = [(await person.do("PUT", f"/questions/{questions[1]}/text", {"text": "Words"})).status_code]
        ticket = tickets[person.application]
        codes.append((await person.do("POST", f"/takes/{ticket['take']}/acceptance", {})).status_code)
        codes.append((await person.do("POST", "/submission", {})).status_code)
        codes.append((await person.do("POST", "/messages", {"body": "Done"})).status_code)
        return codes

    async def member(who: Colleague, person: Visitor) -> list[int]:
        codes = []
        for stage in stages:
            body = {"stage": stage, "version": 10_000, "before": people[0].application}
            codes.append((await who.do("POST", path.format(person.application, "moves"), body)).status_code)
            for thread in ("notes", "messages"):
                reply = await who.do("POST", path.format(person.application, thread), {"body": "Meanwhile"})
                codes.append(reply.status_code)
        return codes

    async def recorder() -> list[int]:
        for ticket in tickets.values():
            await takes.report(house, ticket["recording"])
        return [200]

    work = [candidate(p) for p in people] + [member(m, p) for m in (cast.ada, cast.ben) for p in people] + [recorder()]
    codes = {code for found in await asyncio.gather(*work) for code in found}
    assert codes == {200, 201}
    cards = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert {(c["answers"], c["progress"], c["notes"], c["messages"]) for c in cards} == {(2, "submitted", 8, 9)}


async def test_the_threads(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    path = f"/applications/{cleo.application}"
    for place in ("notes", "messages"):
        for body in ("  ", "\x00", "x" * 10_001):
            reply = await cast.ada.do("POST", f"{path}/{place}", {"body": body})
            assert (reply.status_code, list(reply.json()["fields"])) == (422, ["body"]), (place, body[:5])
    await cast.rae.make("POST", f"{path}/notes", {"body": " A note.\nSecond line. "})
    await cast.ben.make("POST", f"{path}/messages", {"body": "Nice to meet you"}, key="key-of-ben")
    await cleo.make("POST", "/messages", {"body": "Hello team"})
    view = await cast.ada.read(path)
    assert [(n["author"]["name"], n["body"]) for n in view["notes"]] == [("Rae", "A note.\nSecond line.")]
    said = [(m["author_name"], m["author"] is None, m["body"]) for m in view["messages"]]
    assert said == [("Ben", False, "Nice to meet you"), ("Cleo", True, "Hello team")]
    card = view["card"]
    assert (card["notes"], card["messages"], card["waiting"]) == (1, 2, True)
    await cast.ada.make("POST", f"{path}/messages", {"body": "Thanks"})
    assert not (await cast.ada.read(path))["card"]["waiting"]
    assert [m["body"] for m in (await cleo.read("/place"))["messages"]] == ["Nice to meet you", "Hello team", "Thanks"]
    await drain()
    news = [mail for mail in house.mails(cleo.email) if "message for you" in mail["Subject"]]
    assert len(news) == 1  # of the second within half an hour another tells, when that is over
    assert "Nice to meet you" not in news[0].get_content()


async def test_messages_of_candidates_are_throttled(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    replies = await asyncio.gather(*(cleo.do("POST", "/messages", {"body": f"{n}"}) for n in range(62)))
    assert sorted(r.status_code for r in replies)[-3:] == [201, 429, 429]


async def test_the_candidate_never_receives_a_note(house: House, cast: Cast) -> None:
    secret = "a thought for the team alone"
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    path = f"/applications/{cleo.application}"
    note = await cast.ada.make("POST", f"{path}/notes", {"body": secret}, key="key-of-the-note")
    await cast.ben.make("POST", f"{path}/messages", {"body": "Hello"})
    await takes.answered(house, cleo)
    await cast.ada.make("POST", f"{path}/notes", {"body": secret})
    interview = job["stages"][3]["id"]
    await cast.ada.make("POST", f"{path}/moves", {"stage": interview, "version": 1000})
    await drain()
    question = (await cleo.questions())[0]
    place = await cleo.read("/place")
    take = place["answers"][0]["takes"][0]["id"]
    told = [
        json.dumps(place),
        json.dumps(await cleo.read(f"/takes/{take}")),
        (await cleo.do("POST", f"/takes/{take}/acceptance", {})).text,
        (await cleo.do("PUT", f"/questions/{question}/text", {"text": "More"})).text,
        (await cleo.do("POST", "/submission", {})).text,
        (await cleo.do("POST", "/messages", {"body": "And now?"})).text,
        (await cleo.do("POST", "/links")).text,
    ]
    told += [(await cleo.page(cleo.at(page))).text for page in ("", "/check", "/record")]
    topics = [f"conversation:{cleo.application}", f"candidate:{cleo.application}"]
    delivered = await db.rows(bytes, "SELECT payload FROM realtime_log WHERE topic = ANY($1)", topics)
    assert len(delivered) > 4
    told += [payload.decode() for payload in delivered]
    told += [mail.get_content() for mail in house.mails(cleo.email)]
    for text in told:
        assert secret not in text
        assert note["id"] not in text
        assert "key-of-the-note" not in text
        assert '"notes"' not in text
        assert '"rank"' not in text
        assert cast.ada.email not in text
    kinds = {json.loads(payload)["type"] for payload in delivered}
    assert kinds <= {"message", "take", "place"}
    team = await db.rows(bytes, "SELECT payload FROM realtime_log WHERE topic = $1", f"application:{cleo.application}")
    assert any(secret in payload.decode() for payload in team)


async def test_a_cross_workspace_reference_fails_in_the_database_itself(cast: Cast) -> None:
    import asyncpg

    cleo = await cast.cleo(await cast.job())
    dans = await cast.job(cast.dan)
    for statement, stranger in [
        ("UPDATE application SET stage_id = $2 WHERE id = $1", dans["stages"][0]["id"]),
        ("UPDATE application SET job_id = $2 WHERE id = $1", dans["id"]),
        ("UPDATE application SET workspace_id = $2 WHERE id = $1", str(cast.dan.workspace)),
        ("UPDATE application SET moved_by = $2 WHERE id = $1", str(cast.dan.id)),
    ]:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await db.execute(statement, UUID(cleo.application), UUID(stranger))


async def test_a_full_board_is_read_by_the_order_of_its_stages_alone(cast: Cast) -> None:
    job = await cast.job()
    stages = [stage["id"] for stage in job["stages"]]
    await fill(job["id"], stages, 2100)
    await db.execute("ANALYZE application")
    plan = json.loads(await db.value(f"EXPLAIN (ANALYZE, FORMAT JSON) {queries._BOARD}", UUID(job["id"])))
    scans = [node for node in nodes(plan[0]["Plan"]) if node.get("Relation Name") == "application"]
    assert [scan.get("Index Name") for scan in scans] == ["application_stage"]
    read = sum(scan["Actual Rows"] * scan["Actual Loops"] for scan in scans)
    assert read == queries.FIRST * len(stages)


def nodes(plan: Any) -> Iterator[Any]:
    """A query plan's nodes."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)
