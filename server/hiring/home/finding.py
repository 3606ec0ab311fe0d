"""Finding candidates and jobs by name from everywhere, for the palette: a few of each, the likeliest first."""

from collections.abc import Sequence
from uuid import UUID

from server.core import db
from server.hiring.applications.filters import LONGEST, MOST_WORDS, Condition, patterns_of
from server.hiring.applications.filters import similar as similar_to
from server.hiring.candidates.rules import plain
from server.hiring.views.home import Finding, FoundJob, FoundPerson

PEOPLE, JOBS = 8, 5

# Whose name begins with the words, or has a word that does, comes first; then whoever is newest. Only of those few it
# is looked up where they stand.
_PEOPLE = """
WITH few AS (
    SELECT c.id, c.name, row_number() OVER (ORDER BY starts_with(c.plain, $2) DESC,
           strpos(' ' || c.plain, ' ' || $2) > 0 DESC, c.created_at DESC, c.id) AS place
    FROM candidate c WHERE c.workspace_id = $1 AND {} ORDER BY place LIMIT $3)
SELECT a.id, few.id, few.name,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       j.id, j.title, s.name, CASE WHEN a.promise_left IS NULL THEN a.promise_due END
FROM few JOIN application a ON a.candidate_id = few.id JOIN job j ON j.id = a.job_id
JOIN stage s ON s.id = a.stage_id JOIN workspace w ON w.id = a.workspace_id
ORDER BY few.place, a.changed_at DESC, a.id LIMIT $3
"""
_JOBS = """
SELECT j.id, j.title, j.state, j.colour, (SELECT coalesce(sum(people), 0) FROM stage WHERE job_id = j.id)::int
FROM job j WHERE j.workspace_id = $1 ORDER BY j.state = 'open' DESC, j.state = 'draft' DESC, j.created_at DESC
"""


def named(words: str) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """What names must fulfil to have all of these words, and to have nearly them."""
    exact = tuple(Condition("c.plain LIKE {}::text", pattern) for pattern in patterns_of(words))
    return exact, similar_to(plain(words.replace("\x00", "")[:LONGEST]).split()[:MOST_WORDS])


async def find(workspace: UUID, words: str) -> Finding:
    """Whoever has these words in their name, or in an e-mail with an @; where nobody has, names that nearly do."""
    exact, nearly = named(words)
    text = plain(words.replace("\x00", "")[:LONGEST])
    if not text:
        return Finding(people=[], jobs=[], similar=False)
    if "@" in text:
        exact = (Condition("strpos(c.folded, {}::text) > 0", text),)
    people = await _people(workspace, exact, text)
    similar = not people and bool(nearly)
    if similar:
        people = await _people(workspace, nearly, text)
    return Finding(people=people, jobs=await _jobs(workspace, text.split()), similar=similar and bool(people))


async def _people(workspace: UUID, conditions: Sequence[Condition], text: str) -> list[FoundPerson]:
    where = " AND ".join(one.sql.format(f"${number}") for number, one in enumerate(conditions, 4))
    found = await db.rows(
        lambda *c: c, _PEOPLE.format(where), workspace, text, PEOPLE, *(one.value for one in conditions)
    )
    return [
        FoundPerson(
            application=c[0], candidate=c[1], name=c[2], poster=c[3], job=c[4], title=c[5], stage=c[6], promised=c[7]
        )
        for c in found
    ]


async def _jobs(workspace: UUID, words: list[str]) -> list[FoundJob]:
    """A workspace has some dozens of jobs: their titles are compared here."""
    rows = await db.rows(
        lambda *c: FoundJob(id=c[0], title=c[1], state=c[2], colour=c[3], people=c[4]), _JOBS, workspace
    )
    return [job for job in rows if all(word in plain(job.title) for word in words)][:JOBS]
