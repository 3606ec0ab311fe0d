"""The worker process: background tasks, schedules, and the sweep of recordings whose recorder is gone."""

import asyncio
import contextlib
import logging
import signal
from datetime import timedelta

from realtime import log as journal
from realtime.bus import Bus
from server.app import parts
from server.core import db, live, runtime, tasks
from server.core.errors import OUTAGES, trail
from server.core.settings import Settings
from server.hiring.interviews.giving_up import sweep

log = logging.getLogger("greenroom.worker")
SWEEP_SECONDS = 1  # with what it waits for, a dead recorder is noticed within ten seconds


async def run(settings: Settings) -> None:
    """Work until told to stop. Begins again by itself when the database was away."""
    parts(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bus = Bus(settings.redis_url)
    await bus.start()
    live.publish_with(bus.deliver)
    try:
        while not stop.is_set():
            try:
                async with db.open_pool(8):
                    await _work(stop, settings)
            except OUTAGES as error:
                log.warning("the database is away (%s): trying again", type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1)
    finally:
        await bus.stop()


async def _work(stop: asyncio.Event, settings: Settings) -> None:
    sweeping = asyncio.create_task(_sweeping())
    try:
        await tasks.work(stop, {"make_movie": settings.movies_at_once})
    finally:
        sweeping.cancel()


async def _sweeping() -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await sweep()
        except Exception as error:
            log.warning("the sweep of recordings failed: %s", trail(error))


async def tidy() -> None:
    """Forget what has served its time: the live log after 7 days, stored replies after 2, ended sessions and links."""
    async with db.connection() as c:
        await journal.trim(c, timedelta(days=7))
    await db.execute("DELETE FROM stored_reply WHERE at < now() - interval '2 days'")
    await db.execute("DELETE FROM sign_in WHERE expires_at < now()")
    await db.execute("DELETE FROM candidate_session WHERE expires_at < now()")
    if gone := await runtime.here().storage.sweep():
        log.info("%d half written files of killed processes are gone", gone)


tasks.schedule("tidy", "17 * * * *", tidy)
