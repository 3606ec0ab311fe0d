"""One recording of a real browser's camera over a link with a rate, and what is in its file afterwards."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Page

from media.manifest import Manifest
from media.ports import advertised
from tests.media.link import Lane, Link, Weather
from tests.media.peers import Running, Watched, running, watch
from tests.media.scene import Origin
from tests.media.tunnel import PAGES, Tunnel

MEASURED = 0.9  # of a rate is what the device check sees of it


@dataclass(frozen=True)
class Shot:
    """`told` is the browser's own count: frames encoded, bytes sent, and which fit it chose when."""

    weather: Weather
    told: dict[str, Any]
    manifest: Manifest
    seen: Watched
    up: Lane  # the way to the recorder

    @property
    def whole(self) -> float:
        """Share of the encoded pictures that can be decoded from the file."""
        return min(1.0, self.seen.pictures / max(1, self.told["encoded"]))  # the browser counts a moment early

    @property
    def rate(self) -> float:
        """Pictures per second."""
        return self.seen.pictures / self.told["lasted"]

    @property
    def bitrate(self) -> float:
        """Bits per second of picture that went out, what was sent again among it."""
        return float(self.told["bytes"] * 8 / self.told["lasted"])

    @property
    def sharp(self) -> bool:
        """Every picture has the camera's size."""
        return self.seen.sizes == [(1280, 720)]


async def shoot(
    page: Page,
    folder: Path,
    weather: Weather,
    seconds: float,
    *,
    uplink: float | None = None,
    tunnel: Tunnel | None = None,
) -> Shot:
    """Films for so long. The link has its rate from the first packet on, and loses some once pictures come.

    `uplink`: what the device check is to have measured; by default most of the rate, 0 for nothing. `tunnel`: the link
    that the page's browser is behind; without one, its media goes through a relay.
    """
    known = weather.rate * MEASURED if uplink is None else uplink
    addresses = (tunnel.host,) if tunnel else advertised("", "localhost")
    async with running(folder, advertise=addresses) as here:
        relay = None if tunnel else await Link(addresses[0], (addresses[0], here.port.number)).open()
        link = tunnel or relay
        assert link is not None
        link.weather = Weather(trip=weather.trip, rate=weather.rate, first=weather.first)
        origin, name = Origin(here, relay, (tunnel.host, PAGES) if tunnel else ("127.0.0.1", 0)), uuid4()
        turning = asyncio.create_task(_turn(here, link, weather))
        try:
            await page.goto(f"http://localhost:{PAGES}/" if tunnel else origin.url)
            await page.wait_for_function("window.ready")
            ticket = {"whip_url": f"/whip/{name}", "ticket": "of the test", "ice_servers": []}
            told = await page.evaluate("([t, s, u]) => shoot(t, s, u)", [ticket, seconds, known])
        finally:
            turning.cancel()
            origin.close()
            if relay is not None:
                relay.close()
        manifest = await here.told(name)
        path = await here.file(name, folder)
    seen = await asyncio.to_thread(watch, path)
    return Shot(weather, told, manifest, seen, link.up)


async def _turn(here: Running, link: Link | Tunnel, weather: Weather) -> None:
    """The weather turns bad once pictures come."""
    while not any(r.receiver.last_media for r in here.recorder.recordings.values()):
        await asyncio.sleep(0.02)
    link.weather = weather
