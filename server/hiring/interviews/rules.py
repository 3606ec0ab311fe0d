"""Limits of interviews, and the refusals that name them."""

from http import HTTPStatus
from types import MappingProxyType

from server.core.errors import Conflict, Refusal

MOST_BYTES = 2 * 1024**3  # of all recordings of one application
MOST_SECONDS = 2 * 3600
LARGEST_FILE = 400 * 1024**2
GRACE_SECONDS = 10  # soft stop and clocks
CONNECT_SECONDS = 30  # a take that has not begun by then never will
LONGEST_TEXT = 10_000
JOB_VIDEO_SECONDS = 180
LEAST_HEARD = 0.995  # share of the sound without which an answer is damaged


def is_damaged(lost: int, unheard_ms: int, duration_ms: int) -> bool:
    """Whether what a recorder has lacks pictures, or more of the sound than anybody would not notice."""
    return lost > 0 or unheard_ms > (1 - LEAST_HEARD) * duration_ms


class TakesUsedUp(Refusal):
    """No take left for this question."""

    code = "takes_used_up"
    status = HTTPStatus.CONFLICT
    message = "All takes for this question are used. Keep one of them, or answer in writing."


class AlreadyRecording(Refusal):
    """Another tab or device records for this application."""

    code = "already_recording"
    status = HTTPStatus.CONFLICT
    message = "You are recording in another tab or on another device. Finish there first, then go on here."


class QuotaExceeded(Refusal):
    """This application's recordings are as large or as long as they may be."""

    code = "quota_exceeded"
    status = HTTPStatus.TOO_MANY_REQUESTS
    message = "There is no room left for more recordings here. You can still answer in writing."


class StorageLow(Refusal):
    """The disk is nearly full."""

    code = "storage_low"
    status = HTTPStatus.INSUFFICIENT_STORAGE
    message = "We cannot take recordings right now. You can answer in writing, or come back later: your place is kept."


class StorageAway(Refusal):
    """The place where recordings are kept does not answer."""

    code = "storage_away"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "This recording cannot be fetched for a moment. Nothing is lost: please try again shortly."


class NoRecorder(Refusal):
    """No recorder process is there, or only such that take nothing new."""

    code = "no_recorder"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "Our recorder is not available just now. Try again in a minute, or answer in writing."

    def __init__(self) -> None:
        super().__init__(after=10)


class RecordersBusy(NoRecorder):
    """Recorders are there, and all of them record as much as they can."""

    code = "recorders_busy"
    message = "All our recorders are busy. Try again in a minute, or answer in writing."


class RecorderGone(Refusal):
    """The recorder does not answer any more; what it has received is on its disk."""

    code = "recorder_gone"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "Our recorder went away for a moment. What you have said so far is kept, as far as it reached us."


class AnswersOpened(Refusal):
    """The team has looked: answers stay as they are."""

    code = "answers_opened"
    status = HTTPStatus.CONFLICT
    message = (
        "The team has begun to watch your answers, so they stay as they are. Write to the team if something is wrong."
    )


class TooLateToSend(AnswersOpened):
    """The same to a client that sends in pieces, which would try again after a conflict."""

    status = HTTPStatus.GONE


class AnsweredSince(Refusal):
    """A take that was chosen earlier, and an answer that was given later: the later one stays."""

    code = "answered_since"
    status = HTTPStatus.CONFLICT
    message = (
        "This question was answered in another way meanwhile, and that answer stays. This take is with us as well: "
        "keep it again if it is the one that you want."
    )


class AnswersMissing(Refusal):
    """Handing in needs an answer to every question."""

    code = "answers_missing"
    status = HTTPStatus.CONFLICT
    message = "Some questions have no answer yet."


class TakeNotThere(Refusal):
    """The take has no file that could be kept."""

    code = "take_not_there"
    status = HTTPStatus.CONFLICT
    message = "This take did not reach us. Please record it again, or answer in writing."


class TicketUsed(Refusal):
    """A recording ticket works once, and not for long."""

    code = "ticket_used"
    status = HTTPStatus.UNAUTHORIZED
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})
    message = "This recording has ended. Start a new take."


class BadOffer(Refusal):
    """The browser's offer cannot be answered."""

    code = "bad_offer"
    status = HTTPStatus.BAD_REQUEST
    message = "Your browser offered something we cannot record. Try another browser, or answer in writing."


class NotAFilm(Refusal):
    """A file that is neither video nor sound."""

    code = "not_media"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = "This file holds neither video nor sound that we can play. Try MP4, MOV, WebM, M4A or MP3."


class CaptionsMoved(Conflict):
    """Somebody else changed the captions meanwhile."""

    code = "captions_changed"
    message = "Somebody else changed these captions meanwhile. Yours are not saved; look at theirs first."


class BadCaptions(Refusal):
    """Captions that cannot be used; the message says why."""

    code = "bad_captions"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "These captions cannot be used."
