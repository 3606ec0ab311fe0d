"""What a recording costs: processor, delays and losses of the recorder, for 1 to 48 candidates at once.

The recorder under test is a process of its own, on one core; the senders (tests/media/sender.py, all in this process)
have another. The same film goes to Greenroom's recorder, to Janus and, as long as a core bears it, to aiortc's
MediaRecorder, in turn, in one run. `./dev bench media [1 8 24]` takes other numbers of candidates.
"""

import asyncio
import contextlib
import functools
import json
import math
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import uvloop

from tests.bench.peers import janus
from tests.bench.report import Report, percentile
from tests.media.sender import Sender, noisy

AT_ONCE = (1, 8, 16, 24, 48)
YARDSTICK_AT_ONCE = (1, 2)  # aiortc's own recorder needs most of a core for each
SETTLE = 4.0  # seconds until the first reports have come and files are open
WINDOW = 10.0  # seconds that are measured
BEAT = 0.02  # seconds between two looks at how late the loop is
SECRET = "of the benchmark"
PUNCTUAL = (0.95, 1.05)  # shares of the pictures due that the senders may have sent; more is what was late before
WAITED = 0.2  # share of the time that a recorder's loop may have waited for a processor that others had
GOAL_CORE = 0.012
GOAL_FROM = 24  # recordings at once


class Meter:
    """Runs in the recorder's loop: processor time and lateness since the last `reset`."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._began = (0.0, 0.0)
        self.reset()

    def reset(self) -> None:
        self._late = []
        self._began = (time.monotonic(), _processor())

    def read(self) -> dict[str, float]:
        since, used = self._began
        late = self._late or [0.0]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {
            "core": (_processor() - used) / (time.monotonic() - since),
            "late_p99": percentile(late, 0.99) * 1000,
            "late_max": max(late) * 1000,
            "memory": memory,
        }

    async def beat(self) -> None:
        while True:
            begin = time.monotonic()
            await asyncio.sleep(BEAT)
            self._late.append(max(0.0, time.monotonic() - begin - BEAT))


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _waited(process: int) -> float:
    """Seconds for which a process' first thread could have run and did not: others had the processor (Linux)."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9


# In the recorder's process


async def serve(kind: str, folder: Path) -> None:
    """A recorder; tells its address, then answers each line on its input with what the meter says."""
    import uvicorn

    app = _greenroom(folder) if kind == "greenroom" else _yardstick(folder)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if serving.done():
            serving.result()
    meter = Meter()
    beating = asyncio.create_task(meter.beat())
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1]}), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(meter.read()), flush=True)
        if line.strip() == b"reset":
            meter.reset()
    beating.cancel()
    server.should_exit = True
    await serving


def _greenroom(folder: Path) -> Any:
    from media.manifest import Manifest
    from media.recorder import RecorderConfig, create_app
    from media.storage import Storage

    async def told(_: Manifest) -> None:
        return

    config = RecorderConfig(
        node="bench", secret=SECRET, spool=folder / "spool", storage=Storage.open("", folder), concurrent=100
    )
    return create_app(config, told, told)


def _yardstick(folder: Path) -> Any:
    """aiortc's MediaRecorder behind the same two routes."""
    from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
    from aiortc.contrib.media import MediaRecorder
    from litestar import Litestar, Request, delete, post

    running: dict[UUID, tuple[Any, Any]] = {}

    @post("/recordings/{recording:uuid}", status_code=201, media_type="application/sdp")
    async def begin(request: Request[Any, Any, Any], recording: UUID) -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        file = MediaRecorder(str(folder / f"{recording}.webm"))
        peer.on("track", file.addTrack)
        await peer.setRemoteDescription(RTCSessionDescription((await request.body()).decode(), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await file.start()
        running[recording] = (peer, file)
        return str(peer.localDescription.sdp)

    @delete("/recordings/{recording:uuid}", status_code=200)
    async def end(recording: UUID) -> dict[str, int]:
        peer, file = running.pop(recording)
        streams = [s for r in peer.getReceivers() for s in r._RTCRtpReceiver__remote_streams.values()]
        lost = sum(stream.packets_lost for stream in streams)
        await peer.close()
        await file.stop()
        return {"lost": lost, "frames": 0}

    return Litestar([begin, end], openapi_config=None, logging_config=None)


# In the senders' process


class System(Protocol):
    """A recorder, seen from outside. `loop` is the process whose first thread takes the packets, 0 when many do."""

    loop: int

    async def begin(self, name: UUID, offer: str) -> str:
        """Its answer to an offer."""

    async def end(self, name: UUID, sender: Sender) -> dict[str, int]:
        """Packets that were lost for good, and pictures in the file."""

    async def ask(self, word: str) -> dict[str, float]:
        """What its meter says; after `reset` it begins anew."""


class Recorder:
    """One that speaks WHIP."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.loop = process.pid
        self.http = httpx.AsyncClient(headers={"authorization": f"Bearer {SECRET}"}, timeout=60)

    async def open(self) -> None:
        self.http.base_url = f"http://127.0.0.1:{(await self._hear())['port']}"

    async def begin(self, name: UUID, offer: str) -> str:
        headers = {"content-type": "application/sdp"}
        reply = await self.http.post(f"/recordings/{name}", content=offer, headers=headers)
        assert reply.status_code == 201, reply.text
        return reply.text

    async def end(self, name: UUID, sender: Sender) -> dict[str, int]:  # noqa: ARG002 - as of every system
        told: dict[str, int] = (await self.http.delete(f"/recordings/{name}")).json()
        return told

    async def ask(self, word: str) -> dict[str, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        return await self._hear()

    async def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return dict(json.loads(await self._process.stdout.readline()))


@contextlib.asynccontextmanager
async def recorder(kind: str, folder: Path, core: int) -> AsyncIterator[Recorder]:
    """A recorder of `kind` on `core`."""
    folder.mkdir()
    words = [sys.executable, "-m", "tests.bench.media", "--serve", kind, str(folder), str(core)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    try:
        running = Recorder(process)
        await running.open()
        yield running
        await running.http.aclose()
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def measure(running: System, number: int) -> dict[str, float]:
    """So many recordings at once: what the meter says, and what was lost on the way."""
    film = noisy()
    senders = [Sender(film) for _ in range(number)]
    names = [uuid4() for _ in senders]
    try:
        for name, sender in zip(names, senders, strict=True):
            await sender.connect(functools.partial(running.begin, name))
        for sender in senders:
            sender.roll()
            await asyncio.sleep(1 / 30 / number)
        await asyncio.sleep(SETTLE)
        await running.ask("reset")
        processes = {"us": os.getpid()} | ({"recorder": running.loop} if running.loop else {})
        waits = {who: _waited(process) for who, process in processes.items()}
        began, used, frames, packets = time.monotonic(), _processor(), *_sent(senders)
        await asyncio.sleep(WINDOW)
        found = await running.ask("read")
        lasted, (frames_then, packets_then) = time.monotonic() - began, _sent(senders)
        found["senders"] = (_processor() - used) / lasted
        found |= {f"waited_{who}": (_waited(processes[who]) - before) / lasted for who, before in waits.items()}
        for sender in senders:
            await sender.cut()
        await asyncio.sleep(0.5)
        ends = await asyncio.gather(*(running.end(*pair) for pair in zip(names, senders, strict=True)))
    finally:
        await asyncio.gather(*(sender.close() for sender in senders))
    found["punctual"] = (frames_then - frames) / (number * film.rate * lasted)
    found["per_packet"] = found["core"] * lasted * 1e6 / max(1, packets_then - packets)
    found["lost"] = sum(end["lost"] for end in ends)
    found["again"] = sum(sender.again for sender in senders)
    found["missing"] = sum(sender.frames for sender in senders) - sum(end["frames"] for end in ends)
    return found


def _sent(senders: list[Sender]) -> tuple[int, int]:
    """Frames and packets so far."""
    return sum(sender.frames for sender in senders), sum(sender.packets for sender in senders)


async def main(numbers: list[int]) -> int:
    """Measures everything; the exit status."""
    report = Report("media")
    cores = sorted(os.sched_getaffinity(0))
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # the senders must not be what is late
    os.sched_setaffinity(0, {cores[-1]})
    film = noisy()
    report.row("film", film.bits_per_second / 1e6, "Mbit/s", "1280x720, 30 frames/s, Opus beside it")
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        async with contextlib.AsyncExitStack() as stack:
            systems = await _start(stack, folder, cores[0])
            for turn, number in enumerate(numbers):
                found = {}
                for name in list(systems)[:: 1 if turn % 2 == 0 else -1]:  # neither is always the first
                    found[name] = await measure(systems[name], number)
                    _tell(report, f"{name}, {number} at once", number, found[name])
                _compare(report, number, found)
                if turn < len(YARDSTICK_AT_ONCE):
                    await _yardstick_of(report, folder, cores[0], YARDSTICK_AT_ONCE[turn])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.finish()


async def _start(stack: contextlib.AsyncExitStack, folder: Path, core: int) -> dict[str, System]:
    """The recorders that run all along; those at rest cost the other nothing."""
    greenroom = await stack.enter_async_context(recorder("greenroom", folder / "greenroom", core))
    systems: dict[str, System] = {"Greenroom": greenroom}
    if program := janus.find():
        systems["Janus"] = await stack.enter_async_context(janus.janus(program, folder / "janus", core))
    else:
        print("Janus cannot be had here (it is installed for root on Debian): its rows are left out", flush=True)
    return systems


async def _yardstick_of(report: Report, folder: Path, core: int, number: int) -> None:
    async with recorder("yardstick", folder / f"yardstick-{number}", core) as running:
        _tell(report, f"aiortc's MediaRecorder, {number} at once", number, await measure(running, number))


def _compare(report: Report, number: int, found: dict[str, dict[str, float]]) -> None:
    if number >= GOAL_FROM:
        _judge(report, number, found["Greenroom"])
    if "Janus" in found:
        ratio = found["Greenroom"]["core"] / max(found["Janus"]["core"], 1e-9)
        note = "Janus writes packets, to be made into files that play by another program later"
        report.row(f"Greenroom to Janus, {number} at once", ratio, "x", note)


def _judge(report: Report, number: int, found: dict[str, float]) -> None:
    """A goal that could not be measured is a goal that was missed."""
    why = _unfair(found)
    note = f"not measured: {why}" if why else "one core for all"
    for name, value, unit, goal in (
        ("core per recording", found["core"] / number, "core", GOAL_CORE),
        ("packets lost", found["lost"], "packets", 0),
        ("pictures not in the files", found["missing"], "pictures", 0),
    ):
        report.goal(f"{name} at {number}", math.inf if why else value, unit, goal, note)


def _unfair(found: dict[str, float]) -> str:
    """Why this measured the machine and not the recorder; empty when it did not."""
    if not PUNCTUAL[0] < found["punctual"] < PUNCTUAL[1]:
        return "the senders were starved"
    return "other programs had the processor" if found.get("waited_recorder", 0.0) > WAITED else ""


def _tell(report: Report, name: str, number: int, found: dict[str, float]) -> None:
    note = f"not a fair figure: {_unfair(found)}" if _unfair(found) else ""
    report.row(f"{name}: core per recording", found["core"] / number, "core", f"{found['core']:.3f} in all")
    if "late_p99" in found:
        report.row(f"{name}: loop late, p99", found["late_p99"], "ms", f"worst {found['late_max']:.1f} ms")
    if "waited_recorder" in found:
        waited = found["waited_recorder"] * 100
        report.row(f"{name}: waited for a processor", waited, "%", "of the time; other programs had it")
    report.row(f"{name}: processor per packet", found["per_packet"], "us", note)
    senders = f"{found['senders']:.3f} core for all senders, {found['waited_us']:.0%} of the time waited for it"
    report.row(f"{name}: pictures sent on time", found["punctual"] * 100, "%", senders)
    sent_again = f"{found['again']:.0f} sent again"
    report.row(f"{name}: packets lost", found["lost"], "", sent_again)
    report.row(f"{name}: memory", found["memory"], "MiB", "peak of the process so far")


def _serve(kind: str, folder: str, core: str) -> None:
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    os.sched_setaffinity(0, {int(core)})
    uvloop.run(serve(kind, Path(folder)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        _serve(*sys.argv[2:])
    else:
        sys.exit(uvloop.run(main([int(word) for word in sys.argv[1:]] or list(AT_ONCE))))
