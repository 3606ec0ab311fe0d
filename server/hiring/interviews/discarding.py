"""What becomes of recordings that nobody kept: their files are deleted, with all that was made of them.

A take that is not the answer can be chosen instead until the team looks, so it stays for a while after the answers were
handed in (GREENROOM_UNKEPT_DAYS). What a rescued copy has replaced goes at the next round; what failed, job videos that
were not or are no longer used, and recordings without an owner go after a day. Nobody sees this happen: the row stays,
marked as deleted. Marking and the task that deletes the files are one transaction, so that no file is forgotten.
"""

import logging
from datetime import timedelta
from uuid import UUID

import msgspec

from server.core import db, runtime, tasks
from server.hiring.applications.actions import lock

log = logging.getLogger("greenroom.recordings")
MOST = 500  # in one round
SETTLED = timedelta(days=1)  # a recorder that was away may still come back with the file

# $1 days after the hand-in, $2 one recording or all
_OF_TAKES = """
SELECT r.id, t.application_id FROM recording r JOIN take t ON r.owner = 'take:' || t.id
JOIN application a ON a.id = t.application_id
WHERE ($2::uuid IS NULL OR r.id = $2) AND (
    (r.state IN ('ready', 'interrupted', 'failed') AND r.id <> t.recording_id)
    OR (r.state = 'failed' AND r.created_at < now() - $3::interval)
    OR (r.state IN ('ready', 'interrupted') AND a.submitted_at < now() - make_interval(days => $1)
        AND r.created_at < now() - make_interval(days => $1)
        AND NOT EXISTS (SELECT 1 FROM answer n WHERE n.take_id = t.id)))
ORDER BY r.id LIMIT $4
"""
_OF_NOBODY = """
SELECT r.id FROM recording r WHERE ($1::uuid IS NULL OR r.id = $1)
AND r.state IN ('ready', 'interrupted', 'failed') AND r.created_at < now() - $2::interval AND (
    (r.owner LIKE 'job:%' AND NOT EXISTS (SELECT 1 FROM job j WHERE r.owner = 'job:' || j.id AND j.video = r.id))
    OR (r.owner LIKE 'take:%' AND NOT EXISTS (SELECT 1 FROM take t WHERE r.owner = 'take:' || t.id)))
ORDER BY r.id LIMIT $3
"""


async def discard() -> None:
    """One round, by the clock."""
    days = runtime.here().settings.unkept_days
    gone = 0
    for recording, application in await db.rows(lambda *c: c, _OF_TAKES, days, None, SETTLED, MOST):
        async with db.transaction():  # one each: locks of several cards could meet in a circle
            await lock(application)
            if await db.value(_OF_TAKES, days, recording, SETTLED, 1):  # it may have been kept meanwhile
                await _forget(recording)
                gone += 1
    for recording in await db.rows(lambda c: c, _OF_NOBODY, None, SETTLED, MOST):
        async with db.transaction():
            if await db.value(_OF_NOBODY, recording, SETTLED, 1):
                await _forget(recording)
                gone += 1
    if gone:
        log.info("%d recordings that nobody kept were deleted", gone)


async def _forget(recording: UUID) -> None:
    await db.execute(
        "UPDATE recording SET state = 'deleted', ticket_hash = '', derivatives = '{}' WHERE id = $1", recording
    )
    await db.execute("DELETE FROM captions WHERE recording_id = $1", recording)
    await tasks.enqueue("delete_files", msgspec.json.encode(recording))


async def delete_files(payload: bytes) -> None:
    """Task `delete_files`: everything that is stored of a recording. The payload is its id as JSON."""
    await runtime.here().storage.delete_all(msgspec.json.decode(payload, type=UUID))


tasks.register("delete_files", delete_files)
tasks.schedule("discard", "47 * * * *", discard)
