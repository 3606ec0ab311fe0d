"""What the worker makes of a recording, one task each: poster, loudness, what nobody would hear or see, the MP4 copy.

Each may be killed at any time and is done again; nothing is told before it is stored. The quick ones come first; the
copy waits until nothing else does, and shows how far it is on the card, the candidate's page and the team's. How far
it is is no event: the row says it, and the pages hear of it. A recording that was deleted meanwhile leaves no file.
"""

import contextlib
from uuid import UUID

import msgspec

from media.movie import NoMovieError
from media.storage import MissingError
from server.core import db, live, runtime, tasks
from server.core.errors import OUTAGES
from server.hiring.applications.actions import card_changed
from server.hiring.interviews.recordings import deliveries_of, recount, take_of
from server.hiring.views.payloads import JobChanged

LAST = -10  # priority of copies
STEP = 20  # percent
_QUICK = ("make_poster", "listen", "look")


class Source(msgspec.Struct, frozen=True):
    """The stored file of a recording."""

    recording: UUID
    key: str
    seconds: float
    video: bool


async def begin_task(payload: bytes) -> None:
    """Task `derive`: the others follow. The payload of all of them is the recording's id as JSON."""
    source = await _source(payload)
    if source is None:
        return
    async with db.transaction():
        for name in _QUICK:
            await tasks.enqueue(name, payload)
        waits = await _note(source.recording, "movie = 'waiting', movie_percent = 0", "movie IN ('', 'failed')")
        if waits:
            await tasks.enqueue("make_movie", payload, priority=LAST)


async def poster_task(payload: bytes) -> None:
    """Task `make_poster`: a still, which the card shows."""
    from media import processing  # noqa: PLC0415 - brings numpy, which only the worker needs

    source = await _source(payload)
    if source is None:
        return None
    try:
        key = await processing.make_poster(runtime.here().storage, source.recording, source.key)
    except MissingError:
        return await _missing(source)
    if key:
        await _made(source.recording, "poster", key)
    return None


async def listen_task(payload: bytes) -> None:
    """Task `listen`: the loudness, and whether anybody is heard."""
    from media import processing  # noqa: PLC0415 - see above

    source = await _source(payload)
    if source is None:
        return None
    try:
        key, silent = await processing.listen(runtime.here().storage, source.recording, source.key)
    except MissingError:
        return await _missing(source)
    if key:
        await _made(source.recording, "peaks", key)
    await _warn(source.recording, "silent", given=silent)
    return None


async def look_task(payload: bytes) -> None:
    """Task `look`: whether anything is seen."""
    from media import processing  # noqa: PLC0415 - see above

    source = await _source(payload)
    if source is None or not source.video:
        return None
    try:
        black = await processing.look(runtime.here().storage, source.key, source.seconds)
    except MissingError:
        return await _missing(source)
    await _warn(source.recording, "black", given=black)
    return None


async def movie_task(payload: bytes) -> None:
    """Task `make_movie`: the copy for browsers that cannot play the recording."""
    from media import processing  # noqa: PLC0415 - see above

    source = await _source(payload)
    if source is None:
        return None

    async def progress(percent: int) -> None:
        with contextlib.suppress(*OUTAGES):  # the work goes on; how far it is will be told again in a second
            await tell_progress(source.recording, percent)

    storage = runtime.here().storage
    try:
        key = await tasks.unless_stopped(processing.make_movie(storage, source.recording, source.key, progress))
    except MissingError:
        return await _missing(source)
    except NoMovieError as error:
        raise tasks.GiveUpError from error
    await _made(source.recording, "mp4", key, "movie = 'ready', movie_percent = 100")
    return None


async def tell_progress(recording: UUID, percent: int) -> None:
    """The copy is so far; it never goes back, also when it is begun anew.

    Pages with a job video, which fetch everything again, hear of every fifth of it.
    """
    async with db.transaction():
        before = await db.value("SELECT movie_percent FROM recording WHERE id = $1", recording)
        step = percent // STEP > (before or 0) // STEP
        await _note(recording, "movie_percent = $2", "movie = 'waiting' AND movie_percent < $2", percent, jobs=step)


async def movie_given_up(payload: bytes) -> None:
    """There will be no copy: whoever waits for it is told."""
    recording = msgspec.json.decode(payload, type=UUID)
    async with db.transaction():
        await _note(recording, "movie = 'failed', movie_percent = 0", "movie = 'waiting'")


async def _source(payload: bytes) -> Source | None:
    """None when there is no file, or none any more."""
    recording = msgspec.json.decode(payload, type=UUID)
    return await db.row(
        lambda *c: Source(recording, *c),
        "SELECT derivatives ->> 'video', duration_ms / 1000.0::float8, video FROM recording WHERE id = $1 "
        "AND state <> 'deleted' AND derivatives ? 'video'",
        recording,
    )


async def _missing(source: Source) -> None:
    """Its file is gone. Raises MissingError unless the recording is, too."""
    if await db.value("SELECT state <> 'deleted' FROM recording WHERE id = $1", source.recording):
        raise MissingError(source.key)


async def _made(recording: UUID, name: str, key: str, more: str = "") -> None:
    """A file is stored: the recording has it, unless it was deleted meanwhile; then the file goes as well."""
    files = msgspec.json.encode({name: key}).decode()
    async with db.transaction():
        assignments = ", ".join(["derivatives = derivatives || $2::jsonb", *([more] if more else [])])
        known = await _note(recording, assignments, "derivatives ? 'video'", files)
    if not known:
        await runtime.here().storage.delete_all(recording)


async def _warn(recording: UUID, warning: str, *, given: bool) -> None:
    kept = "array_append(warnings, $2::varchar)" if given else "array_remove(warnings, $2::varchar)"
    changes = "NOT $2::varchar = ANY(warnings)" if given else "$2::varchar = ANY(warnings)"
    async with db.transaction():
        await _note(recording, f"warnings = {kept}", changes, warning)


async def _note(recording: UUID, assignments: str, condition: str, *values: object, jobs: bool = True) -> bool:
    """Change a recording's row and tell the pages that show it; False, and nobody is told, when it is not so any more.

    `jobs`: also pages with a job video, which fetch everything again.
    """
    take = await take_of(recording)
    changed = await db.value(
        f"UPDATE recording SET {assignments} WHERE id = $1 AND state <> 'deleted' AND {condition} RETURNING owner",  # noqa: S608 - ours
        recording,
        *values,
    )
    if changed is None:
        return False
    told = await deliveries_of(take) if take is not None else await _of_job(recording) if jobs else []
    if take is not None and await db.value("SELECT 1 FROM answer WHERE take_id = $1", take["id"]):
        told += card_changed(await recount(take["application_id"], silently=True), "changed", None)
    await live.deliver(db.current(), told)
    return True


async def _of_job(recording: UUID) -> list[live.Delivery]:
    job = await db.value("SELECT id FROM job WHERE video = $1", recording)
    return [live.Delivery(live.job(job), JobChanged(job=job))] if job else []


tasks.register("derive", begin_task)
tasks.register("make_poster", poster_task)
tasks.register("listen", listen_task)
tasks.register("look", look_task)
tasks.register("make_movie", movie_task, movie_given_up)
