"""Senders that do harm, by accident or not: their own recording may suffer, the process and the others may not."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from media.reorder import Packet
from tests.media.peers import Running, running, watch
from tests.media.sender import Sender, noisy


async def connected(here: Running) -> tuple[Sender, UUID]:
    sender, name = Sender(noisy(160, 120, 20, bitrate=120_000)), uuid4()

    async def exchange(offer: str) -> str:
        return await here.recorder.begin(name, offer, kind="video", seconds=None)

    await sender.connect(exchange)
    sender.roll()
    return sender, name


async def sent(sender: Sender, frames: int) -> None:
    while sender.frames < frames:
        await asyncio.sleep(0.02)


async def test_what_cannot_be_handled_does_not_end_a_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """aiortc closes a connection over any exception in what it calls."""
    caplog.set_level(logging.CRITICAL, "media.receiver")  # a trail per packet
    async with running(tmp_path) as here:
        sender, name = await connected(here)
        receiver = here.recorder.recordings[name].receiver
        for track in receiver.tracks.values():
            _trip(track)
        await sent(sender, 50)
        (address,) = here.port._by_address
        for noise in (b"\x80" + os.urandom(60), b"\x80\xc8" + os.urandom(40), b"\x16\xfe" + os.urandom(30), b"\x00"):
            here.port.datagram_received(noise, address)
        await sent(sender, 70)
        assert not receiver.ended.is_set()
        await sender.cut()
        manifest = await here.recorder.end(name)
        await sender.close()
        seen = watch(await here.file(name, tmp_path))
    assert manifest is not None
    assert (manifest.outcome, seen.errors) == ("complete", 0)
    assert seen.pictures > 10


def _trip(track: Any) -> None:
    """From now on every tenth packet and every report is too much for whoever takes them."""
    take, count = track.take, 0

    def taking(ssrc: int, packet: Packet) -> None:
        nonlocal count
        count += 1
        if count % 10 == 0:
            raise ValueError("too much")
        take(ssrc, packet)

    def reporting(*_: object) -> None:
        raise ValueError("too much")

    track.take = taking
    track._sink.report = reporting


async def test_what_is_written_is_kept_though_the_end_goes_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "media.recording")

    def flush() -> None:
        raise ValueError("too much")

    async with running(tmp_path) as here:
        sender, name = await connected(here)
        await sent(sender, 90)
        reel = here.recorder.recordings[name]._reel
        assert reel is not None
        reel.flush = flush  # type: ignore[method-assign]
        manifest = await here.recorder.end(name)
        await sender.close()
        seen = watch(await here.file(name, tmp_path))
    assert manifest is not None
    assert (manifest.outcome, manifest.reason, seen.errors) == ("interrupted", "cut", 0)
    assert seen.pictures == manifest.frames > 20


async def test_whoever_sends_more_than_a_camera_can_is_sent_away(tmp_path: Path) -> None:
    """Numbers that leap: each packet says that thousands are missing, which would be asked for and waited for."""
    async with running(tmp_path) as here:
        (sender, name), (other, others) = await connected(here), await connected(here)
        await sent(sender, 20)
        await sender.cut()
        stream = sender._streams["video"]
        while sender.peer.connectionState == "connected":
            stream.number = stream.number + 2900 & 0xFFFF
            sender._send("video", b"\x10nothing", 0, marker=False)
            await asyncio.sleep(0.005)
        manifest = await here.told(name)
        assert (manifest.outcome, manifest.reason) == ("complete", "too_large")
        await sent(other, 60)
        kept = await here.recorder.end(others)
        await asyncio.gather(sender.close(), other.close())
    assert kept is not None
    assert (kept.outcome, kept.lost) == ("complete", 0)
