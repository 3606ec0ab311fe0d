"""What needs a member now: new answers, who waits for us, what they own or review, where they were mentioned, meetings.

Five lists, each read by one query with its count, however long they are.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar.params import Parameter

from server.core import db, live
from server.core.access import Asking
from server.hiring.applications.promising import OPEN
from server.hiring.meetings import queries as meetings
from server.hiring.meetings.rules import AHEAD
from server.hiring.views.applications import NoteView
from server.hiring.views.home import HomeCard, HomeMention, HomeView
from server.hiring.views.people import Person

Show = Literal["", "answers", "waiting", "reviews", "mentions", "meetings"]
Skip = Annotated[int, Parameter(ge=0, le=1_000_000)]
FIRST = 6  # of each list, side by side
PAGE = 100  # of the one that is looked at alone
BEFORE = timedelta(hours=25)  # of meetings: so long ago a day begins somewhere on Earth, when a clock was put back

# $1 workspace, $2 member, $3 how many, $4 behind how many. Of every list only the first are joined and decorated.
_CARDS = """
SELECT count, late, a.id, a.job_id, j.title, a.candidate_id, c.name,
       CASE WHEN a.poster IS NOT NULL THEN '/w/' || w.slug || '/recordings/' || a.poster || '/poster' END,
       s.name, s.colour, a.answers, a.answers_ms, a.opened_at IS NOT NULL, a.waiting, hits.since,
       CASE WHEN a.promise_left IS NULL THEN a.promised_at END, CASE WHEN a.promise_left IS NULL THEN a.promise_due END,
       CASE WHEN a.owner_id = $2 THEN 'owner' WHEN $2 = ANY(a.reviewers) THEN 'reviewer' ELSE '' END,
       (SELECT count(*) FROM notice n WHERE n.application_id = a.id AND n.member_id = $2 AND n.read_at IS NULL)
FROM ({}) hits JOIN application a ON a.id = hits.id JOIN candidate c ON c.id = a.candidate_id
JOIN job j ON j.id = a.job_id JOIN stage s ON s.id = a.stage_id JOIN workspace w ON w.id = a.workspace_id
ORDER BY hits.place
"""
_ANSWERS = """
SELECT a.id, a.submitted_at AS since, count(*) OVER () AS count, 0 AS late,
       row_number() OVER (ORDER BY a.submitted_at DESC, a.id) AS place
FROM application a JOIN stage s ON s.id = a.stage_id
WHERE a.workspace_id = $1 AND a.submitted_at IS NOT NULL AND a.opened_at IS NULL AND s.kind <> 'declined'
ORDER BY place LIMIT $3 OFFSET $4
"""
# Promises by their date, the late ones first; then those who only wait, the longest first.
_WAITING = f"""
SELECT *, count(*) OVER () AS count, count(*) FILTER (WHERE due < now()) OVER () AS late,
       row_number() OVER (ORDER BY due NULLS LAST, since, id) AS place
FROM (
    SELECT a.id, CASE WHEN a.promise_left IS NULL THEN a.promise_due END AS due, CASE WHEN a.waiting THEN coalesce((
               SELECT max(m.created_at) FROM message m WHERE m.application_id = a.id AND m.member_id IS NULL),
               a.created_at) ELSE coalesce(a.submitted_at, a.promised_at) END AS since
    FROM application a WHERE a.workspace_id = $1 AND (a.waiting OR ({OPEN}))) x
ORDER BY place LIMIT $3 OFFSET $4
"""  # noqa: S608 - ours
# What has something new comes first, then what has waited longest. Decided ones need no review,
# nor does what a reviewer has submitted a scorecard of.
_REVIEWS = """
SELECT a.id, coalesce(a.submitted_at, a.created_at) AS since, count(*) OVER () AS count, 0 AS late,
       row_number() OVER (ORDER BY a.submitted_at IS NOT NULL AND a.opened_at IS NULL DESC, EXISTS (
           SELECT 1 FROM notice n WHERE n.application_id = a.id AND n.member_id = $2 AND n.read_at IS NULL) DESC,
           coalesce(a.submitted_at, a.created_at), a.id) AS place
FROM assignment x JOIN application a ON a.id = x.application_id JOIN stage s ON s.id = a.stage_id
WHERE x.member_id = $2 AND a.workspace_id = $1 AND s.kind NOT IN ('hired', 'declined')
AND NOT (x.part = 'reviewer' AND EXISTS (
    SELECT 1 FROM scorecard y WHERE y.application_id = a.id AND y.member_id = $2 AND y.submitted_at IS NOT NULL))
ORDER BY place LIMIT $3 OFFSET $4
"""
_MENTIONS = """
SELECT count(*) OVER (), n.id, n.application_id, c.name, n.about, t.id, t.body, t.created_at, m.id, m.name, m.colour,
       ARRAY(SELECT p.id || ':' || p.name FROM mention x JOIN member p ON p.id = x.member_id WHERE x.note_id = t.id)
FROM notice n JOIN event e ON e.id = n.event_id JOIN note t ON t.id = (e.payload ->> 'note')::uuid
JOIN member m ON m.id = t.member_id JOIN application a ON a.id = n.application_id
JOIN candidate c ON c.id = a.candidate_id
WHERE n.workspace_id = $1 AND n.member_id = $2 AND n.read_at IS NULL AND n.kind = 'mentioned'
ORDER BY n.id DESC LIMIT $3 OFFSET $4
"""


async def home(asking: Asking, show: Show = "", skip: int = 0) -> HomeView:
    """What needs a member now, in one snapshot; `show`: of this list a page, which begins behind its first `skip`."""

    def span(name: Show) -> tuple[int, int]:
        return (PAGE, skip) if show == name else (FIRST, 0)

    async with db.snapshot():
        epoch, positions = await live.positions(live.member(asking.id), live.workspace(asking.workspace))
        answers, answers_count, _ = await _cards(_ANSWERS, asking, span("answers"))
        waiting, waiting_count, overdue = await _cards(_WAITING, asking, span("waiting"))
        reviews, reviews_count, _ = await _cards(_REVIEWS, asking, span("reviews"))
        mentions = await _lines(_MENTIONS, asking, span("mentions"))
        now = datetime.now(UTC)
        view = HomeView(
            answers=answers,
            answers_count=answers_count,
            waiting=waiting,
            waiting_count=waiting_count,
            overdue=overdue,
            reviews=reviews,
            reviews_count=reviews_count,
            mentions=[_mention(*c) for c in mentions],
            mentions_count=mentions[0][0] if mentions else 0,
            meetings=await meetings.mine(asking, now - BEFORE, now + AHEAD),
            skipped=skip if show else 0,
            jobs=await db.value("SELECT count(*) FROM job WHERE workspace_id = $1", asking.workspace),
            epoch=epoch,
            positions=positions,
        )
    # A list that has grown shorter than what came before the page tells no count: its beginning does.
    return view if not view.skipped or getattr(view, show) else await home(asking, show)


async def _cards(sql: str, asking: Asking, span: tuple[int, int]) -> tuple[list[HomeCard], int, int]:
    """Cards of a list, how many it has, and how many of them are late."""
    found = await _lines(_CARDS.format(sql), asking, span)
    return [_card(*c[2:]) for c in found], *((found[0][0], found[0][1]) if found else (0, 0))


async def _lines(sql: str, asking: Asking, span: tuple[int, int]) -> list[tuple[Any, ...]]:
    return await db.rows(lambda *c: c, sql, asking.workspace, asking.id, *span)


def _card(*c: Any) -> HomeCard:
    return HomeCard(
        id=c[0],
        job=c[1],
        title=c[2],
        candidate=c[3],
        name=c[4],
        poster=c[5],
        stage=c[6],
        colour=c[7],
        answers=c[8],
        answers_ms=c[9],
        opened=c[10],
        waiting=c[11],
        since=c[12],
        promised_at=c[13],
        promised=c[14],
        part=c[15],
        unseen=c[16],
    )


def _mention(*c: Any) -> HomeMention:
    note = NoteView(
        id=c[5],
        body=c[6],
        created_at=c[7],
        author=Person(id=c[8], name=c[9], colour=c[10]),
        mentions=[Person(id=UUID(one[:36]), name=one[37:], colour=0) for one in c[11]],
    )
    return HomeMention(notice=c[1], application=c[2], name=c[3], title=c[4], note=note)
