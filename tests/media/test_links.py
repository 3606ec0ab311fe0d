"""A browser's camera on the narrowest link that is promised to work: whole and watchable. And the links themselves."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from tests.e2e.browsers import People, in_chromium
from tests.media.link import Weather
from tests.media.shaped import shoot
from tests.media.tunnel import CannotError, Tunnel

KNOCK = """
import socket, sys, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocking:
    knocking.settimeout(0.5)
    began = time.monotonic()
    knocking.sendto(b"x", (sys.argv[1], int(sys.argv[2])))
    print(knocking.recv(9), time.monotonic() - began)
"""


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data + b"!", addr)  # type: ignore[attr-defined]  # it is a datagram transport


@in_chromium
async def test_a_picture_fits_through_256_kbit(people: People, tmp_path: Path) -> None:
    """The whole table is `./dev bench links`."""
    page = await people("Cleo", permissions=["camera", "microphone"])
    shot = await shoot(page, tmp_path, Weather(trip=0.05, rate=256_000), 5)
    print(shot.told, shot.manifest, shot.seen.sizes, shot.up)
    assert shot.seen.errors == 0
    assert shot.whole >= 0.98
    assert shot.manifest.lost == 0
    assert shot.manifest.unheard_ms <= 0.005 * shot.manifest.duration_ms
    assert 0 < shot.bitrate < 256_000
    width, _ = shot.seen.sizes[-1]
    assert width < 1280  # it gave way, instead of stuttering


async def test_what_goes_through_a_tunnel_has_its_weather_and_nothing_of_it_stays() -> None:
    def devices() -> set[str]:
        return {path.name for path in Path("/sys/class/net").iterdir()}

    before = devices()
    try:
        tunnel = Tunnel().open(Path(sys.executable))
    except CannotError as error:
        pytest.skip(f"no tunnels here: {error}")
    try:
        assert devices() > before
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, (tunnel.host, 0))
        port = str(transport.get_extra_info("sockname")[1])

        async def knock() -> list[str]:
            words = (tunnel.program, "-c", KNOCK, tunnel.host, port)
            child = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=DEVNULL)
            return (await child.communicate())[0].decode().split()

        tunnel.weather = Weather(trip=0.1)
        said, took = await knock()
        assert said == "b'x!'"
        assert float(took) >= 0.1
        tunnel.weather = Weather(loss=1.0)
        assert await knock() == []
        assert tunnel.up.lost == 1
        transport.close()
    finally:
        tunnel.close()
    assert devices() == before
