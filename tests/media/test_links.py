"""A browser's camera on the narrowest link that is promised to work: whole and watchable."""

from pathlib import Path

from tests.e2e.browsers import People, in_chromium
from tests.media.link import Weather
from tests.media.shaped import shoot


@in_chromium
async def test_a_picture_fits_through_256_kbit(people: People, tmp_path: Path) -> None:
    """The whole table is `./dev bench links`."""
    page = await people("Cleo", permissions=["camera", "microphone"])
    shot = await shoot(page, tmp_path, Weather(trip=0.05, rate=256_000), 5)
    print(shot.told, shot.manifest, shot.seen.sizes, shot.link.up)
    assert shot.seen.errors == 0
    assert shot.whole >= 0.98
    assert shot.manifest.lost == 0
    assert shot.manifest.unheard_ms <= 0.005 * shot.manifest.duration_ms
    assert 0 < shot.bitrate < 256_000
    width, _ = shot.seen.sizes[-1]
    assert width < 1280  # it gave way, instead of stuttering
