"""Recordings through the real listener: whole, damaged, refused, abandoned, killed."""

import asyncio
import random
import time
from pathlib import Path
from uuid import uuid4

import pytest

from media import nodes, whip
from media.ports import Port
from tests.media.link import Weather
from tests.media.peers import SECRET, Publisher, client, running, watch
from tests.media.speaking import speaking


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


async def test_a_start_is_told_until_it_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody heard of would be given up for never begun, while it runs."""
    monkeypatch.setattr("media.recording.TELL_AGAIN", 0.05)
    async with running(tmp_path) as here:
        here.deaf = 3
        sender = Publisher(here.url)
        await sender.start()
        async with asyncio.timeout(20):
            while not here.started:
                await asyncio.sleep(0.02)
        assert not here.finished
        await sender.stop()
        here.deaf = 1000  # nobody ever hears of this one's, and its end is told all the same
        other = Publisher(here.url)
        await other.start()
        await other.film(1)
        assert (await other.stop()).outcome == "complete"
        await here.told(other.id)
        deaf = here.deaf
        await asyncio.sleep(0.3)
        assert here.deaf == deaf, "what has ended is not told as a start any more"
    assert [m.id for m in here.started] == [sender.id]


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


async def test_what_was_said_before_the_end_is_waited_for(tmp_path: Path) -> None:
    """A queue on the way has grown to more than a second, and the goodbye, which has another way, comes before it."""
    async with running(tmp_path) as here:
        link, sender, name = await speaking(here)
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


async def test_a_farewell_may_come_before_the_request_that_ends_it(tmp_path: Path) -> None:
    """As of clients that close their connection first."""
    async with running(tmp_path) as here:
        link, sender, name = await speaking(here)
        await sender.close()
        await asyncio.sleep(0.4)
        manifest = await here.recorder.end(name)
        link.close()
    assert manifest is not None
    assert (manifest.outcome, manifest.reason, manifest.frames) == ("complete", "stopped", sender.frames)


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
            ("DELETE", f"offers/{uuid4()}"),
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
