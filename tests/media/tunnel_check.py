"""Whether a tunnel has its weather, and whether nothing of it stays: a program for `unshare --net`.

Not in the network of the other tests: their browsers take its devices for a change of their own, and drop what they
are just loading (net::ERR_NETWORK_CHANGED).
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from tests.media.link import Weather
from tests.media.tunnel import CannotError, Tunnel

CANNOT = 77  # its status where there are no tunnels
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


async def check() -> None:
    """Raises AssertionError."""
    before = devices()
    tunnel = Tunnel().open(Path(sys.executable))
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


def devices() -> set[str]:
    """The network devices that are here."""
    lines = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    return {line.split(":")[0].strip() for line in lines}


if __name__ == "__main__":
    try:
        asyncio.run(check())
    except CannotError as error:
        print(f"no tunnels here: {error}")
        sys.exit(CANNOT)
