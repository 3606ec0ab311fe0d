"""A browser's camera on the narrowest link that is promised to work: whole and watchable. And the links themselves."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.browsers import People, in_chromium
from tests.media.link import Weather
from tests.media.shaped import shoot
from tests.media.tunnel_check import CANNOT
from tests.workers import ROOT


@in_chromium
async def test_a_picture_fits_through_256_kbit(people: People, tmp_path: Path) -> None:
    """The whole table is `./dev bench links`."""
    page = await people("Cleo", permissions=["camera", "microphone"])
    shot = await shoot(page, tmp_path, Weather(trip=0.05, rate=256_000), 5)
    print(shot.told, shot.manifest, shot.seen.sizes, shot.up)
    assert shot.seen.errors == 0
    assert shot.whole >= 0.98
    assert shot.manifest.lost == 0
    assert shot.manifest.unheard_ms <= 0.005 * shot.manifest.duration_ms
    assert 0 < shot.bitrate < 256_000
    width, _ = shot.seen.sizes[-1]
    assert width < 1280  # it gave way, instead of stuttering


def test_what_goes_through_a_tunnel_has_its_weather_and_nothing_of_it_stays() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no tunnels here: there is no unshare")
    words = ["unshare", "--net", sys.executable, "-m", "tests.media.tunnel_check"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == CANNOT or "unshare failed" in done.stderr:
        pytest.skip(done.stdout or done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
