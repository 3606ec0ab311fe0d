"""Recordings through the real listener: whole, damaged, refused, abandoned, killed."""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from media import nodes, whip
from media.ports import Port
from media.recorder import Recorder, tell_nobody
from media.storage import Storage
from tests.media.files import faults
from tests.media.link import Link, Weather
from tests.media.peers import SECRET, Publisher, Running, client, running, watch
from tests.media.sender import Sender, noisy


async def test_a_recording_is_whole(tmp_path: Path) -> None:
    async with running(tmp_path) as here:
        sender, began = Publisher(here.url), time.monotonic()
        await sender.start()
        await sender.film(3.5)
        manifest = await sender.stop()
        lasted = time.monotonic() - began
        assert (manifest.outcome, manifest.reason) == ("complete", "stopped")
        seen = watch(await here.file(sender.id, tmp_path))
        async with client() as http:  # once more: the same answer
            again = await http.delete(f"{here.url}/recordings/{sender.id}")
            assert again.json()["frames"] == manifest.frames
    assert seen.errors == 0
    assert seen.pictures == manifest.frames > 60
    assert seen.sounds > 140
    assert seen.sizes == [(320, 240)] == [(manifest.width, manifest.height)]
    assert abs(seen.video_s - seen.audio_s) < 0.5
    assert 2.9 < manifest.duration_ms / 1000 < lasted  # a starved machine films longer than it was asked to
    assert abs(seen.duration_s - manifest.duration_ms / 1000) < 0.1
    assert [m.id for m in here.started] == [sender.id]
    assert not list((tmp_path / "spool").glob(f"{sender.id}*"))


async def test_lost_packets_are_recovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One packet in ten of media, retransmissions included, vanishes in front of the recorder."""
    chance, dropped, receive = random.Random(5), [], Port.datagram_received

    def lossy(self, data: bytes, addr: tuple[str, int]):
        if data[0] > 127 and not 192 <= data[1] <= 223 and chance.random() < 0.1:
            dropped.append(len(data))
            return
        receive(self, data, addr)

    monkeypatch.setattr(Port, "datagram_received", lossy)
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(4)
        recording = here.recorder.recordings[sender.id]
        (seen_now,) = await whip.glance(nodes.Node("n", here.url), SECRET)
        manifest = await sender.stop()
        assert manifest.outcome == "complete", manifest
        seen = watch(await here.file(sender.id, tmp_path))
        recovered = {kind: recording.receiver.statistics(kind).recovered for kind in ("audio", "video")}
    assert (seen_now.id, seen_now.width, seen_now.height) == (sender.id, 320, 240)
    assert 0 < seen_now.bitrate < seen_now.bytes * 8  # of some seconds, not of one
    assert 0 < seen_now.recovered <= sum(recovered.values())
    assert seen_now.packets > 200
    assert 0 < seen_now.since <= manifest.finished_at
    assert len(dropped) > 20
    assert recovered["audio"] > 3
    assert recovered["video"] > 3
    assert manifest.lost == 0
    assert seen.errors == 0
    assert seen.pictures >= sender.camera.sent - 5
    assert seen.sounds > 180


async def _speaking(here: Running) -> tuple[Link, Sender, UUID]:
    """Somebody who has said two seconds over a link of their own, and goes on."""
    link = await Link("127.0.0.1", ("127.0.0.1", here.port.number)).open()
    sender, name = Sender(noisy(160, 120, rate=15, bitrate=100_000)), uuid4()

    async def exchange(offer: str) -> str:
        return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

    await sender.connect(exchange)
    sender.roll()
    while sender.frames < 30:
        await asyncio.sleep(0.02)
    return link, sender, name


async def test_what_was_said_before_the_end_is_waited_for(tmp_path: Path) -> None:
    """A queue on the way has grown to more than a second, and the goodbye, which has another way, comes before it."""
    async with running(tmp_path) as here:
        link, sender, name = await _speaking(here)
        link.weather = Weather(trip=2.6)
        while sender.frames < 60:
            await asyncio.sleep(0.02)
        await sender.cut()
        manifest = await here.recorder.end(name)
        await sender.close()
        link.close()
    assert manifest is not None
    assert (manifest.outcome, manifest.frames, manifest.lost) == ("complete", sender.frames, 0)
    assert abs(manifest.duration_ms - sender.frames * 1000 / 15) < 200


async def test_loss_for_good_leaves_a_file_that_decodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, receive = random.Random(6), Port.datagram_received

    def lossy(self, data: bytes, addr: tuple[str, int]):
        if data[0] > 127 and not 192 <= data[1] <= 223 and chance.random() < 0.05:
            return
        receive(self, data, addr)

    async def deaf(*_):
        return

    monkeypatch.setattr(Port, "datagram_received", lossy)
    monkeypatch.setattr("media.reorder.WAIT", 0.4)
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        for track in here.recorder.recordings[sender.id].receiver.tracks.values():
            monkeypatch.setattr(track._receiver, "_send_rtcp_nack", deaf)
            track.buffer.wait = 0.4
        await sender.film(4)
        manifest = await sender.stop()
        seen = watch(await here.file(sender.id, tmp_path))
    assert manifest.lost > 0
    assert manifest.unheard_ms >= 40
    assert seen.errors == 0
    assert 0 < seen.pictures == manifest.frames < sender.camera.sent
    assert abs(seen.video_s - seen.audio_s) < 2.5  # a key frame that is asked for near the end may come too late


async def test_offers_are_refused_with_a_code(tmp_path: Path) -> None:
    async with running(tmp_path, concurrent=1) as here:
        sound = Publisher(here.url, video=False)
        reply = await sound.post()
        assert (reply.status_code, reply.json()["code"]) == (422, "no_video")
        await sound.peer.close()
        async with client() as http:
            for body in (b"", b"nonsense", b"v=0\r\n", b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", bytes(range(256))):
                reply = await http.post(f"{here.url}/recordings/{uuid4()}", content=body)
                assert (reply.status_code, reply.json()["code"]) in {(400, "bad_offer"), (422, "no_video")}, reply.text
            assert (await http.post(f"{here.url}/recordings/{uuid4()}", content=b"x" * 70_000)).status_code == 413
            assert (await http.delete(f"{here.url}/recordings/{uuid4()}")).status_code == 404
        first, second = Publisher(here.url), Publisher(here.url)
        await first.start()
        reply = await second.post()
        assert (reply.status_code, reply.json()["code"]) == (503, "too_many_recordings")
        assert reply.headers["retry-after"]
        assert (here.recorder.load, here.recorder.limit) == (1, 1)
        await first.stop()
        await second.peer.close()
        again = Publisher(here.url, first.id)
        reply = await again.post()
        assert (reply.status_code, reply.json()["code"]) == (409, "already_recording")
        await again.peer.close()
        assert here.port.connections == 0


async def test_strangers_stay_outside(tmp_path: Path) -> None:
    async with running(tmp_path) as here, client("wrong") as http:
        for method, path in (
            ("POST", f"recordings/{uuid4()}"),
            ("DELETE", f"recordings/{uuid4()}"),
            ("GET", "recordings"),
        ):
            assert (await http.request(method, f"{here.url}/{path}")).status_code == 401
        health = await http.get(f"{here.url}/health")
        assert health.json()["udp_port"] > 0


async def test_sound_alone_is_recorded_when_asked_for(tmp_path: Path) -> None:
    async with running(tmp_path) as here:
        node = nodes.Node("one", here.url, 0, 1, "")
        sender = Publisher(here.url, video=False)
        await sender.peer.setLocalDescription(await sender.peer.createOffer())
        answer = await whip.forward(
            node, SECRET, sender.id, sender.peer.localDescription.sdp, kind="audio", seconds=1.5
        )
        from aiortc import RTCSessionDescription

        assert answer.etag.startswith('"')
        assert "rtcp-fb:96 nack" in answer.sdp
        await sender.peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        manifest = await here.told(sender.id)  # by itself, at its limit
        assert (manifest.outcome, manifest.reason) == ("complete", "limit")
        assert (manifest.audio, manifest.video, manifest.frames) == (True, False, 0)
        assert 1000 < manifest.duration_ms < 2200
        stopped = await whip.stop(node, SECRET, sender.id)
        assert stopped is not None
        assert stopped.id == sender.id
        assert await whip.stop(node, SECRET, uuid4()) is None
        with pytest.raises(whip.Refused) as refused:
            await whip.forward(node, SECRET, uuid4(), "nonsense")
        assert (refused.value.code, refused.value.status) == ("bad_offer", 400)
        assert await whip.glance(node, SECRET) == []
        await sender.peer.close()
    with pytest.raises(whip.Refused) as refused:
        await whip.forward(node, SECRET, uuid4(), "v=0")
    assert (refused.value.code, refused.value.status) == ("node_gone", 503)


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
        link, sender, name = await _speaking(here)
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

    class Away(Storage):
        days = 3

        async def put(self, key: str, content: Path | bytes):
            self.days -= 1
            if self.days >= 0:
                raise OSError("the bucket is away")
            await super().put(key, content)

    storage = Away.open("", tmp_path)
    async with running(tmp_path, storage) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        assert (await sender.stop()).key == ""
        assert watch(await here.file(sender.id, tmp_path)).pictures > 15


@pytest.mark.parametrize("sent_signal", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_recorder_loses_two_seconds_at_most(tmp_path: Path, sent_signal: signal.Signals) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, str(tmp_path), SECRET, str(port), cwd=Path(__file__).parents[2]
    )
    sender = Publisher(f"http://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(20), client() as http:
            while True:
                try:
                    await http.get(f"{sender.url}/health")
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        await sender.start()
        await sender.film(4)
        sent = sender.camera.sent  # it goes on when nobody listens any more
        child.send_signal(sent_signal)
        async with asyncio.timeout(5):
            await child.wait()
    finally:
        if child.returncode is None:
            os.kill(child.pid, signal.SIGKILL)
            await child.wait()
    await sender.peer.close()
    if sent_signal is signal.SIGTERM:  # finished, delivered, nothing left to do
        assert not list((tmp_path / "spool").glob("*.json"))
        path = tmp_path / "media" / str(sender.id) / "video.webm"
        assert (faults(path), watch(path).pictures >= sent - 10) == ([], True)
        return
    async with running(tmp_path) as here:
        manifest = await here.told(sender.id)
        assert (manifest.outcome, manifest.reason) == ("interrupted", "cut")
        seen = watch(await here.file(sender.id, tmp_path))
    assert seen.errors == 0
    assert seen.pictures == manifest.frames
    assert seen.pictures >= sent - 52
    assert abs(seen.duration_s - manifest.duration_ms / 1000) < 0.1
    assert abs(seen.video_s - seen.audio_s) < 0.5
