"""Job videos: recorded by the team with the same recorder, accepted when somebody likes the take."""

from uuid import UUID

from media.tables import Recording
from server.core import db, runtime
from server.core.access import Asking
from server.core.errors import NotFound
from server.core.ids import hash_token, new_token, uuid7
from server.hiring.interviews.rules import GRACE_SECONDS, JOB_VIDEO_SECONDS, StorageLow, TakeNotThere
from server.hiring.jobs import actions as jobs
from server.hiring.views.applications import TakeState
from server.hiring.views.base import View
from server.hiring.views.candidates import RecordingTicket


class VideoState(View, frozen=True, kw_only=True):
    """How far a job video's recording is; `url` plays it, empty until there is a file."""

    recording: UUID
    state: TakeState
    duration_ms: int
    url: str


_STATES: dict[str, TakeState] = {
    "new": "recording",
    "recording": "recording",
    "processing": "processing",
    "ready": "ready",
    "interrupted": "interrupted",
}


async def begin(asking: Asking, job: UUID) -> RecordingTicket:
    """Begin recording a job video; the accepted one stays until another is accepted."""
    asking.require("edit_jobs")
    here = runtime.here()
    free = here.storage.free_bytes()
    if free is not None and free < here.settings.disk_floor_mb * 1024**2:
        raise StorageLow
    ticket, recording = new_token(), uuid7()
    async with db.transaction():
        if not await db.value("SELECT 1 FROM job WHERE id = $1 AND workspace_id = $2", job, asking.workspace):
            raise NotFound
        await Recording(
            id=recording, owner=f"job:{job}", state="new", source="webrtc", ticket_hash=hash_token(ticket)
        ).save()
    return RecordingTicket(
        take=None,
        recording=recording,
        number=1,
        whip_url=f"/w/{asking.slug}/whip/{recording}",
        ticket=ticket,
        ice_servers=here.ice_servers(str(asking.id)),
        longest=JOB_VIDEO_SECONDS + GRACE_SECONDS,
    )


async def state(asking: Asking, job: UUID, recording: UUID) -> VideoState:
    """How far a recording for this job is. Raises NotFound."""
    found = await _own(asking, job, recording)
    playable = found["state"] in {"ready", "interrupted"} and found["duration_ms"] > 0
    return VideoState(
        recording=recording,
        state=_STATES.get(found["state"], "failed"),
        duration_ms=found["duration_ms"],
        url=f"/w/{asking.slug}/recordings/{recording}/video" if playable else "",
    )


async def _own(asking: Asking, job: UUID, recording: UUID) -> db.Record:
    found = await db.record(
        "SELECT r.state, r.duration_ms FROM recording r JOIN job j ON r.owner = 'job:' || j.id "
        "WHERE r.id = $1 AND j.id = $2 AND j.workspace_id = $3",
        recording,
        job,
        asking.workspace,
    )
    if found is None:
        raise NotFound
    return found


async def accept(asking: Asking, job: UUID, recording: UUID, key: str | None) -> None:
    """Make this recording the job video."""
    found = await _own(asking, job, recording)
    if found["state"] not in {"ready", "interrupted"} or found["duration_ms"] <= 0:
        raise TakeNotThere
    await jobs.set_video(asking, job, recording, found["duration_ms"], key)
