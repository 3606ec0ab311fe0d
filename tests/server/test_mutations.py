"""Every body of every route, with every field replaced by what nobody expects: a code and a sentence, never a bug."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import Browser, Cast
from tests.server.conftest import forget_throttles
from tests.server.house import House
from tests.server.test_meetings import meet, wanted
from tests.server.test_stranger import BODIES, recorded, routes

ODD: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 10**400, 1e308, [], {}, [[]],
    "", "\x00", "\u202e", "'; --", "x" * 20_001, "🫥" * 301, "0190b5a0-0000-7000-8000-000000000000", {"id": 1},
]  # fmt: skip
PUBLIC: dict[str, Any] = {
    "/api/setup": {"token": "t", "workspace": "w", "name": "n", "email": "e@example.org", "password": "p"},
    "/api/sign-in": {"email": "e@example.org", "password": "p"},
    "/api/password-resets": {"email": "e@example.org"},
    "/api/password-resets/t": {"password": "p"},
    "/api/invitations/t/acceptance": {"name": "n", "password": "p"},
    "/c/jobs/{token}/applications": {"name": "n", "email": "e@example.org", "consent": True},
    "/c/links": {"token": "t"},
    "/c/link-requests": {"email": "e@example.org", "job": None},
}


def mutants(body: dict[str, Any]) -> Iterator[Any]:
    """Each field odd, each field missing, one field too many, and no object at all."""
    for name, odd in itertools.product(body, ODD):
        yield body | {name: odd}
    for name in body:
        yield {other: value for other, value in body.items() if other != name}
    yield body | {"more": {"deep": [1]}}
    yield from ([], "text", 7, None)


async def send(browser: Browser, method: str, path: str, body: Any) -> None:
    reply = await browser.call(method, path, body)
    if reply.status_code >= 400:
        failure = reply.json()
        assert set(failure) == {"code", "message", "fields"}, (method, path)
        assert failure["code"] != "broken", (method, path, str(body)[:200])
        assert reply.status_code < 500 or failure["code"] == "no_recorder", (method, path, str(body)[:200], failure)


@pytest.fixture
async def quiet(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without throttles, which would answer before the handler does, and without the cost of passwords."""

    async def unlimited(*_: object) -> None:
        return None

    for module in (
        "workspaces.routes",
        "applications.entering",
        "conversations.routes",
        "interviews.routes",
        "transfers.routes",
        "profiles.routes",
        "listing.routes",
    ):
        monkeypatch.setattr(f"server.hiring.{module}.limit", unlimited)

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr("server.hiring.workspaces.actions.matches", never)


async def test_members_bodies(house: House, cast: Cast, quiet: None) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    names = {"job": job["id"], "application": cleo.application, "member": cast.rae.id, "recording": job["id"]}
    names["invitation"] = names["session"] = job["id"]
    listed = await cast.ada.make("POST", f"/jobs/{job['id']}/imports", content=b"name,email\nN,n@x.example\n")
    view = await cast.ada.read(f"/applications/{cleo.application}")
    names["candidate"] = view["card"]["candidate"]
    names["field"] = (await cast.ada.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    names["file"] = names["merge"] = names["tag"] = job["id"]
    kept = await cast.ada.make("POST", f"/jobs/{job['id']}/views", {"name": "V", "layout": "list", "query": ""})
    names["view"] = kept["id"]
    words = {"name": "M", "text": "Hello"}
    names["message_template"] = (await cast.ada.make("POST", "/message-templates", words))["id"]
    names["imported"] = listed["row"]["id"]
    names["meeting"] = (await meet(cast.ada, cleo))["id"]
    for method, path, _ in routes(house.app, "/w/{slug}"):
        body = BODIES.get(f"{method} {path}")
        if method == "GET" or body is None or "whip" in path:
            continue
        for mutant in mutants(body):
            await send(cast.ada, method, cast.ada.at(path.format(**names)), mutant)
    asked = {"text": "x", "think": 1, "longest": 60, "takes": 1, "id": None}
    for mutant in mutants(asked):
        version = (await cast.ada.read(f"/jobs/{job['id']}"))["version"]
        body = {"version": version, "questions": [mutant]}
        await send(cast.ada, "PUT", cast.ada.at(f"/api/jobs/{job['id']}/questions"), body)
    for mutant in mutants(wanted(cast.ada)):
        await send(cast.ada, "POST", cast.ada.at(f"/api/applications/{cleo.application}/meetings"), mutant)
        body = {**mutant, "version": 1} if isinstance(mutant, dict) else mutant
        await send(cast.ada, "PUT", cast.ada.at(f"/api/meetings/{names['meeting']}"), body)
    place = {"card": cleo.application, "stage": job["stages"][-1]["id"], "version": 10_000}
    for mutant in mutants({"cards": [place], "text": "Thank you.", "call_off": True}):
        await send(cast.ada, "POST", cast.ada.at(f"/api/jobs/{job['id']}/declines"), mutant)
    details = {"title": "t", "location": "l", "remote": True, "description": "d", "colour": 1}
    for mutant in mutants(details):
        version = (await cast.ada.read(f"/jobs/{job['id']}"))["version"]
        body = {**mutant, "version": version} if isinstance(mutant, dict) else mutant
        await send(cast.ada, "PATCH", cast.ada.at(f"/api/jobs/{job['id']}"), body)


async def test_candidates_bodies(house: House, cast: Cast, quiet: None) -> None:
    cleo = await cast.cleo(await cast.job())
    question = (await cleo.questions())[0]
    _, take = await recorded(cleo, question)
    for method, path, _ in routes(house.app, "/c/a/{application}"):
        body = BODIES.get(f"{method} {path}")
        if method == "GET" or body is None or "whip" in path or "file" in path or "speed" in path:
            continue
        for mutant in mutants(body):
            await send(cleo, method, cleo.at(path.format(question=question, take=take)), mutant)


async def test_strangers_bodies(house: House, cast: Cast, quiet: None) -> None:
    token = (await cast.job())["public_url"].rsplit("/", 1)[1]
    nobody = cast.nobody()
    for path, body in PUBLIC.items():
        for mutant in mutants(body):
            await send(nobody, "POST", path.format(token=token), mutant)
    await forget_throttles(house)
