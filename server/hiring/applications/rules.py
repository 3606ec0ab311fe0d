"""What is decided about boards without looking anything up."""

from collections.abc import Sequence
from uuid import UUID

from server.core.errors import Invalid
from server.core.words import clean
from server.hiring.views.applications import Spot

MOST_STAGES = 100
LONGEST_RANK = 1000
LONGEST_SOURCE = 120
CONSENT_VERSION = 1  # of the words in templates/candidate/parts.html (privacy): raise it when they come to say more
NOBODY = UUID(int=0)


def depths_of(words: Sequence[str]) -> dict[UUID, int]:
    """`STAGE:CARDS` as numbers per stage. Raises Invalid."""
    try:
        parts = [word.partition(":") for word in words[:MOST_STAGES]]
        return {UUID(stage): int(cards) for stage, _, cards in parts}
    except ValueError:
        raise Invalid(fields={"depth": "A depth is a stage's id, a colon and a number of cards."}) from None


def check_source(text: str) -> str:
    """Where somebody came from, in one line. Raises Invalid."""
    line = " ".join(clean(text).split())
    if len(line) > LONGEST_SOURCE:
        raise Invalid(fields={"source": f"At most {LONGEST_SOURCE} characters, please."})
    return line


def spot_of(rank: str, card: UUID) -> Spot:
    """A place in a stage, as a page names it. Raises Invalid for what no rank can be."""
    if len(rank) > LONGEST_RANK or not (rank == "" or (rank.isalnum() and rank.isascii())):
        raise Invalid(fields={"rank": "A rank is made of letters and digits."})
    return Spot(rank=rank, id=card)
