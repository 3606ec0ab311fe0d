"""Rules of flows: pure functions."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

from server.core.errors import Invalid, Refusal
from server.hiring.flow.registry import ACTIONS, GUARDS
from server.hiring.views.flow import StageAction, StageDraft
from server.hiring.workspaces.rules import check_name

FIXED = ("inbox", "hired", "declined")
"""Kinds that every flow has once: applicants come into the first, the other two are where ways end."""

MOST_STAGES = 24
MOST_ACTIONS = 10
MOST_PEOPLE = 5000  # of a hint
MOST_DAYS = 365
MOST_MINUTES = 60 * 24 * 60  # sixty days
LONGEST_NAME = 80
SCORES = (0, *(half / 2 for half in range(2, 11)))  # what a rule may ask for


class StageOccupied(Refusal):
    """A stage was left out that people are in."""

    code = "stage_occupied"
    status = HTTPStatus.CONFLICT


class StageNeeds(Refusal):
    """A person lacks what a stage asks for."""

    code = "stage_needs"
    status = HTTPStatus.CONFLICT


class StageGone(Refusal):
    """The stage was removed while somebody was on the way to it."""

    code = "stage_gone"
    status = HTTPStatus.CONFLICT
    message = "This stage was removed from the flow meanwhile. Choose another one."


def check_flow(stages: Sequence[StageDraft], known: Mapping[UUID, str] | None = None) -> list[StageDraft]:
    """The stages with tidy names. Raises Invalid; `known` are the kinds of the stages that there are, by id."""
    if len(stages) > MOST_STAGES:
        raise Invalid(fields={"stages": f"At most {MOST_STAGES} stages."})
    checked = [_check_stage(stage, f"stages.{place}") for place, stage in enumerate(stages)]
    _check_shape([stage.kind for stage in checked])
    _check_unlike(checked)
    for place, stage in enumerate(checked):
        before = (known or {}).get(stage.id) if stage.id else None
        if before != stage.kind and before in FIXED:
            raise Invalid(fields={f"stages.{place}.kind": "This stage keeps its kind: every flow has it once."})
    return checked


def _check_stage(stage: StageDraft, where: str) -> StageDraft:
    name = check_name(stage.name, f"{where}.name", LONGEST_NAME)
    for field, value, least, most in (
        ("colour", stage.colour, 1, 12),
        ("hint", stage.hint, 0, MOST_PEOPLE),
        ("days", stage.days, 0, MOST_DAYS),
    ):
        if not least <= value <= most:
            raise Invalid(fields={f"{where}.{field}": f"A number from {least} to {most:,}, please."})
    _check_needs(stage, where)
    _check_actions(stage.actions, where)
    return StageDraft(
        id=stage.id,
        name=name,
        kind=stage.kind,
        colour=stage.colour,
        hint=stage.hint,
        days=stage.days,
        needs=stage.needs,
        actions=stage.actions,
    )


def _check_needs(stage: StageDraft, where: str) -> None:
    kinds = [need.kind for need in stage.needs]
    if kinds and stage.kind in ("inbox", "declined"):
        raise Invalid(fields={f"{where}.needs": "Everybody can apply and be declined: this stage has no rules."})
    if len(set(kinds)) < len(kinds):
        raise Invalid(fields={f"{where}.needs": "The same rule is there twice."})
    for need in stage.needs:
        if need.kind not in GUARDS or not 1 <= need.count <= 20:
            raise Invalid(fields={f"{where}.needs": "There is no such rule."})
        if need.least not in (SCORES if GUARDS[need.kind].scored else (0,)):
            raise Invalid(fields={f"{where}.needs": "A score is from 1 to 5, in halves."})


def _check_actions(actions: Sequence[StageAction], where: str) -> None:
    if len(actions) > MOST_ACTIONS:
        raise Invalid(fields={f"{where}.actions": f"At most {MOST_ACTIONS} things happen by themselves in a stage."})
    if len({action.id for action in actions}) < len(actions):
        raise Invalid(fields={f"{where}.actions": "The same action is there twice."})
    for place, action in enumerate(actions):
        inside = f"{where}.actions.{place}"
        if action.kind not in ACTIONS:
            raise Invalid(fields={f"{inside}.kind": "There is no such action."})
        if not 0 <= action.after <= MOST_MINUTES:
            raise Invalid(fields={f"{inside}.after": "From at once to 60 days later."})
        if check := ACTIONS[action.kind].check:
            check(action, inside)


def _check_shape(kinds: Sequence[str]) -> None:
    """Applicants come in at the left, ways end at the right; between them everything goes."""
    if any(kinds.count(kind) != 1 for kind in FIXED):
        raise Invalid(fields={"stages": "Every flow has one stage for applicants, one for hired and one for declined."})
    if kinds[0] != "inbox" or list(kinds[-2:]) != ["hired", "declined"]:
        raise Invalid(fields={"stages": "The stage for applicants stays first, hired and declined stay last."})


def _check_unlike(stages: Sequence[StageDraft]) -> None:
    seen: set[str] = set()
    for place, stage in enumerate(stages):
        if stage.name.casefold() in seen:
            raise Invalid(fields={f"stages.{place}.name": "Another stage has this name already."})
        seen.add(stage.name.casefold())
