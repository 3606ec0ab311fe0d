"""A time line and the file that it runs into.

A recording has one reel, and in its first seconds a second one, the sketch: the time line waits up to 2.5 s for what
says how picture and sound belong together, and up to 10 s for a camera; meanwhile the sketch writes down what has come,
placed by arrival as well as can be. Who is killed then has a sketch instead of nothing.
"""

from pathlib import Path

from media.reorder import Frame, Kind
from media.timeline import Placed, Timeline
from media.webm import CLUSTER, Writer, first_size

PLACEHOLDER = (1280, 720)  # written into the header when sound came for so long and no picture did


class Reel:
    """Frames and reports in, a file out. `hasty` makes it a sketch."""

    def __init__(self, path: Path, kinds: set[Kind], *, hasty: bool = False) -> None:
        self.timeline = Timeline(kinds, hasty=hasty)
        self.writer = Writer(path, sought=not hasty)
        self._kinds = kinds

    def frame(self, kind: Kind, frame: Frame) -> None:
        self._write(self.timeline.frame(kind, frame))

    def advance(self, now: float, *, awaited: bool) -> None:
        """What time brings; `awaited` as in Timeline.advance."""
        self._write(self.timeline.advance(now, awaited=awaited))

    def flush(self) -> None:
        """All that is left."""
        self._write(self.timeline.flush())

    def covers(self, other: "Reel") -> bool:
        """Whether the disk holds more of this one than of the other."""
        return self.writer.end_ms > other.writer.end_ms + 2 * CLUSTER

    def _write(self, placed: list[Placed]) -> None:
        if not placed:
            return
        if not self.writer.started:
            size = first_size(placed) if "video" in self._kinds else (0, 0)
            self.writer.start(set(self._kinds), size if size[0] or "video" not in self._kinds else PLACEHOLDER)
        self.writer.write(placed)
