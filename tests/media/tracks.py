"""Two tracks fed to a time line: their clocks begin anywhere, and their packets come when a test says."""

from media.reorder import Frame, Kind
from media.sound import SILENCE
from media.timeline import Placed, Timeline

VIDEO, AUDIO = 90000, 48000
SOUND = b"\xfcsound"  # as Opus: 20 ms


def video(at: float, *, arrival: float | None = None, origin: int = 5_000_000) -> Frame:
    return Frame(b"picture", origin + round(at * VIDEO), at if arrival is None else arrival, at == 0)


def audio(at: float, *, arrival: float | None = None, origin: int = 77) -> Frame:
    return Frame(SOUND, origin + round(at * AUDIO), at if arrival is None else arrival, True)


def calm(_now: float) -> float:
    return 0.0


class Stage:
    """Feeds a timeline and keeps what comes out, per kind."""

    def __init__(self, kinds=frozenset({"audio", "video"}), *, hasty: bool = False):
        self.timeline = Timeline(set(kinds), hasty=hasty)
        self.out: list[Placed] = []

    def frame(self, kind: Kind, frame: Frame):
        self.out += self.timeline.frame(kind, frame)

    def end(self):
        self.out += self.timeline.flush()
        return self

    def at(self, kind: Kind):
        return [placed.at for placed in self.out if placed.kind == kind and placed.frame.data != SILENCE]

    def silent(self):
        """Begins of the silence that was put in."""
        return [placed.at for placed in self.out if placed.frame.data == SILENCE]


def talk(
    stage: "Stage", begin: float, end: float, *, audio_clock: float = 0.0, delay: float = 0.0, reports: bool = True
):
    """Both tracks from `begin` to `end` seconds; the audio clock may be behind; everything may arrive later."""
    for tick in range(round(begin * 100), round(end * 100)):
        now = tick / 100
        if tick % 4 == 0:
            stage.frame("video", video(now, arrival=now + delay))
        if tick % 2 == 0:
            stage.frame("audio", audio(now - audio_clock, arrival=now + delay))
        if reports and tick % 100 == 30:
            stage.timeline.report("video", 1000 + now, (5_000_000 + round(now * VIDEO)) & 0xFFFFFFFF)
            stage.timeline.report("audio", 1000 + now, (77 + round((now - audio_clock) * AUDIO)) & 0xFFFFFFFF)
