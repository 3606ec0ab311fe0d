"""What the live monitor shows."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.hiring.views.base import View
from server.hiring.views.people import Person

Keeping = Literal["own", "owner"]
Tone = Literal["team", "candidate", "system"]


class ProcessRow(View, frozen=True, kw_only=True):
    """A web process of the installation; counters since it `started`, milliseconds None without an answer or event."""

    name: str
    host: str
    started: datetime
    at: datetime
    sockets: int
    topics: int
    events_per_second: float
    p50: float | None
    p95: float | None
    replays: int
    refills: int
    resyncs: int
    dropped: int
    bus: bool
    bus_ms: float | None
    database: bool
    database_ms: float | None


class RecorderRow(View, frozen=True, kw_only=True):
    """A recorder of the installation, how many recordings it has and takes, and whether it answers in time."""

    name: str
    load: int
    limit: int
    answers: bool


class MonitorPoint(View, frozen=True, kw_only=True):
    """A moment of the last ten minutes, all processes together."""

    at: datetime
    sockets: int
    p95: float | None
    mended: int


class Reception(View, frozen=True, kw_only=True):
    """How a recording comes in. `bitrate` in bit/s over the last seconds; 0 by 0 while no picture has come.

    Of all packets, `recovered` came only when they were asked for again, and `lost` never came. `silent`: nothing
    has come for some seconds.
    """

    width: int
    height: int
    bitrate: int
    packets: int
    recovered: int
    lost: int
    silent: bool


class RecordingRow(View, frozen=True, kw_only=True):
    """A take on its way, or a job video, which has no candidate. Figures only; nobody's picture.

    `reception` while its recorder tells of it.
    """

    recording: UUID
    application: UUID | None
    name: str
    job: str
    question: int | None
    take: int | None
    state: Literal["connecting", "recording", "sending", "processing"]
    node: str
    since: datetime
    bytes: int
    reception: Reception | None


class SessionRow(View, frozen=True, kw_only=True):
    """One browser in which somebody is connected; `role` None for a candidate, `tabs` their open tabs there.

    `idle`: nothing was touched since then. `keeping`: why the asker cannot end it.
    """

    session: UUID
    who: UUID
    name: str
    role: str | None
    colour: int
    job: str | None
    doing: str
    idle: datetime | None
    device: str
    handheld: bool
    tabs: int
    processes: list[str]
    since: datetime
    recording: bool
    keeping: Keeping | None


class EventLine(View, frozen=True, kw_only=True):
    """Something that happened in the workspace; `who` comes first, `text` goes on."""

    id: UUID
    at: datetime
    tone: Tone
    who: str
    text: str


class HeldTask(View, frozen=True, kw_only=True):
    """Background work that was given up and waits for a person."""

    name: str
    count: int


class MonitorView(View, frozen=True, kw_only=True):
    """Everything on the page. `visit` is since when this member watches; `events_per_second` over ten seconds."""

    at: datetime
    visit: datetime
    events_per_second: float
    processes: list[ProcessRow]
    recorders: list[RecorderRow]
    history: list[MonitorPoint]
    recordings: list[RecordingRow]
    sessions: list[SessionRow]
    events: list[EventLine]
    held: list[HeldTask]


class LastWatch(View, frozen=True, kw_only=True):
    """For every member: who opened the live monitor last, and when; None when nobody ever did."""

    by: Person | None
    at: datetime | None
    now: bool


class Visit(View, frozen=True, kw_only=True):
    """One visit to the live monitor, for every member to read."""

    name: str
    opened_at: datetime
    closed_at: datetime | None
