"""Files that were cut, and what is made of them."""

import itertools
import subprocess
import sys
from pathlib import Path

import av
import pytest

from media.synth import make_clip
from media.webm import DamagedError, measure, repair
from tests.media.peers import watch


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("clips") / "clip.webm"
    make_clip(path, 3, 4, width=320, height=180)
    return path


def test_a_clip_is_a_whole_file_with_cues(clip: Path) -> None:
    seen = watch(clip)
    assert seen.errors == 0
    assert seen.pictures == 100
    assert seen.sizes == [(320, 180)]
    assert abs(seen.duration_s - 4) < 0.1
    assert abs(seen.video_s - seen.audio_s) < 0.2
    assert b"\x1c\x53\xbb\x6b" in clip.read_bytes()[:40000]  # Cues, in front of the clusters
    with av.open(str(clip)) as container:
        container.seek(2_500_000)
        packet = next(packet for packet in container.demux(video=0))
        assert 1.9 <= float((packet.pts or 0) * packet.time_base) <= 2.5


def test_clips_differ_by_seed_and_repeat_by_seed(clip: Path, tmp_path: Path) -> None:
    make_clip(tmp_path / "again.webm", 3, 1, width=160, height=90)
    make_clip(tmp_path / "twice.webm", 3, 1, width=160, height=90)
    make_clip(tmp_path / "other.webm", 4, 1, width=160, height=90)
    pictures = []
    for name in ("again", "twice", "other"):
        with av.open(str(tmp_path / f"{name}.webm")) as container:
            pictures.append(next(container.decode(video=0)).to_ndarray(format="rgb24"))
    assert (pictures[0] == pictures[1]).all()
    assert (pictures[0] != pictures[2]).any()


@pytest.mark.parametrize("share", [0.95, 0.5, 0.3])
def test_a_cut_file_is_repaired(clip: Path, tmp_path: Path, share: float) -> None:
    cut = tmp_path / "cut.webm"
    data = clip.read_bytes()
    begin = data.index(b"\x1f\x43\xb6\x75")  # the first cluster
    cut.write_bytes(data[: begin + round((len(data) - begin) * share)])
    found = repair(cut, tmp_path / "whole.webm")
    seen = watch(tmp_path / "whole.webm")
    assert seen.errors == 0
    assert seen.pictures == found.frames > 20
    assert abs(seen.duration_s - found.duration_ms / 1000) < 0.1
    assert found.duration_ms / 1000 > 4 * share - 1.6
    assert found == measure(tmp_path / "whole.webm")


@pytest.mark.parametrize("content", [b"", b"no film at all", bytes(5000)])
def test_what_is_no_film_cannot_be_repaired(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.webm"
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        repair(path, tmp_path / "y.webm")


def test_only_a_header_is_nothing(clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    path = tmp_path / "x.webm"
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])
    with pytest.raises(DamagedError):
        repair(path, tmp_path / "y.webm")


def test_every_seed_draws_a_person() -> None:
    from media.portrait import Portrait, Pose

    portraits = [Portrait(seed, 160, 90) for seed in range(24)]
    pictures = [portrait.picture(Pose(mouth=2)) for portrait in portraits]
    for one, other in itertools.combinations(pictures[:8], 2):
        assert (one != other).mean() > 0.2
    for portrait in portraits:
        far = portrait.picture(Pose(mouth=5, eyes=0, brows=1, x=200, y=-200))
        assert far.shape == (90, 160, 3)


def test_what_web_processes_import_leaves_aiortc_alone() -> None:
    code = "import sys, media.storage, media.whip, media.nodes, media.probe, media.processing, media.playback; "
    code += "sys.exit('aiortc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
