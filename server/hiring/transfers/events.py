"""What happens when candidates come from a file or go into one. Whom it was is in the rows, not here."""

from typing import ClassVar
from uuid import UUID

from server.core.events import Event


class ImportStarted(Event, frozen=True, kw_only=True):
    """Somebody let a file in."""

    kind: ClassVar[str] = "import_started"
    imported: UUID
    job: UUID
    rows: int


class ImportEnded(Event, frozen=True, kw_only=True):
    """Every row was looked at, or somebody cancelled the rest: one summary for all of them."""

    kind: ClassVar[str] = "import_ended"
    imported: UUID
    job: UUID
    created: int
    updated: int
    unchanged: int
    failed: int
    cancelled: bool


class CandidatesExported(Event, frozen=True, kw_only=True):
    """Somebody took a job's candidates out as a file."""

    kind: ClassVar[str] = "candidates_exported"
    job: UUID
    format: str
    rows: int
