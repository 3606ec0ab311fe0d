"""What makes stages."""

from uuid import UUID

from server.hiring.flow.tables import Stage

DEFAULT = (
    ("Applied", "inbox", 7),
    ("Video", "questions", 8),
    ("Review", "review", 10),
    ("Interview", "interview", 9),
    ("Offer", "offer", 2),
    ("Hired", "hired", 5),
    ("Declined", "declined", 6),
)


async def add_default_stages(workspace: UUID, job: UUID) -> None:
    """Give a new job its columns; runs inside the job's own transaction and event."""
    await Stage.insert(
        *(
            Stage(workspace_id=workspace, job_id=job, position=position, name=name, kind=kind, colour=colour)
            for position, (name, kind, colour) in enumerate(DEFAULT, 1)
        )
    )
