"""What stages can ask for and do: filled by the composition root with what the capabilities above offer.

A kind that nobody registered is not offered, and one that is stored but no longer registered asks and does nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from server.hiring.views.flow import ActionOffer, Need, NeedOffer, StageAction


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Who came or went, and by whose hand: `actor` is the event's."""

    event: UUID
    workspace: UUID
    application: UUID
    stage: UUID
    actor: str


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of entry. `missing(applications, need, mover)`: those that lack something, with what it is, in words.

    `mover` is the member who reads them, None when nobody moves; the words tell them nothing that they may not see.
    """

    kind: str
    one: str
    many: str = ""
    counted: bool = False
    scored: bool = False
    missing: Callable[[Sequence[UUID], Need, UUID | None], Awaitable[dict[UUID, str]]]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage does. `run` works in the transaction that notes it as done; `check` raises Invalid for bad settings.

    `check(action, where)`: `where` begins the names of the fields that it finds wrong.
    """

    kind: str
    label: str
    uses: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    check: Callable[[StageAction, str], None] | None = None
    run: Callable[[Arrival, StageAction], Awaitable[None]]


GUARDS: dict[str, Guard] = {}
ACTIONS: dict[str, Action] = {}


def need_offers() -> list[NeedOffer]:
    """The rules that can be set, in the order they were registered."""
    return [
        NeedOffer(kind=g.kind, one=g.one, many=g.many or g.one, counted=g.counted, scored=g.scored)
        for g in GUARDS.values()
    ]


def action_offers() -> list[ActionOffer]:
    """The actions that can be set, in the order they were registered."""
    return [
        ActionOffer(kind=a.kind, label=a.label, uses=list(a.uses), placeholders=list(a.placeholders))
        for a in ACTIONS.values()
    ]
