"""A recording through the real listener: whole, damaged, refused, abandoned."""

import asyncio

from tests.media.peers import Publisher, running, watch


async def test_a_recording_is_whole(tmp_path):
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        await asyncio.sleep(3.5)
        manifest = await sender.stop()
        assert manifest.outcome == "complete"
        assert manifest.reason == "stopped"
        seen = watch(await here.file(sender.id, tmp_path))
    assert seen.errors == 0
    assert seen.pictures == manifest.frames > 60
    assert seen.sounds > 140
    assert seen.sizes == [(320, 240)] == [(manifest.width, manifest.height)]
    assert abs(seen.video_s - seen.audio_s) < 0.5
    assert abs(manifest.duration_ms / 1000 - 3.4) < 0.5
    assert abs(seen.duration_s - manifest.duration_ms / 1000) < 0.1
    assert [m.id for m in here.started] == [sender.id]
    assert not list((tmp_path / "spool").glob(f"{sender.id}*"))
