"""Janus (C, Debian's package) as a recorder to compare with: its video room, driven over its HTTP interface.

Janus writes what it receives, packet by packet, into one `.mjr` file per track, which another program must make into
something that plays; so its figure is a floor, not a rival's. One session, one room and two files per recording.
"""

import asyncio
import contextlib
import json
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from tests.bench.load import cpu_seconds
from tests.media.sender import Sender
from tests.ports import free_port

PLUGIN = "janus.plugin.videoroom"
START_SECONDS = 20.0
CLOSE_SECONDS = 0.5  # until the files of a handle that was detached are closed
GENERAL = """
general: {{ configs_folder = "{folder}" session_timeout = 0 debug_level = 3 log_to_stdout = true }}
media: {{ rtp_port_range = "20000-40000" }}
nat: {{ ice_lite = false full_trickle = false ice_ignore_list = "vmnet" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
events: {{ broadcast = false }}
"""
HTTP = """
general: {{ json = "compact" base_path = "/janus" http = true port = {port} ip = "127.0.0.1" https = false }}
admin: {{ admin_http = false }}
"""


def find() -> Path | None:
    """The program; installed first where we may (root on Debian). None when it cannot be had."""
    if shutil.which("janus") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing janus to compare with ...", flush=True)
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # installed, not started
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "janus"]):
            subprocess.run(["apt-get", *words], check=False, stdout=subprocess.DEVNULL, env=quiet)
    found = shutil.which("janus")
    return Path(found) if found else None


@contextlib.asynccontextmanager
async def janus(program: Path, folder: Path, core: int) -> AsyncIterator["Janus"]:
    """A Janus of our own on `core`: this configuration alone, no other plugin, no other transport."""
    folder.mkdir()
    port = free_port()
    library = next(path for path in Path("/usr/lib").glob("*/janus") if path.is_dir())
    names = {
        kind: ",".join(path.name for path in (library / kind).glob("*.so") if ours not in path.name)
        for kind, ours in (("plugins", "videoroom"), ("transports", "_http"))
    }
    (folder / "janus.jcfg").write_text(GENERAL.format(folder=folder, **names))
    (folder / "janus.transport.http.jcfg").write_text(HTTP.format(port=port))
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
    words = ["taskset", "-c", str(core), str(program), "-F", str(folder), "-C", str(folder / "janus.jcfg")]
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*words, stdout=log, stderr=log)
    running = Janus(process, f"http://127.0.0.1:{port}/janus", folder)
    try:
        await running.open()
        yield running
    finally:
        await running.http.aclose()
        if process.returncode is None:
            process.terminate()
        await process.wait()


class Janus:
    """Its process, seen from outside; `begin`, `end` and `ask` as of every recorder in this bench."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, folder: Path) -> None:
        self.http = httpx.AsyncClient(timeout=30)
        self.loop = 0
        self._process, self._url, self._folder = process, url, folder
        self._handles: dict[UUID, str] = {}
        self._since = (0.0, 0.0)

    async def open(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await self.http.get(f"{self._url}/info")
                    return
                assert self._process.returncode is None, (self._folder / "log").read_text()[-2000:]
                await asyncio.sleep(0.1)

    async def begin(self, name: UUID, offer: str) -> str:
        session = (await self._say("", janus="create"))["data"]["id"]
        handle = f"/{session}/{(await self._say(f'/{session}', janus='attach', plugin=PLUGIN))['data']['id']}"
        room = name.int % 2**31
        kind = {"videocodec": "vp8", "audiocodec": "opus", "publishers": 1, "bitrate": 0, "rec_dir": str(self._folder)}
        await self._say(handle, janus="message", body={"request": "create", "room": room, **kind})
        body = {"request": "joinandconfigure", "room": room, "ptype": "publisher", "record": True}
        body["filename"] = str(name)
        await self._say(handle, janus="message", body=body, jsep={"type": "offer", "sdp": offer, "trickle": False})
        self._handles[name] = handle
        while True:
            event = (await self.http.get(f"{self._url}/{session}?maxev=1")).json()
            if "jsep" in event:
                return str(event["jsep"]["sdp"])
            assert event.get("janus") != "error", event

    async def end(self, name: UUID, sender: Sender) -> dict[str, int]:
        """Closes it; packets and pictures that were sent and are in no file."""
        handle = self._handles.pop(name)
        await self._say(handle, janus="detach")
        await self._say(handle.rpartition("/")[0], janus="destroy")
        await asyncio.sleep(CLOSE_SECONDS)
        packets, pictures = await asyncio.to_thread(self._count, name)
        return {"lost": sender.originals - packets, "frames": pictures}

    def _count(self, name: UUID) -> tuple[int, int]:
        packets, pictures = 0, 0
        for path in self._folder.glob(f"{name}*.mjr"):
            heads = list(recorded(path.read_bytes()))
            packets += len({sequence for sequence, _ in heads})
            pictures += len({timestamp for _, timestamp in heads}) if "-video" in path.name else 0
            path.unlink()
        return packets, pictures

    async def ask(self, word: str) -> dict[str, float]:
        """`reset` begins to count, `read` says how much processor was used since; it has no loop that could be late."""
        now, used = asyncio.get_running_loop().time(), cpu_seconds({self._process.pid}, with_ended=True)
        began, before = self._since
        if word == "reset":
            self._since = now, used
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        memory = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
        return {"core": (used - before) / max(now - began, 1e-9), "memory": memory}

    async def _say(self, path: str, **words: Any) -> dict[str, Any]:
        reply = (await self.http.post(self._url + path, json={"transaction": "bench", **words})).json()
        failed = reply.get("janus") == "error" or "error" in reply.get("plugindata", {}).get("data", {})
        assert not failed, json.dumps(reply)
        return dict(reply)


def recorded(data: bytes) -> Iterator[tuple[int, int]]:
    """Sequence number and timestamp of each RTP packet in an .mjr file: marks, times, lengths, packets."""
    at = 10 + int.from_bytes(data[8:10], "big")  # its kind, and a description
    while at + 10 <= len(data):
        length = int.from_bytes(data[at + 8 : at + 10], "big")
        sequence, timestamp = struct.unpack_from("!2xHI", data, at + 10)
        yield sequence, timestamp
        at += 10 + length
