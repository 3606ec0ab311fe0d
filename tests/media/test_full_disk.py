"""A full disk: what is written stays, people hear of it at once, and the file comes when there is room again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.storage import Storage
from tests.media.peers import Publisher, running, watch
from tests.media.tiny import Disk, small_disk

SMALL = 600_000  # bytes: some seconds of film, the first of them twice


@pytest.fixture
async def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Disk]:
    monkeypatch.setattr("media.recorder.PATIENCE", (0.05, 0.1))
    with small_disk(tmp_path / "small", SMALL) as made:
        yield made


async def test_a_recording_that_fills_the_disk_is_kept_as_far_as_it_came(tmp_path: Path, disk: Disk) -> None:
    async with running(disk.folder, Storage.open("", tmp_path)) as here:
        sender, other = Publisher(here.url), Publisher(here.url)
        sender.camera.noise = True
        await sender.start()
        first = await here.told(sender.id, 60)
        assert (first.outcome, first.reason, first.key) == ("interrupted", "disk", "")  # no room to mend it yet
        disk.fill()
        reply = await other.post()
        assert (reply.status_code, reply.json()["code"]) == (503, "too_many_recordings")
        disk.make_room()
        async with asyncio.timeout(30):
            while not here.finished[sender.id].key:
                await asyncio.sleep(0.02)
        seen = watch(await here.file(sender.id, tmp_path))
        for each in (sender, other):
            await each.peer.close()
        assert here.recorder.load == 0
    assert seen.errors == 0
    assert seen.pictures > 20
    assert here.finished[sender.id].duration_ms > 500


async def test_a_recorder_that_is_killed_on_a_full_disk_mends_the_file_when_there_is_room(
    tmp_path: Path, disk: Disk
) -> None:
    async with running(disk.folder, Storage.open("", tmp_path)) as here:
        sender = Publisher(here.url)
        sender.camera.noise = True
        await sender.start()
        await here.told(sender.id, 60)
        await sender.peer.close()
    async with running(disk.folder, Storage.open("", tmp_path)) as again:
        assert (await again.told(sender.id)).key == ""
        disk.make_room()
        async with asyncio.timeout(30):
            while not again.finished[sender.id].key:
                await asyncio.sleep(0.02)
        assert watch(await again.file(sender.id, tmp_path)).pictures > 20
