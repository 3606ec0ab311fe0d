"""Many cards moved together: one event, each as it was seen, and back to where each of them stood."""

from uuid import uuid4

from server.core import db
from tests.cast import Cast, Json
from tests.server import crowd
from tests.server.house import House, drain


def to(cards: list[str], stage: str, before: str | None = None, version: int = 1) -> Json:
    return {"cards": [{"card": card, "stage": stage, "before": before, "version": version} for card in cards]}


async def test_many_go_in_order_and_come_back_to_where_each_stood(cast: Cast) -> None:
    job = await cast.job()
    first, second, third = (stage["id"] for stage in job["stages"][:3])
    cards = await crowd.fill(job["id"], [first, second], 12)
    before = {stage: await crowd.order(stage) for stage in (first, second)}
    chosen = [before[first][1], before[first][2], before[second][0], before[first][5]]
    moves = f"/jobs/{job['id']}/moves"
    done = await cast.ada.make("POST", moves, to(chosen, third))
    assert [card["id"] for card in done["moved"]] == chosen
    assert done["refused"] == []
    assert await crowd.order(third) == chosen
    await cast.ada.make("POST", moves, to([chosen[2], chosen[3]], third, chosen[0]))
    assert await crowd.order(third) == [chosen[2], chosen[3], chosen[0], chosen[1]]
    # What a page does for Z: backwards, each before its neighbour of then.
    version = {card["id"]: card["version"] + 1 for card in done["moved"]}
    places = [(chosen[3], first, None), (chosen[2], second, before[second][1])]
    places += [(chosen[1], first, before[first][3]), (chosen[0], first, chosen[1])]
    back = [{"card": c, "stage": s, "before": b, "version": version[c]} for c, s, b in places]
    await cast.ada.make("POST", moves, {"cards": back})
    assert {stage: await crowd.order(stage) for stage in (first, second)} == before
    assert len(cards) == 12


async def test_who_was_overtaken_stays_and_the_others_go(house: House, cast: Cast) -> None:
    job = await cast.job()
    stages = [stage["id"] for stage in job["stages"]]
    cards = await crowd.fill(job["id"], stages[:1], 3)
    await cast.ben.make("POST", f"/applications/{cards[1]}/moves", {"stage": stages[3], "version": 1})
    begun = await db.value("SELECT clock_timestamp()")
    done = await cast.ada.make("POST", f"/jobs/{job['id']}/moves", to(cards, stages[4]), key="the same key")
    assert [card["id"] for card in done["moved"]] == [cards[0], cards[2]]
    (refused,) = done["refused"]
    assert (refused["card"]["id"], refused["card"]["stage"]) == (cards[1], stages[3])
    assert refused["message"] == "Ben moved Candidate Number 1 to Interview just now."
    again = await cast.ada.make("POST", f"/jobs/{job['id']}/moves", to(cards, stages[4]), key="the same key")
    assert again == done
    kinds = await db.rows(str, "SELECT kind FROM event WHERE at >= $1 AND subject = $2", begun, f"job:{job['id']}")
    assert kinds == ["applications_moved"]
    await drain()
    lines = [(line["kind"], line["name"]) for line in (await cast.ben.read("/inbox"))["notifications"]]
    assert sorted(lines) == [("moved", "Candidate Number 0"), ("moved", "Candidate Number 2")]


async def test_what_cannot_be_moved_together(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Other")
    stage = job["stages"][1]["id"]
    (card,) = await crowd.fill(job["id"], [job["stages"][0]["id"]], 1)
    (foreign,) = await crowd.fill(other["id"], [other["stages"][0]["id"]], 1)
    moves = f"/jobs/{job['id']}/moves"
    for body, status in [
        (to([], stage), 422), (to([card, card], stage), 422), (to([str(uuid4()) for _ in range(501)], stage), 422),
        (to([card, foreign], stage), 404), (to([card], other["stages"][1]["id"]), 404),
    ]:  # fmt: skip
        assert (await cast.ada.do("POST", moves, body)).status_code == status
    assert (await cast.rae.do("POST", moves, to([card], stage))).status_code == 403
    assert (await cast.dan.do("POST", moves, to([card], stage))).status_code == 404
    assert await crowd.order(stage) == []


async def test_five_hundred_are_one_event_and_counted(cast: Cast) -> None:
    job = await cast.job()
    first, second = (stage["id"] for stage in job["stages"][:2])
    cards = await crowd.fill(job["id"], [first], 500)
    done = await cast.ada.make("POST", f"/jobs/{job['id']}/moves", to(cards, second))
    assert len(done["moved"]) == 500
    assert await crowd.order(second) == cards
    rows = await db.rows(lambda *c: (str(c[0]), c[1]), "SELECT id, people FROM stage WHERE job_id = $1", job["id"])
    assert {stage: people for stage, people in rows if people} == {second: 500}
