"""Makes the demo's films: one clip per drawn person, and a copy of its own for every recording that shows this person.

The rows are there from the beginning, in processing. Each clip is drawn once, at low priority; then each application's
takes become ready in one transaction and open boards get the poster. When all are there, each clip's MP4 copy is made
once, for browsers that play no WebM. Files belong to their recording alone, so that deleting a candidate deletes what
is theirs and nothing else.
"""

import asyncio
import shutil
from pathlib import Path
from uuid import UUID

import msgspec

from media import processing
from media.probe import Probe, examine
from media.storage import Storage
from media.synth import make_clip
from server.core import db, live, runtime
from server.demo.founding import Troupe
from server.demo.script import Clip, read
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import card_changed
from server.hiring.interviews import queries
from server.hiring.interviews.recordings import recount
from server.hiring.jobs import actions as jobs
from server.hiring.views.payloads import AnswerChanged

WIDTH, HEIGHT = 640, 360


class _Film(msgspec.Struct, frozen=True):
    """A finished clip: the file, what is in it, what is derived (kind -> name in storage, bytes), what is missing."""

    path: Path
    found: Probe
    derived: dict[str, tuple[str, bytes]]
    warnings: list[str]


async def complete(troupe: Troupe) -> int:
    """Make the film of every recording that waits for one, then the copies. Returns how many became ready."""
    here = runtime.here()
    folder = here.storage.scratch / "demo"
    made = 0
    for clip in read().team.clips:
        waiting = await _waiting(clip)
        if not waiting:
            continue
        free = here.storage.free_bytes()
        if free is not None and free < here.settings.disk_floor_mb * 1024**2:
            print("demo: the disk is nearly full: no more films are made", flush=True)
            break
        film = await _make(here.storage, clip, folder, waiting[0])
        made += await _hand_out(troupe, here.storage, film, waiting)
        print(f"demo: clip {clip.face}, {made} recordings ready", flush=True)
    for clip in read().team.clips:
        await _copy_for_others(here.storage, clip)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return made


async def _waiting(clip: Clip) -> list[UUID]:
    """Recordings without their film, the youngest first: their cards are looked at first."""
    return await db.rows(
        lambda c: c,
        "SELECT id FROM recording WHERE source = 'synth' AND state = 'processing' AND node = $1 "
        "ORDER BY created_at DESC",
        f"clip:{clip.face}",
    )


async def _make(storage: Storage, clip: Clip, folder: Path, first: UUID) -> _Film:
    """Draw it, look into it, and derive poster and peaks once."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    path = folder / f"{clip.face}.webm"
    await asyncio.to_thread(_draw, path, clip)
    found = await asyncio.to_thread(examine, path)
    key = f"{first}/video.webm"
    await storage.put(key, path)
    poster = await processing.make_poster(storage, first, key)
    peaks, silent = await processing.listen(storage, first, key)
    black = await processing.look(storage, key, clip.seconds)
    warnings = [name for name, given in (("silent", silent), ("black", black)) if given]
    derived = {
        name: (stored.rpartition("/")[2], await storage.get(stored))
        for name, stored in (("poster", poster), ("peaks", peaks))
    }
    return _Film(path, found, derived, warnings)


def _draw(path: Path, clip: Clip) -> None:
    make_clip(path, clip.seed, clip.seconds, WIDTH, HEIGHT, heard=clip.heard, seen=clip.seen)


async def _hand_out(troupe: Troupe, storage: Storage, film: _Film, recordings: list[UUID]) -> int:
    """Give every recording its own copy; those of one application become ready together."""
    groups: dict[UUID | None, list[UUID]] = {}
    for recording in recordings:
        application = await db.value("SELECT application_id FROM take WHERE recording_id = $1", recording)
        groups.setdefault(application, []).append(recording)
    ready = 0
    for application, group in groups.items():
        for recording in group:
            await _copy(storage, film, recording)
        async with db.transaction():
            done = [recording for recording in group if await _finish(troupe, film, recording)]
            if application is not None and done:
                await _show(application)
        for recording in group:
            if recording in done:
                ready += 1
            else:  # deleted while it was being made
                await storage.delete_all(recording)
    return ready


async def _copy(storage: Storage, film: _Film, recording: UUID) -> None:
    await storage.put(f"{recording}/video.webm", film.path)
    for name, content in film.derived.values():
        await storage.put(f"{recording}/{name}", content)


async def _finish(troupe: Troupe, film: _Film, recording: UUID) -> bool:
    """The row says what the file is; False when the recording does not wait any more."""
    keys = {"video": f"{recording}/video.webm"} | {
        kind: f"{recording}/{name}" for kind, (name, _) in film.derived.items()
    }
    found = film.found
    owned = await db.value(
        "UPDATE recording SET state = 'ready', mime = $2, duration_ms = $3::int, bytes = $4, width = $5, height = $6, "
        "audio = $7, video = $8, frames = $9, derivatives = $10::jsonb, warnings = $11, "
        "finished_at = created_at + make_interval(secs => $3::int / 1000.0) "
        "WHERE id = $1 AND state = 'processing' RETURNING owner",
        recording,
        found.mime,
        found.duration_ms,
        found.bytes,
        found.width,
        found.height,
        found.audio,
        found.video,
        found.frames,
        msgspec.json.encode(keys).decode(),
        film.warnings,
    )
    if owned is None:
        return False
    kind, _, subject = owned.partition(":")
    if kind == "take":
        await db.execute("UPDATE take SET state = 'ready' WHERE id = $1 AND state = 'processing'", UUID(subject))
    else:
        await _show_on_job(troupe, UUID(subject), recording, found.duration_ms)
    return True


async def _copy_for_others(storage: Storage, clip: Clip) -> None:
    """The MP4 of a clip, made once, for all its recordings that have none."""
    waiting = await db.rows(
        lambda c: c,
        "SELECT id FROM recording WHERE source = 'synth' AND state = 'ready' AND node = $1 "
        "AND derivatives ? 'video' AND NOT derivatives ? 'mp4' ORDER BY created_at DESC",
        f"clip:{clip.face}",
    )
    if not waiting:
        return
    made = await processing.make_movie(storage, waiting[0], f"{waiting[0]}/video.webm", _nobody)
    content, name = await storage.get(made), made.rpartition("/")[2]
    for recording in waiting:
        key = f"{recording}/{name}"
        await storage.put(key, content)
        known = await db.value(
            "UPDATE recording SET derivatives = derivatives || jsonb_build_object('mp4', $2::text), movie = 'ready', "
            "movie_percent = 100 WHERE id = $1 AND state = 'ready' RETURNING id",
            recording,
            key,
        )
        if known is None:  # deleted meanwhile
            await storage.delete_all(recording)
    print(f"demo: clip {clip.face}, {len(waiting)} copies for other browsers", flush=True)


async def _nobody(percent: int) -> None:
    """Waits for it: a page shows the copy when it is loaded next."""


async def _show(application: UUID) -> None:
    """The card gets its poster, and an open candidate page its players. When the card last changed stays true."""
    changed_at = await db.value("SELECT changed_at FROM application WHERE id = $1", application)
    await recount(application)
    await db.execute("UPDATE application SET changed_at = $2 WHERE id = $1", application, changed_at)
    card = await applications.card(application)
    slug = await db.value(
        "SELECT w.slug FROM workspace w JOIN application a ON a.workspace_id = w.id WHERE a.id = $1", application
    )
    answers = [
        live.Delivery(live.application(application), AnswerChanged(answer=answer))
        for answer in await queries.answers(slug, application)
        if answer.take is not None
    ]
    await live.deliver(db.current(), [*card_changed(card, "changed", None), *answers])


async def _show_on_job(troupe: Troupe, job: UUID, recording: UUID, length_ms: int) -> None:
    """The job video, by whoever posted the job, unless somebody has recorded another meanwhile."""
    found = await db.record("SELECT video, created_by FROM job WHERE id = $1 FOR NO KEY UPDATE", job)
    by = next((asking for asking in troupe.members.values() if found and asking.id == found["created_by"]), None)
    if by is not None and found is not None and found["video"] is None:
        await jobs.set_video(by, job, recording, length_ms, None)
