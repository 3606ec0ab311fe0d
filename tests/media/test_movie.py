"""The MP4 copy: whole, seekable, of one size, and with picture and sound where the source has them."""

import asyncio
import os
import signal
import statistics
import sys
from pathlib import Path

import av
import pytest

from media import movie
from media.movie import NoMovieError, convert, fits, make
from tests.cast import until
from tests.media.films import beats, make_film
from tests.media.peers import watch
from tests.media.scene import perceive

TOGETHER = 0.04  # seconds between where the source has it and where the copy has it


WORKER = """
import asyncio, sys
from pathlib import Path
from media.movie import make

async def nobody(_):
    pass

asyncio.run(make(Path(sys.argv[1]), Path(sys.argv[2]), nobody))
"""


def nobody(_: int) -> None:
    """Nobody is told how far it is."""


@pytest.mark.parametrize(
    ("offset", "more"),
    [
        (0.0, {}),
        (0.2, {}),
        (-0.15, {"sizes": ((0.0, (320, 180)), (2.0, (640, 360)), (4.0, (240, 180)))}),
        (0.1, {"lost": (1.0, 2.3), "mute": (3.2, 4.4)}),
        (0.1, {"late": 1.2}),
    ],
    ids=["together", "late picture", "three sizes", "lost and muted sound", "camera late"],
)
def test_a_copy_keeps_the_times_of_its_source(tmp_path: Path, offset: float, more: dict[str, object]) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 6, offset=offset, **more)  # type: ignore[arg-type]
    convert(source, copy, nobody)
    was, seen = perceive(source), perceive(copy)
    assert seen.errors == 0
    assert len(seen.offsets) == len(was.offsets) >= 3
    assert abs(statistics.median(seen.offsets) - offset) <= TOGETHER, seen.offsets
    for before, after in ((was.beeps, seen.beeps), (was.flashes, seen.flashes)):
        assert len(before) == len(after)
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) <= TOGETHER
    assert max(min(abs(beep - beat) for beat in beats(6)) for beep in seen.beeps) <= TOGETHER
    assert abs(seen.ends["video"] - 6) < 0.1
    assert abs(seen.ends["audio"] - 6) < 0.1
    whole = watch(copy)
    assert len(whole.sizes) == 1
    assert whole.longest_gap_s < (0.1 if "late" not in more else 1.3)
    assert abs(whole.duration_s - 6) < 0.1


def test_a_copy_has_its_index_in_front_and_seeks(tmp_path: Path) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 8, sizes=((0.0, (320, 180)), (4.0, (640, 360))))
    convert(source, copy, nobody)
    data = copy.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(copy)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt, audio.codec_context.name) == (
            "h264",
            "yuv420p",
            "aac",
        )
        assert (video.codec_context.width, video.codec_context.height) == (640, 360)  # the largest there is
        for second in (6.3, 1.1, 4.9):
            container.seek(int(second * 1e6))
            frame = next(container.decode(video=0))
            assert second - 2.1 < frame.time <= second, "a key frame is never more than two seconds away"


@pytest.mark.parametrize("track", ["sound", "picture"])
def test_one_track_is_enough(tmp_path: Path, track: str) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 2, **{track: False})  # type: ignore[arg-type]
    convert(source, copy, nobody)
    seen = watch(copy)
    assert seen.errors == 0
    assert (seen.pictures > 50, seen.sounds > 50) == (track == "sound", track == "picture")


def test_a_large_film_of_a_phone_that_was_held_upright(tmp_path: Path) -> None:
    lying, copy = tmp_path / "lying.mp4", tmp_path / "film.mp4"
    with av.open(str(lying), "w") as container:
        stream = container.add_stream("libx264", rate=60, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number in range(60):
            frame = av.VideoFrame(1920, 1080, "yuv420p")
            for plane, value in zip(frame.planes, (40, 128, 128), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            frame.planes[0].update((bytes([220]) * 600 + bytes([40]) * (frame.planes[0].line_size - 600)) * 1080)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    whole = b"\0\1\0\0" + bytes(12) + b"\0\1\0\0" + bytes(12) + b"\x40\0\0\0"
    turned = bytes(4) + b"\0\1\0\0" + bytes(4) + b"\xff\xff\0\0" + bytes(16) + b"\x40\0\0\0"
    data = lying.read_bytes()
    at = data.index(whole, data.index(b"tkhd"))  # a quarter turn to the right, as phones write it
    lying.write_bytes(data[:at] + turned + data[at + len(whole) :])
    convert(lying, copy, nobody)
    seen = watch(copy)
    assert (seen.sizes, seen.errors) == ([(720, 1280)], 0)
    assert 25 <= seen.pictures <= 35, "sixty pictures a second are more than anybody needs"
    with av.open(str(copy)) as container:
        grey = next(container.decode(video=0)).to_ndarray(format="gray")
    assert grey[:300].mean() > 150 > grey[-300:].mean(), "what was on the left is at the top"


def test_which_films_need_no_copy(tmp_path: Path) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 1)
    convert(source, copy, nobody)
    assert (fits(source), fits(copy)) == (False, True)


def test_a_film_that_was_cut_in_the_middle(tmp_path: Path) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 4)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) // 2] + os.urandom(200) + data[len(data) // 2 + 200 : len(data) * 3 // 4])
    convert(source, copy, nobody)
    seen = watch(copy)
    assert seen.errors == 0
    assert seen.duration_s > 1


async def test_a_child_makes_it_and_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 3)
    told: list[int] = []

    async def note(percent: int) -> None:
        told.append(percent)

    await make(source, copy, note)
    assert watch(copy).errors == 0
    assert told == sorted(told)
    assert all(0 <= percent < 100 for percent in told)
    source.write_bytes(b"no film at all")
    with pytest.raises(NoMovieError):
        await make(source, copy, note)
    monkeypatch.setattr(movie, "STALLED", 0.001)
    with pytest.raises(movie.MovieError):
        await make(source, copy, note)


async def test_a_child_ends_with_whoever_waits_for_it(tmp_path: Path) -> None:
    source, copy = tmp_path / "film.webm", tmp_path / "film.mp4"
    make_film(source, 20, sound=False)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, str(source), str(copy))
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")

    async def begun() -> bool:
        return copy.exists()

    async def gone() -> bool:
        return not Path(f"/proc/{child}").exists()

    await until(begun, 30)
    child = int(children.read_text())
    os.kill(child, signal.SIGSTOP)
    worker.kill()
    await worker.wait()
    os.kill(child, signal.SIGCONT)
    await until(gone, 60)
    with pytest.raises(av.FFmpegError), av.open(str(copy)):
        pass  # half a film has no index: nothing would play it by mistake
