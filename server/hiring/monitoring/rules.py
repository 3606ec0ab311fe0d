"""Rules of the live monitor: what a device and a page are called, and whose session may be ended by whom. Pure."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

import msgspec

from server.core.access import Asking
from server.core.errors import Forbidden, Refusal
from server.hiring.views.doing import Activity, AtRecorder, Doing, Watching
from server.hiring.views.monitoring import Keeping
from server.hiring.workspaces.rules import may_hold

VISIT_SECONDS = 30  # not asked for so long: the visit is over
SEEN_SECONDS = 8  # how exactly a visit is kept while it lasts
RECENT_EVENTS = 40
LONGEST_PATH = 200

# The first that occurs names the browser: most of them also claim to be the ones further down.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
HANDHELD = ("iPhone", "iPad", "Android")
_ID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_PAGES = (
    (rf"/w/[^/]+/jobs/{_ID}", "board"),
    (rf"/w/[^/]+/jobs/{_ID}/edit", "editor"),
    (r"/w/[^/]+/jobs", "jobs"),
    (rf"/w/[^/]+/applications/{_ID}", "application"),
    (r"/w/[^/]+/people", "people"),
    (r"/w/[^/]+/monitor", "monitor"),
    (r"/w/[^/]+/monitoring", "monitoring"),
    (rf"/c/a/{_ID}/check", "check"),
    (rf"/c/a/{_ID}/record", "record"),
    (rf"/c/a/{_ID}/?", "home"),
)
_WORDS = {
    "board": "Board, {}",
    "editor": "Editing {}",
    "jobs": "Jobs",
    "application": "Candidate {}",
    "people": "People",
    "monitor": "Live monitor",
    "monitoring": "What admins see",
    "check": "Device check",
    "record": "Recorder",
    "home": "Own page",
}


_decode = msgspec.json.Decoder(Doing).decode


class OwnSession(Refusal):
    """The session one is sitting in."""

    code = "own_session"
    status = HTTPStatus.CONFLICT
    message = "This is the session you are using just now. To end it, sign out in the account menu."


class OwnersSession(Forbidden):
    """An admin and an owner's session."""

    message = "Only an owner can end an owner's session."


def device_of(agent: str) -> str:
    """What a browser says of itself, in two words: "Firefox, Linux"."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system))) or "Unknown device"


def handheld(device: str) -> bool:
    """Whether it is a phone or a tablet."""
    return device.endswith(HANDHELD)


def page_of(path: str) -> str:
    """A page's address as it says it itself, in a closed list: "board:UUID", "people"; empty for everything else."""
    if len(path) > LONGEST_PATH:
        return ""
    for pattern, name in _PAGES:
        if found := re.fullmatch(pattern, path):
            return f"{name}:{found[1]}" if found.groups() else name
    return ""


def subject_of(page: str) -> UUID | None:
    """What the page is about, when it is about something."""
    _, _, subject = page.partition(":")
    return UUID(subject) if subject else None


def words_of(page: str, doing: str, names: Mapping[UUID, str]) -> str:
    """A page, and what is done there, for people. A subject without a name is not of this workspace: it is not told."""
    match _activity(doing):
        case Watching(card=card, at=at):
            return f"Watching {names.get(card, '…')} at {at // 60}:{at % 60:02}"
        case AtRecorder(answer=None):
            return "Recording a job video"
        case AtRecorder(answer=number):
            return f"Recording answer {number}"
    name, _, _ = page.partition(":")
    words = _WORDS.get(name, "Connected")
    if "{}" not in words:
        return words
    subject = subject_of(page)
    return words.format(names.get(subject, "…") if subject else "…")


def _activity(doing: str) -> Activity | None:
    try:
        return _decode(doing) if doing else None
    except msgspec.MsgspecError:  # of another version than ours
        return None


def keeping(asking: Asking, session: UUID, role: str | None) -> Keeping | None:
    """Why `asking` cannot end a session; None when they can. `role` is None for a candidate."""
    if session == asking.sign_in:
        return "own"
    if role is not None and not may_hold(asking.role, role):
        return "owner"
    return None
