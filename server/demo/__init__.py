"""The demo: a living workspace, "Northlight", for somebody who wants to see Greenroom before filling it.

`python -m server demo` founds it, plays three weeks of hiring into it and then makes the candidates' videos, while the
board is already in use. An interrupted run goes on where it stopped; a finished one adds nothing, and what somebody
deleted stays deleted. Nothing leaves the machine: the past is written without mails.
"""

import os
import time

from realtime.bus import Bus
from server.app import parts
from server.core import db, live, runtime
from server.core.events import as_past
from server.core.settings import Settings
from server.demo import clips, founding, keepsake, papers, past, postings
from server.demo.script import read

CONNECTIONS = 2


async def run(settings: Settings) -> None:
    """Fill the demo workspace, or complete it; prints what it does. Raises what the database raises."""
    began = time.perf_counter()
    parts(settings)
    bus = Bus(settings.redis_url)
    await bus.start()
    live.publish_with(bus.deliver)
    try:
        async with db.open_pool(CONNECTIONS):
            kept = keepsake.load_or_make(settings.data)
            with as_past():
                troupe = await founding.found(kept)
                await _fill(settings, kept, troupe, began)
                os.nice(5)  # what follows takes what the processor has left
                await papers.read_new(troupe, kept.began)
                await _film(troupe, began)
    finally:
        live.publish_with(None)
        await bus.stop()
        await runtime.here().redis.aclose()


async def _fill(settings: Settings, kept: keepsake.Keepsake, troupe: founding.Troupe, began: float) -> None:
    """Jobs, and what happened in them."""
    if kept.filled_for == str(troupe.workspace):
        print(f"demo: the workspace {read().team.workspace} is there already", flush=True)
        return
    people = 0
    for posting in read().postings:
        job = await postings.post(troupe, posting, kept.began)
        for person in posting.candidates:
            people += await past.play(troupe, job, person, kept.began)
        print(f"demo: {posting.title}, {people} candidates so far, {time.perf_counter() - began:.1f} s", flush=True)
    keepsake.note_filled(settings.data, troupe.workspace)


async def _film(troupe: founding.Troupe, began: float) -> None:
    """The videos."""
    made = await clips.complete(troupe)
    if made:
        print(f"demo: {made} recordings ready, {time.perf_counter() - began:.1f} s", flush=True)


async def ready_sign_in() -> dict[str, str] | None:
    """The sign-in that the sign-in page offers: only for `--demo`, and only once the demo workspace is there."""
    settings = runtime.here().settings
    if not settings.demo:
        return None
    kept = keepsake.load(settings.data)
    if kept is None or not await founding.is_founded():
        return None
    return {"email": founding.owner().email, "password": kept.password}
