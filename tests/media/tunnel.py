"""A bad network around a whole browser: all that it sends and receives, not its media alone.

The browser runs in a network namespace of its own (`program` starts it there). The one way out is a TUN device whose
packets this process reads, delays, drops and writes into another such device, which is the host's end; so the kernel's
own IP stacks are on both sides, and the page comes over the same link as the picture goes. `tests/media/link.py` has
the same weather for media alone, wherever Python runs; this needs root on Linux. Loss takes UDP only, as there.

Nothing stays on the host, however this process ends: devices last as long as they are open here, and the namespace as
long as a program in it that reads from us.
"""

import asyncio
import contextlib
import fcntl
import os
import shlex
import struct
import subprocess
import tempfile
from pathlib import Path

from tests.media.link import HEADERS, Lane, Weather

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
IPV4, UDP = 4, 17
MTU = 1400
LARGEST = 65536
PAGES = 8080  # port for pages; the host's end is an address that nobody else has


class CannotError(Exception):
    """This machine has no such links; the message says why."""


class Tunnel:
    """One link, from `open` to `close`. `host` is the address at which the browser finds this machine."""

    def __init__(self) -> None:
        self.weather = Weather()
        self.up, self.down = Lane.pair()
        self.host = ""
        self.program = Path()
        self._devices: dict[str, int] = {}  # by name
        self._holder: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def flag(self) -> str:
        """For Chromium: the host's end is called localhost, whose pages may use the camera without a certificate."""
        return f"--host-resolver-rules=MAP localhost {self.host}"

    def open(self, program: Path) -> "Tunnel":
        """Makes the namespace, and the program that starts `program` in it. Raises CannotError."""
        try:
            self._make(program)
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            said = getattr(error, "stderr", b"") or b""
            raise CannotError(said.decode().strip() or str(error)) from error
        return self

    def close(self) -> None:
        for device in self._devices.values():
            with contextlib.suppress(RuntimeError):  # no loop runs
                asyncio.get_running_loop().remove_reader(device)
            os.close(device)
        self._devices.clear()
        if self._holder is not None:
            self._holder.communicate()  # the end of its input is its own
        if self._folder is not None:
            self._folder.cleanup()

    def _make(self, program: Path) -> None:
        words = ["unshare", "--net", "sh", "-c", "echo made; exec cat"]
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert self._holder.stdout is not None
        if (said := self._holder.stdout.readline()) != b"made\n":
            raise OSError(said.decode().strip())
        inside = ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]
        near, far = self._device("nearend%d"), self._device("farend%d")
        number = int(near.removeprefix("nearend")) % 250
        self.host, browser = f"10.77.{number}.1", f"10.77.{number}.2"
        _run("ip", "link", "set", far, "netns", str(self._holder.pid))
        for way, device, own, other in (([], near, self.host, browser), (inside, far, browser, self.host)):
            _run(*way, "ip", "address", "add", own, "peer", other, "dev", device)
            _run(*way, "ip", "link", "set", device, "mtu", str(MTU), "up")
        _run(*inside, "ip", "link", "set", "lo", "up")
        _run(*inside, "ip", "route", "add", "default", "dev", far)  # without one, browsers see no network
        self._folder = tempfile.TemporaryDirectory(prefix="greenroom-tunnel-")
        self.program = Path(self._folder.name) / program.name
        self.program.write_text(f'#!/bin/sh\nexec {shlex.join([*inside, str(program)])} "$@"\n')
        self.program.chmod(0o755)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._devices[far], self._pass_on, far, near, self.up)
        loop.add_reader(self._devices[near], self._pass_on, near, far, self.down)

    def _device(self, pattern: str) -> str:
        """Opens a new device; its name, with a number that nobody else has."""
        handle = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        try:
            made = fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", pattern.encode(), IFF_TUN | IFF_NO_PI))
        except OSError:
            os.close(handle)
            raise
        name = made[:16].rstrip(b"\0").decode()
        self._devices[name] = handle
        return name

    def _pass_on(self, source: str, target: str, lane: Lane) -> None:
        """All that waits in a device, on to the other one after its time in queue and wire."""
        loop, rate = asyncio.get_running_loop(), self.weather.rate if lane is self.up else 0.0
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self._devices[source], LARGEST)
                if packet[0] >> 4 != IPV4 or (packet[9] == UDP and lane.loses(self.weather)):
                    continue
                wait = lane.queued(len(packet) - HEADERS, rate, loop.time())
                if wait is not None:
                    loop.call_later(self.weather.trip / 2 + wait, self._write, target, packet)

    def _write(self, name: str, packet: bytes) -> None:
        if (device := self._devices.get(name)) is not None:  # else it is closed already
            with contextlib.suppress(OSError):  # the other side is going down
                os.write(device, packet)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
