"""The frames of the live protocol as typed structs; PROTOCOL.md says in prose what they mean.

Pure shapes and codecs, no I/O. What the browser sends is decoded strictly (an unknown frame or wrong type is refused);
payloads, states and bodies stay raw bytes on their way through, for they belong to the application.
"""

from typing import Annotated, Literal

import msgspec

PROTOCOL = 1
FRAME_LIMIT = 16 * 1024  # bytes of one frame from a client
STATE_LIMIT = 256  # bytes of a presence state
GESTURE_LIMIT = 256  # bytes of what a hand does
TOPIC_LIMIT = 128  # characters
NAME_LIMIT = 64  # characters of a command's name
PING_SECONDS = 10

NOTHING = msgspec.Raw()  # left out; `Raw | None` would take nothing but null
Topic = Annotated[str, msgspec.Meta(min_length=1, max_length=TOPIC_LIMIT)]
Reason = Literal["trimmed", "behind", "epoch", "ahead"]
ErrorCode = Literal[
    "forbidden",
    "too_many_topics",
    "not_subscribed",
    "too_large",
    "unknown_command",
    "throttled",
    "invalid",
    "unavailable",
]


class Close:
    """Close codes. 4400 to 4499 mean stop, all others mean retry; the value is (code, reason)."""

    RESTART = (1012, "restart")
    SLOW_READER = (4001, "slow_reader")
    SILENT = (4002, "silent")
    RIGHTS_CHANGED = (4003, "rights_changed")
    THROTTLED = (4004, "throttled")
    UNAVAILABLE = (4005, "unavailable")
    BAD_FRAME = (4400, "bad_frame")
    NOT_SIGNED_IN = (4401, "not_signed_in")
    FORBIDDEN = (4403, "forbidden")
    NOT_FOUND = (4404, "not_found")
    ENDED = (4410, "ended")


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of every frame, in both directions."""


class Ping(Frame, frozen=True, tag="ping"):
    """Are you there? Either side may ask."""


class Pong(Frame, frozen=True, tag="pong"):
    """Yes."""


# From the client


class Subscribe(Frame, frozen=True, tag="subscribe"):
    """Events of `topic` after position (`epoch`, `after`), or from now on; with `state` also appear in its presence."""

    topic: Topic
    after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    epoch: str | None = None
    state: msgspec.Raw = NOTHING
    idle: bool = False


class Unsubscribe(Frame, frozen=True, tag="unsubscribe"):
    """No more of `topic`."""

    topic: Topic


class SetState(Frame, frozen=True, tag="state"):
    """What I am doing in `topic`; null leaves its presence. `idle`: nothing was touched in this tab for a minute."""

    topic: Topic
    state: msgspec.Raw
    idle: bool = False


class Typing(Frame, frozen=True, tag="typing"):
    """I am typing in `topic`."""

    topic: Topic


class Gesture(Frame, frozen=True, tag="gesture"):
    """What my hand does in `topic` at this moment (it drags something, say); null when it has ended."""

    topic: Topic
    body: msgspec.Raw


class Command(Frame, frozen=True, tag="command"):
    """Ask the registered command `name`; the reply repeats `id`."""

    id: int
    name: Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
    topic: Topic | None = None
    body: msgspec.Raw = NOTHING


ClientFrame = Subscribe | Unsubscribe | SetState | Typing | Gesture | Command | Ping | Pong


# From the server


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is there. `state` is what they set last; `idle` since when in no tab; times in Unix seconds."""

    id: str
    name: str
    kind: str
    colour: int
    state: msgspec.Raw
    since: int
    idle: int | None = None


class TypingPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who types, or whose hand does something."""

    id: str
    name: str
    kind: str
    colour: int


class HelloFrame(Frame, frozen=True, tag="hello"):
    """The server's first words; `ping` is the period of its pings in seconds."""

    protocol: int
    connection: str
    epoch: str
    ping: int


class HealthFrame(Frame, frozen=True, tag="health"):
    """Whether events can be trusted to arrive now: false while the database does not answer. Told when it changes."""

    database: bool


class SubscribedFrame(Frame, frozen=True, tag="subscribed"):
    """The subscription stands; what was asked for up to `seq` follows, then live events."""

    topic: str
    seq: int
    epoch: str


class EventFrame(Frame, frozen=True, tag="event"):
    """The next event of a topic; the payload is embedded as the bytes it was written with."""

    topic: str
    seq: int
    payload: msgspec.Raw


class ResyncFrame(Frame, frozen=True, tag="resync"):
    """The subscription has ended because history does not reach back: fetch the data again, then subscribe."""

    topic: str
    seq: int
    epoch: str
    reason: Reason


class PresenceFrame(Frame, frozen=True, tag="presence"):
    """Everybody who is there, replacing what the client knew."""

    topic: str
    people: list[Present]


class PresenceDiffFrame(Frame, frozen=True, tag="presence_diff"):
    """Who came or changed, and the ids that left."""

    topic: str
    joined: list[Present]
    left: list[str]


class TypingFrame(Frame, frozen=True, tag="typing"):
    """Somebody types; forget it after 5 s."""

    topic: str
    person: TypingPerson


class GestureFrame(Frame, frozen=True, tag="gesture"):
    """What somebody's hand does; null: nothing any more. Forget it when nothing came for 3 s."""

    topic: str
    person: TypingPerson
    body: msgspec.Raw


class ReplyFrame(Frame, frozen=True, tag="reply"):
    """The answer to a command; `error` is null when it worked."""

    id: int
    body: msgspec.Raw
    error: str | None
    message: str | None


class ErrorFrame(Frame, frozen=True, tag="error"):
    """Something asked for is refused; with a `topic`, that subscription does not exist (any more)."""

    code: ErrorCode
    message: str
    topic: str | None
    retry: bool


ServerFrame = (
    HelloFrame
    | HealthFrame
    | SubscribedFrame
    | EventFrame
    | ResyncFrame
    | PresenceFrame
    | PresenceDiffFrame
    | TypingFrame
    | GestureFrame
    | ReplyFrame
    | ErrorFrame
    | Ping
    | Pong
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


def encode(frame: Frame) -> bytes:
    """The frame as the bytes of one websocket message."""
    return _encoder.encode(frame)


def decode(data: str | bytes) -> ClientFrame:
    """The client's frame. Raises `msgspec.MsgspecError` for anything that is not one."""
    return _decoder.decode(data)


def raw(data: bytes | None) -> msgspec.Raw:
    """JSON bytes to be embedded as they are; None becomes null."""
    return msgspec.Raw(b"null" if data is None else data)


PING = encode(Ping())
PONG = encode(Pong())
