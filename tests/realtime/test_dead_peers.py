"""Peers that say nothing any more: found within 30 s, whatever they do or do not read."""

import asyncio
from urllib.parse import urlsplit

import pytest

from realtime import connection, frames, hub
from realtime.frames import Close
from tests.cast import until
from tests.realtime.client import visit
from tests.realtime.conftest import BOTH_WAYS
from tests.realtime.node import SHARED, Node

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture
def protocol(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The tests' own clock: a silence of a second instead of 25; set before the node starts."""
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 1.0)
    way: str = request.param
    return way


async def dead(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Somebody who shakes hands and is never heard of again: no pong, no close, and nobody reads what arrives."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1024)
    writer.write(HANDSHAKE.format(path=f"{address.path}?who=dead", host=address.netloc).encode())
    assert b"101 Switching" in await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport reads
    return reader, writer


def test_the_shipped_numbers_come_to_thirty_seconds_at_most() -> None:
    ending = connection.CLOSE_SECONDS + connection.FAREWELL_SECONDS
    assert hub.CHECK_SECONDS + connection.SILENCE_SECONDS + ending <= 30
    assert 2 * frames.PING_SECONDS < connection.SILENCE_SECONDS  # one lost answer is no death


@pytest.mark.parametrize("protocol", BOTH_WAYS.args[1], indirect=True)
async def test_a_peer_that_answers_nothing_is_found_and_one_that_lives_is_kept(one: Node, protocol: str) -> None:
    async with visit(one.url) as ada:
        reader, writer = await dead(one.url)

        async def both() -> bool:
            return {each.who.id for each in one.hub.connections} == {"ada", "dead"}

        async def only_ada() -> bool:
            await ada.send(type="ping")
            return [each.who.id for each in one.hub.connections] == ["ada"]

        await until(both)
        await until(only_ada)
        if protocol == SHARED:  # else the server itself waits ten seconds more for an answer to its goodbye
            writer.transport.resume_reading()  # type: ignore[attr-defined]
            async with asyncio.timeout(5):
                told = await reader.read()  # to the end: the connection is gone, not only forgotten
            assert told.endswith(Close.SILENT[0].to_bytes(2, "big") + Close.SILENT[1].encode())
        writer.close()
        await ada.send(type="command", id=1, name="none")
        await ada.next("reply")
