"""Consent of those whom the team added: asked for when they first come, before anything of theirs is taken.

Who applies agrees with the form. Whoever was added by hand or by a list has agreed to nothing, so that the server takes
no recording, answer or file from them (`gate.identify_candidate`) until they have read the words and said yes. That
is kept with its time and the version of the words, and cannot be given by the team.
"""

from http import HTTPStatus

from server.core import db, live
from server.core.access import Applicant
from server.core.errors import Refusal
from server.core.events import append
from server.hiring.applications.events import ConsentGiven
from server.hiring.applications.rules import CONSENT_VERSION
from server.hiring.candidates.actions import whole
from server.hiring.views.base import View
from server.hiring.views.payloads import OwnPlaceChanged, ProfileChanged


class WordsChanged(Refusal):
    """They read an older version of the words."""

    code = "words_changed"
    status = HTTPStatus.CONFLICT
    message = "What you read has changed since. Reload this page and read it again, please."


class Consent(View, frozen=True, kw_only=True):
    """Yes, to this version of the words."""

    version: int


async def consent(applicant: Applicant, given: Consent, key: str | None) -> None:
    """Agree to being kept. The first time counts. Raises WordsChanged."""
    if given.version != CONSENT_VERSION:
        raise WordsChanged
    if not await db.value(
        "UPDATE application SET consent_at = now(), consent_version = $2 WHERE id = $1 AND consent_at IS NULL "
        "RETURNING id",
        applicant.application,
        given.version,
    ):
        return
    candidate = await whole(applicant.candidate)
    await append(
        ConsentGiven(
            workspace=applicant.workspace,
            actor=applicant.actor,
            subject=applicant.actor,
            application=applicant.application,
            version=given.version,
        ),
        [
            live.Delivery(live.profile(candidate), ProfileChanged(candidate=candidate)),
            live.Delivery(live.candidate(applicant.application), OwnPlaceChanged(application=applicant.application)),
        ],
        key=key,
    )
