"""Recordings by what is said in them, for the team: words as every search of theirs finds them, in any script.

A word counts wherever it begins one, of what is written without spaces wherever it stands; quotes keep words together,
and what has a hyphen before it must not be said.
"""

import re
from typing import NamedTuple

from server.core import db
from server.core.access import Asking
from server.hiring.applications.filters import MOST_WORDS
from server.hiring.views.captions import CaptionHit

MOST_HITS = 50
LONGEST_QUERY = 200
_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')


class Sought(NamedTuple):
    """Words that are said, groups of them that stand together, and words that are not said."""

    words: list[str]
    together: list[str]
    without: list[str]


def sought_in(query: str) -> Sought:
    """What somebody typed."""
    found = Sought([], [], [])
    for hyphen, group, word in _TERM.findall(query.replace("\0", "")[:LONGEST_QUERY])[:MOST_WORDS]:
        if hyphen:
            found.without.append(group or word)
            continue
        found.words.extend(group.split() or [word])
        if group:
            found.together.append(group)
    return found


def _flat(text: str) -> str:
    """SQL: a text in the form in which it is searched, on one line."""
    return f"btrim(regexp_replace(searchable({text}), '\\s+', ' ', 'g'))"


# What is nothing but marks is no word, and asks for nothing.
_SEARCH = f"""
WITH asked AS MATERIALIZED (
    SELECT word, sought(word) AS query FROM unnest($2::text[]) AS word WHERE numnode(sought(word)) > 0),
every AS MATERIALIZED (SELECT string_agg('(' || query::text || ')', ' & ')::tsquery AS query FROM asked)
SELECT w.recording_id, j.id, j.title, a.id, coalesce(c.name, ''), coalesce(q.position, 0), cue.start_ms, cue.text
FROM captions w
LEFT JOIN take t ON t.recording_id = w.recording_id AND EXISTS (SELECT 1 FROM answer n WHERE n.take_id = t.id)
LEFT JOIN application a ON a.id = t.application_id
LEFT JOIN candidate c ON c.id = a.candidate_id
LEFT JOIN question q ON q.id = t.question_id
JOIN job j ON j.id = a.job_id OR j.video = w.recording_id
CROSS JOIN LATERAL (
    SELECT (each ->> 'start_ms')::int AS start_ms, each ->> 'text' AS text
    FROM jsonb_array_elements(w.cues) WITH ORDINALITY AS cues (each, number)
    ORDER BY (SELECT count(*) FROM asked WHERE words_in(each ->> 'text') @@ asked.query) DESC, number
    LIMIT 1) cue
WHERE w.workspace_id = $1 AND w.search @@ (SELECT query FROM every)
AND NOT EXISTS (
    SELECT 1 FROM unnest($3::text[]) AS together
    WHERE position({_flat("together")} IN {_flat("w.words")}) = 0)
AND NOT EXISTS (
    SELECT 1 FROM unnest($4::text[]) AS without WHERE numnode(sought(without)) > 0 AND w.search @@ sought(without))
ORDER BY w.changed_at DESC LIMIT $5
"""  # noqa: S608 - ours


async def search(asking: Asking, query: str) -> list[CaptionHit]:
    """Recordings in whose captions all of this is said, those first whose captions are newest, each with its moment."""
    return await db.rows(
        lambda *c: CaptionHit(
            recording=c[0],
            job=c[1],
            job_title=c[2],
            application=c[3],
            name=c[4],
            question=c[5],
            start_ms=c[6],
            text=c[7],
        ),
        _SEARCH,
        asking.workspace,
        *sought_in(query),
        MOST_HITS,
    )
