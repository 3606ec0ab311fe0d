"""Files that strangers sent are decoded by children with limits, never by the worker that asks."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import pytest

from media import processing
from media.movie import NoMovieError, convert
from media.probe import probe
from media.processing import ProcessingError
from media.storage import Storage
from media.uploads import key_of
from tests.media.films import make_film

Film = tuple[Storage, UUID, str]


@pytest.fixture
async def film(tmp_path: Path) -> Film:
    storage, recording = Storage.open("", tmp_path), uuid4()
    make_film(tmp_path / "film.webm", 2)
    key = f"{recording}/video.webm"
    await storage.put(key, tmp_path / "film.webm")
    return storage, recording, key


async def nobody(_: int) -> None:
    """Nobody is told how far it is."""


async def everything(storage: Storage, recording: UUID, key: str) -> list[object]:
    return [
        await processing.make_poster(storage, recording, key),
        await processing.listen(storage, recording, key),
        await processing.look(storage, key, 2),
        await processing.make_movie(storage, recording, key, nobody),
    ]


async def test_whoever_asks_opens_no_file(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: Any, **__: Any) -> None:
        raise AssertionError("in this process")

    monkeypatch.setattr(av, "open", opened)
    made = await everything(*film)
    assert made == [
        f"{film[1]}/poster.jpg",
        (f"{film[1]}/peaks.json", False),
        False,
        f"{film[1]}/video.copy.mp4",
    ]


async def test_a_child_that_dies_is_nobody_elses_end(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one does whose decoder breaks, or asks for more memory than it may have."""
    storage, recording, key = film
    monkeypatch.setattr("sys.executable", "/bin/false")
    for work in (
        processing.make_poster(storage, recording, key),
        processing.listen(storage, recording, key),
        processing.look(storage, key, 2),
    ):
        with pytest.raises(ProcessingError):
            await work
    assert list(storage.scratch.iterdir()) == []
    assert await storage.keys(recording) == [key]


async def test_a_film_that_needs_no_copy_is_told_from_outside(film: Film, tmp_path: Path) -> None:
    storage, recording, _ = film
    copy = await processing.make_movie(storage, recording, film[2], nobody)
    assert await processing.make_movie(storage, recording, copy, nobody) == copy
    await storage.put(f"{recording}/nothing.mp4", b"nothing")
    with pytest.raises(NoMovieError):
        await processing.make_movie(storage, recording, f"{recording}/nothing.mp4", nobody)


@pytest.mark.parametrize("live", ["0", "1"])  # a recording that was cut has no length
async def test_matroska_is_not_called_webm(tmp_path: Path, live: str) -> None:
    """As OBS writes it: no browser plays that as WebM, and nobody can make a WebM of it."""
    make_film(tmp_path / "film.webm", 2)
    path = tmp_path / "film.mkv"
    convert(tmp_path / "film.webm", tmp_path / "film.mp4", lambda _: None)
    with (
        av.open(str(tmp_path / "film.mp4")) as film,
        av.open(str(path), "w", "matroska", options={"live": live}) as copy,
    ):
        tracks = {stream.index: copy.add_stream_from_template(stream) for stream in film.streams}
        for packet in film.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                copy.mux(packet)
    found = await probe(path)
    assert (found.mime, found.audio, found.video) == ("video/matroska", True, True)
    assert abs(found.duration_ms - 2000) < 150
    assert key_of(uuid4(), found).endswith("/video.mkv")
    assert (await probe(tmp_path / "film.webm")).mime == "video/webm"
