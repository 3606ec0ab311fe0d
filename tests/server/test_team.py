"""Who looks after whom: owners and reviewers, by hand, by a stage, and when somebody leaves."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor, join
from tests.server.house import House, drain
from tests.server.test_flow import doing, flow_of, move, needing, put


async def assign(who: Colleague, cleo: Visitor, member: Colleague, part: str) -> Json:
    body = {"member": str(member.id), "part": part}
    return await who.make("POST", f"/applications/{cleo.application}/assignments", body)


async def team_of(cast: Cast, cleo: Visitor) -> tuple[str | None, list[str]]:
    names = {str(one.id): one.name for one in (cast.ada, cast.ben, cast.rae)}
    card = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]
    return names.get(card["owner"]), sorted(names[one] for one in card["reviewers"])


async def test_an_application_has_one_owner_and_some_reviewers(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await assign(cast.ada, cleo, cast.ben, "owner")
    await assign(cast.ben, cleo, cast.rae, "reviewer")
    assert await team_of(cast, cleo) == ("Ben", ["Rae"])
    await assign(cast.ada, cleo, cast.rae, "owner")
    assert await team_of(cast, cleo) == ("Rae", [])
    await asyncio.gather(*(assign(cast.ada, cleo, one, "reviewer") for one in (cast.ada, cast.ben)))
    assert await team_of(cast, cleo) == ("Rae", ["Ada", "Ben"])
    before = (await cast.ada.read(f"/applications/{cleo.application}"))["card"]["version"]
    assert (await assign(cast.ada, cleo, cast.ben, "reviewer"))["version"] == before, "it is so already"
    await assign(cast.ada, cleo, cast.rae, "")
    assert await team_of(cast, cleo) == (None, ["Ada", "Ben"])


async def test_who_may_assign_whom(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}/assignments"
    for who, member, part, status in [
        (cast.rae, cast.rae.id, "reviewer", 403),
        (cast.ada, cast.dan.id, "reviewer", 422),
        (cast.ada, uuid4(), "owner", 422),
        (cast.ada, cast.ben.id, "boss", 422),
        (cast.dan, cast.dan.id, "owner", 404),
    ]:
        assert (await who.do("POST", path, {"member": str(member), "part": part})).status_code == status
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await db.execute(
            "INSERT INTO assignment (id, workspace_id, application_id, member_id, part, at) "
            "SELECT gen_random_uuid(), workspace_id, id, $2, 'reviewer', now() FROM application WHERE id = $1",
            UUID(cleo.application),
            cast.dan.id,
        )


async def test_a_board_shows_what_is_mine(cast: Cast) -> None:
    job = await cast.job()
    own, reviewed, other = [await cast.cleo(job, name) for name in ("Own", "Reviewed", "Other")]
    await assign(cast.ada, own, cast.ben, "owner")
    await assign(cast.ada, reviewed, cast.ben, "reviewer")
    await assign(cast.ada, other, cast.rae, "owner")
    board = await cast.ben.read(f"/jobs/{job['id']}/board?team={cast.ben.id}")
    assert sorted(card["name"] for card in board["cards"]) == ["Own", "Reviewed"]
    assert await cast.ben.read(f"/jobs/{job['id']}/board?team=me") == board
    assert (await cast.ben.do("GET", f"/jobs/{job['id']}/board?team=x")).status_code == 422


async def test_who_leaves_is_on_no_team(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, f"Number {number}") for number in range(2)]
    for cleo, part in zip(people, ("owner", "reviewer"), strict=True):
        await assign(cast.ada, cleo, cast.ben, part)
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    await drain()
    assert [await team_of(cast, cleo) for cleo in people] == [(None, []), (None, [])]


async def test_stages_assign_in_turn(house: House, cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, f"Number {number}") for number in range(4)]
    stages = (await flow_of(job, cast.ada))["stages"]
    everybody = [str(one.id) for one in (cast.ada, cast.ben, cast.rae)]
    reviewers = {"id": str(uuid4()), "kind": "assign", "people": everybody, "count": 2}
    owner = {"id": str(uuid4()), "kind": "own", "people": everybody[:2], "count": 1}
    wrongs: list[tuple[Json, str]] = [({"people": []}, "people"), ({"count": 4}, "count"), ({"count": 0}, "count")]
    for wrong, field in wrongs:
        bad = doing(stages, 2, reviewers | wrong)
        reply = await cast.ada.do("PUT", f"/jobs/{job['id']}/flow", {"version": 1, "stages": bad})
        assert [*reply.json()["fields"]] == [f"stages.2.actions.0.{field}"]
    await put(cast.ada, job, doing(stages, 2, reviewers, owner))
    for cleo in people[:3]:
        await move(cast.ada, cleo, stages[2]["id"])
        await drain()
    teams = [await team_of(cast, cleo) for cleo in people[:3]]
    assert sorted(str(owner) for owner, _ in teams) == ["Ada", "Ada", "Ben"]
    assert all(reviewing and owner not in reviewing for owner, reviewing in teams), teams
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    await move(cast.ada, people[3], stages[2]["id"])
    await drain()
    owner_of_last, reviewing = await team_of(cast, people[3])
    assert owner_of_last in {None, "Ada"}
    assert "Ben" not in reviewing


async def test_a_stage_can_ask_for_an_owner(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo")
    stages = (await flow_of(job, cast.ada))["stages"]
    await put(cast.ada, job, needing(stages, 3, kind="owner"))
    refused = await move(cast.ada, cleo, stages[3]["id"])
    assert refused.json()["message"] == "Cleo cannot go to Interview yet: it has no owner."
    await assign(cast.ada, cleo, cast.rae, "owner")
    assert (await move(cast.ada, cleo, stages[3]["id"])).status_code == 200


async def bell(who: Colleague) -> list[str]:
    return [line["kind"] for line in (await who.read("/inbox"))["notifications"]]


async def test_notes_mention_members(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await drain()
    notes = f"/applications/{cleo.application}/notes"
    body = f"<@{cast.rae.id}> have a look, <@{cast.rae.id}>. And <@{cast.ada.id}>."
    note = await cast.ben.make("POST", notes, {"body": body})
    assert {one["name"] for one in note["mentions"]} == {"Ada", "Rae"}
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert view["notes"][0]["mentions"] == note["mentions"]
    assert view["following"]
    timeline = await cast.ada.read(f"/candidates/{view['card']['candidate']}/timeline")
    assert timeline["entries"][0]["text"] == "@Rae have a look, @Rae. And @Ada."
    for wrong in (f"<@{cast.dan.id}>", f"<@{uuid4()}>", " ".join(f"<@{uuid4()}>" for _ in range(21))):
        reply = await cast.ben.do("POST", notes, {"body": wrong})
        assert (reply.status_code, [*reply.json()["fields"]]) == (422, ["body"])
    await drain()
    assert (await bell(cast.rae))[0] == "mentioned"
    assert (await bell(cast.ada))[0] == "mentioned"
    assert "mentioned" not in await bell(cast.ben)
    message = {"body": f"Hello <@{cast.rae.id}>"}
    await cast.ben.make("POST", f"/applications/{cleo.application}/messages", message)
    await drain()
    assert (await bell(cast.rae)).count("mentioned") == 1, "in a message to the candidate nobody is mentioned"


async def test_who_follows_hears_of_notes(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}"

    async def note(who: Colleague, body: str = "A note") -> None:
        await who.make("POST", f"{path}/notes", {"body": body})
        await drain()

    await note(cast.ben)
    assert "noted" not in await bell(cast.ada)
    await cast.ada.make("PUT", f"{path}/following", {"following": True})
    await note(cast.rae)
    assert ((await bell(cast.ada)).count("noted"), (await bell(cast.ben)).count("noted")) == (1, 1)
    await cast.ben.make("PUT", f"{path}/following", {"following": False})
    await note(cast.rae)
    await note(cast.ben, "Writing again does not bring it back")
    await note(cast.rae)
    await cleo.make("POST", "/messages", {"body": "Hello?"})
    await drain()
    assert (await bell(cast.ben)).count("noted") == 1
    assert "message" not in await bell(cast.ben), "unfollowed is quiet"
    await note(cast.rae, f"But you, <@{cast.ben.id}>")
    assert (await bell(cast.ben))[0] == "mentioned"
    assert (await cast.dan.do("PUT", f"{path}/following", {"following": True})).status_code == 404


async def test_who_is_assigned_follows_and_is_told(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    await assign(cast.ada, cleo, cast.rae, "reviewer")
    await assign(cast.ada, cleo, cast.ben, "owner")
    await assign(cast.ada, cleo, cast.ada, "reviewer")
    await drain()
    assert (await bell(cast.rae))[0] == "made_reviewer"
    assert (await bell(cast.ben))[0] == "made_owner"
    assert not {"made_owner", "made_reviewer"} & set(await bell(cast.ada)), "what one did oneself is no news"
    assert (await cast.rae.read(f"/applications/{cleo.application}"))["following"]


async def test_colleagues_of_one_name_are_told_apart_where_they_are_chosen(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    other = await join(cast.ada.origin, cast.ada.transport, cast.ada.workspace, cast.ada.slug, "Ben", "reviewer")
    people = (await cast.ada.read(f"/applications/{cleo.application}"))["people"]
    assert [one["name"] for one in people] == ["Ada", f"Ben ({cast.ben.email})", "Rae", f"Ben ({other.email})"]
    await cast.ada.make("DELETE", f"/members/{other.id}")
    people = (await cast.ada.read(f"/applications/{cleo.application}"))["people"]
    assert [one["name"] for one in people] == ["Ada", "Ben", "Rae"]
