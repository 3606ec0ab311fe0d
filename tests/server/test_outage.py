"""Bad days: Postgres or Valkey away for a while. Pages say so, nothing acknowledged is lost, everything comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from realtime.frames import Close
from tests.cast import PASSWORD, Cast, until
from tests.server import takes
from tests.server.conftest import forget_throttles
from tests.server.house import House
from tests.server.sockets import socket

pytestmark = pytest.mark.usefixtures("wired")


@contextlib.asynccontextmanager
async def no_database(house: House) -> AsyncIterator[None]:
    await house.wire.cut()
    try:
        yield
    finally:
        await house.wire.mend()


async def test_without_postgres_everybody_is_told_to_wait_and_then_it_goes_on(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    path = f"/applications/{cleo.application}/messages"
    await cast.ada.make("POST", path, {"body": "Before"}, key="key-of-before")
    async with socket(house, cast.ben.at("/live"), cast.ben) as ben:
        await ben.next("hello")
        await ben.subscribe(f"conversation:{cleo.application}")
        async with no_database(house):
            replies = await asyncio.gather(
                cast.ada.do("GET", "/jobs"),
                cast.ada.do("POST", path, {"body": "Meanwhile"}, key="key-of-meanwhile"),
                cleo.do("GET", "/place"),
                cast.nobody().call("POST", "/api/sign-in", {"email": cast.ada.email, "password": PASSWORD}),
                cast.nobody().get(job["public_url"]),
                cast.nobody().get("/health"),
            )
            for reply in replies:
                assert (reply.status_code, reply.json()["code"]) == (503, "unavailable"), reply.request.url
                assert int(reply.headers["retry-after"]) >= 1
            for who, page in [(cast.ada, cast.ada.at("/jobs")), (cleo, cleo.at()), (cleo, job["public_url"])]:
                shown = await who.page(page)
                assert shown.status_code == 503
                assert shown.headers["content-type"].startswith("text/html")
                assert "Try again" in shown.text
                assert "retry-after" in shown.headers
            async with socket(house, cast.ada.at("/live"), cast.ada) as late:
                assert await late.closed() == Close.UNAVAILABLE
        assert (await cast.nobody().page("/sign-in")).status_code == 200
        again = await cast.ada.do("POST", path, {"body": "Meanwhile"}, key="key-of-meanwhile")
        assert again.status_code == 201, again.text
        assert (await cast.ada.do("POST", path, {"body": "Before"}, key="key-of-before")).status_code == 201
        arrived = await ben.until(lambda f: f["type"] == "event" and f["payload"]["message"]["body"] == "Meanwhile", 5)
        assert arrived["seq"] == 2
    assert [m["body"] for m in (await cleo.read("/place"))["messages"]] == ["Before", "Meanwhile"]


async def test_a_wire_that_breaks_in_the_middle_of_the_work_loses_nothing_acknowledged(
    house: House, cast: Cast
) -> None:
    cleo = await cast.cleo(await cast.job())
    said: list[int] = []

    async def talk(number: int) -> None:
        body = {"body": f"Message {number}"}
        for _ in range(50):
            reply = await cleo.do("POST", "/messages", body, key=f"key-of-message-{number}")
            if reply.status_code == 201:
                said.append(number)
                return
            assert (reply.status_code, reply.json()["code"]) == (503, "unavailable"), reply.text
            await asyncio.sleep(0.1)

    async def break_it() -> None:
        for _ in range(2):
            await asyncio.sleep(0.05)
            async with no_database(house):
                await asyncio.sleep(0.3)

    await asyncio.gather(break_it(), *(talk(number) for number in range(12)))
    assert sorted(said) == list(range(12))
    heard = [m["body"] for m in (await cleo.read("/place"))["messages"]]
    assert sorted(heard) == sorted(f"Message {number}" for number in range(12))
    await forget_throttles(house)


async def test_without_valkey_the_site_works_and_events_arrive_by_the_log(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    async with socket(house, cast.ben.at("/live"), cast.ben) as ben:
        await ben.next("hello")
        await ben.subscribe(f"job:{job['id']}")
        await house.bus.kill()
        try:
            browser = cast.nobody()
            await browser.done("POST", "/api/sign-in", {"email": cast.ada.email, "password": PASSWORD})
            other = await cast.cleo(job, "Another")
            stage = job["stages"][2]["id"]
            await cast.ada.make("POST", f"/applications/{cleo.application}/moves", {"stage": stage, "version": 1})
            moved = await ben.until(lambda f: f["type"] == "event" and f["payload"]["verb"] == "moved", 4)
            assert moved["payload"]["card"]["id"] == cleo.application
            await other.write_everything()
            for page in (cast.ada.at("/jobs"), cast.ada.at(f"/jobs/{job['id']}")):
                assert (await cast.ada.page(page)).status_code == 200
            question = (await cleo.questions())[0]
            reply = await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"})
            assert (reply.status_code, reply.json()["code"]) == (503, "no_recorder")
            form = {"email": cast.ada.email, "password": "guess"}
            codes = [(await cast.nobody().call("POST", "/api/sign-in", form)).status_code for _ in range(10)]
            assert codes[-1] == 429  # each process counts for itself
        finally:
            await house.bus.start()

    async def recorder_again() -> bool:
        await takes.announce(house, takes.PHANTOM)
        return (await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"})).status_code == 201

    await until(recorder_again)
