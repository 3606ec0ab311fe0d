"""Files in a local folder and in S3: the same behaviour, seen through the player's requests."""

import asyncio
import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from litestar import Litestar, Request, get, head
from litestar.testing import TestClient

from media import playback, processing, uploads
from media.probe import NotMediaError, probe
from media.scratch import workplace
from media.storage import STAGED_FOR, MissingError, Storage
from media.synth import make_clip
from tests.bucket import Bucket, bucket
from tests.media.peers import Publisher, running, watch


@pytest.fixture(scope="module")
def s3():
    with bucket() as known:
        yield known


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "folder":
        return Storage.open("", tmp_path)
    return Storage.open(f"s3://films/{uuid4()}", tmp_path, **request.getfixturevalue("s3").known)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("clips") / "clip.webm"
    make_clip(path, 5, 2, width=320, height=180)
    return path


async def chunks(data: bytes, size: int = 10_000):
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def test_files_come_back_as_they_were(storage: Storage, tmp_path: Path) -> None:
    recording, data = uuid4(), os.urandom(700_000)
    (tmp_path / "x").write_bytes(data)
    await storage.put(f"{recording}/video.webm", tmp_path / "x")
    await storage.put(f"{recording}/peaks.json", b"[]")
    await storage.put(f"{recording}/peaks.json", b"[1]")
    assert await storage.get(f"{recording}/peaks.json") == b"[1]"
    assert await storage.size(f"{recording}/video.webm") == 700_000
    assert b"".join([c async for c in storage.stream(f"{recording}/video.webm", 5, 600_000)]) == data[5:600_000]
    assert [c async for c in storage.stream(f"{recording}/video.webm", 5, 5)] == []
    other = uuid4()
    await storage.put(f"{other}/video.webm", b"other")
    assert sorted(await storage.keys(recording)) == [f"{recording}/peaks.json", f"{recording}/video.webm"]
    assert await storage.delete_all(recording) == 2
    assert await storage.delete_all(recording) == 0
    assert await storage.keys(recording) == []
    assert await storage.get(f"{other}/video.webm") == b"other"
    for ask in (storage.size, storage.get):
        with pytest.raises(MissingError):
            await ask(f"{recording}/video.webm")
    with pytest.raises(MissingError):
        _ = [c async for c in storage.stream(f"{recording}/video.webm", 0, 5)]


PUT = (
    "import asyncio, sys, pathlib; from media.storage import Storage; p = pathlib.Path(sys.argv[1]); "
    "asyncio.run(Storage.open('', p).put('a/video.webm', p / 'film'))"
)


async def test_what_a_killed_process_had_half_written_is_swept(tmp_path: Path) -> None:
    storage, folder = Storage.open("", tmp_path), tmp_path / "media" / "a"
    with (tmp_path / "film").open("wb") as film:
        film.truncate(400 << 20)
    putting = await asyncio.create_subprocess_exec(sys.executable, "-c", PUT, str(tmp_path))
    while not (staged := list(folder.glob("*#*"))):
        await asyncio.sleep(0.001)
    putting.kill()
    await putting.wait()
    (left,) = staged
    assert left.exists()
    assert await storage.keys("a") == []
    assert await storage.sweep() == 0  # somebody may still be at it
    os.utime(left, (0, time.time() - STAGED_FOR - 1))
    await storage.put("a/number#1.webm", b"none of these")
    os.utime(folder / "number#1.webm", (0, 0))
    assert await storage.sweep() == 1
    assert not left.exists()
    assert await storage.keys("a") == ["a/number#1.webm"]


async def test_a_bucket_is_reached_by_the_environment_alone(
    tmp_path: Path, s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    storage = Storage.open("s3://films/named", tmp_path)
    await storage.put("a/video.webm", b"film")
    assert await storage.get("a/video.webm") == b"film"


async def test_room_is_known_on_a_disk_only(tmp_path: Path, s3: Bucket) -> None:
    assert (Storage.open("", tmp_path).free_bytes() or 0) > 0
    assert Storage.open("s3://films", tmp_path, **s3.known).free_bytes() is None
    assert Storage.open(f"file://{tmp_path}/elsewhere", tmp_path).free_bytes()
    with pytest.raises(ValueError, match="ftp"):
        Storage.open("ftp://x", tmp_path)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=-30", (70, 100)),
        ("bytes=-300", (0, 100)),
        ("bytes=90-500", (90, 100)),
        ("bytes=20-10", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("seconds=0-1", None),
        ("nonsense", None),
    ],
)
def test_ranges(asked: str, expected: tuple[int, int] | None) -> None:
    assert playback.byte_range(asked, 100) == expected


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_ranges_beyond_the_end(asked: str) -> None:
    with pytest.raises(ValueError, match="beyond"):
        playback.byte_range(asked, 100)


async def test_a_player_may_ask_in_every_way(storage: Storage) -> None:
    data = os.urandom(600_000)
    await storage.put("r/video.webm", data)

    async def answer(request: Request, *, head: bool = False):
        h = request.headers
        return await playback.respond(
            storage,
            "r/video.webm",
            "video/webm",
            h.get("range", ""),
            h.get("if-range", ""),
            h.get("if-none-match", ""),
            head=head,
        )

    @get("/film")
    async def film(request: Request) -> object:
        return await answer(request)

    @head("/film")
    async def film_head(request: Request) -> None:
        return await answer(request, head=True)

    with TestClient(Litestar([film, film_head], openapi_config=None)) as client:
        whole = client.get("/film")
        assert (whole.status_code, whole.content) == (200, data)
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["content-type"] == "video/webm"
        assert whole.headers["cache-control"].startswith("private")
        etag = whole.headers["etag"]
        part = client.get("/film", headers={"range": "bytes=100-299999"})
        assert (part.status_code, part.content) == (206, data[100:300_000])
        assert part.headers["content-range"] == "bytes 100-299999/600000"
        assert part.headers["content-length"] == "299900"
        tail = client.get("/film", headers={"range": "bytes=-5", "if-range": etag})
        assert (tail.status_code, tail.content) == (206, data[-5:])
        changed = client.get("/film", headers={"range": "bytes=-5", "if-range": '"other"'})
        assert (changed.status_code, len(changed.content)) == (200, 600_000)
        beyond = client.get("/film", headers={"range": "bytes=600000-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */600000")
        assert client.get("/film", headers={"if-none-match": etag}).status_code == 304
        peek = client.head("/film")
        assert (peek.status_code, peek.content) == (200, b"")
        assert peek.headers["content-length"] == "600000"


async def test_an_uploaded_film_is_probed_and_kept(storage: Storage, clip: Path) -> None:
    recording = uuid4()
    found = await uploads.receive(storage, recording, chunks(clip.read_bytes()), "video/webm", 10 << 20)
    assert (found.mime, found.width, found.height, found.audio, found.video) == ("video/webm", 320, 180, True, True)
    assert (found.frames, found.bytes) == (50, clip.stat().st_size)
    assert abs(found.duration_ms - 2000) < 100
    assert await storage.get(uploads.key_of(recording, found)) == clip.read_bytes()
    assert list(storage.scratch.iterdir()) == []


async def test_an_uploaded_film_without_duration_is_made_seekable(tmp_path: Path, clip: Path) -> None:
    storage, recording, data = Storage.open("", tmp_path), uuid4(), clip.read_bytes()
    at = data.index(b"\x44\x89\x88")  # the duration becomes padding, as if a MediaRecorder had never known it
    data = data[:at] + b"\xec\x89" + bytes(9) + data[at + 11 : round(len(data) * 0.95)]
    found = await uploads.receive(storage, recording, chunks(data), "video/webm", 10 << 20)
    kept = tmp_path / "kept.webm"
    await storage.fetch(uploads.key_of(recording, found), kept)
    seen = watch(kept)
    assert seen.errors == 0
    assert abs(seen.duration_s - found.duration_ms / 1000) < 0.1
    assert kept.stat().st_size == found.bytes


async def test_what_is_no_film_is_refused_and_gone(storage: Storage, clip: Path) -> None:
    recording = uuid4()
    for data, mime, limit, error in (
        (b"#!/bin/sh\necho hello" * 100, "video/webm", 10 << 20, NotMediaError),
        (b"", "video/webm", 10 << 20, NotMediaError),
        (clip.read_bytes(), "text/html", 10 << 20, NotMediaError),
        (clip.read_bytes(), "video/webm", 1000, uploads.TooLargeError),
        (clip.read_bytes()[:300], "video/webm", 10 << 20, NotMediaError),
    ):
        with pytest.raises(error):
            await uploads.receive(storage, recording, chunks(data), mime, limit)
    assert await storage.keys(recording) == []
    assert list(storage.scratch.iterdir()) == []


async def test_everything_that_is_made_of_a_film_goes_with_it(storage: Storage, clip: Path, tmp_path: Path) -> None:
    import json

    import av

    recording = uuid4()
    key = f"{recording}/video.webm"
    await storage.put(key, clip)
    told: list[int] = []

    async def progress(percent: int) -> None:
        told.append(percent)

    for _ in range(2):  # a worker that was killed before it could tell does it again
        assert await processing.make_poster(storage, recording, key) == f"{recording}/poster.jpg"
        assert await processing.listen(storage, recording, key) == (f"{recording}/peaks.json", False)
        assert not await processing.look(storage, key, 2)
        assert await processing.make_movie(storage, recording, key, progress) == f"{recording}/video.copy.mp4"
    poster, copy = tmp_path / "poster.jpg", tmp_path / "copy.mp4"
    await storage.fetch(f"{recording}/poster.jpg", poster)
    await storage.fetch(f"{recording}/video.copy.mp4", copy)
    seen = watch(copy)
    assert (seen.errors, seen.pictures, seen.sizes) == (0, 50, [(320, 180)])
    with av.open(str(poster)) as image:
        frame = next(image.decode(video=0))
        assert (frame.width, frame.height) == (320, 180)
        assert frame.to_ndarray(format="rgb24").std() > 20
    loudness = json.loads(await storage.get(f"{recording}/peaks.json"))
    assert loudness["rate"] == 10
    assert 18 <= len(loudness["peaks"]) <= 22
    assert max(loudness["peaks"]) > 60 > min(loudness["peaks"])
    assert list(storage.scratch.iterdir()) == []
    assert (await probe(clip)).frames == 50
    again, other = f"{recording}/video.copy.mp4", uuid4()
    assert await processing.make_movie(storage, recording, again, progress) == again, "it is one already"
    await storage.put(f"{other}/video.webm", clip)
    assert await storage.delete_all(recording) == 4
    assert await storage.keys(recording) == []
    assert await storage.keys(other) == [f"{other}/video.webm"]


async def test_what_a_killed_worker_left_on_its_disk_is_swept_away(tmp_path: Path) -> None:
    async with workplace(tmp_path) as mine:
        killed = tmp_path / "work-of-somebody-killed"
        killed.mkdir()
        (killed / "source").write_bytes(b"half a film")
        async with workplace(tmp_path) as other:
            assert {path.name for path in tmp_path.iterdir()} == {mine.name, other.name}
    assert list(tmp_path.iterdir()) == []


async def test_a_recording_goes_to_s3(tmp_path: Path, s3: Bucket) -> None:
    bucket = Storage.open(f"s3://films/{uuid4()}", tmp_path, **s3.known)
    async with running(tmp_path, bucket) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        manifest = await sender.stop()
        seen = watch(await here.file(sender.id, tmp_path))
    assert seen.errors == 0
    assert seen.pictures == manifest.frames
