"""One recording, from the offer to the finished file and its manifest.

Its life: an offer is answered; the browser connects within 15 seconds; frames run through receiver, reorder buffer
and time line into the file (a reel); it ends when the browser says so, vanishes, reaches a limit, or the process stops;
the file is closed and synced and the manifest says what it holds. Storing and telling others come after that and
are the recorder's part.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from media import manifest as manifests
from media.glance import Glance, Pace
from media.manifest import Manifest
from media.ports import Port
from media.receiver import Receiver
from media.reel import Reel
from media.reorder import Frame, Kind, dimensions
from media.sound import PACKET, RATE
from media.webm import DamagedError, Measures, measure, repair

logger = logging.getLogger(__name__)

CONNECT = 15.0  # seconds; aioice itself can wait for ever
NOTICE = 3.5  # seconds without picture or sound: told at once, and again when something comes
SILENCE = 8.0  # seconds without a datagram of any kind, checks and reports included: the browser is gone
FIRST_MEDIA = 15.0  # seconds from the connection to the first packet
COLLECT = 0.6  # seconds at the end for packets requested again,
LATE = 3.0  # and for what was said before the end and still comes in, over a slow way or to a busy machine
QUIET = 0.25  # seconds without a packet: nothing more is on its way. They are counted
TURNS = 5  # in turns of the event loop: what a busy machine was late for is not quiet
ANNOUNCE = 2.0  # seconds
TELL_AGAIN = 0.5  # seconds after somebody could not be told of a start or a silence
CHECK = 0.1  # seconds between looks at the clock
GOODBYE = 1.0  # seconds after a connection was closed in which the request that ends its recording may still come
FLOOD = 2000  # packets a second, missing ones among them; a browser sends some 250
SKETCH = ".sketch"  # suffix


class Recording:
    """`finished` resolves to the manifest once the file is closed and synced. `stop` may be called at any time.

    An outcome of "recording" even then means that the disk was full: the file is to be concluded later.
    """

    def __init__(
        self,
        recording_id: UUID,
        node: str,
        folder: Path,
        port: Port,
        *,
        max_seconds: float,
        max_bytes: int,
        on_started: Callable[[Manifest], Awaitable[None]],
        on_silence: Callable[[Manifest, bool], Awaitable[None]],
    ) -> None:
        self.manifest = Manifest(id=recording_id, node=node, created_at=time.time())
        self.path = folder / f"{recording_id}.webm"
        self.receiver = Receiver(port, self)
        self.finished: asyncio.Task[Manifest] | None = None
        self._folder = folder
        self._max_seconds = max_seconds
        self._max_bytes = max_bytes
        self._on_started = on_started
        self._on_silence = on_silence
        self._silence = asyncio.Event()  # nothing has come for a while
        self._reel: Reel | None = None
        self._sketch: Reel | None = None
        self._kinds: set[Kind] = set()
        self._stopping = asyncio.Event()
        self._parted = 0.0  # when the connection was found closed
        self._reason = ""
        self._began = time.monotonic()
        self._first = 0.0
        self._pace = Pace()
        self._size = (0, 0)
        self._announced: asyncio.Task[None] | None = None
        self._told: asyncio.Task[None] | None = None

    async def answer(self, offer: str) -> str:
        """Negotiates and begins; returns the SDP answer. Raises BadOfferError, OSError."""
        answer = await self.receiver.answer(offer)
        self._kinds = set(self.receiver.tracks)
        self._reel = Reel(self.path, self._kinds)
        self._sketch = Reel(self.path.with_suffix(SKETCH), self._kinds, hasty=True)
        try:
            await asyncio.to_thread(manifests.save, self._folder, self.manifest)
        except OSError:
            await self.receiver.close()
            raise
        self.finished = asyncio.create_task(self._run(self._reel), name=f"recording-{self.manifest.id}")
        return answer

    def stop(self, reason: str) -> None:
        """Asks it to end; the first reason counts."""
        self._reason = self._reason or reason
        self._stopping.set()

    def frame(self, kind: Kind, frame: Frame) -> None:
        if self._reel is None:
            return
        if not self._first:
            self._first = time.monotonic()
            self.manifest.started_at = time.time()
            self._announced = asyncio.create_task(self._announce())
        if frame.key and kind == "video":
            self._size = dimensions(frame.data)
        self._reel.frame(kind, frame)
        if self._sketch is not None and not self._reel.timeline.started:
            self._sketch.frame(kind, frame)

    def report(self, kind: Kind, wall: float, timestamp: int) -> None:
        for reel in (self._reel, self._sketch):
            if reel is not None:
                reel.timeline.report(kind, wall, timestamp, time.monotonic())

    def glance(self) -> Glance:
        """How it stands just now."""
        statistics = [self.receiver.statistics(kind) for kind in self._kinds]
        received = self._received()
        return Glance(
            id=self.manifest.id,
            since=self.manifest.started_at or 0.0,
            bytes=received,
            width=self._size[0],
            height=self._size[1],
            bitrate=self._pace.rate(time.monotonic(), received),
            packets=sum(each.packets for each in statistics),
            recovered=sum(each.recovered for each in statistics),
            lost=sum(each.lost for each in statistics),
            silent=self._silence.is_set(),
        )

    def _received(self) -> int:
        return sum(track.bytes for track in self.receiver.tracks.values())

    async def _announce(self) -> None:
        """Tells of its start, again and again: one that nobody heard of would be given up for never begun."""
        while True:
            try:
                return await self._on_started(self.manifest)
            except Exception as error:  # the database is away: soon again
                logger.warning("recording %s: its start could not be told yet: %s", self.manifest.id, error)
                await asyncio.sleep(TELL_AGAIN)

    def _listen(self, now: float) -> None:
        """Whether anything comes; a change is told, in the end what is true then."""
        silent = bool(self._first) and now - self.receiver.last_media > NOTICE
        if silent == self._silence.is_set():
            return
        if silent:
            self._silence.set()
        else:
            self._silence.clear()
        if self._told is None or self._told.done():
            self._told = asyncio.create_task(self._tell_silence())

    async def _tell_silence(self) -> None:
        told = not self._silence.is_set()
        while told != self._silence.is_set() and not self._stopping.is_set():
            silent = self._silence.is_set()
            try:
                await self._on_silence(self.manifest, silent)
                told = silent
            except Exception as error:  # the database is away: soon again
                logger.warning("recording %s: its silence could not be told yet: %s", self.manifest.id, error)
                await asyncio.sleep(TELL_AGAIN)

    async def _run(self, reel: Reel) -> Manifest:
        try:
            while not (reason := self._due(reel)):
                await self._wait()
                self._pace.note(time.monotonic(), self._received())
                self._listen(time.monotonic())
                self._advance(reel, time.monotonic())
                if self._sketch is not None and reel.covers(self._sketch):
                    await self._drop_sketch()
        except Exception:
            logger.exception("recording %s ends early", self.manifest.id)
            reason = "cut"
        try:
            await self._empty(reel, reason)
        except Exception:  # what has been written is kept all the same
            logger.exception("recording %s lacks its end", self.manifest.id)
            reason = "cut"
        await reel.writer.close()
        if reel.writer.error and self._sketch is not None:  # it may hold more
            await self._sketch.writer.close()
        else:
            await self._drop_sketch()
        if self._told is not None:  # its end says more
            self._told.cancel()
        if self._announced is not None:  # its start is told before its end, if whoever listens is there at all
            await asyncio.wait([self._announced], timeout=ANNOUNCE)
            self._announced.cancel()
        try:
            await asyncio.to_thread(self._conclude, reel, reason)
        except OSError as error:  # no room even for that: it is concluded when there is, from what is on the disk
            logger.warning("recording %s cannot be concluded yet: %s", self.manifest.id, error)
        return self.manifest

    def _advance(self, reel: Reel, now: float) -> None:
        awaited = any(track.buffer.waiting for track in self.receiver.tracks.values())
        reel.advance(now, awaited=awaited)
        if self._sketch is not None:
            self._sketch.advance(now, awaited=awaited)

    async def _drop_sketch(self) -> None:
        if self._sketch is not None:
            sketch, self._sketch = self._sketch, None
            await sketch.writer.discard()

    async def _empty(self, reel: Reel, reason: str) -> None:
        """Hands on what is still on its way, in the reorder buffers and on the time line."""
        if reason == "stopped":
            await self._collect(reel)
        await self.receiver.close()
        reel.flush()

    async def _collect(self, reel: Reel) -> None:
        """Gives what is still on its way a moment to arrive: a goodbye overtakes it, it has another way."""
        began, tracks = time.monotonic(), self.receiver.tracks.values()
        turns = deque([0.0], maxlen=TURNS)
        while not self.receiver.ended.is_set() and (now := time.monotonic()) < began + LATE:
            again = now < began + COLLECT and any(track.buffer.waiting for track in tracks)
            if not again and not reel.timeline.behind(began, turns[0]):
                return
            turns.append(now)
            await asyncio.sleep(QUIET / TURNS)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(CHECK):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _due(self, reel: Reel) -> str:
        """Why it has to end now, or an empty string."""
        now = time.monotonic()
        receiver, age = self.receiver, now - self._began
        if receiver.ended.is_set():
            self._parted = self._parted or now
        rules = (
            (self._stopping.is_set(), self._reason or "stopped"),
            (bool(reel.writer.error), "disk"),
            (receiver.ended.is_set() and not receiver.connected.is_set(), "ice_timeout"),
            (bool(self._parted) and now - self._parted > GOODBYE, "left"),
            (not receiver.connected.is_set() and age > CONNECT, "ice_timeout"),
            (receiver.connected.is_set() and not self._first and age > CONNECT + FIRST_MEDIA, "no_media"),
            (receiver.connected.is_set() and now - receiver.last_heard > SILENCE, "left"),
            (bool(self._first) and now - self._first > self._max_seconds, "limit"),
            (max(reel.writer.bytes, receiver.bytes) > self._max_bytes, "too_large"),
            (self._packets > FLOOD * (age + 10), "too_large"),
        )
        return next((reason for due, reason in rules if due), "")

    @property
    def _packets(self) -> int:
        """How many have come, or would have to be waited for."""
        statistics = [self.receiver.statistics(kind) for kind in self._kinds]
        return sum(each.packets + each.lost for each in statistics)

    def _conclude(self, reel: Reel, reason: str) -> None:
        """Fills in the manifest and writes it through; in a thread, for it reads the file."""
        record, writer = self.manifest, reel.writer
        if writer.error:
            logger.error("recording %s: %s", record.id, writer.error)
        record.reason, record.error = reason, writer.error
        record.lost = self.receiver.statistics("video").lost if "video" in self._kinds else 0
        record.unheard_ms = self.receiver.statistics("audio").lost * PACKET * 1000 // RATE
        if writer.error or ("video" in self._kinds and writer.started and not writer.frames):
            conclude(record, self.path, reason)  # cut by a full disk, or with an empty video track
        elif writer.started:
            _fill(record, measure(self.path), reason)
        else:
            record.outcome = "failed"
            record.reason = "no_media" if reason in {"stopped", "left"} else reason
        record.finished_at = time.time()
        manifests.save(self._folder, record)


def conclude(record: Manifest, path: Path, reason: str) -> None:
    """Repairs the file of a recording that was cut, or its sketch, and says in the manifest what could be saved.

    Raises OSError when there is no room for the repaired copy; then nothing has changed.
    """
    repaired = path.with_suffix(".repaired")
    try:
        found = repair(max(path, path.with_suffix(SKETCH), key=_length), repaired)
        repaired.replace(path)
        path.with_suffix(SKETCH).unlink(missing_ok=True)
    except (DamagedError, FileNotFoundError) as error:
        record.outcome, record.reason = "failed", reason
        record.error = record.error or str(error)
        return
    _fill(record, found, reason)


def _length(path: Path) -> int:
    """Milliseconds that can be read of it."""
    try:
        return measure(path).duration_ms
    except DamagedError:
        return 0


def _fill(record: Manifest, found: Measures, reason: str) -> None:
    record.outcome = "complete" if reason in {"stopped", "limit", "too_large"} else "interrupted"
    record.reason = reason
    record.duration_ms, record.bytes = found.duration_ms, found.bytes
    record.width, record.height = found.width, found.height
    record.audio, record.video, record.frames = found.audio, found.video, found.frames
