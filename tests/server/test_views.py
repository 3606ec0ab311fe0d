"""Saved views: everybody's own, and those for everybody, which are for who edits jobs; live, and never a stranger's."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json

VIEW = {"name": "  Waiting   on us ", "layout": "list", "query": "sort=-waiting&waiting=1&view=x&evil=%3Cb%3E&q=a+b"}


async def names(who: Colleague, job: Json) -> list[str]:
    return [view["name"] for view in await who.read(f"/jobs/{job['id']}/views")]


@pytest.fixture
async def job(cast: Cast) -> Json:
    return await cast.job()


async def save(who: Colleague, job: Json, **more: Any) -> Json:
    return await who.make("POST", f"/jobs/{job['id']}/views", VIEW | more)


async def test_everybody_keeps_views_of_their_own(cast: Cast, job: Json) -> None:
    made = await save(cast.rae, job)
    assert (made["name"], made["query"], made["shared"], made["version"]) == (
        "Waiting on us", "q=a+b&sort=-waiting&waiting=1", False, 1,
    )  # fmt: skip
    assert (await names(cast.rae, job), await names(cast.ada, job)) == (["Waiting on us"], [])
    path = f"/views/{made['id']}"
    for who in (cast.ada, cast.ben, cast.dan):
        for method, body in (("PATCH", {"version": 1, "name": "Mine"}), ("DELETE", None)):
            assert (await who.do(method, path, body)).status_code == 404
    changed = await cast.rae.make("PATCH", path, {"version": 1, "name": "Late", "layout": "board", "query": "new=1"})
    assert (changed["name"], changed["layout"], changed["query"], changed["version"]) == ("Late", "board", "new=1", 2)
    stale = await cast.rae.do("PATCH", path, {"version": 1, "name": "Later"})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    await cast.rae.make("DELETE", path)
    assert await names(cast.rae, job) == []


async def test_who_only_reviews_shares_nothing_and_changes_nothing_shared(cast: Cast, job: Json) -> None:
    refused = await cast.rae.do("POST", f"/jobs/{job['id']}/views", VIEW | {"shared": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    shared = await save(cast.ben, job, shared=True, name="For all")
    own = await save(cast.rae, job)
    assert await names(cast.rae, job) == ["For all", "Waiting on us"]
    for method, path, body in (
        ("PATCH", f"/views/{shared['id']}", {"version": 1, "name": "x"}),
        ("PATCH", f"/views/{own['id']}", {"version": 1, "shared": True}),
        ("DELETE", f"/views/{shared['id']}", None),
    ):
        assert (await cast.rae.do(method, path, body)).status_code == 403
    renamed = await cast.ada.make("PATCH", f"/views/{shared['id']}", {"version": 1, "name": "Ours"})
    assert (renamed["by"]["name"], await names(cast.rae, job)) == ("Ben", ["Ours", "Waiting on us"])
    await cast.ada.make("PATCH", f"/views/{shared['id']}", {"version": 2, "shared": False})
    assert (await names(cast.ben, job), await names(cast.ada, job)) == (["Ours"], [])
    await db.execute("UPDATE saved_view SET shared = true WHERE id = $1", UUID(shared["id"]))
    await cast.ada.make("DELETE", f"/views/{shared['id']}")
    assert await names(cast.ben, job) == []


async def test_a_view_is_of_one_job_or_of_all(cast: Cast, job: Json) -> None:
    other = await cast.job(title="Another")
    await save(cast.ada, job, name="Here")
    there = await save(cast.ada, job, name="Everywhere", everywhere=True, shared=True)
    assert (there["job"], await names(cast.ada, other)) == (None, ["Everywhere"])
    assert await names(cast.ada, job) == ["Everywhere", "Here"]
    staged = {"query": f"stage={job['stages'][0]['id']}", "everywhere": True}
    reply = await cast.ada.do("POST", f"/jobs/{job['id']}/views", VIEW | staged)
    assert (reply.status_code, list(reply.json()["fields"])) == (422, ["everywhere"])
    reply = await cast.ada.do("PATCH", f"/views/{there['id']}", {"version": 1, "query": staged["query"]})
    assert (reply.status_code, list(reply.json()["fields"])) == (422, ["everywhere"])


async def test_what_no_list_can_show_is_no_view(cast: Cast, job: Json) -> None:
    for body, field in (
        ({"name": " "}, "name"), ({"name": "x" * 61}, "name"), ({"query": "owner=x"}, "owner"),
        ({"query": "sort=x"}, "sort"), ({"query": "columns=x"}, "columns"), ({"query": "x" * 4001}, "query"),
    ):  # fmt: skip
        reply = await cast.ada.do("POST", f"/jobs/{job['id']}/views", VIEW | body)
        assert (reply.status_code, list(reply.json()["fields"])[:1]) in ((422, [field]), (422, ["columns"])), body
    kept = await save(cast.ada, job, name="<b>" + "🎈" * 20 + "نور", query=f"columns=field:{uuid4()},stage")
    assert kept["name"].startswith("<b>🎈")
    await db.execute("INSERT INTO saved_view SELECT gen_random_uuid(), workspace_id, job_id, member_id, name, layout, "
                     "query, shared, version, changed_at FROM saved_view, generate_series(1, 99) WHERE id = $1",
                     UUID(kept["id"]))  # fmt: skip
    full = await cast.ada.do("POST", f"/jobs/{job['id']}/views", VIEW)
    assert (full.status_code, list(full.json()["fields"])) == (422, ["name"])


async def test_a_view_that_was_kept_twice_by_a_retry_is_one(cast: Cast, job: Json) -> None:
    path, key = f"/jobs/{job['id']}/views", str(uuid4())
    first, second = [await cast.ada.make("POST", path, VIEW, key=key) for _ in range(2)]
    assert first == second
    assert await names(cast.ada, job) == ["Waiting on us"]


async def test_others_hear_of_what_is_shared_and_of_nothing_else(cast: Cast, job: Json) -> None:
    async def heard() -> list[str]:
        return await db.rows(
            str,
            "SELECT split_part(topic, ':', 1) FROM realtime_log WHERE topic = ANY($1) "
            "AND convert_from(payload, 'UTF8') LIKE '%\"views\"%' ORDER BY topic, seq",
            [f"workspace:{cast.ada.workspace}", *(f"member:{who.id}" for who in (cast.ada, cast.ben, cast.rae))],
        )

    own = await save(cast.ada, job)
    assert await heard() == ["member"]
    await cast.ada.make("PATCH", f"/views/{own['id']}", {"version": 1, "shared": True})
    assert await heard() == ["member", "workspace"]
    await cast.ada.make("PATCH", f"/views/{own['id']}", {"version": 2, "shared": False})
    assert await heard() == ["member", "workspace", "workspace"]
    await cast.ada.make("DELETE", f"/views/{own['id']}")
    assert await heard() == ["member", "member", "workspace", "workspace"]
