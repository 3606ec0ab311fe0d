"""Fills the registries: which lower module is told what by which higher one. Called once per process."""

from server.hiring.applications import arriving, assigning, promising, telling
from server.hiring.applications import mails as application_mails
from server.hiring.conversations import automatic
from server.hiring.conversations import mails as conversation_mails
from server.hiring.flow import registry as flow
from server.hiring.flow.actions import add_default_stages
from server.hiring.interviews import asking, discarding, preparing, recordings
from server.hiring.jobs import actions as jobs
from server.hiring.listing import filters
from server.hiring.notifications import actions as notifications
from server.hiring.profiles import files
from server.hiring.transfers import working
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
)  # imported: registered


def register() -> None:
    """Connect capabilities that do not know each other."""
    if add_default_stages not in jobs.ON_CREATED:
        jobs.ON_CREATED.append(add_default_stages)
    flow.GUARDS.update({guard.kind: guard for guard in (asking.ANSWERS, asking.LOOK, assigning.OWNER, automatic.NOTES)})
    acting = (automatic.MESSAGE, promising.PROMISE, assigning.REVIEWERS, assigning.OWNING, asking.ASK)
    flow.ACTIONS.update({action.kind: action for action in acting})
