"""What the live monitor shows of recordings under way, and that no recorder can hold it up."""

import asyncio
import json
from uuid import UUID

from media import nodes
from server.core import db
from tests.cast import Cast
from tests.server.house import House
from tests.server.sockets import socket
from tests.server.takes import PHANTOM, announce
from tests.server.test_monitoring import look, seen
from tests.server.test_stranger import recorded


async def test_a_recording_is_seen_without_its_picture(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job(), "Cleo")
    recording, take = await recorded(cleo, (await cleo.questions())[1])
    await db.execute("UPDATE take SET state = 'recording' WHERE id = $1", UUID(take))
    await db.execute("UPDATE recording SET state = 'recording', started_at = now() WHERE id = $1", UUID(recording))
    async with (
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
        socket(house, cleo.at(f"/live?page={cleo.at('/record')}"), cleo) as tab,
    ):
        await ada.next("hello")
        await tab.next("hello")
        await ada.subscribe(f"monitor:{cast.ada.workspace}")
        (line,) = await seen(ada, cleo.application, cast.ada)
        assert (line["doing"], line["recording"]) == ("Recording answer 2", True)
        view = await look(ada, f"monitor:{cast.ada.workspace}")
    (row,) = view["recordings"]
    assert (row["name"], row["question"], row["state"]) == ("Cleo", 2, "recording")
    assert f"/recordings/{recording}" not in json.dumps(view)


async def test_a_job_video_under_way_is_seen_by_its_workspace(house: House, cast: Cast) -> None:
    job = await cast.job(title="Product engineer")
    await announce(house, PHANTOM)
    begun = [await cast.ada.make("POST", f"/jobs/{job['id']}/video", {}) for _ in range(2)]
    await announce(house)
    await db.execute(
        "UPDATE recording SET node = 'phantom', state = 'recording' WHERE id = $1", UUID(begun[0]["recording"])
    )
    async with (
        socket(house, cast.ada.at("/live"), cast.ada) as ada,
        socket(house, cast.dan.at("/live"), cast.dan) as dan,
    ):
        found = []
        for client, who in ((ada, cast.ada), (dan, cast.dan)):
            await client.next("hello")
            await client.subscribe(f"monitor:{who.workspace}")
            found.append((await look(client, f"monitor:{who.workspace}"))["recordings"])
    (row,), nothing = found  # the other ticket was never used
    assert (row["recording"], row["job"], row["state"]) == (begun[0]["recording"], "Product engineer", "recording")
    assert (row["application"], row["question"], row["take"], row["reception"]) == (None, None, None, None)
    assert nothing == []


async def test_a_recorder_that_hangs_or_babbles_never_stalls_the_page(house: House, cast: Cast) -> None:
    asked: list[bytes] = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()  # until the other side has had enough
        writer.close()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\n\r\n[{"id": "of another version"}]')
        writer.close()

    async def mumble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"what?")
        writer.close()

    found = {"hangs": hang, "babbles": babble, "mumbles": mumble}
    servers = {name: await asyncio.start_server(how, "127.0.0.1") for name, how in found.items()}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    here = [nodes.Node(id=name, url=f"http://127.0.0.1:{port}", load=2, limit=9) for name, port in ports.items()]
    await announce(house, *here, nodes.Node(id="gone", url="http://127.0.0.1:9", load=1, limit=0))
    try:
        async with socket(house, cast.ada.at("/live"), cast.ada) as ada:
            await ada.next("hello")
            await ada.subscribe(f"monitor:{cast.ada.workspace}")
            view = await look(ada, f"monitor:{cast.ada.workspace}")  # whip itself would wait for ten seconds
        assert {(row["name"], row["load"], row["limit"], row["answers"]) for row in view["recorders"]} == {
            ("hangs", 2, 9, False), ("babbles", 2, 9, False), ("mumbles", 2, 9, False), ("gone", 1, 0, False),
        }  # fmt: skip
        assert asked[0].startswith(b"GET /recordings ")
        assert view["processes"] is not None
    finally:
        await announce(house)
        for server in servers.values():
            server.close()
