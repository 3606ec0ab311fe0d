"""Many candidates of one job at once, written as rows: applying is throttled, and slower than a test can wait for."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from fractional_indexing import generate_n_keys_between

from server.core import db
from server.hiring.candidates.rules import plain


async def fill(job: str, stages: Sequence[str], count: int, name: str = "Candidate Number {}") -> list[str]:
    """Add so many candidates, spread over the stages in turn, behind whoever stands there; their applications' ids."""
    workspace = await db.value("SELECT workspace_id FROM job WHERE id = $1", UUID(job))
    names = [name.format(number) for number in range(count)]
    people, cards = [uuid4() for _ in names], [uuid4() for _ in names]
    last = await db.value("SELECT max(rank) FROM application WHERE job_id = $1", UUID(job))
    async with db.transaction():
        await db.execute("SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE", UUID(job))
        await db.execute(
            "INSERT INTO candidate (id, workspace_id, name, email, folded, plain) SELECT p.id, $1, p.name, "
            "p.id || '@example.org', p.id || '@example.org', p.plain FROM unnest($2::uuid[], $3::text[], $4::text[]) "
            "AS p (id, name, plain)",
            workspace,
            people,
            names,
            [plain(name) for name in names],
        )
        await db.execute(
            "INSERT INTO application (id, workspace_id, job_id, candidate_id, stage_id, rank) SELECT a.id, $1, $2, "
            "a.person, a.stage, a.rank FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[]) "
            "AS a (id, person, stage, rank)",
            workspace,
            UUID(job),
            cards,
            people,
            [UUID(stages[number % len(stages)]) for number in range(count)],
            generate_n_keys_between(last, None, count),
        )
    return [str(card) for card in cards]


async def order(stage: str) -> list[str]:
    """The cards of a stage from top to bottom, as the database has them."""
    return await db.rows(str, "SELECT id FROM application WHERE stage_id = $1 ORDER BY rank, id", UUID(stage))
