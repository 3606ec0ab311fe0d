"""Jobs: details, questions, states, and the page that anybody may read."""

import asyncio
import contextvars
import re
from typing import Any
from uuid import UUID

import pytest

from server.core import db
from tests.cast import Cast
from tests.server.house import counted


async def test_a_new_job_is_a_draft_with_the_default_flow(cast: Cast) -> None:
    job = await cast.ada.make("POST", "/jobs", {"title": "  Product \t engineer\n "})
    assert (job["title"], job["state"], job["questions"], job["video"]) == ("Product engineer", "draft", [], None)
    kinds = [stage["kind"] for stage in job["stages"]]
    assert kinds == ["inbox", "questions", "review", "interview", "offer", "hired", "declined"]
    assert (await cast.nobody().get(job["public_url"])).status_code == 404
    (row,) = await cast.ben.read("/jobs")
    assert (row["id"], row["people"], [n for _, n in row["counts"]]) == (job["id"], 0, [0] * 7)


async def test_two_editors_do_not_overwrite_each_other(cast: Cast) -> None:
    job = await cast.ada.make("POST", "/jobs", {"title": "Engineer"})
    path, version = f"/jobs/{job['id']}", job["version"]
    both = await asyncio.gather(
        cast.ada.do("PATCH", path, {"version": version, "title": "Ada's"}),
        cast.ben.do("PATCH", path, {"version": version, "location": "Bergen", "remote": True}),
    )
    assert sorted(r.status_code for r in both) == [200, 409]
    refused = next(r for r in both if r.status_code == 409)
    assert refused.json()["code"] == "changed_meanwhile"
    stale = await cast.ben.do("PUT", f"{path}/questions", {"version": version, "questions": [{"text": "?"}]})
    assert stale.json()["code"] == "changed_meanwhile"
    job = await cast.ben.read(path)
    assert job["version"] == version + 1
    later = await cast.ben.make("PATCH", path, {"version": job["version"], "location": "Bergen"})
    assert (later["title"], later["location"]) == (job["title"], "Bergen")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "t" * 301}, "title"),
        ({"location": "l" * 201}, "location"),
        ({"description": "d" * 50_001}, "description"),
        ({"colour": 0}, "colour"),
        ({"colour": 13}, "colour"),
        ({"colour": 10**30}, "colour"),
        ({"description": "zero \x00 byte"}, None),
        ({"location": "zero \x00 byte"}, None),
    ],
)
async def test_details_that_do_not_fit(cast: Cast, change: dict[str, Any], field: str | None) -> None:
    job = await cast.ada.make("POST", "/jobs", {"title": "T"})
    reply = await cast.ada.do("PATCH", f"/jobs/{job['id']}", {"version": job["version"], **change})
    if field is None:
        assert reply.status_code == 200, reply.text
        assert "\x00" not in reply.json()["description"] + reply.json()["location"]
    else:
        assert (reply.status_code, list(reply.json()["fields"])) == (422, [field])
        assert (await cast.ada.read(f"/jobs/{job['id']}"))["version"] == job["version"]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "t" * 2001}, "text"),
        ({"text": "x", "think": -1}, "think"),
        ({"text": "x", "think": 601}, "think"),
        ({"text": "x", "longest": 29}, "longest"),
        ({"text": "x", "longest": 301}, "longest"),
        ({"text": "x", "takes": 0}, "takes"),
        ({"text": "x", "takes": 11}, "takes"),
    ],
)
async def test_questions_that_cannot_be_asked(cast: Cast, question: dict[str, Any], field: str) -> None:
    job = await cast.ada.make("POST", "/jobs", {"title": "T"})
    body = {"version": job["version"], "questions": [{"text": "Fine?"}, question]}
    reply = await cast.ada.do("PUT", f"/jobs/{job['id']}/questions", body)
    assert (reply.status_code, list(reply.json()["fields"])) == (422, [f"questions.1.{field}"])


async def test_questions_are_kept_reordered_and_retired_by_id(cast: Cast) -> None:
    job = await cast.job(questions=3)
    one, two, three = job["questions"]
    foreign = (await cast.job(questions=1))["questions"][0]
    asked = [
        {"id": three["id"], "text": "Third, first?", "takes": 1},
        {"id": one["id"], "text": one["text"]},
        {"text": "  New?  "},
        {"id": foreign["id"], "text": "Of another job?"},
    ]
    after = await cast.ada.make("PUT", f"/jobs/{job['id']}/questions", {"version": job["version"], "questions": asked})
    assert [q["text"] for q in after["questions"]] == ["Third, first?", one["text"], "New?", "Of another job?"]
    assert [q["position"] for q in after["questions"]] == [1, 2, 3, 4]
    ids = [q["id"] for q in after["questions"]]
    assert ids[:2] == [three["id"], one["id"]]
    assert two["id"] not in ids
    assert foreign["id"] not in ids
    assert await db.value("SELECT text FROM question WHERE id = $1", foreign["id"]) == foreign["text"]
    twice = [{"id": one["id"], "text": "A?"}, {"id": one["id"], "text": "B?"}]
    double = await cast.ada.do("PUT", f"/jobs/{job['id']}/questions", {"version": after["version"], "questions": twice})
    assert double.status_code == 422
    eleven = [{"text": f"{n}?"} for n in range(11)]
    many = await cast.ada.do("PUT", f"/jobs/{job['id']}/questions", {"version": after["version"], "questions": eleven})
    assert list(many.json()["fields"]) == ["questions"]


async def test_opening_and_closing(cast: Cast) -> None:
    job = await cast.job(questions=0, state="draft")
    path = f"/jobs/{job['id']}"
    refused = await cast.ada.do("PUT", f"{path}/state", {"state": "open"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_questions")
    wrong = await cast.ada.do("PUT", f"{path}/state", {"state": "ajar"})
    assert list(wrong.json()["fields"]) == ["state"]
    job = await cast.ada.make("PUT", f"{path}/questions", {"version": job["version"], "questions": [{"text": "Why?"}]})
    job = await cast.ada.make("PUT", f"{path}/state", {"state": "open"})
    empty = await cast.ada.do("PUT", f"{path}/questions", {"version": job["version"], "questions": []})
    assert empty.json()["code"] == "no_questions"
    cleo = await cast.cleo(job)
    back = await cast.ada.do("PUT", f"{path}/state", {"state": "draft"})
    assert back.status_code == 409
    await cast.ada.make("PUT", f"{path}/state", {"state": "closed"})
    (row,) = await cast.ada.read("/jobs")
    assert row["closed_at"] is not None
    public = job["public_url"].removeprefix(cast.origin)
    assert (await cast.nobody().page(public)).status_code == 200
    form = {"name": "Late", "email": "late@example.org", "consent": True}
    late = await cast.nobody().call("POST", f"{public}/applications", form)
    assert (late.status_code, late.json()["code"]) == (409, "job_closed")
    assert (await cleo.read("/place"))["job"]["state"] == "closed"
    await cleo.write_everything()  # who is in may finish


async def test_markdown_is_rendered_without_anything_that_runs(cast: Cast) -> None:
    job = await cast.job()
    text = """# Title
**bold** <script>alert(1)</script> <img src=x onerror=alert(1)>
[good](https://example.org) [bad](javascript:alert(1)) [worse](JaVaScRiPt&colon;alert(1)) [data](data:text/html;x)
<a href="vbscript:x" onclick="x" style="x">raw</a> ![picture](https://evil.example/p.png) </script><style>*{}</style>
| a | b |
|---|---|
| 1 | 2 |
"""
    edited = await cast.ada.make("PATCH", f"/jobs/{job['id']}", {"version": job["version"], "description": text})
    html = edited["description_html"]
    assert "<h2>Title</h2>" in html
    assert "<strong>bold</strong>" in html
    assert "<table>" in html
    tags = re.findall(r"<(/?[a-z0-9]+)([^>]*)>", html)
    assert not {name.strip("/") for name, _ in tags} & {"script", "img", "style", "iframe"}
    attributes = [(name, text.strip()) for name, text in tags if text.strip()]
    assert attributes == [("a", 'href="https://example.org" rel="noopener nofollow"')]
    page = (await cast.nobody().page(job["public_url"])).text
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


async def test_the_public_page_says_no_more_than_it_must(cast: Cast) -> None:
    job = await cast.job()
    page = (await cast.nobody().page(job["public_url"])).text
    assert job["title"] in page
    for secret in (job["id"], str(cast.ada.workspace), cast.ada.email, str(cast.ada.id), cast.ada.slug):
        assert secret not in page


async def test_the_public_page_says_how_long_an_answer_may_be(cast: Cast) -> None:
    job = await cast.job(questions=0, state="draft")
    asked = [{"text": f"{longest}?", "longest": longest} for longest in (30, 45, 60, 90, 120)]
    await cast.ada.make("PUT", f"/jobs/{job['id']}/questions", {"version": job["version"], "questions": asked})
    await cast.ada.make("PUT", f"/jobs/{job['id']}/state", {"state": "open"})
    page = (await cast.nobody().page(job["public_url"])).text
    assert re.findall(r"<small>(up to [^<]+)</small>", page) == [
        "up to 30 seconds",
        "up to 45 seconds",
        "up to 1 minute",
        "up to 1.5 minutes",
        "up to 2 minutes",
    ]


async def test_lists_cost_the_same_queries_for_one_and_for_three(cast: Cast) -> None:
    async def cost(path: str, *, page: bool = False) -> int:
        fewest = 1000
        for _ in range(3):  # the hub asks for the heads of topics now and then, on the same connections
            with counted() as seen:
                reply = await (cast.ada.page(cast.ada.at(path)) if page else cast.ada.get(cast.ada.at(path)))
            assert reply.status_code == 200
            fewest = min(fewest, len(seen))
        return fewest

    async def costs() -> dict[str, int]:
        paths = ["/api/jobs", "/api/people", "/api/inbox", f"/api/jobs/{job['id']}/board", f"/api/jobs/{job['id']}"]
        paths += [f"/api/applications/{first.application}"]
        pages = ["/jobs", f"/jobs/{job['id']}", f"/applications/{first.application}", "/people"]
        found = {path: await cost(path) for path in paths} | {path: await cost(path, page=True) for path in pages}
        return found | {"place": await cost_of_place()}

    async def cost_of_place() -> int:
        fewest = 1000
        for _ in range(3):
            with counted() as seen:
                await first.read("/place")
            fewest = min(fewest, len(seen))
        return fewest

    async def talk(number: int) -> None:
        await cast.ada.make("POST", f"/applications/{first.application}/notes", {"body": f"Note {number}"})
        await cast.ben.make("POST", f"/applications/{first.application}/messages", {"body": f"Message {number}"})
        await first.make("POST", "/messages", {"body": f"Reply {number}"})

    job = await cast.job(questions=1)
    first = await cast.cleo(job)
    await talk(1)
    one = await costs()
    for number in (2, 3):
        await cast.job(title=f"Job {number}")
        await cast.cleo(job, f"Candidate {number}")
        await talk(number)
        await cast.ada.make("POST", "/invitations", {"email": f"eve{number}@example.org", "role": "reviewer"})
        view = await cast.ada.read(f"/jobs/{job['id']}")
        asked = [*view["questions"], {"text": f"Question {number}?"}]
        await cast.ada.make(
            "PUT", f"/jobs/{job['id']}/questions",
            {"version": view["version"], "questions": [{k: v for k, v in q.items() if k != "position"} for q in asked]},
        )  # fmt: skip
    await first.write_everything()
    three = await costs()
    assert three == one
    assert max(one.values()) <= 18, one


async def test_a_draft_that_nobody_applied_to_can_be_deleted(cast: Cast) -> None:
    job = await cast.job(state="draft")
    path = f"/jobs/{job['id']}"
    for stranger, status in [(cast.rae, 403), (cast.dan, 404)]:
        assert (await stranger.do("DELETE", path)).status_code == status
    assert (await cast.nobody().call("DELETE", cast.ada.at(f"/api{path}"))).status_code == 401
    await cast.ben.make("DELETE", path)
    assert await cast.ada.read("/jobs") == []
    assert (await cast.ada.do("GET", path)).json()["code"] == "not_found"
    assert (await cast.ada.do("DELETE", path)).json()["code"] == "not_found"
    left = "SELECT count(*) FROM {} WHERE job_id = $1"
    assert [await db.value(left.format(table), UUID(job["id"])) for table in ("question", "stage")] == [0, 0]
    told = await db.value(
        "SELECT payload ->> 'title' FROM event WHERE kind = 'draft_deleted' AND subject = $1", f"job:{job['id']}"
    )
    assert told == job["title"]


async def test_a_job_that_people_saw_is_closed_and_not_deleted(cast: Cast) -> None:
    job = await cast.job()
    path = f"/jobs/{job['id']}"
    await cast.cleo(job)
    for _ in range(2):
        refused = await cast.ada.do("DELETE", path)
        assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
        await cast.ada.make("PUT", f"{path}/state", {"state": "closed"})
    assert (await cast.ada.read(path))["state"] == "closed"


async def test_what_the_process_asks_by_itself_is_not_counted(cast: Cast) -> None:
    with counted() as seen:
        await asyncio.create_task(db.value("SELECT 1"), context=contextvars.Context())
        await cast.ada.read("/me")
        await db.value("SELECT 2")
    assert "SELECT 1" not in seen
    assert seen[-1] == "SELECT 2"
    assert len(seen) > 1
