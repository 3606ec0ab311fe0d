"""Rules of jobs: pure functions."""

from datetime import datetime, timedelta
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

from server.core.errors import Invalid

MOST_QUESTIONS = 10
FRIDAY_ENDS = 5  # the first day of the week, from 0 on, at which nobody works
MOST_PROMISED = 60  # working days of a reply promise
STATES = ("draft", "open", "closed")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "s",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h2",
    "h3",
    "h4",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


@lru_cache(maxsize=256)
def render(markdown: str) -> str:
    """Markdown as HTML that is safe to show: rendered by markdown-it, sanitised by nh3, headings from h2 down."""
    html = _MARKDOWN.render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def check_question(text: str, think: int, longest: int, takes: int, place: int) -> None:
    """Raise Invalid unless the question can be asked; `place` counts from 0 and names the field."""
    where = f"questions.{place}"
    if not text.strip() or len(text) > 2000:
        raise Invalid(fields={f"{where}.text": "A question has 1 to 2000 characters."})
    if not 0 <= think <= 600:
        raise Invalid(fields={f"{where}.think": "Think time is 0 (no limit) to 600 seconds."})
    if not 30 <= longest <= 300:
        raise Invalid(fields={f"{where}.longest": "The longest answer is 30 to 300 seconds."})
    if not 1 <= takes <= 10:
        raise Invalid(fields={f"{where}.takes": "1 to 10 takes."})


def minutes(questions: list[tuple[int, int]]) -> int:
    """About how long answering takes: thinking (at most 1 min counted each) and two thirds of the longest answers."""
    seconds = sum(min(think or 60, 60) + longest * 2 / 3 for think, longest in questions)
    return max(1, round(seconds / 60))


def working_days_after(at: datetime, days: int) -> datetime:
    """The same time of day so many working days (Monday to Friday) later; what begins on a weekend begins on Monday."""
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < FRIDAY_ENDS
    return at
