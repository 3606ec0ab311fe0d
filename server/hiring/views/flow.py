"""A job's flow as it is designed: its stages, what entering one needs, what happens then, and flows to use again."""

from typing import Literal
from uuid import UUID

import msgspec

from server.hiring.views.base import View
from server.hiring.views.jobs import StageKind
from server.hiring.views.people import Person

When = Literal["entry", "exit"]


class Need(View, frozen=True, kw_only=True):
    """What a person needs before they enter a stage; `kind` is one of the offered, `count` how many of it.

    `least`: the lowest score that will do, 1 to 5 in halves; 0: any.
    """

    kind: str
    count: int = 1
    least: float = 0


class StageAction(View, frozen=True, kw_only=True):
    """What happens by itself when somebody enters or leaves a stage, `after` so many minutes.

    Each kind uses of `text`, `people` and `count` (people each time, or working days) what its offer names. `template`
    is the message template that the text began as. The text is a copy: it stays, whatever becomes of that.
    """

    id: UUID
    kind: str
    when: When = "entry"
    after: int = 0
    text: str = ""
    people: list[UUID] = msgspec.field(default_factory=list)
    count: int = 1
    template: UUID | None = None


class StageDraft(View, frozen=True, kw_only=True):
    """A stage as it is designed; without `id` it is new. `hint`: people at once, `days`: the plan; 0 is neither."""

    name: str
    kind: StageKind
    colour: int
    hint: int = 0
    days: int = 0
    needs: list[Need] = msgspec.field(default_factory=list)
    actions: list[StageAction] = msgspec.field(default_factory=list)
    id: UUID | None = None


class DesignedStage(View, frozen=True, kw_only=True):
    """A stage of a flow, with how many people are in it now."""

    id: UUID
    name: str
    kind: StageKind
    colour: int
    hint: int
    days: int
    needs: list[Need]
    actions: list[StageAction]
    people: int


class NeedOffer(View, frozen=True, kw_only=True):
    """A rule that can be set here. `one` and `many` name it; `counted`: it says how many, `scored`: how good."""

    kind: str
    one: str
    many: str
    counted: bool
    scored: bool


class ActionOffer(View, frozen=True, kw_only=True):
    """Something that a stage can do here. `uses` names which of text, people, count and days the browser asks for."""

    kind: str
    label: str
    uses: list[str]
    placeholders: list[str]


class HiredIn(View, frozen=True, kw_only=True):
    """How long it took to hire, in this workspace: the median of so many people."""

    people: int
    days: int


class FlowView(View, frozen=True, kw_only=True):
    """The flow in the job's editor, and what can be chosen for it. `hired_in` is None below five people."""

    job: UUID
    version: int
    stages: list[DesignedStage]
    needs: list[NeedOffer]
    actions: list[ActionOffer]
    members: list[Person]
    hired_in: HiredIn | None


class FlowTemplateView(View, frozen=True, kw_only=True):
    """A flow to begin from; `id` is None for those that Greenroom brings along."""

    id: UUID | None
    name: str
    about: str
    stages: list[StageDraft]
