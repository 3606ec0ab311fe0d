"""Many declined at once with a message to each: whoever goes is written to, and nobody else."""

import asyncio
from uuid import UUID, uuid4

import pytest

from server.core import db
from tests.cast import Cast, Json, Visitor
from tests.server import crowd
from tests.server.house import House, counted, drain

KIND = "Hello {first_name}, thank you. {sender}"


def decline(job: Json, cards: list[str], text: str = KIND, stage: int = -1) -> Json:
    place = {"stage": job["stages"][stage]["id"], "version": 10_000}
    return {"text": text, "cards": [{"card": card, **place} for card in cards]}


async def read_by(who: Visitor) -> list[str]:
    return [message["body"] for message in (await who.read("/place"))["messages"]]


async def test_each_is_declined_and_told_once_in_one_event(house: House, cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("Cleo Marchetti", "Noor")]
    await people[0].make("POST", "/messages", {"body": "Are you there?"})
    cards = [one.application for one in people]
    await drain()
    mails = [len(house.mails(one.email)) for one in people]
    begun = await db.value("SELECT clock_timestamp()")
    path = f"/jobs/{job['id']}/declines"
    first, second = await asyncio.gather(
        *(cast.ada.do("POST", path, decline(job, cards), key="the same key") for _ in range(2))
    )
    assert (first.status_code, first.text) == (200, second.text)
    assert [card["id"] for card in first.json()["moved"]] == cards == await crowd.order(job["stages"][-1]["id"])
    assert [(card["messages"], card["waiting"]) for card in first.json()["moved"]] == [(2, False), (1, False)]
    assert (await read_by(people[0]))[1:] == ["Hello Cleo, thank you. Ada"]
    assert await read_by(people[1]) == ["Hello Noor, thank you. Ada"]
    kinds = await db.rows(str, "SELECT kind FROM event WHERE at >= $1 AND actor = $2", begun, f"member:{cast.ada.id}")
    assert kinds == ["applications_moved"]
    await drain()
    assert [len(house.mails(one.email)) for one in people] == [count + 1 for count in mails]


async def test_the_moves_are_taken_back_and_the_words_stay(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    others = await crowd.fill(job["id"], [job["stages"][0]["id"]], 1)
    await cast.ada.make("POST", f"/jobs/{job['id']}/declines", decline(job, [cleo.application, *others]))
    (line, *_) = (await cast.rae.read(f"/jobs/{job['id']}/activity"))["entries"]
    assert (line["kind"], line["count"], line["told"], line["undo"]) == ("moved", 2, 2, "open")
    back = await cast.ben.make("POST", f"/jobs/{job['id']}/reversals", {"event": line["id"]})
    assert len(back["cards"]) == 2
    assert await crowd.order(job["stages"][-1]["id"]) == []
    assert await read_by(cleo) == ["Hello Cleo, thank you. Ada"]
    (line, *_) = (await cast.rae.read(f"/jobs/{job['id']}/activity"))["entries"]
    assert (line["takes_back"], line["told"]) == (True, 0)


async def test_a_persons_history_has_the_move_and_the_words(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await cast.ada.make("POST", f"/jobs/{job['id']}/declines", decline(job, [cleo.application]))
    person = await db.value("SELECT candidate_id FROM application WHERE id = $1", UUID(cleo.application))
    found = (await cast.rae.read(f"/candidates/{person}/timeline"))["entries"]
    lines = {entry["kind"]: (entry["text"], entry["what"]) for entry in found if entry["by"]}
    assert lines == {
        "application_moved": ("", ["Declined"]),
        "message_written": ("Hello Cleo, thank you. Ada", []),
    }


async def test_who_was_declined_before_or_moved_by_a_colleague_hears_nothing(cast: Cast) -> None:
    job = await cast.job()
    gone, kept, cleo = [await cast.cleo(job, name) for name in ("Gone Already", "Kept Now", "Cleo")]
    for who, stage in ((gone, -1), (kept, 4)):
        place = {"stage": job["stages"][stage]["id"], "version": 10_000}
        await cast.ben.make("POST", f"/applications/{who.application}/moves", place)
    wanted = decline(job, [gone.application, kept.application, cleo.application])
    wanted["cards"][1]["version"] = 1
    done = await cast.ada.make("POST", f"/jobs/{job['id']}/declines", wanted)
    assert [card["id"] for card in done["moved"]] == [gone.application, cleo.application]
    assert [refused["card"]["id"] for refused in done["refused"]] == [kept.application]
    assert [await read_by(who) for who in (gone, kept, cleo)] == [[], [], ["Hello Cleo, thank you. Ada"]]


async def test_what_cannot_be_declined_with_words(cast: Cast) -> None:
    job, other = await cast.job(), await cast.job(title="Other")
    card, second = await crowd.fill(job["id"], [job["stages"][0]["id"]], 2)
    (foreign,) = await crowd.fill(other["id"], [other["stages"][0]["id"]], 1)
    path = f"/jobs/{job['id']}/declines"
    for body, status in [
        (decline(job, []), 422), (decline(job, [card, card]), 422), (decline(job, [card], " "), 422),
        (decline(job, [card, second], "Dear {salary}"), 422), (decline(job, [card], "x" * 10_001), 422),
        (decline(job, [card], stage=2), 422), (decline(job, [card, foreign]), 404),
        (decline(job, [str(uuid4()) for _ in range(501)]), 422), (decline(other, [card]), 404),
    ]:  # fmt: skip
        reply = await cast.ada.do("POST", path, body)
        assert reply.status_code == status, reply.text
    elsewhere = (await cast.ada.do("POST", path, decline(job, [card], stage=2))).json()
    assert elsewhere["fields"] == {"cards": "These words go to who is declined: choose the stage for that."}
    assert (await cast.rae.do("POST", path, decline(job, [card]))).status_code == 403
    assert (await cast.dan.do("POST", path, decline(job, [card]))).status_code == 404
    assert await crowd.order(job["stages"][0]["id"]) == [card, second]
    assert (
        await db.value("SELECT count(*) FROM message WHERE application_id = ANY($1)", [UUID(card), UUID(second)]) == 0
    )


async def test_to_one_words_are_sent_as_they_were_seen(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    body = decline(job, [cleo.application], "Your {answer}, and { that }")
    await cast.ada.make("POST", f"/jobs/{job['id']}/declines", body)
    assert await read_by(cleo) == ["Your {answer}, and { that }"]


@pytest.mark.parametrize("count", [2, 9])
async def test_what_is_written_costs_the_same_for_few_and_many(cast: Cast, count: int) -> None:
    job = await cast.job()
    cards = await crowd.fill(job["id"], [job["stages"][0]["id"]], count)
    place = {"stage": job["stages"][-1]["id"], "version": 10_000}
    with counted() as silent:
        await cast.ada.make(
            "POST", f"/jobs/{job['id']}/moves", {"cards": [{"card": one, **place} for one in cards[: count // 2]]}
        )
    with counted() as told:
        await cast.ada.make("POST", f"/jobs/{job['id']}/declines", decline(job, cards[count // 2 :][: count // 2]))
    assert len(told) - len(silent) == 5  # bodies, messages, promises, counts, and the task that mails them
