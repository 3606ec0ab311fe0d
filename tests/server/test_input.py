"""Bad input: whatever a stranger sends gets a code and a sentence, never a stack trace; every reply is protected."""

import asyncio
import contextlib
import json
from typing import Any

import pytest

from server.app import serving
from tests.cast import Cast
from tests.server.house import House

HEADERS = {
    "content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "cache-control",
}  # fmt: skip


def failure(reply: Any, status: int, code: str) -> dict[str, str]:
    """The fields of a refusal, which has the one shape that all have."""
    assert (reply.status_code, reply.json().get("code")) == (status, code), reply.text
    assert set(reply.json()) == {"code", "message", "fields"}
    assert reply.headers["content-type"] == "application/json"
    assert len(reply.json()["message"]) > 10
    assert "Traceback" not in reply.text
    fields: dict[str, str] = reply.json()["fields"]
    return fields


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        (b"{", "bad_request", []),
        (b"\xff\xfe", "bad_request", []),
        (b'{"email": "\\ud800"}', "bad_request", []),
        (b"[" * 100_000, "bad_request", []),
        (b'{"email": ' + b"[" * 100_000, "bad_request", []),
        (b"", "invalid", None),
        (b"null", "invalid", None),
        (b"[]", "invalid", None),
        (b"{}", "invalid", ["email"]),
        (b'{"email": 7, "password": "x"}', "invalid", ["email"]),
        (b'{"email": "a\\u0000b@example.org", "password": "x"}', None, None),
    ],
)
async def test_a_body_that_makes_no_sense(cast: Cast, body: bytes, code: str | None, fields: list[str] | None) -> None:
    reply = await cast.nobody().call("POST", "/api/sign-in", content=body, headers={"content-type": "application/json"})
    if code is None:
        assert reply.status_code in {401, 422}
        return
    found = failure(reply, 400 if code == "bad_request" else 422, code)
    if fields is not None:
        assert list(found) == fields


async def test_wrong_types_in_every_depth_name_the_field(cast: Cast) -> None:
    job = await cast.job(state="draft")
    path = f"/jobs/{job['id']}"
    for method, place, body in [
        ("PATCH", path, {"version": "one"}),
        ("PATCH", path, {"version": 1, "remote": "yes"}),
        ("PUT", f"{path}/questions", {"version": 1, "questions": [{"text": 1}]}),
        ("PUT", f"{path}/questions", {"version": 1, "questions": {"text": "x"}}),
        ("PUT", f"{path}/state", {"state": ["open"]}),
        ("POST", "/invitations", {"email": None, "role": "reviewer"}),
        ("POST", "/jobs", {"title": 9}),
    ]:
        failure(await cast.ada.do(method, place, body), 422, "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_json_must_say_that_it_is_json(cast: Cast, kind: str) -> None:
    body = json.dumps({"title": "A form of another site could send this"}).encode()
    headers = {"content-type": kind} if kind else {}
    reply = await cast.ada.do("POST", "/jobs", content=body, headers=headers)
    failure(reply, 415, "unsupported_type")
    assert await cast.ada.read("/jobs") == []


async def test_bodies_beyond_the_limit_are_refused_announced_or_not(cast: Cast) -> None:
    large = b'{"title": "' + b"x" * 1_100_000 + b'"}'
    headers = {"content-type": "application/json"}
    failure(await cast.ada.do("POST", "/jobs", content=large, headers=headers), 413, "too_large")

    async def slowly() -> Any:
        for at in range(0, len(large), 65536):
            yield large[at : at + 65536]

    failure(await cast.ada.do("POST", "/jobs", content=slowly(), headers=headers), 413, "too_large")
    cleo = await cast.cleo(await cast.job())
    failure(await cleo.do("POST", "/speed", content=b"x" * (4 * 1024**2 + 4096)), 413, "too_large")


async def test_unknown_paths_and_methods_for_scripts_and_for_people(cast: Cast) -> None:
    nobody = cast.nobody()
    for path in [
        "/nothing",
        "/w/x/y/z",
        "/c/jobs/unknown",
        "/c/a/no-uuid/api/place",
        "/static/../app.py",
        "/static/x.js",
    ]:
        failure(await nobody.get(path), 404, "not_found")
        page = await nobody.page(path)
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert "<h1" in page.text
        assert "Traceback" not in page.text
    failure(await nobody.call("PUT", "/sign-in", {}), 405, "method_not_allowed")
    failure(await nobody.get("/w/x/live"), 405, "method_not_allowed")  # a websocket's address
    for path in ["/setup/x", "/invitations/x", "/reset/x"]:
        failure(await nobody.get(path), 410, "link_expired")
        assert (await nobody.page(path)).status_code == 410
    failure(await cast.ada.do("GET", "/jobs/0190b5a0-0000-7000-8000-000000000000"), 404, "not_found")
    failure(await cast.ada.get(cast.ada.at("/recordings/0190b5a0-0000-7000-8000-000000000000/evil")), 404, "not_found")


async def test_bytes_that_no_address_has(cast: Cast) -> None:
    for path in ["/c/jobs/%00", "/w/%00/api/me", "/w/%ff/api/me", "/c/jobs/%F0%9F%98%80", "/c/link/" + "x" * 500]:
        reply = await cast.ada.get(path)
        assert 400 <= reply.status_code < 500, (path, reply.text)
        assert "code" in reply.json()
    odd = await cast.ada.get("/w/x/api/me", headers={"cookie": "greenroom=%00; ;;="})
    assert odd.status_code == 401


async def test_every_reply_carries_the_security_headers(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    nobody = cast.nobody()
    page = await nobody.page("/sign-in")
    built = page.text.split("/static/", 1)[1].split('"', 1)[0]
    replies = [
        page,
        await nobody.get(f"/static/{built}"),
        await nobody.get("/nothing"),
        await nobody.page("/nothing"),
        await nobody.get(cast.ada.at("/api/me")),
        await nobody.page(cast.ada.at("/jobs")),
        await nobody.call("POST", "/api/sign-in", {}),
        await nobody.call("POST", "/api/sign-in", {}, headers={"origin": "https://evil.example"}),
        await nobody.call("DELETE", "/sign-in"),
        await cast.ada.page(cast.ada.at("/jobs")),
        await cleo.page(cleo.at()),
        await cleo.get(cleo.at("/api/place")),
        await nobody.get("/health"),
    ]
    for reply in replies:
        missing = HEADERS - set(reply.headers)
        assert not missing, (reply.request.url, missing)
        assert "'unsafe" not in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in replies[1].headers["cache-control"]
    for reply in [replies[0], *replies[2:]]:
        assert reply.headers["cache-control"] == "no-store", reply.request.url


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://127.0.0.1"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, True),
    ],
)
async def test_only_our_own_pages_may_change_anything(cast: Cast, headers: dict[str, str], allowed: bool) -> None:
    cookie = cast.ada.cookies()
    reply = await cast.ada.http.post(
        cast.ada.at("/api/jobs"), json={"title": "T"}, headers={"cookie": cookie, **headers}
    )
    if allowed:
        assert reply.status_code == 201
    else:
        failure(reply, 403, "foreign_origin")


async def test_no_secret_reaches_the_log(house: House, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    job = await cast.job()
    cleo = await cast.cleo(job, "Zaphod Beeblebrox")
    token = cleo.link.rsplit("/", 1)[1]
    session = cleo.cookies(cleo.at()).split("=", 1)[1]
    await cleo.page(f"/c/link/{token}")
    await cleo.done("POST", "/c/links", {"token": token})
    await cleo.page(f"/reset/{token}")
    await cleo.make("POST", "/messages", {"body": "my deepest secret"})
    await cleo.do("POST", "/messages", {"body": "my deepest secret" * 1000})
    await cleo.do("POST", "/messages", {"body": ["my deepest secret"]})
    await cleo.get("/c/jobs/%00my-deepest-secret")
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "uvicorn.access"))]
    said = "\n".join(record.getMessage() for record in ours)
    for text in (token, session, "my deepest secret", "my-deepest-secret", "Zaphod", cleo.email):
        assert text not in said
    assert serving(house.app, house.settings).access_log is False


async def test_a_bug_is_logged_without_what_people_wrote(
    cast: Cast, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.hiring.jobs import queries

    async def broken(*_: object) -> None:
        raise RuntimeError("words of a candidate".upper())

    monkeypatch.setattr(queries, "rows", broken)
    reply = await cast.ada.do("GET", "/jobs")
    failure(reply, 500, "broken")
    assert set(reply.headers) >= HEADERS
    page = await cast.ada.page(cast.ada.at("/jobs"))
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    assert "RuntimeError" in caplog.text
    assert "in broken" in caplog.text
    assert "WORDS OF A CANDIDATE" not in caplog.text + page.text


async def test_half_a_request_and_a_vanished_browser_leave_nothing_behind(house: House, cast: Cast) -> None:
    for sent in [
        b"POST /api/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ]:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.settings.port)
        writer.write(sent)
        await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await reader.read()
    assert (await cast.ada.do("GET", "/me")).status_code == 200


@pytest.mark.parametrize("key", ["short", "x" * 65])
async def test_an_idempotency_key_has_a_length(cast: Cast, key: str) -> None:
    failure(await cast.ada.do("POST", "/jobs", {"title": "T"}, key=key), 422, "invalid")


async def test_the_same_key_gives_the_same_reply_and_nothing_twice(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    path = f"/applications/{cleo.application}/notes"
    first = await cast.ada.do("POST", path, {"body": "Once"}, key="a-key-of-ada")
    again = await cast.ada.do("POST", path, {"body": "Once"}, key="a-key-of-ada")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["content-type"] == again.headers["content-type"]
    assert len((await cast.ada.read(f"/applications/{cleo.application}"))["notes"]) == 1
    other = await cast.ada.do("POST", path, {"body": "Something else"}, key="a-key-of-ada")
    failure(other, 422, "key_reused")
    elsewhere = await cast.ada.do(
        "POST", f"/applications/{cleo.application}/messages", {"body": "Once"}, key="a-key-of-ada"
    )
    failure(elsewhere, 422, "key_reused")
    bens = await cast.ben.do("POST", path, {"body": "Once"}, key="a-key-of-ada")  # keys are each person's own
    assert bens.status_code == 201


async def test_the_same_request_many_times_at_once_happens_once(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    replies = await asyncio.gather(
        *(cleo.do("POST", "/messages", {"body": "Pressed twice"}, key="pressed-twice") for _ in range(8))
    )
    assert {(r.status_code, r.content) for r in replies} == {(201, replies[0].content)}
    assert len((await cleo.read("/place"))["messages"]) == 1


async def test_a_refused_request_may_be_tried_again_with_its_key(cast: Cast) -> None:
    job = await cast.job(questions=0, state="draft")
    path = f"/jobs/{job['id']}/state"
    failure(await cast.ada.do("PUT", path, {"state": "open"}, key="open-the-job"), 409, "no_questions")
    await cast.ada.make(
        "PUT", f"/jobs/{job['id']}/questions", {"version": job["version"], "questions": [{"text": "Why?"}]}
    )
    assert (await cast.ada.make("PUT", path, {"state": "open"}, key="open-the-job"))["state"] == "open"
