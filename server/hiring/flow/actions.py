"""What makes stages."""

from uuid import UUID

from server.hiring.flow.tables import Stage

DEFAULT = (
    ("Applied", "inbox", 11),
    ("Video", "questions", 8),
    ("Review", "review", 4),
    ("Interview", "interview", 1),
    ("Offer", "offer", 3),
    ("Hired", "hired", 10),
    ("Declined", "declined", 12),
)


async def add_default_stages(workspace: UUID, job: UUID) -> None:
    """Give a new job its columns; runs inside the job's own transaction and event."""
    await Stage.insert(
        *(
            Stage(workspace_id=workspace, job_id=job, position=position, name=name, kind=kind, colour=colour)
            for position, (name, kind, colour) in enumerate(DEFAULT, 1)
        )
    )
