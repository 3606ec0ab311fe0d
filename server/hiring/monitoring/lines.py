"""The workspace's newest events as lines for people. What somebody wrote is in no event, and so in no line."""

from typing import Any
from uuid import UUID

from server.core import db
from server.hiring.monitoring.rules import RECENT_EVENTS
from server.hiring.views.monitoring import EventLine, Tone

# Actor and subject are "kind:UUID"; CASE casts only what it has looked at, and every name is of this workspace or none.
_NEWEST = """
SELECT e.id, e.at, e.kind, by.name, c.name, about.name, j.title, s.name, e.state, e.by_team
FROM (SELECT id, at, kind,
             CASE WHEN actor LIKE 'member:%' THEN substr(actor, 8)::uuid END AS member,
             CASE WHEN subject LIKE 'application:%' THEN substr(subject, 13)::uuid END AS application,
             CASE WHEN subject LIKE 'job:%' THEN substr(subject, 5)::uuid END AS job,
             CASE WHEN subject LIKE 'member:%' THEN substr(subject, 8)
                  ELSE payload ->> 'member' END::uuid AS other,
             (payload ->> 'stage')::uuid AS stage, payload ->> 'state' AS state, payload ->> 'by_team' AS by_team
      FROM event WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2) e
LEFT JOIN member by ON by.id = e.member AND by.workspace_id = $1
LEFT JOIN application a ON a.id = e.application AND a.workspace_id = $1
LEFT JOIN candidate c ON c.id = a.candidate_id
LEFT JOIN member about ON about.id = e.other AND about.workspace_id = $1
LEFT JOIN job j ON j.id = e.job AND j.workspace_id = $1
LEFT JOIN stage s ON s.id = e.stage AND s.workspace_id = $1
ORDER BY e.id DESC
"""

# By kind: who stands first (m the member, c the candidate), and how it goes on.
_LINES: dict[str, tuple[str, str]] = {
    "workspace_founded": ("m", "set up the workspace"),
    "member_invited": ("m", "invited a colleague"),
    "member_joined": ("m", "joined"),
    "role_changed": ("m", "changed the role of {other}"),
    "member_removed": ("m", "removed {other}"),
    "job_created": ("m", "began the job {job}"),
    "job_edited": ("m", "edited {job}"),
    "flow_changed": ("m", "changed the flow of {job}"),
    "flow_template_saved": ("m", "kept a flow for later jobs"),
    "flow_template_deleted": ("m", "deleted a kept flow"),
    "draft_deleted": ("m", "deleted a draft"),
    "job_state_changed": ("m", "{state} {job}"),
    "job_video_changed": ("m", "changed the video of {job}"),
    "applied": ("c", "applied"),
    "application_added": ("m", "added {candidate} to {job}"),
    "consent_given": ("c", "agreed to being kept"),
    "promise_made": ("c", "was promised an answer"),
    "promise_broken": ("c", "has not heard by the promised day"),
    "link_asked": ("c", "asked for their link again"),
    "application_moved": ("m", "moved {candidate} to {stage}"),
    "assigned": ("m", "changed who looks after {candidate}"),
    "following_set": ("m", "changed what they hear of {candidate}"),
    "application_opened": ("m", "opened the answers of {candidate}"),
    "note_written": ("m", "wrote a note on {candidate}"),
    "message_written": ("m", "wrote to {candidate}"),
    "take_started": ("c", "started recording"),
    "take_ended": ("c", "stopped recording: {state}"),
    "answered": ("c", "kept an answer"),
    "captions_changed": ("m", "changed captions"),
    "submitted": ("c", "handed in all answers"),
    "monitor_opened": ("m", "opened the live monitor"),
    "monitor_closed": ("m", "left the live monitor"),
    "session_ended": ("m", "ended a session of {subject}"),
}
_STATES = {
    "ready": "complete",
    "interrupted": "broke off",
    "failed": "nothing arrived",
    "open": "opened",
    "closed": "closed",
    "draft": "took back to draft:",
}


async def newest(workspace: UUID) -> list[EventLine]:
    """The last events of a workspace, newest first."""
    return await db.rows(line, _NEWEST, workspace, RECENT_EVENTS)


def line(
    event: UUID,
    at: Any,
    kind: str,
    member: str | None,
    candidate: str | None,
    other: str | None,
    job: str | None,
    stage: str | None,
    state: str | None,
    by_team: str | None,
) -> EventLine:
    """One event in words; a kind that this list does not know yet is told by its name."""
    first, text = _LINES.get(kind, ("", kind.replace("_", " ")))
    if kind == "message_written" and by_team == "false":
        first, text = "c", "wrote a message"
    if kind == "application_moved" and member is None:
        first, text = "c", "went on to {stage}"
    who = {"m": member, "c": candidate}.get(first) or member or candidate or "Greenroom"
    tone: Tone = "candidate" if first == "c" else "team" if member else "system"
    words = text.format(
        candidate=candidate or "a candidate",
        other=other or "a colleague",
        subject=candidate or other or "somebody",
        job=job or "a job",
        stage=stage or "another stage",
        state=_STATES.get(state or "", state or ""),
    )
    return EventLine(id=event, at=at, tone=tone, who=who, text=words)
