"""What a slow or lossy uplink leaves of an answer: Chromium's camera through links of 256 kbit/s to 5 Mbit/s.

Every link is a relay with a rate, half a second of queue, a delay, and loss both ways (tests/media/link.py); the page
is the real WHIP client, so what it does about a narrow link is measured with it. `./dev bench links [256 1000 5000 80]`
takes other rates, in kbit/s, and single links: `1000:10:1:150` is 1 Mbit/s with 10 % lost, one packet in a row, and
150 ms there and back.
"""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.bench.report import Report
from tests.e2e import engines
from tests.media.link import Weather
from tests.media.shaped import Shot, shoot

RATES = (256, 1000, 5000)  # kbit/s
NARROW = 80  # kbit/s: not even a small picture fits beside the voice
TRIPS = (0.05, 0.15)  # seconds
LOSSES = ((0.0, 1.0), (0.02, 1.0), (0.05, 1.0), (0.10, 1.0), (0.05, 6.0), (0.10, 6.0))  # share, packets in a row
HEAVY = 0.10  # from this loss on, and in bursts, the browser's own copy is what counts: told, and judged apart
SECONDS = 10.0
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream=fps=30",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
)


@contextlib.asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A page of a fresh Chromium with a fake camera."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=engines.installed("chromium"), args=FLAGS)
        yield await browser.new_page()
        await browser.close()


async def main(words: list[str]) -> int:
    """Measures every link; the exit status."""
    report = Report("links")
    for word in words:
        if ":" in word:
            weather = _weather(word)
            _judge(report, round(weather.rate / 1000), [await _measure(report, weather)])
            continue
        rate = int(word)
        losses = LOSSES if rate != NARROW else LOSSES[:1]
        shots = [
            await _measure(report, Weather(loss, burst, trip, rate * 1000)) for trip in TRIPS for loss, burst in losses
        ]
        _judge(report, rate, shots)
    return report.finish()


def _weather(word: str) -> Weather:
    rate, loss, burst, trip = map(float, word.split(":"))
    return Weather(loss / 100, burst, trip / 1000, rate * 1000)


async def _measure(report: Report, weather: Weather) -> Shot:
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        async with browser_page() as page:
            shot = await shoot(page, folder, weather, SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(report, shot)
    return shot


def _name(weather: Weather) -> str:
    return f"{weather.rate / 1000:.0f} kbit/s, {weather}"


def _tell(report: Report, shot: Shot) -> None:
    name, seen = _name(shot.weather), shot.seen
    first, last = (
        (f"{w}x{h}" for w, h in (seen.sizes[0], seen.sizes[-1]) if seen.sizes) if seen.sizes else ("none",) * 2
    )
    sizes = last if first == last else f"{first}, {last} at the end"
    fits = ", ".join(f"{fit} from {at:.0f} s" for at, fit in shot.told["fits"])
    note = f"{seen.pictures} of {shot.told['encoded']}, {sizes}, {shot.bitrate / 1000:.0f} kbit/s; {fits}"
    report.row(f"{name}: pictures decodable", shot.whole * 100, "%", note)
    drops = f"{shot.link.up.full} dropped by the queue, {shot.link.up.lost} lost"
    report.row(f"{name}: longest gap", seen.longest_gap_s, "s", f"{shot.rate:.1f} pictures/s; {drops}")
    report.row(f"{name}: sound lost", shot.manifest.unheard_ms / 1000, "s", f"of {seen.audio_s:.1f} s")


def _judge(report: Report, rate: int, shots: list[Shot]) -> None:
    """Goals are worst cases."""
    usual = [shot for shot in shots if shot.weather.loss < HEAVY and shot.weather.burst <= 1]
    heavy = [shot for shot in shots if shot not in usual]
    if rate == NARROW:
        report.goal(f"sound lost at {rate} kbit/s", max(map(_unheard, shots)) * 100, "%", 0.5)
        return
    for name, some in (("", usual), (", 10 % or bursts", heavy)):
        if not some:  # a single link
            continue
        missing = max((1 - shot.whole) * 100 for shot in some)
        report.goal(f"pictures not decodable at {rate} kbit/s{name}", missing, "%", 2)
        gap = max(shot.seen.longest_gap_s for shot in some)
        report.goal(f"longest gap at {rate} kbit/s{name}", gap, "s", 1)
        report.goal(f"sound lost at {rate} kbit/s{name}", max(map(_unheard, some)) * 100, "%", 0.5)
    if rate == max(RATES) and usual:
        blurred = sum(not shot.sharp for shot in usual)
        report.goal(f"links of {rate} kbit/s not 1280x720 from the first picture on", blurred, "links", 0)


def _unheard(shot: Shot) -> float:
    return shot.manifest.unheard_ms / 1000 / max(0.1, shot.told["lasted"])


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:] or [str(rate) for rate in (*RATES, NARROW)])))
