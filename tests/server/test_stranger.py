"""The stranger: every route and every topic, asked for by everybody who must not have it.

The walk reads the routes from the application itself. A new route fails here until it is told how to ask for it, and a
route below `/w` that names no right is refused to everybody.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from server.core import db
from server.core.access import RIGHTS
from server.core.ids import hash_token
from tests.cast import Browser, Cast, Colleague, Visitor
from tests.server.copies import begin
from tests.server.house import House
from tests.server.test_meetings import TOMORROW, meet

WORDS = {"body": "Hello"}
BODIES: dict[str, Any] = {
    "POST /api/jobs": {"title": "T"},
    "PATCH /api/jobs/{job}": {"version": 1},
    "PUT /api/jobs/{job}/questions": {"version": 1, "questions": []},
    "PUT /api/jobs/{job}/state": {"state": "closed"},
    "DELETE /api/jobs/{job}": None,
    "PUT /api/jobs/{job}/flow": {"version": 1, "stages": []},
    "POST /api/flow-templates": {"name": "T", "stages": []},
    "DELETE /api/flow-templates/{template}": None,
    "POST /api/message-templates": {"name": "T", "text": "Hello"},
    "PATCH /api/message-templates/{message_template}": {"version": 1, "name": "Other", "text": "Hello {name}"},
    "DELETE /api/message-templates/{message_template}": None,
    "POST /api/jobs/{job}/video": {},
    "POST /api/jobs/{job}/video/acceptance": {"recording": str(uuid4())},
    "DELETE /api/jobs/{job}/video": None,
    "PUT /api/recordings/{recording}/captions": {"version": 0, "cues": []},
    "POST /api/recordings/{recording}/captions": None,
    "POST /api/jobs/{job}/declines": {
        "cards": [{"card": str(uuid4()), "stage": str(uuid4()), "version": 1}],
        "text": "Thank you.",
        "call_off": True,
    },
    "POST /api/jobs/{job}/moves": {"cards": [{"card": str(uuid4()), "stage": str(uuid4()), "version": 1}]},
    "POST /api/jobs/{job}/assignments": {"cards": [str(uuid4())], "member": str(uuid4()), "part": ""},
    "POST /api/jobs/{job}/messages": {"cards": [str(uuid4())], "text": "Hello"},
    "POST /api/jobs/{job}/tags": {"cards": [str(uuid4())], "tag": "T", "put": False},
    "POST /api/jobs/{job}/reversals": {"event": str(uuid4())},
    "POST /api/applications/{application}/moves": {"stage": str(uuid4()), "version": 1},
    "POST /api/applications/{application}/assignments": {"member": str(uuid4()), "part": "owner"},
    "PUT /api/applications/{application}/following": {"following": True},
    "POST /api/applications/{application}/notes": WORDS,
    "POST /api/applications/{application}/messages": WORDS,
    "POST /api/inbox/reading": {},
    "PUT /api/jobs/{job}/hearing": {"muted": True},
    "POST /api/jobs/{job}/imports": {},
    "PUT /api/imports/{imported}/mapping": {"version": 1},
    "POST /api/imports/{imported}/start": {"version": 1},
    "POST /api/imports/{imported}/cancellation": {},
    "POST /api/jobs/{job}/exports": {"format": "csv"},
    "POST /api/jobs/{job}/list/exports": {"query": ""},
    "POST /api/jobs/{job}/views": {"name": "V", "layout": "list", "query": ""},
    "PATCH /api/views/{view}": {"version": 1},
    "DELETE /api/views/{view}": None,
    "PATCH /api/candidates/{candidate}": {"version": 1},
    "PUT /api/candidates/{candidate}/tags": {"tags": []},
    "PUT /api/candidates/{candidate}/fields/{field}": {"value": ""},
    "POST /api/candidates/{candidate}/files": {},
    "DELETE /api/candidates/{candidate}/files/{file}": None,
    "POST /api/candidates/{candidate}/merges": {"other": str(uuid4()), "version": 1, "other_version": 1},
    "DELETE /api/candidates/{candidate}/merges/{merge}": None,
    "POST /api/candidates/{candidate}/distinctions": {"other": str(uuid4())},
    "POST /api/candidates/{candidate}/applications": {"job": str(uuid4())},
    "PUT /api/applications/{application}/scorecard": {"version": 0, "ratings": {}},
    "POST /api/applications/{application}/scorecard/submission": {"version": 1},
    "POST /api/applications/{application}/scorecard/reopening": {},
    "POST /api/applications/{application}/meetings": {
        "title": "T",
        "starts_at": TOMORROW.isoformat(),
        "minutes": 30,
        "zone": "UTC",
        "members": [str(uuid4())],
    },
    "PUT /api/meetings/{meeting}": {
        "title": "T",
        "starts_at": TOMORROW.isoformat(),
        "minutes": 30,
        "zone": "UTC",
        "members": [str(uuid4())],
        "version": 1,
    },
    "DELETE /api/meetings/{meeting}": None,
    "PUT /api/jobs/{job}/criteria": {"version": 1, "criteria": []},
    "PUT /api/applications/{application}/source": {"source": "Meetup"},
    "PATCH /api/tags/{tag}": {"name": "Other"},
    "DELETE /api/tags/{tag}": None,
    "POST /api/tags/{tag}/merges": {"into": str(uuid4())},
    "POST /api/files": None,
    "DELETE /api/files/{file}": None,
    "POST /api/fields": {"name": "Notice", "kind": "text"},
    "DELETE /api/fields/{field}": None,
    "POST /api/invitations": {"email": "eve@example.org", "role": "reviewer"},
    "DELETE /api/invitations/{invitation}": None,
    "PATCH /api/members/{member}": {"role": "reviewer"},
    "DELETE /api/members/{member}": None,
    "POST /api/sessions/{session}/ending": {},
    "HEAD /recordings/{recording}/{derivative}": None,
    "POST /whip/{recording}": {},
    "DELETE /whip/{recording}": None,
    "POST /api/questions/{question}/takes": {"kind": "video"},
    "POST /api/takes/{take}/acceptance": {},
    "PUT /api/questions/{question}/text": {"text": "Words"},
    "POST /api/questions/{question}/file": {},
    "POST /api/submission": {},
    "POST /api/consent": {"version": 1},
    "POST /api/messages": WORDS,
    "POST /api/links": {},
    "POST /api/handovers": {},
    "POST /api/speed": {},
    "POST /uploads": None,
    "POST /uploads/{upload}": None,
    "HEAD /uploads/{upload}": None,
    "PATCH /uploads/{upload}": None,
    "DELETE /uploads/{upload}": None,
}
OF_THE_ASKER = {  # below /w: nothing in the address that could be somebody else's
    "GET /", "GET /jobs", "GET /people", "GET /api/me", "GET /api/jobs", "POST /api/jobs", "GET /api/inbox",
    "GET /inbox", "GET /api/inbox/older", "POST /api/inbox/reading", "GET /api/people", "GET /api/workspaces",
    "POST /api/invitations", "GET /monitor", "GET /monitoring", "GET /api/flow-templates", "POST /api/flow-templates",
    "GET /api/captions", "GET /templates", "GET /api/message-templates", "POST /api/message-templates",
    "POST /api/fields", "GET /api/tags",
    "GET /home", "GET /candidates", "GET /api/home", "GET /api/find", "GET /api/candidates",
    "GET /api/meetings",
}  # fmt: skip

BEFORE_CONSENT = {  # below /c/a: what is open to those who have agreed to nothing yet
    "GET /", "GET /consent", "POST /api/consent", "GET /api/place", "GET /api/files", "POST /api/messages",
    "POST /api/links",
}  # fmt: skip


def routes(app: Litestar, below: str) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, path with names in braces, handler) of every route below a path."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or not route.path_format.startswith(below):
            continue
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS"}:
                yield str(method), route.path_format.removeprefix(below) or "/", handler


async def ask(browser: Browser, method: str, base: str, path: str, names: dict[str, Any]) -> Any:
    wanted = f"{method} {path}"
    body = None if method == "GET" else BODIES[wanted]  # a new route is added above, and thought about
    options: dict[str, Any] = {}
    if wanted.endswith("/file"):
        options = {"content": b"no film", "headers": {"content-type": "video/mp4"}}
        body = None
    if wanted.startswith("POST") and wanted.endswith("/captions"):
        options = {"content": b"WEBVTT\n", "headers": {"content-type": "text/vtt"}}
    if "whip" in wanted and method == "POST":
        options = {"content": b"v=0", "headers": {"content-type": "application/sdp"}}
        body = None
    if "uploads" in wanted:
        options = {"headers": {"tus-resumable": "1.0.0", "upload-length": "9", "upload-offset": "0"}}
        options["headers"] |= {"content-type": "application/offset+octet-stream", "x-http-method-override": "PATCH"}
    return await browser.call(method, base + path.format(**names), body, **options)


@pytest.fixture
async def scene(cast: Cast) -> dict[str, Any]:
    """Everything of Ada's that somebody could ask for."""
    job = await cast.job()
    cleo = await cast.cleo(job)
    question = (await cleo.questions())[0]
    recording, take = await recorded(cleo, question)
    await cleo.make("POST", f"/takes/{take}/acceptance", {})
    listed = await cast.ada.make("POST", f"/jobs/{job['id']}/imports", content=b"name,email\nN,n@x.example\n")
    await cast.ada.make("POST", "/invitations", {"email": "invited@example.org", "role": "reviewer"})
    invitation = (await cast.ada.read("/people"))["invitations"][0]["id"]
    field = (await cast.ada.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    view = await cast.ada.read(f"/applications/{cleo.application}")
    kept = await cast.ada.make("POST", f"/jobs/{job['id']}/views", {"name": "V", "layout": "list", "query": ""})
    profile = f"/candidates/{view['card']['candidate']}"
    filed = await cast.ada.make("POST", f"{profile}/files?name=cv.txt", content=b"I am Cleo.")
    tagged = await cast.ada.make("PUT", f"{profile}/tags", {"tags": ["Rich text", "Text"]})
    names = {
        "tag": tagged["tags"][0]["id"], "into": tagged["tags"][1]["id"],
        "candidate": filed["id"], "field": field, "merge": str(uuid4()), "file": filed["files"][0]["id"], "page": 1,
        "job": job["id"], "application": cleo.application, "recording": recording, "take": take, "question": question,
        "member": cast.ben.id, "invitation": invitation, "imported": listed["row"]["id"], "derivative": "video",
        "template": await kept_flow(cast.ada, job),
        "message_template": (await cast.ada.make("POST", "/message-templates", {"name": "M", "text": "Hi"}))["id"],
        "session": str(await db.value("SELECT id FROM sign_in WHERE account_id = $1", cast.rae.account)),
        "stage": job["stages"][0]["id"], "view": kept["id"], "meeting": (await meet(cast.ada, cleo))["id"],
        "upload": (await begin(cleo, 9, question=question)).rsplit("/", 1)[1],
    }  # fmt: skip
    return {"names": names, "cleo": cleo, "job": job}


def said(reply: httpx.Response) -> str:
    """The code of a refusal; a reply to HEAD has no body to hold one."""
    return "" if reply.request.method == "HEAD" else str(reply.json()["code"])


async def kept_flow(ada: Colleague, job: dict[str, Any]) -> str:
    """A flow that Ada keeps for later."""
    flow = await ada.read(f"/jobs/{job['id']}/flow")
    kept = await ada.make("POST", "/flow-templates", {"name": "Kept", "stages": flow["stages"]})
    return str(kept[-1]["id"])


async def recorded(cleo: Visitor, question: str) -> tuple[str, str]:
    """A take with its recording, as if a recorder had finished it. Returns (recording, take)."""
    recording, take = uuid4(), uuid4()
    await db.execute(
        "INSERT INTO recording (id, owner, state, source, mime, duration_ms, derivatives) "
        "VALUES ($1, $2, 'ready', 'webrtc', 'video/webm', 9000, '{}')",
        recording,
        f"take:{take}",
    )
    await db.execute(
        "INSERT INTO take (id, workspace_id, application_id, question_id, recording_id, kind, state) "
        "SELECT $1, workspace_id, id, $2, $3, 'video', 'ready' FROM application WHERE id = $4",
        take,
        UUID(question),
        recording,
        UUID(cleo.application),
    )
    return str(recording), str(take)


async def test_every_members_route_turns_away_whoever_is_no_member(
    house: House, cast: Cast, scene: dict[str, Any]
) -> None:
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    cleo: Visitor = scene["cleo"]
    cleos = cast.nobody()
    cookie = cleo.cookies(cleo.at()).split("=", 1)[1]
    cleos.http.cookies.set("greenroom", cookie, domain="127.0.0.1", path="/")
    for method, path, _ in routes(house.app, "/w/{slug}"):
        for who in (cast.nobody(), cast.dan, cast.ben, cleos):
            reply = await ask(who, method, f"/w/{cast.ada.slug}", path, scene["names"])
            assert (reply.status_code, said(reply) or "not_signed_in") == (401, "not_signed_in"), (method, path)
            if method == "GET" and not path.startswith(("/api", "/recordings")):
                place = f"/w/{cast.ada.slug}" + path.format(**scene["names"])
                page = await who.page(place)
                assert (page.status_code, page.headers["location"]) == (302, f"/sign-in?then={place.rstrip('/')}")
    assert (await cast.nobody().get("/w/no-such-place/api/me")).status_code == 401


async def test_nothing_of_adas_is_found_from_dans_workspace(house: House, cast: Cast, scene: dict[str, Any]) -> None:
    before = await fingerprint(cast.ada)
    for method, path, _ in routes(house.app, "/w/{slug}"):
        if f"{method} {path}" in OF_THE_ASKER:
            continue
        reply = await ask(cast.dan, method, f"/w/{cast.dan.slug}", path, scene["names"])
        # without any recorder the question who owns the job is not even asked
        assert (reply.status_code, said(reply) or "not_found") in {(404, "not_found"), (503, "no_recorder")}, (
            method,
            path,
        )
        assert reply.status_code == 404 or path == "/api/jobs/{job}/video"
    assert await fingerprint(cast.ada) == before
    assert await cast.dan.read("/jobs") == []
    assert len((await cast.dan.read("/people"))["members"]) == 1


async def fingerprint(ada: Colleague) -> list[Any]:
    """Everything in Ada's workspace that a stranger could have changed."""
    return [
        await db.rows(lambda *c: c, f"SELECT * FROM {table} WHERE workspace_id = $1 ORDER BY id", ada.workspace)  # noqa: S608
        for table in (
            "job",
            "question",
            "stage",
            "flow_template",
            "message_template",
            "application",
            "note",
            "message",
            "take",
            "answer",
            "invitation",
            "member",
            "candidate",
            "candidate_import",
            "tag",
            "candidate_tag",
            "custom_field",
            "field_value",
            "candidate_file",
            "saved_view",
        )
    ]


async def test_every_members_route_names_a_right_and_asks_for_it(
    house: House, cast: Cast, scene: dict[str, Any]
) -> None:
    seen = 0
    for method, path, handler in routes(house.app, "/w/{slug}"):
        right = handler.opt.get("right")
        assert right in RIGHTS["owner"], f"{method} {path} names no right"
        if right in RIGHTS["reviewer"]:
            continue
        seen += 1
        reply = await ask(cast.rae, method, f"/w/{cast.ada.slug}", path, scene["names"])
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), (method, path)
    assert seen > 10
    for method, path in [("POST", "/invitations"), ("PATCH", f"/members/{cast.rae.id}")]:
        refused = await cast.ben.do(method, path, {"email": "x@example.org", "role": "reviewer"})
        assert refused.status_code == 403  # a recruiter does not manage people
    assert (await cast.rae.do("DELETE", f"/members/{cast.ben.id}")).status_code == 403


async def test_a_role_that_is_taken_away_counts_from_the_next_request(cast: Cast) -> None:
    job = await cast.job()
    await cast.ada.make("PATCH", f"/members/{cast.ben.id}", {"role": "reviewer"})
    assert (await cast.ben.do("PUT", f"/jobs/{job['id']}/state", {"state": "closed"})).status_code == 403


async def test_a_route_that_names_no_right_is_refused_to_the_owner(house: House, cast: Cast) -> None:
    handler = next(h for _, path, h in routes(house.app, "/w/{slug}") if path == "/api/me")
    right = handler.opt.pop("right")
    try:
        assert (await cast.ada.do("GET", "/me")).status_code == 403
    finally:
        handler.opt["right"] = right
    assert (await cast.ada.do("GET", "/me")).status_code == 200


async def test_every_candidates_route_turns_away_whoever_is_not_that_candidate(
    house: House, cast: Cast, scene: dict[str, Any]
) -> None:
    cleo: Visitor = scene["cleo"]
    other = await cast.cleo(scene["job"], "Someone Else")
    intruder = cast.nobody()
    token = other.cookies(other.at()).split("=", 1)[1]
    intruder.http.cookies.set("greenroom_candidate", token, domain="127.0.0.1", path="/")
    owner = cast.nobody()
    token = cast.ada.cookies().split("=", 1)[1]
    owner.http.cookies.set("greenroom_candidate", token, domain="127.0.0.1", path="/")
    for method, path, _ in routes(house.app, "/c/a/{application}"):
        for who in (cast.nobody(), cast.ada, cast.dan, other, intruder, owner):
            reply = await ask(who, method, cleo.at(), path, scene["names"])
            assert (reply.status_code, said(reply) or "not_signed_in") == (401, "not_signed_in"), (method, path)
        if method == "GET" and not path.startswith(("/api", "/recordings")):
            page = await other.page(cleo.at(path.format(**scene["names"])))
            assert (page.status_code, page.headers["location"]) == (302, "/c/lost-link")
    assert other.cookies(cleo.at()) == ""
    assert cleo.cookies("/w/x/api/me") == ""


async def test_a_candidate_reaches_nothing_of_another_by_name(house: House, cast: Cast, scene: dict[str, Any]) -> None:
    other = await cast.cleo(await cast.job(title="Another job"))
    for method, path, _ in routes(house.app, "/c/a/{application}"):
        if "{" not in path:
            continue
        reply = await ask(other, method, other.at(), path, scene["names"])
        assert reply.status_code == 404 or said(reply) == "no_recorder", (method, path, reply.text)


async def test_whom_the_team_added_reaches_little_before_they_agree(
    house: House, cast: Cast, scene: dict[str, Any]
) -> None:
    cleo = await cast.cleo(await cast.job())
    await db.execute("UPDATE application SET consent_at = NULL WHERE id = $1", UUID(cleo.application))
    for method, path, _ in routes(house.app, "/c/a/{application}"):
        reply = await ask(cleo, method, cleo.at(), path, scene["names"])
        refused = reply.status_code == 403 and (said(reply) or "consent_needed") == "consent_needed"
        assert refused == (f"{method} {path}" not in BEFORE_CONSENT), (method, path, reply.text)
        if path == "/api/consent":
            await db.execute("UPDATE application SET consent_at = NULL WHERE id = $1", UUID(cleo.application))


async def test_a_candidate_cookie_ends_with_its_session(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    token = cleo.cookies(cleo.at()).split("=", 1)[1]
    await db.execute("UPDATE candidate_session SET revoked_at = now() WHERE token_hash = $1", hash_token(token))
    assert (await cleo.do("GET", "/place")).status_code == 401


async def test_takes_that_were_not_kept_are_not_for_the_team(cast: Cast, scene: dict[str, Any]) -> None:
    cleo: Visitor = scene["cleo"]
    unkept, _ = await recorded(cleo, (await cleo.questions())[1])
    await db.execute(
        'UPDATE recording SET derivatives = \'{"video": "no/such.webm"}\' WHERE id = ANY($1)',
        [UUID(unkept), UUID(scene["names"]["recording"])],
    )
    view = await cast.ada.read(f"/applications/{cleo.application}")
    assert unkept not in str(view)
    assert (await cast.ada.get(cast.ada.at(f"/recordings/{unkept}/video"))).status_code == 404
