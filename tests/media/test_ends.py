"""Recordings whose sender, recorder or storage goes away: what came in is kept, finished, and told until heard."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from media import nodes, recorder, recording, webm, whip
from media.recorder import Recorder, tell_nobody
from media.storage import Storage
from tests.media.files import faults
from tests.media.link import Weather
from tests.media.peers import SECRET, Publisher, client, running, watch
from tests.media.script import RATE, Player, Script
from tests.media.speaking import speaking


async def test_whoever_vanishes_leaves_what_came_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed browser (silence), a closed page (farewell), and one that never connects."""
    monkeypatch.setattr("media.recording.SILENCE", 1.5)
    monkeypatch.setattr("media.recording.CONNECT", 2.0)
    async with running(tmp_path) as here:
        killed, closed, never = (Publisher(here.url) for _ in range(3))
        await killed.start()
        await closed.start()
        assert (await never.post()).status_code == 201
        await killed.film(1.5)
        await closed.film(1.5)
        await killed.vanish()
        await closed.peer.close()
        for sender in (killed, closed):
            manifest = await here.told(sender.id)
            assert (manifest.outcome, manifest.reason) == ("interrupted", "left")
            seen = watch(await here.file(sender.id, tmp_path))
            assert seen.errors == 0
            assert seen.pictures > 15
        manifest = await here.told(never.id)
        assert (manifest.outcome, manifest.reason, manifest.key) == ("failed", "ice_timeout", "")
        await never.peer.close()
        await killed.peer.close()
        assert here.port.connections == 0


async def test_silence_is_noticed_within_five_seconds_and_what_comes_after_a_cut_belongs_to_it(tmp_path: Path) -> None:
    """A cut of five seconds: told while it lasts, and survived as one connection with all that was said."""
    async with running(tmp_path) as here:
        link, sender, name = await speaking(here)
        recording = here.recorder.recordings[name]
        link.weather = Weather(loss=1.0)
        await asyncio.sleep(5)
        assert recording.glance().silent
        keys = sender.keys
        link.weather = Weather()
        back = sender.frames
        while recording.glance().silent or sender.keys == keys:
            await asyncio.sleep(0.02)
        assert sender.frames - back < 15 * 3  # a key frame was asked for as packets came back
        await sender.cut()
        await asyncio.sleep(0.3)
        manifest = await here.recorder.end(name)
        await sender.close()
        link.close()
    assert manifest is not None
    ((_, silent, after), (_, heard, _)) = here.silences
    assert (silent, heard) == (True, False)
    assert after < 5
    assert (manifest.outcome, [m.id for m in here.started]) == ("complete", [name])
    assert abs(manifest.duration_ms - sender.frames * 1000 / 15) < 400


async def test_a_finished_recording_is_told_until_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.recorder.PATIENCE", (0.05, 0.1))
    async with running(tmp_path) as here:
        here.refuse = 3
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        await sender.stop()
        await here.told(sender.id)
        assert here.refuse == 0


async def forget(_: object):
    return


async def test_a_shutdown_keeps_what_runs_and_the_next_start_tells_it(tmp_path: Path) -> None:
    async with running(tmp_path, drain=0.2) as here:
        here.refuse = 10**6
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1.5)
    await sender.peer.close()
    assert here.recorder.limit == 0
    async with running(tmp_path) as here:
        manifest = await here.told(sender.id)
        assert (manifest.outcome, manifest.reason) == ("interrupted", "shutdown")
        assert watch(await here.file(sender.id, tmp_path)).pictures > 20
        with pytest.raises(RuntimeError, match="another recorder"):
            await Recorder(here.recorder.config, forget, forget, tell_nobody).start()


class Away(Storage):
    days = 10**6

    async def put(self, key: str, content: Path | bytes):
        self.days -= 1
        if self.days >= 0:
            raise OSError("the bucket is away")
        await super().put(key, content)


async def test_what_a_recorder_says_it_lacks_it_never_takes(tmp_path: Path) -> None:
    """It lacks nothing that runs, that has ended, or that an earlier process left on its disk."""
    never, storage = uuid4(), Away.open("", tmp_path)
    async with running(tmp_path, storage) as here:
        node = nodes.Node("one", here.url)
        sender, late = Publisher(here.url), Publisher(here.url, never)
        assert await whip.lacks(node, SECRET, never)
        reply = await late.post()
        assert (reply.status_code, reply.json()["code"], here.recorder.load) == (410, "given_up", 0)
        await sender.start()
        assert not await whip.lacks(node, SECRET, sender.id)
        await sender.film(1)
        await sender.stop()
        assert not await whip.lacks(node, SECRET, sender.id)
    await late.peer.close()
    async with running(tmp_path, storage) as here:
        assert not await whip.lacks(nodes.Node("one", here.url), SECRET, sender.id)
        with pytest.raises(whip.Refused):
            await whip.lacks(nodes.Node("one", here.url), "wrong", never)


async def test_who_asks_about_what_has_ended_is_told_again(tmp_path: Path) -> None:
    """Whoever was told may have forgotten it: a database that was put back."""
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        await sender.stop()
        told = await here.told(sender.id)
        async with asyncio.timeout(20):
            while list((tmp_path / "spool").glob("*.json")):  # it has told, and is about to know that it has
                await asyncio.sleep(0.02)
        here.finished.clear()
        assert not await whip.lacks(nodes.Node("one", here.url), SECRET, sender.id)
        assert await here.told(sender.id) == told
    assert not list((tmp_path / "spool").glob("*.json"))


async def test_a_recording_that_cannot_be_finished_is_mended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong at its end, and again when it is mended: that it has ended is told, and the file later."""
    monkeypatch.setattr("media.recorder.PATIENCE", (0.05, 0.1))
    failures = [recording, recorder]

    def fail_once(where: object, work: Callable[..., Any]) -> Callable[..., Any]:
        def perhaps(*given: Any) -> Any:
            if where in failures:
                failures.remove(where)
                raise ZeroDivisionError
            return work(*given)

        return perhaps

    monkeypatch.setattr(recording, "measure", fail_once(recording, webm.measure))
    monkeypatch.setattr(recorder, "conclude", fail_once(recorder, recording.conclude))
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        await sender.peer.close()
        first = await here.told(sender.id)
        assert (failures, first.outcome, first.key) == ([], "interrupted", "")
        async with asyncio.timeout(20):
            while not here.finished[sender.id].key:
                await asyncio.sleep(0.02)
        assert here.recorder.load == 0
    assert "ZeroDivisionError" in caplog.text
    assert here.finished[sender.id].frames > 15


VICTIM = """
import asyncio, sys
from pathlib import Path
import uvicorn
from media.recorder import RecorderConfig, create_app
from media.storage import Storage
from media.timeline import Placed
from media.webm import Writer
async def told(manifest): pass
folder = Path(sys.argv[1])
config = RecorderConfig(node="victim", secret=sys.argv[2], spool=folder / "spool", storage=Storage.open("", folder))
uvicorn.run(create_app(config, told, told), port=int(sys.argv[3]), log_level="error")
"""


async def test_a_storage_that_is_away_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.recorder.PATIENCE", (0.05, 0.1))

    monkeypatch.setattr(Away, "days", 3)
    storage = Away.open("", tmp_path)
    async with running(tmp_path, storage) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        assert (await sender.stop()).key == ""
        assert watch(await here.file(sender.id, tmp_path)).pictures > 15


@pytest.mark.parametrize("sent_signal", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_recorder_loses_two_seconds_at_most(tmp_path: Path, sent_signal: signal.Signals) -> None:
    """Of what has run for a while, and of what has just begun: its sender has not reported on its sound by then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(tmp_path), SECRET, str(port), cwd=Path(__file__).parents[2]
    )
    sender = Publisher(f"http://127.0.0.1:{port}")
    other, others = Player(Script(4.0)), uuid4()

    async def exchange(offer: str) -> str:
        async with client() as http:
            return (await http.post(f"{sender.url}/recordings/{others}", content=offer)).text

    try:
        async with asyncio.timeout(20), client() as http:
            while True:
                try:
                    await http.get(f"{sender.url}/health")
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        await sender.start()
        await sender.film(1.8)
        await other.connect(exchange)
        other.roll()
        while other.now < 2.2:
            await asyncio.sleep(0.02)
        sent, said = sender.camera.sent, other.now  # they go on when nobody listens any more
        child.send_signal(sent_signal)
        async with asyncio.timeout(5):
            await child.wait()
    finally:
        if child.returncode is None:
            os.kill(child.pid, signal.SIGKILL)
            await child.wait()
    await asyncio.gather(sender.peer.close(), other.close())
    if sent_signal is signal.SIGTERM:  # finished, delivered, nothing left to do
        assert not list((tmp_path / "spool").glob("*.json"))
        for name, pictures in ((sender.id, sent), (others, said * RATE)):
            path = tmp_path / "media" / str(name) / "video.webm"
            assert (faults(path), watch(path).pictures >= pictures - 10) == ([], True)
        return
    async with running(tmp_path) as here:
        for name, pictures, rate in ((sender.id, sent, 25), (others, said * RATE, RATE)):
            manifest = await here.told(name)
            assert (manifest.outcome, manifest.reason) == ("interrupted", "cut")
            seen = watch(await here.file(name, tmp_path))
            assert seen.errors == 0
            assert seen.pictures == manifest.frames
            assert seen.pictures >= pictures - 2 * rate
            assert abs(seen.duration_s - manifest.duration_ms / 1000) < 0.1
            assert abs(seen.video_s - seen.audio_s) < 0.5
