"""The demo's script: who is in it and what happened, read from the TOML files beside this module.

Times are written as days before the demo began (`ago`), so that the past is fresh whenever it is started.
"""

from functools import lru_cache
from pathlib import Path

import msgspec

HERE = Path(__file__).resolve().parent
POSTINGS = ("product-engineer", "support-lead", "brand-designer")


class Colleague(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member; `key` is how the postings name this person."""

    key: str
    name: str
    email: str
    role: str
    ago: float


class Line(msgspec.Struct, frozen=True, array_like=True):
    """A note or a message: who (empty: the candidate), days ago, the words."""

    who: str
    ago: float
    text: str


class Step(msgspec.Struct, frozen=True, array_like=True):
    """A move by the team: to the stage of this kind, days ago, by whom."""

    kind: str
    ago: float
    who: str


class Scored(msgspec.Struct, frozen=True, array_like=True):
    """A scorecard: who, days ago, the ratings in the order of the job's criteria (0: none), and what they would do."""

    who: str
    ago: float
    ratings: tuple[int, ...]
    hire: str
    why: str = ""


class Appointment(msgspec.Struct, frozen=True, array_like=True):
    """A meeting: who planned it, days ago; how it is called, how many hours after the demo began and how many minutes.

    `place` and `members`: where, and who of the team takes part.
    """

    who: str
    ago: float
    title: str
    ahead: float
    minutes: int
    place: str
    members: tuple[str, ...]


class Look(msgspec.Struct, frozen=True, array_like=True):
    """Who opened the answers first, days ago."""

    who: str
    ago: float


class Candidate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One candidate's way.

    `answers` has a letter per answered question: v for video, t for text (the words in `written`, in order), s and b
    for a video in which nobody is heard or nothing is seen. `answered` is when the last of them was given; `submitted`
    when they were handed in. `face` names the clip. `said`: what captions say of the first, second ("1", "2") answer.
    `reviewers` are asked to review, `scores` are the scorecards that were submitted,
    `meetings` what was arranged with them.
    `added`: who of the team put them into the job. `cv`: its lines; a heading begins with "# ".
    """

    name: str
    email: str
    ago: float
    face: str = ""
    answers: str = ""
    written: tuple[str, ...] = ()
    answered: float = 0.0
    submitted: float | None = None
    opened: Look | None = None
    moves: tuple[Step, ...] = ()
    notes: tuple[Line, ...] = ()
    messages: tuple[Line, ...] = ()
    reviewers: tuple[str, ...] = ()
    scores: tuple[Scored, ...] = ()
    meetings: tuple[Appointment, ...] = ()
    added: str = ""
    source: str = ""
    headline: str = ""
    location: str = ""
    phone: str = ""
    tags: tuple[str, ...] = ()
    cv: str = ""
    said: dict[str, tuple[str, ...]] = {}


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds for `think` and `longest`."""

    text: str
    think: int
    longest: int
    takes: int = 3


class Posting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job with everybody who applied. `closed` is days ago, None while it is open. `face` speaks in its video."""

    title: str
    location: str
    remote: bool
    colour: int
    by: str
    ago: float
    description: str
    face: str
    questions: tuple[Question, ...]
    candidates: tuple[Candidate, ...]
    closed: float | None = None


class Clip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drawn person: what `media.synth.make_clip` needs. `heard` with the microphone on, `seen` with the light on."""

    face: str
    seed: int
    seconds: float
    heard: bool = True
    seen: bool = True


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message template of their own, kept by one of them."""

    by: str
    name: str
    text: str


class Team(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The company, its people, the clips and the words they keep. The first colleague is the owner."""

    workspace: str
    colleagues: tuple[Colleague, ...]
    clips: tuple[Clip, ...]
    templates: tuple[Words, ...]


class Script(msgspec.Struct, frozen=True):
    """All of it."""

    team: Team
    postings: tuple[Posting, ...]


@lru_cache(maxsize=1)
def read() -> Script:
    """The script, read once."""
    team = msgspec.toml.decode((HERE / "team.toml").read_bytes(), type=Team)
    postings = (msgspec.toml.decode((HERE / f"{name}.toml").read_bytes(), type=Posting) for name in POSTINGS)
    return Script(team, tuple(postings))


def clip_of(face: str, kind: str = "v") -> Clip:
    """The clip of a face for an answer of this kind."""
    heard, seen = kind != "s", kind != "b"
    clips = read().team.clips
    first = next(clip for clip in clips if clip.face == face)
    return next(clip for clip in clips if (clip.seed, clip.heard, clip.seen) == (first.seed, heard, seen))
