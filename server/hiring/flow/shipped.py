"""The flows that Greenroom brings along. A new job begins with the first of them."""

from server.hiring.views.flow import FlowTemplateView, Need, StageDraft
from server.hiring.views.jobs import StageKind

_COLOURS: dict[str, int] = {
    "inbox": 7,
    "questions": 8,
    "review": 10,
    "task": 4,
    "conversation": 3,
    "interview": 9,
    "offer": 2,
    "hired": 5,
    "declined": 6,
}


def _stage(name: str, kind: StageKind, days: int = 0, *needs: str) -> StageDraft:
    rules = [Need(kind=need) for need in needs]
    return StageDraft(name=name, kind=kind, colour=_COLOURS[kind], days=days, needs=rules)


def _flow(name: str, about: str, *between: StageDraft) -> FlowTemplateView:
    ends = (_stage("Hired", "hired"), _stage("Declined", "declined"))
    return FlowTemplateView(id=None, name=name, about=about, stages=[_stage("Applied", "inbox"), *between, *ends])


SHIPPED = (
    _flow(
        "Standard",
        "Answers on camera, one interview, an offer.",
        _stage("Video", "questions"),
        _stage("Review", "review"),
        _stage("Interview", "interview"),
        _stage("Offer", "offer"),
    ),
    _flow(
        "Fast",
        "Two steps for roles that are filled within days.",
        _stage("Video", "questions", 3),
        _stage("Review", "review", 2, "answers"),
        _stage("Offer", "offer", 2),
    ),
    _flow(
        "With a test task",
        "For work that is best judged by seeing some of it.",
        _stage("Video", "questions", 5),
        _stage("Review", "review", 3, "answers"),
        _stage("Test task", "task", 5),
        _stage("Interview", "interview", 4),
        _stage("Offer", "offer", 2),
    ),
    _flow(
        "Thorough",
        "A talk first, then a panel, for roles that many people decide.",
        _stage("Video", "questions", 5),
        _stage("Review", "review", 3, "answers"),
        _stage("First talk", "conversation", 4),
        _stage("Panel interview", "interview", 5),
        _stage("References", "review", 3),
        _stage("Offer", "offer", 3),
    ),
)
