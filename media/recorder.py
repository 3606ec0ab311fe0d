"""The recorder process: a private HTTP listener in front, one UDP port for media, finished files behind.

It lives from `create_app` to the end of its lifespan. Web processes hand it WHIP offers (POST /recordings/{id}), stop
recordings (DELETE), take back an offer that never came (DELETE /offers/{id}) and look at it (GET /health); a shared
secret is asked for. A finished recording is stored, then told to `on_finished` again and again until that returns;
manifests on disk remember what is left to do, so a killed recorder repairs and delivers at its next start. Who asks
whether a finished one is here has not heard of its end, or lost it since: it is told once more. Before a
shutdown it drains: it takes nothing new and goes on serving until the last recording has ended. What still runs at the
end of the lifespan is ended, and what came in kept.
"""

import asyncio
import contextlib
import fcntl
import hmac
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler

from media import manifest as manifests
from media.glance import Glance
from media.manifest import Manifest
from media.ports import Port
from media.receiver import BadOfferError, check_seam, offered
from media.recording import Recording, conclude
from media.storage import Storage

logger = logging.getLogger(__name__)

OFFER = 64 << 10  # bytes; browsers send about 6 kB
PATIENCE = (0.5, 30.0)  # seconds between attempts to deliver: first, longest
DRAIN_LOOK = 0.2  # seconds between looks at what still runs
LAST_WORDS = 1.0  # seconds for deliveries at shutdown; what is left is done at the next start
REMEMBERED = 1000  # finished recordings whose DELETE is answered again, and offers that are not taken any more

OnEvent = Callable[[Manifest], Awaitable[None]]
OnSilence = Callable[[Manifest, bool], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class RecorderConfig:
    """`spool` is this process's own folder for files in the making. Seconds and bytes are per recording.

    `drain` is how many seconds a draining recorder gives the recordings that run.
    """

    node: str
    secret: str
    spool: Path
    storage: Storage
    udp_port: int = 0
    advertise: tuple[str, ...] = ("127.0.0.1",)
    max_seconds: float = 330.0
    max_bytes: int = 200 << 20
    concurrent: int = 20
    drain: float = 0.0


class RefusedError(Exception):
    """An offer that is not taken: stable code, HTTP status, a sentence."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.status, self.message = code, status, message


class Recorder:
    """All recordings of this process. `load` and `limit` are what `media.nodes` announces, `news` that they changed."""

    def __init__(
        self, config: RecorderConfig, on_started: OnEvent, on_finished: OnEvent, on_silence: OnSilence
    ) -> None:
        self.config = config
        self.draining = False
        self.news = asyncio.Event()
        self.port: Port | None = None
        self.recordings: dict[UUID, Recording] = {}
        self._finished: dict[UUID, Manifest] = {}
        self._delivering: set[UUID] = set()
        self._unwanted: dict[UUID, None] = {}
        self._on_started = on_started
        self._on_finished = on_finished
        self._on_silence = on_silence
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock: int | None = None

    @property
    def load(self) -> int:
        return len(self.recordings)

    @property
    def limit(self) -> int:
        return 0 if self.draining else self.config.concurrent

    async def start(self) -> None:
        """Opens the port and takes up what an earlier process left. Raises OSError, SeamError, RuntimeError."""
        check_seam()
        self.config.spool.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.config.spool)
        self.port = await Port.open(self.config.advertise, self.config.udp_port)
        left = await asyncio.to_thread(manifests.load_all, self.config.spool)
        for manifest in left:
            self._spawn(self._deliver(manifest))

    async def begin(self, recording_id: UUID, offer: str, *, kind: str, seconds: float | None) -> str:
        """Takes an offer; returns the answer. Raises RefusedError."""
        if self.port is None or self.draining or self.load >= self.config.concurrent:
            raise RefusedError("too_many_recordings", 503, "This recorder is full; try again in a moment.")
        if recording_id in self.recordings or recording_id in self._finished:
            raise RefusedError("already_recording", 409, "This recording has begun already.")
        if recording_id in self._unwanted:
            raise RefusedError("given_up", 410, "Nobody waits for this recording any more; begin another.")
        try:
            if kind == "video" and "video" not in offered(offer):
                raise RefusedError("no_video", 422, "The offer has no video; allow the camera or record sound only.")
            recording = Recording(
                recording_id,
                self.config.node,
                self.config.spool,
                self.port,
                max_seconds=min(seconds or self.config.max_seconds, self.config.max_seconds),
                max_bytes=self.config.max_bytes,
                on_started=self._on_started,
                on_silence=self._on_silence,
            )
            self.recordings[recording_id] = recording
            self.news.set()
            answer = await recording.answer(offer)
        except BadOfferError as error:
            self._forget(recording_id)
            raise RefusedError("bad_offer", 400, str(error)) from error
        except OSError as error:
            self._forget(recording_id)
            logger.exception("the spool cannot be written")
            raise RefusedError("too_many_recordings", 503, "This recorder cannot write to its disk.") from error
        self._spawn(self._follow(recording))
        return answer

    async def end(self, recording_id: UUID, reason: str = "stopped") -> Manifest | None:
        """Ends a recording and waits for its file; None when it is not known here. May be repeated."""
        recording = self.recordings.get(recording_id)
        if recording is None or recording.finished is None:
            return self._finished.get(recording_id)
        recording.stop(reason)
        return await asyncio.shield(recording.finished)

    async def lacks(self, recording_id: UUID) -> bool:
        """Whether nothing of a recording is here, nor left by an earlier process; then an offer comes too late.

        What has ended is told again: whoever asks does not know.
        """
        if recording_id in self.recordings:
            return False
        if recording_id in self._finished:
            self._spawn(self._deliver(self._finished[recording_id]))
            return False
        self._unwanted[recording_id] = None  # before the disk is asked: an offer may come meanwhile
        _shorten(self._unwanted)
        return not await asyncio.to_thread(manifests.knows, self.config.spool, recording_id)

    async def drain(self) -> None:
        """Takes nothing new; returns when everything has ended and is delivered, or the time for that is over."""
        self.draining = True
        self.news.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.drain):
                while self.recordings or self._tasks:  # noqa: ASYNC110 - whichever of them is last
                    await asyncio.sleep(DRAIN_LOOK)

    async def stop(self) -> None:
        """The end of the process: what runs is ended, a moment for deliveries, the port closed."""
        self.draining = True
        running = list(self.recordings)
        await asyncio.gather(*(self.end(each, "shutdown") for each in running), return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.port is not None:
            self.port.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _forget(self, recording_id: UUID) -> None:
        self.recordings.pop(recording_id, None)
        self.news.set()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, recording: Recording) -> None:
        assert recording.finished is not None
        try:
            manifest = await asyncio.shield(recording.finished)
        except Exception:
            logger.exception("recording %s could not be finished; it is mended as after a cut", recording.manifest.id)
            manifest = recording.manifest
        finally:
            self._forget(recording.manifest.id)
        self._finished[manifest.id] = manifest
        _shorten(self._finished)
        await self._deliver(manifest)

    async def _deliver(self, manifest: Manifest) -> None:
        """Repairs what was cut, stores the file and tells of it, until all of it has been done; then forgets.

        Does nothing where that is under way.
        """
        if manifest.id in self._delivering:
            return
        self._delivering.add(manifest.id)
        try:
            pause = PATIENCE[0]
            while not await self._delivered(manifest):
                await asyncio.sleep(pause)
                pause = min(pause * 2, PATIENCE[1])
        finally:
            self._delivering.discard(manifest.id)

    async def _delivered(self, manifest: Manifest) -> bool:
        try:
            await self._conclude(manifest)
            await self._store(manifest)
            await self._on_finished(manifest)
            await asyncio.to_thread(manifests.forget, self.config.spool, manifest.id)
        except Exception as error:  # storage or database away: nothing is lost by waiting
            logger.warning("recording %s is not delivered yet: %s", manifest.id, error)
            return False
        return True

    async def _conclude(self, manifest: Manifest) -> None:
        if manifest.outcome != "recording":
            return
        path, reason = self.config.spool / f"{manifest.id}.webm", manifest.reason or "cut"
        try:
            await asyncio.to_thread(conclude, manifest, path, reason)
        except Exception:  # a full disk, or what nobody foresaw; that it has ended need not wait for the file
            await self._on_finished(msgspec.structs.replace(manifest, outcome="interrupted", reason=reason))
            raise
        await asyncio.to_thread(manifests.save, self.config.spool, manifest)

    async def _store(self, manifest: Manifest) -> None:
        if manifest.outcome == "failed" or manifest.key:
            return
        key = f"{manifest.id}/video.webm"
        await self.config.storage.put(key, self.config.spool / f"{manifest.id}.webm")
        manifest.key = key
        await asyncio.to_thread(manifests.save, self.config.spool, manifest)


async def tell_nobody(manifest: Manifest, silent: bool) -> None:
    """For who does not want to know whether anything comes."""


def create_app(
    config: RecorderConfig, on_started: OnEvent, on_finished: OnEvent, on_silence: OnSilence = tell_nobody
) -> Litestar:
    """The private listener as an ASGI application; its `state.recorder` is the Recorder.

    `on_silence` hears when nothing has come for some seconds (True), and when something comes again.
    """
    recorder = Recorder(config, on_started, on_finished, on_silence)

    @contextlib.asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await recorder.start()
        try:
            yield
        finally:
            await recorder.stop()

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        shown = connection.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {config.secret}".encode()):
            raise HTTPException(status_code=401, detail="The shared secret is missing or wrong.")

    @post("/recordings/{recording_id:uuid}", guards=[guard], status_code=201)
    async def begin(
        request: Request[Any, Any, Any],
        recording_id: UUID,
        kind: Literal["video", "audio"] = "video",
        seconds: float | None = None,
    ) -> Response[bytes]:
        offer = (await request.body()).decode("utf-8", "replace")
        answer = (await recorder.begin(recording_id, offer, kind=kind, seconds=seconds)).encode()
        etag = f'"{sha256(answer).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Location": f"/recordings/{recording_id}"}
        return Response(answer, media_type="application/sdp", headers=headers, status_code=201)

    @delete("/recordings/{recording_id:uuid}", guards=[guard], status_code=200)
    async def end(recording_id: UUID) -> Manifest:
        manifest = await recorder.end(recording_id)
        if manifest is None:
            raise RefusedError("not_found", 404, "No such recording here.")
        return manifest

    @delete("/offers/{recording_id:uuid}", guards=[guard], status_code=200)
    async def refuse(recording_id: UUID) -> dict[str, bool]:
        return {"lacks": await recorder.lacks(recording_id)}

    @get("/recordings", guards=[guard])
    async def running() -> list[Glance]:
        return [recording.glance() for recording in recorder.recordings.values()]

    @get("/health")
    async def health() -> dict[str, object]:
        return {
            "node": config.node,
            "recordings": recorder.load,
            "limit": recorder.limit,
            "draining": recorder.draining,
            "udp_port": recorder.port.number if recorder.port else 0,
        }

    app = Litestar(
        [begin, end, refuse, running, health],
        lifespan=[lifespan],
        exception_handlers={RefusedError: _refuse},
        request_max_body_size=OFFER,
        openapi_config=None,
        logging_config=None,
    )
    app.state.recorder = recorder
    return app


def _refuse(_: Request[Any, Any, Any], error: RefusedError) -> Response[dict[str, str]]:
    headers = {"Retry-After": "5"} if error.status == 503 else {}
    return Response({"code": error.code, "message": error.message}, status_code=error.status, headers=headers)


def _shorten(remembered: dict[UUID, Any]) -> None:
    while len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]


def _lock(spool: Path) -> int:
    """Two recorders on one spool would repair each other's running files."""
    handle = os.open(spool / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise RuntimeError(f"{spool} is used by another recorder process; give each its own folder") from error
    return handle
