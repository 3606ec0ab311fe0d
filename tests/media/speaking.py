"""Somebody who speaks over a link whose weather a test makes."""

import asyncio
from uuid import UUID, uuid4

from tests.media.link import Link
from tests.media.peers import Running
from tests.media.sender import Sender, noisy


async def speaking(here: Running) -> tuple[Link, Sender, UUID]:
    """Somebody who has said two seconds over a link of their own, and goes on."""
    link = await Link("127.0.0.1", ("127.0.0.1", here.port.number)).open()
    sender, name = Sender(noisy(160, 120, rate=15, bitrate=100_000)), uuid4()

    async def exchange(offer: str) -> str:
        return link.redirect(await here.recorder.begin(name, link.hide(offer), kind="video", seconds=None))

    await sender.connect(exchange)
    sender.roll()
    while sender.frames < 30:
        await asyncio.sleep(0.02)
    return link, sender, name
