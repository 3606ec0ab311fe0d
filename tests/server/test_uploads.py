"""The browser's own copy, piece by piece over tus: nothing that was acknowledged is lost."""

import asyncio
import base64
import contextlib
import hashlib
import random
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from tusclient.client import TusClient

from media import tus
from media.storage import Storage
from server.core import db, runtime
from server.hiring.interviews import copying
from tests.cast import Cast, Visitor
from tests.ports import free_port
from tests.server import takes
from tests.server.copies import TUS, announce, begin, code, offset, send, take_of
from tests.server.house import House, drain, environment_of


async def break_off(
    port: int, cleo: Visitor, path: str, start: int, content: bytes, sent: int, pause: float = 0
) -> None:
    """A PATCH whose connection is gone after so many bytes of its body."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cleo.cookies(path)}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {start}\r\nContent-Type: {tus.BODY}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content[:sent])
    await writer.drain()
    await asyncio.sleep(pause)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize("seed", range(4))
async def test_a_sender_whose_connection_breaks_goes_on(house: House, cleo: Visitor, film: bytes, seed: int) -> None:
    chance = random.Random(seed)
    path, at, known = await begin(cleo, len(film)), 0, 0
    for _ in range(4):
        left = len(film) - at
        cut = chance.choice([0, 1, chance.randrange(left), left // 2])
        await break_off(house.settings.port, cleo, path, at, film[at:], cut)
        known, at = at, await offset(cleo, path)
        assert known <= at <= known + cut
    while (at := await offset(cleo, path)) < len(film):  # what broke off may still come to be counted
        assert (await send(cleo, path, at, film[at : at + 20_000])).status_code in {204, 409}
    await drain()
    assert (await cleo.get((await take_of(cleo))["url"])).content == film


@contextlib.asynccontextmanager
async def second_web(house: House) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Another web process of the installation, and its origin."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "web", stderr=asyncio.subprocess.DEVNULL,
        env=environment_of(house.settings) | {"GREENROOM_PORT": str(port)},
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(400):
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_any_web_process_goes_on(house: House, cleo: Visitor, film: bytes) -> None:
    path, third = await begin(cleo, len(film)), len(film) // 3
    async with second_web(house) as (origin, _):
        other = {"origin": origin}
        assert (await send(cleo, path, 0, film[:third])).headers["upload-offset"] == str(third)
        reply = await send(cleo, path, third, film[third : 2 * third], origin, **other)
        assert reply.headers["upload-offset"] == str(2 * third)
        both = await asyncio.gather(
            send(cleo, path, 2 * third, film[2 * third :]),
            send(cleo, path, 2 * third, film[2 * third :], origin, **other),
        )
    assert sorted(reply.status_code for reply in both) == [204, 409]
    assert await offset(cleo, path) == len(film)
    await drain()
    assert (await cleo.get((await take_of(cleo))["url"])).content == film


async def test_a_web_process_that_is_killed_loses_nothing_it_acknowledged(
    house: House, cleo: Visitor, film: bytes
) -> None:
    path, half = await begin(cleo, len(film)), len(film) // 2
    async with second_web(house) as (origin, process):
        assert (await send(cleo, path, 0, film[:half], origin, origin=origin)).status_code == 204
        port = int(origin.rsplit(":", 1)[1])
        await asyncio.gather(break_off(port, cleo, path, half, film[half:], 1000, pause=0.2), _soon(process.kill, 0.1))
        await process.wait()
    assert await offset(cleo, path) == half
    assert (await send(cleo, path, half, film[half:])).status_code == 204
    await drain()
    assert (await cleo.get((await take_of(cleo))["url"])).content == film


async def _soon(what: Callable[[], None], seconds: float) -> None:
    await asyncio.sleep(seconds)
    what()


async def test_writers_at_the_same_time_count_once(house: House, cleo: Visitor, film: bytes) -> None:
    path = await begin(cleo, len(film))
    replies = await asyncio.gather(*(send(cleo, path, 0, film[:1000]) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [204] + [409] * 5
    upload = UUID(path.rsplit("/", 1)[1])
    assert len(await runtime.here().storage.keys(upload)) == 1, "what did not count is not kept"


@pytest.mark.parametrize("name", ["sha1", "sha256"])
async def test_a_piece_with_a_wrong_checksum_never_was(cleo: Visitor, film: bytes, name: str) -> None:
    path = await begin(cleo, len(film))

    def sum_of(content: bytes) -> str:
        return f"{name} {base64.b64encode(hashlib.new(name, content).digest()).decode()}"

    wrong = {"upload-checksum": sum_of(b"something else")}
    assert code(await send(cleo, path, 0, film[:5000], **wrong)) == (460, "wrong_checksum")
    assert await offset(cleo, path) == 0
    right = {"upload-checksum": sum_of(film[:5000])}
    assert (await send(cleo, path, 0, film[:5000], **right)).status_code == 204
    for unknown in ("md5 AAAA", "sha1 %%%"):
        assert code(await send(cleo, path, 5000, film[5000:], **{"upload-checksum": unknown}))[0] == 400
    assert await offset(cleo, path) == 5000


async def test_the_protocol_says_no_by_its_own_numbers(cleo: Visitor) -> None:
    told = await cleo.call("OPTIONS", cleo.at("/uploads"))
    assert (told.status_code, told.headers["tus-extension"]) == (204, tus.EXTENSIONS)
    assert (told.headers["tus-version"], told.headers["tus-checksum-algorithm"]) == ("1.0.0", "sha1,sha256")
    largest = int(told.headers["tus-max-size"])
    assert code(await announce(cleo, largest + 1)) == (413, "too_large")
    assert code(await announce(cleo, 0))[0] == 400
    assert code(await announce(cleo, 10, filetype="text/html")) == (415, "unsupported_type")
    assert code(await announce(cleo, 10, kind="song")) == (422, "invalid")
    assert code(await announce(cleo, 10, question="7")) == (422, "invalid")
    assert code(await announce(cleo, 10, question=str(uuid4()))) == (404, "not_found")
    assert code(await announce(cleo, 10, take=str(uuid4()))) == (404, "not_found")
    path = await begin(cleo, 10)
    old = await cleo.call("PATCH", path, content=b"x", headers={"content-type": tus.BODY, "upload-offset": "0"})
    assert (code(old), old.headers["tus-version"]) == ((412, "wrong_version"), "1.0.0")
    assert code(await send(cleo, path, 1, b"x")) == (409, "wrong_offset")
    assert code(await send(cleo, path, 0, b"x", **{"content-type": "application/json"})) == (415, "unsupported_type")
    assert code(await send(cleo, path, 0, b"x", **{"upload-offset": "-1"}))[0] == 400
    assert code(await send(cleo, path, 0, b"x" * 11)) == (413, "too_large")
    assert code(await send(cleo, cleo.at(f"/uploads/{uuid4()}"), 0, b"x")) == (404, "not_found")
    foreign = await send(cleo, path, 0, b"x", origin="http://elsewhere.example")
    assert foreign.status_code == 403
    long = await begin(cleo, 6 << 20)
    assert code(await send(cleo, long, 0, bytes((5 << 20) + 1))) == (413, "too_large")
    assert (await send(cleo, long, 0, bytes(5 << 20))).headers["upload-offset"] == str(5 << 20)
    seen = await cleo.call("HEAD", long, headers=TUS)
    assert seen.headers["upload-metadata"].startswith("question ")
    assert (seen.headers["upload-length"], seen.headers["upload-expires"][-3:]) == (str(6 << 20), "GMT")


async def test_a_client_that_can_only_post(cleo: Visitor) -> None:
    path = await begin(cleo, 10)
    known = TUS | {"content-type": tus.BODY, "upload-offset": "0"}
    for method, status in [("PATCH", 204), ("DELETE", 204), ("DELETE", 404)]:
        headers = known | {"x-http-method-override": method}
        reply = await cleo.call("POST", path, content=b"x" if method == "PATCH" else b"", headers=headers)
        assert (reply.status_code, reply.headers["tus-resumable"]) == (status, "1.0.0")
    assert code(await cleo.call("POST", path, headers=known)) == (405, "method_not_allowed")


async def test_an_upload_that_is_given_up_leaves_nothing(cleo: Visitor, storage: Storage, film: bytes) -> None:
    path = await begin(cleo, len(film))
    upload = path.rsplit("/", 1)[1]
    await send(cleo, path, 0, film[:1000])
    await send(cleo, path, 1000, film[1000:2000])
    assert len(await storage.keys(upload)) == 2
    assert (await cleo.call("DELETE", path, headers=TUS)).status_code == 204
    await drain()
    assert await storage.keys(upload) == []
    assert code(await send(cleo, path, 2000, film[2000:])) == (404, "not_found")
    assert code(await cleo.call("DELETE", path, headers=TUS)) == (404, "not_found")


async def test_what_nobody_went_on_with_expires_with_every_object(cleo: Visitor, storage: Storage, film: bytes) -> None:
    path, other = await begin(cleo, len(film)), await begin(cleo, len(film))
    upload = path.rsplit("/", 1)[1]
    await send(cleo, path, 0, film[:1000])
    await send(cleo, path, 1000, film[1000:2000])
    await db.execute("UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = $1", UUID(upload))
    assert code(await send(cleo, path, 2000, film[2000:])) == (410, "upload_expired")
    assert len(await storage.keys(upload)) == 2
    await copying.expire()
    await drain()
    assert await storage.keys(upload) == []
    assert (await cleo.call("HEAD", path, headers=TUS)).status_code == 404
    assert await offset(cleo, other) == 0


async def test_nothing_is_taken_once_the_team_has_looked(house: House, cast: Cast, film: bytes) -> None:
    cleo = await cast.cleo(await cast.job(questions=1))
    path = await begin(cleo, len(film))
    await send(cleo, path, 0, film[:100])
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    await cast.ada.read(f"/applications/{cleo.application}")
    assert code(await announce(cleo, 10)) == (410, "answers_opened")
    assert (await cleo.call("HEAD", path, headers=TUS)).status_code == 410
    late = await send(cleo, path, 100, film[100:])
    assert code(late) == (410, "answers_opened")
    assert "team" in late.json()["message"]


async def test_open_uploads_count_towards_the_quota(house: House, cleo: Visitor) -> None:
    ticket = await takes.begin(house, cleo, (await cleo.questions())[0])
    largest = 400 * 1024**2
    replies = [await announce(cleo, largest) for _ in range(6)]
    assert [reply.status_code for reply in replies] == [201] * 5 + [429]
    assert code(replies[-1]) == (429, "quota_exceeded")
    replies = [await announce(cleo, largest, take=ticket["take"]) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 429], "what was begun has room for one copy more"


async def test_too_many_announcements_are_throttled(cleo: Visitor) -> None:
    replies = [await announce(cleo, 10) for _ in range(61)]
    assert code(replies[-1]) == (429, "throttled")
    assert {reply.status_code for reply in replies[:-1]} == {201}


async def test_an_upload_is_nobody_elses(house: House, cast: Cast, cleo: Visitor) -> None:
    path = await begin(cleo, 10)
    other = await cast.cleo(await cast.job())
    own = other.at(f"/uploads/{path.rsplit('/', 1)[1]}")
    for who, at, status in [(other, own, 404), (other, path, 401), (cast.dan, path, 401), (cast.ada, path, 401)]:
        for method in ("HEAD", "PATCH", "DELETE"):
            headers = TUS | {"content-type": tus.BODY, "upload-offset": "0"}
            content = b"x" if method == "PATCH" else b""
            assert (await who.call(method, at, content=content, headers=headers)).status_code == status
    headers = TUS | {"upload-length": "10"}
    assert (await cast.dan.call("POST", cleo.at("/uploads"), headers=headers)).status_code == 401
    assert await offset(cleo, path) == 0


@pytest.mark.parametrize("checked", [False, True])
async def test_a_client_that_nobody_here_wrote(
    house: House, cleo: Visitor, film: bytes, tmp_path: Path, checked: bool
) -> None:
    source = tmp_path / "own.webm"
    source.write_bytes(film)
    about = {"question": (await cleo.questions())[0], "kind": "video", "filetype": "video/webm"}
    client = TusClient(house.origin + cleo.at("/uploads"), headers={"Cookie": cleo.cookies(cleo.at())})

    def first() -> str:
        uploader = client.uploader(str(source), chunk_size=4000, metadata=about, upload_checksum=checked)
        uploader.upload_chunk()
        uploader.upload_chunk()
        assert uploader.url is not None
        return str(uploader.url)

    def later(url: str) -> int:
        uploader = client.uploader(str(source), chunk_size=9000, url=url, upload_checksum=checked)
        assert uploader.offset == 8000
        uploader.upload()
        return int(uploader.offset)

    url = await asyncio.to_thread(first)
    assert await asyncio.to_thread(later, url) == len(film)
    await drain()
    assert (await cleo.get((await take_of(cleo))["url"])).content == film
