"""Fills the registries: which lower module is told what by which higher one. Called once per process."""

from server.hiring.applications import arriving, assigning, promising, telling
from server.hiring.applications import mails as application_mails
from server.hiring.conversations import automatic
from server.hiring.conversations import mails as conversation_mails
from server.hiring.conversations.templates import bring_along
from server.hiring.flow import registry as flow
from server.hiring.flow.actions import add_default_stages
from server.hiring.interviews import asking, discarding, preparing, recordings
from server.hiring.interviews import queries as interviews
from server.hiring.jobs import actions as jobs
from server.hiring.jobs.criteria import begin_with_usual
from server.hiring.listing import filters
from server.hiring.meetings import leaving, papers
from server.hiring.meetings import queries as meetings
from server.hiring.notifications import actions as notifications
from server.hiring.notifications import meetings as meeting_notices
from server.hiring.profiles import files
from server.hiring.scorecards.actions import SCORECARDS
from server.hiring.transfers import working
from server.hiring.workspaces import actions as workspaces
from server.hiring.workspaces import mails as workspace_mails

LISTENERS = (
    application_mails,
    conversation_mails,
    workspace_mails,
    notifications,
    recordings,
    preparing,
    discarding,
    telling,
    working,
    arriving,
    files,
    assigning,
    promising,
    filters,
    leaving,
    papers,
    meeting_notices,
)  # imported: registered


def register() -> None:
    """Connect capabilities that do not know each other."""
    for begin in (add_default_stages, begin_with_usual):
        if begin not in jobs.ON_CREATED:
            jobs.ON_CREATED.append(begin)
    if bring_along not in workspaces.ON_FOUNDED:
        workspaces.ON_FOUNDED.append(bring_along)
    if meetings.own not in interviews.MEETINGS:
        interviews.MEETINGS.append(meetings.own)
    asked = (asking.ANSWERS, asking.LOOK, assigning.OWNER, automatic.NOTES, SCORECARDS)
    flow.GUARDS.update({guard.kind: guard for guard in asked})
    acting = (automatic.MESSAGE, promising.PROMISE, assigning.REVIEWERS, assigning.OWNING, asking.ASK)
    flow.ACTIONS.update({action.kind: action for action in acting})
