"""What a slow or lossy uplink leaves of an answer: Chromium's camera through links of 256 kbit/s to 5 Mbit/s.

Every link has a rate, half a second of queue, a delay, and loss both ways; the page is the real WHIP client, so what it
does about a narrow link is measured with it. Where namespaces and TUN devices can be made (root on Linux), all of
Chromium's traffic goes through the link (tests/media/tunnel.py), elsewhere its media does (a relay,
tests/media/link.py); `--through tun` or `--through relay` says which. `./dev bench links [256 1000 5000 80]` takes
other rates, in kbit/s, and single links: `1000:10:1:150` is 1 Mbit/s with 10 % lost, one packet in a row, and 150 ms
there and back.
"""

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.bench.report import Report
from tests.e2e import engines
from tests.media.link import Weather
from tests.media.shaped import Shot, shoot
from tests.media.tunnel import CannotError, Tunnel

RATES = (256, 1000, 5000)  # kbit/s
NARROW = 80  # kbit/s: not even a small picture fits beside the voice
TRIPS = (0.05, 0.15)  # seconds
LOSSES = ((0.0, 1.0), (0.02, 1.0), (0.05, 1.0), (0.10, 1.0), (0.05, 6.0), (0.10, 6.0))  # share, packets in a row
HEAVY = 0.10  # from this loss on, and in bursts, the browser's own copy is what counts: told, and judged apart
SECONDS = 10.0
WAYS = {
    "tun": "Chromium is in a network namespace of its own: all that it sends and receives goes through TUN devices.",
    "relay": "Chromium's media goes through a relay of UDP packets; its page comes directly.",
}
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream=fps=30",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
)


@contextlib.asynccontextmanager
async def browser_page(tunnel: Tunnel | None) -> AsyncIterator[Page]:
    """A page of a fresh Chromium with a fake camera, behind the tunnel if there is one."""
    program, flags = (tunnel.program, (*FLAGS, tunnel.flag)) if tunnel else (engines.installed("chromium"), FLAGS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


@contextlib.contextmanager
def tunnelled(through: str) -> Iterator[Tunnel | None]:
    """A tunnel while it is needed, None for the relay. Raises CannotError."""
    if through == "relay":
        yield None
        return
    with contextlib.closing(Tunnel().open(engines.find("chromium") or Path("chromium"))) as tunnel:
        yield tunnel


async def main(words: list[str]) -> int:
    """Measures every link; the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench links")
    parser.add_argument("--through", choices=["tun", "relay"], help="the best that can be had by default")
    parser.add_argument("links", nargs="*", default=[str(rate) for rate in (*RATES, NARROW)], help="256, 1000:10:1:150")
    options = parser.parse_args(words)
    try:
        with tunnelled(options.through or "tun"):
            through = options.through or "tun"
    except CannotError as error:
        print(f"No link through TUN devices can be made here: {error}")
        if options.through:
            return 1
        through = "relay"
    print(WAYS[through])
    report = Report(f"links-{through}")
    for word in options.links:
        if ":" in word:
            weather = _weather(word)
            _judge(report, round(weather.rate / 1000), [await _measure(report, weather, through)])
            continue
        rate = int(word)
        losses = LOSSES if rate != NARROW else LOSSES[:1]
        weathers = [Weather(loss, burst, trip, rate * 1000) for trip in TRIPS for loss, burst in losses]
        _judge(report, rate, [await _measure(report, weather, through) for weather in weathers])
    return report.finish()


def _weather(word: str) -> Weather:
    rate, loss, burst, trip = map(float, word.split(":"))
    return Weather(loss / 100, burst, trip / 1000, rate * 1000)


async def _measure(report: Report, weather: Weather, through: str) -> Shot:
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        with tunnelled(through) as tunnel:
            async with browser_page(tunnel) as page:
                shot = await shoot(page, folder, weather, SECONDS, tunnel=tunnel)
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
    drops = f"{shot.up.full} dropped by the queue, {shot.up.lost} lost"
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
    sys.exit(asyncio.run(main(sys.argv[1:])))
