"""Flows: designing them with people inside, what stages need, and what they do by themselves."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from server.core import db
from server.hiring.applications.arriving import pass_stages
from server.hiring.applications.events import ApplicationMoved
from server.hiring.conversations.automatic import fill
from server.hiring.flow.shipped import SHIPPED
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House, counted, drain

FIXED = {"inbox", "hired", "declined"}


async def flow_of(job: Json, who: Colleague) -> Json:
    return await who.read(f"/jobs/{job['id']}/flow")


async def put(who: Colleague, job: Json, stages: list[Json], **more: Json) -> Json:
    """Save the flow over the version that there is."""
    version = (await flow_of(job, who))["version"]
    return await who.make("PUT", f"/jobs/{job['id']}/flow", {"version": version, "stages": stages, **more})


async def move(who: Colleague, cleo: Visitor, stage: str) -> Any:
    return await who.do("POST", f"/applications/{cleo.application}/moves", {"stage": stage, "version": 10_000})


def message(text: str, **more: Json) -> Json:
    return {"id": str(uuid4()), "kind": "message", "text": text, **more}


def doing(stages: list[Json], place: int, *actions: Json) -> list[Json]:
    """The stages, with actions in one of them."""
    return [{**stage, "actions": actions} if at == place else stage for at, stage in enumerate(stages)]


def needing(stages: list[Json], place: int, **need: Json) -> list[Json]:
    return [{**stage, "needs": [need]} if at == place else stage for at, stage in enumerate(stages)]


async def later(cleo: Visitor) -> None:
    """A minute passes since the last move."""
    subject = f"application:{cleo.application}"
    await db.execute("UPDATE event SET at = at - interval '1 minute' WHERE subject = $1", subject)


async def said(cast: Cast, cleo: Visitor) -> list[str]:
    return [one["body"] for one in (await cast.ada.read(f"/applications/{cleo.application}"))["messages"]]


async def test_a_flow_is_designed(cast: Cast) -> None:
    job = await cast.job()
    flow = await flow_of(job, cast.ada)
    assert [stage["kind"] for stage in flow["stages"]] == [stage.kind for stage in SHIPPED[0].stages]
    applied, video, review, interview, *rest = flow["stages"]
    task = {"name": " Test \n task ", "kind": "task", "colour": 4, "hint": 8, "days": 5}
    changed = await put(cast.ben, job, [applied, {**video, "name": "Answers"}, interview, task, review, *rest])
    names = ["Applied", "Answers", "Interview", "Test task", "Review", "Offer", "Hired", "Declined"]
    assert [stage["name"] for stage in changed["stages"]] == names
    assert [stage["id"] for stage in changed["stages"] if stage["name"] != "Test task"] == [
        stage["id"] for stage in (applied, video, interview, review, *rest)
    ]
    board = await cast.rae.read(f"/jobs/{job['id']}/board")
    assert [(stage["name"], stage["hint"]) for stage in board["stages"]][3] == ("Test task", 8)
    assert (await cast.rae.do("PUT", f"/jobs/{job['id']}/flow", {"version": 2, "stages": []})).status_code == 403


async def test_a_flow_that_is_none_is_refused_by_field(cast: Cast) -> None:
    job = await cast.job()
    flow = await flow_of(job, cast.ada)
    stages = flow["stages"]
    applied, video, review, *_, hired, declined = stages
    gone = str(uuid4())
    for wrong, field in [
        ([], "stages"),
        ([video, applied, *stages[2:]], "stages"),
        ([applied, hired, video, declined], "stages"),
        ([applied, video, declined], "stages"),
        ([*stages, {**declined, "id": None}], "stages"),
        ([*stages[:2], *[{**review, "id": None, "name": f"R{n}"} for n in range(20)], *stages[2:]], "stages"),
        ([applied, {**video, "name": " "}, *stages[2:]], "stages.1.name"),
        ([applied, {**video, "name": "x" * 81}, *stages[2:]], "stages.1.name"),
        ([applied, {**video, "name": "APPLIED"}, *stages[2:]], "stages.1.name"),
        ([applied, {**video, "colour": 13}, *stages[2:]], "stages.1.colour"),
        ([applied, {**video, "hint": -1}, *stages[2:]], "stages.1.hint"),
        ([applied, {**video, "days": 366}, *stages[2:]], "stages.1.days"),
        ([applied, video, video, *stages[3:]], "stages.2.name"),
        ([applied, video, {**video, "name": "Again"}, *stages[3:]], "stages"),
        ([{**applied, "id": gone}, {**applied, "name": "V", "kind": "task"}, *stages[1:]], "stages.1.kind"),
        ([{**applied, "id": gone}, *stages[1:]], "stages"),
        (needing(stages, 4, kind="applause", count=2), "stages.4.needs"),
        (needing(stages, 4, kind="notes", count=0), "stages.4.needs"),
        (needing(stages, 0, kind="answers"), "stages.0.needs"),
        (needing(stages, 6, kind="answers"), "stages.6.needs"),
        (doing(stages, 1, {"id": gone, "kind": "fireworks"}), "stages.1.actions.0.kind"),
        (doing(stages, 1, message(" ")), "stages.1.actions.0.text"),
        (doing(stages, 1, message("x" * 10_001)), "stages.1.actions.0.text"),
        (doing(stages, 1, message("Hello {nmae}")), "stages.1.actions.0.text"),
        (doing(stages, 1, message("Hello", after=-1)), "stages.1.actions.0.after"),
        (doing(stages, 1, *[message("Hello") for _ in range(11)]), "stages.1.actions"),
        (doing(stages, 1, message("Hello", id=gone), message("Hello", id=gone)), "stages.1.actions"),
    ]:
        reply = await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", {"version": flow["version"], "stages": wrong})
        assert (reply.status_code, reply.json()["code"], [*reply.json()["fields"]]) == (422, "invalid", [field]), field
    assert await flow_of(job, cast.ada) == flow


async def test_designing_does_not_disturb_who_writes_the_description(cast: Cast) -> None:
    job = await cast.job()
    flow = await flow_of(job, cast.ada)
    await put(cast.ben, job, flow["stages"])
    await cast.ada.make("PATCH", f"/jobs/{job['id']}", {"version": job["version"], "title": "Engineer"})
    late = await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", {"version": 1, "stages": flow["stages"]})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")


async def test_people_are_never_left_without_a_stage(cast: Cast) -> None:
    job = await cast.job()
    cleo, other, third = [await cast.cleo(job, name) for name in ("Cleo", "Other", "Third")]
    flow = await flow_of(job, cast.ada)
    applied, video, review, interview, *rest = flow["stages"]
    for person, stage in [(cleo, interview), (other, interview), (third, review)]:
        assert (await move(cast.ada, person, stage["id"])).status_code == 200
    without = [applied, video, review, *rest]
    body = {"version": 1, "stages": without}
    refused = await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "stage_occupied")
    assert refused.json()["message"] == "2 candidates are in Interview. Say where they go before it is removed."
    astray = [{"stage": interview["id"], "to": 9}]
    assert (await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", body | {"moves": astray})).status_code == 422
    changed = await put(cast.ben, job, without, moves=[{"stage": interview["id"], "to": 2}])
    assert [stage["people"] for stage in changed["stages"]] == [0, 0, 3, 0, 0, 0]
    cards = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    order = [card["name"] for card in sorted(cards, key=lambda card: card["rank"])]
    assert order == ["Third", "Cleo", "Other"]
    seen = await cast.ada.do("POST", f"/applications/{cleo.application}/moves", {"stage": applied["id"], "version": 2})
    assert seen.json()["message"] == "Ben moved Cleo to Review just now."


async def test_a_stage_that_is_removed_while_somebody_drags_into_it(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    applied, video, review, interview, *rest = (await flow_of(job, cast.ada))["stages"]
    path, without = f"/jobs/{job['id']}/flow", [applied, video, review, *rest]
    for _ in range(3):
        version = (await flow_of(job, cast.ada))["version"]
        drops = [
            {"version": version, "stages": without, "moves": [{"stage": interview["id"], "to": 2}]},
            {"stage": interview["id"], "version": 10_000},
        ]
        removal, drag = await asyncio.gather(
            cast.ada.do("PUT", path, drops[0]), cast.ben.do("POST", f"/applications/{cleo.application}/moves", drops[1])
        )
        assert removal.status_code == 200
        assert drag.status_code == 200 or drag.json()["code"] == "stage_gone"
        stages = {stage["id"]: stage for stage in (await flow_of(job, cast.ada))["stages"]}
        (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
        assert card["stage"] in stages
        late = await move(cast.ben, cleo, interview["id"])
        assert (late.status_code, late.json()["code"]) == (409, "stage_gone")
        again = [applied, video, review, {**interview, "id": None}, *rest]
        interview = (await put(cast.ada, job, again))["stages"][3]


async def test_what_a_stage_needs(cast: Cast) -> None:
    job = await cast.job(questions=2)
    cleo = await cast.cleo(job, "Cleo")
    stages = (await flow_of(job, cast.ada))["stages"]
    interview, offer, declined = stages[3]["id"], stages[4]["id"], stages[6]["id"]
    stages = needing(needing(needing(stages, 3, kind="answers"), 4, kind="notes", count=2), 5, kind="opened")
    await put(cast.ada, job, stages)

    async def refusal(stage: str) -> str:
        reply = await move(cast.ada, cleo, stage)
        assert (reply.status_code, reply.json()["code"]) == (409, "stage_needs")
        return str(reply.json()["message"])

    assert await refusal(interview) == "Cleo cannot go to Interview yet: 0 of 2 questions are answered."
    await cleo.write_everything()
    assert await refusal(interview) == "Cleo cannot go to Interview yet: the answers are not handed in."
    await cleo.make("POST", "/submission", {})
    assert (await move(cast.ada, cleo, interview)).status_code == 200
    await cast.rae.make("POST", f"/applications/{cleo.application}/notes", {"body": "Good"})
    assert await refusal(offer) == "Cleo cannot go to Offer yet: it has 1 of 2 team notes."
    assert (await move(cast.ada, cleo, declined)).status_code == 200


async def test_a_card_that_goes_on_by_itself_keeps_the_rules(cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo = await cast.cleo(job, "Cleo")
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, needing(stages, 2, kind="notes"))
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert card["stage"] == stages[1]["id"]


async def test_stages_write_to_candidates_once(house: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    stages = (await flow_of(job, cast.ada))["stages"]
    stages = doing(stages, 0, message("Thanks, {name}, for applying to {job} at {workspace}."))
    stages = doing(stages, 2, message("Hello {first_name}, {sender} watches."))
    stages = doing(stages, 3, message("Come in."), message("That was nice.", when="exit"))
    await put(cast.ada, job, stages)
    cleo = await cast.cleo(job, "Cleo {job} Candidate")
    await drain()
    thanks = f"Thanks, Cleo {{job}} Candidate, for applying to Product engineer at {cast.ada.name}'s company."
    assert await said(cast, cleo) == [thanks]
    await cleo.make("POST", "/messages", {"body": "When do I hear from you?"})
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    await drain()
    assert (await said(cast, cleo))[
        -1
    ] == "Hello Cleo, Ada watches."  # it came by itself: whoever posted the job speaks
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert view["card"]["waiting"], "a machine has answered nothing"
    interview, review = stages[3]["id"], stages[2]["id"]
    await move(cast.ben, cleo, interview)
    await move(cast.ben, cleo, review)  # taken back before anything went out
    await drain()
    assert len(await said(cast, cleo)) == 3
    for stage in (interview, review, interview):
        await later(cleo)
        await move(cast.ben, cleo, stage)
        await drain()
    assert (await said(cast, cleo))[3:] == ["Come in.", "That was nice."]
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert view["messages"][-1]["author"]["name"] == "Ben"


async def test_a_move_told_twice_does_nothing_twice(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, doing(stages, 3, message("Come in.")))
    await move(cast.ben, cleo, stages[3]["id"])
    event = ApplicationMoved(
        workspace=cast.ada.workspace, actor=f"member:{cast.ben.id}", subject=f"application:{cleo.application}",
        application=UUID(cleo.application), job=UUID(job["id"]), stage_from=UUID(stages[0]["id"]),
        stage=UUID(stages[3]["id"]), acts=True,
    )  # fmt: skip
    for _ in range(2):
        await pass_stages(uuid4(), event)
    await drain()
    assert await said(cast, cleo) == ["Come in."]


async def test_moving_many_sends_to_each_once_and_taking_it_back_sends_nothing(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("One", "Two")]
    await drain()
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, doing(doing(stages, 3, message("Come in.")), 0, message("Back again?")))

    async def move_both(stage: int) -> None:
        cards = [
            {"card": one.application, "stage": stages[stage]["id"], "before": None, "version": 10_000} for one in people
        ]
        await cast.ben.make("POST", f"/jobs/{job['id']}/moves", {"cards": cards})

    await move_both(3)
    await move_both(0)
    await drain()
    assert [await said(cast, one) for one in people] == [[], []]
    await db.execute("UPDATE event SET at = at - interval '1 minute' WHERE subject = $1", f"job:{job['id']}")
    await move_both(3)
    await drain()
    await move_both(3)
    await drain()
    assert [await said(cast, one) for one in people] == [["Come in."], ["Come in."]]


async def test_what_changed_before_its_time_came_is_not_done(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await drain()
    stages = (await flow_of(job, cast.ada))["stages"]
    later, never = message("First words", after=60), message("Never")
    stages = (await put(cast.ada, job, doing(stages, 3, later, never)))["stages"]
    await move(cast.ben, cleo, stages[3]["id"])
    later = {**later, "text": "Better words"}
    await put(cast.ada, job, doing(stages, 3, later))
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    await drain()
    await db.execute("UPDATE queue.pgqueuer SET execute_after = now()")  # its time has come
    await drain()
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert [(one["body"], one["author"]["name"]) for one in view["messages"]] == [("Better words", "Ada")]


async def test_stages_mail_the_way_to_the_questions(house: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo, done = await cast.cleo(job, "Cleo"), await cast.cleo(job, "Done")
    await drain()
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, doing(stages, 3, {"id": str(uuid4()), "kind": "ask"}))
    await done.write_everything()
    await done.make("POST", "/submission", {})
    for person in (cleo, done):
        await move(cast.ada, person, stages[3]["id"])
        await drain()
    assert [mail["Subject"].rsplit(": ")[1] for mail in house.mails(cleo.email)][-1] == "your questions are waiting"
    assert not [mail for mail in house.mails(done.email) if "waiting" in mail["Subject"]]


async def test_flows_are_kept_for_later_jobs(cast: Cast) -> None:
    job = await cast.job()
    stages = doing((await flow_of(job, cast.ada))["stages"], 0, message("Thanks"))
    shipped = await cast.rae.read("/flow-templates")
    assert {one["id"] for one in shipped} == {None}
    for one in shipped:  # each of them can be used as it is
        await put(cast.ada, job, (await flow_of(job, cast.ada))["stages"])
        fresh = await cast.job(title=one["name"])
        own = {stage["kind"]: stage["id"] for stage in (await flow_of(fresh, cast.ada))["stages"]}
        drafts = [
            {**stage, "id": own.get(stage["kind"]) if stage["kind"] in FIXED else None} for stage in one["stages"]
        ]
        assert len((await put(cast.ada, fresh, drafts))["stages"]) == len(one["stages"])
    await cast.ben.make("POST", "/flow-templates", {"name": "Ours", "stages": stages})
    kept = await cast.ada.make("POST", "/flow-templates", {"name": "OURS", "stages": stages[:1] + stages[-2:]})
    assert [(one["name"], len(one["stages"])) for one in kept if one["id"]] == [("OURS", 3)]
    assert kept[-1]["stages"][0]["actions"][0]["text"] == "Thanks"
    for name in ("Standard", " ", "x" * 81, "ΐ" * 80):
        reply = await cast.ada.do("POST", "/flow-templates", {"name": name, "stages": stages})
        assert (reply.status_code, [*reply.json()["fields"]]) == (422, ["name"])
    assert all(one["id"] is None for one in await cast.dan.read("/flow-templates"))
    assert (await cast.rae.do("DELETE", f"/flow-templates/{kept[-1]['id']}")).status_code == 403
    assert await cast.ada.make("DELETE", f"/flow-templates/{kept[-1]['id']}") == shipped


async def test_how_long_hiring_took_is_told_from_five_people_on(cast: Cast) -> None:
    job = await cast.job()
    stages = (await flow_of(job, cast.ada))["stages"]
    for number in range(5):
        assert (await flow_of(job, cast.ada))["hired_in"] is None
        cleo = await cast.cleo(job, f"Number {number}")
        await move(cast.ada, cleo, stages[5]["id"])
    await db.execute("UPDATE application SET created_at = now() - interval '9 days' WHERE job_id = $1", UUID(job["id"]))
    assert (await flow_of(job, cast.ada))["hired_in"] == {"people": 5, "days": 9}
    assert (await flow_of(await cast.job(cast.dan), cast.dan))["hired_in"] is None


async def test_a_flow_is_read_with_as_many_statements_whatever_its_size(cast: Cast) -> None:
    job = await cast.job()
    stages = (await flow_of(job, cast.ada))["stages"]
    numbers = []
    for length in (3, 7):
        await put(cast.ada, job, [stages[0], *stages[1 : length - 2], *stages[-2:]] if length < 7 else stages)
        with counted() as seen:
            await flow_of(job, cast.ada)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]


async def test_the_database_itself_keeps_one_stage_for_applicants(cast: Cast) -> None:
    job = await cast.job()
    second = UUID(job["stages"][1]["id"])
    for kind in FIXED:
        with pytest.raises(asyncpg.UniqueViolationError):
            await db.execute("UPDATE stage SET kind = $2 WHERE id = $1", second, kind)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE stage SET kind = 'party' WHERE id = $1", second)


def test_placeholders_are_filled_in_one_pass() -> None:
    words = {"name": "{job} & <b>", "job": "Engineer"}
    assert fill("{name}: {job}", words) == "{job} & <b>: Engineer"
