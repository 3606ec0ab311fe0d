"""Somebody who answers on camera without a browser: our own sender, the steps of the page, and a copy of what was said.

A `Speaker` costs a hundredth of a browser, and knows to the picture what it sent. What it sends it also keeps, as the
page does, and can send that copy piece by piece when the connection broke.
"""

import asyncio
import contextlib
import io
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

import av
import httpx

from media import tus
from media.webm import MILLISECOND, opus_template
from tests.e2e.fragile import Fragile
from tests.e2e.installation import Candidate, Furnished, candidate
from tests.media.link import Link, Weather
from tests.media.sender import Film, Sender, noisy

RATE = 15  # pictures a second
LAST = 4  # pictures of an answer that may have been on their way when it was ended
SHORTER = 1500  # milliseconds by which its film may be
LOOPBACK = "127.0.0.1"
PATIENCE = 60.0  # seconds within which what was away is back, and what is worked on is done
ENDED = {"ready", "interrupted", "failed"}
Found = TypeVar("Found")


class AwayError(Exception):
    """Not yet: somebody does not answer, or says that they cannot just now."""


def small_film() -> Film:
    """Cheap to send by the dozen."""
    return noisy(160, 120, rate=RATE, bitrate=120_000)


async def patiently(work: Callable[[], Awaitable[Found]], seconds: float = PATIENCE) -> Found:
    """Try until it works. Raises what the last try raised."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await work()
        except (AwayError, httpx.TransportError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


class Speaker:
    """One answer of one candidate. `sender` is None while nothing could be reached: then only the copy is made."""

    def __init__(self, who: Candidate, question: str, link: Link) -> None:
        self.who, self.question, self.link = who, question, link
        self.sender = Sender(small_film())
        self.ticket: dict[str, Any] | None = None
        self.sent_to_recorder = False

    @property
    def said(self) -> int:
        """Pictures so far."""
        return self.sender.frames

    @property
    def told(self) -> int:
        """How many of them have left for the recorder: a busy machine forwards late what was said."""
        video = self.sender._streams.get("video")
        return min(self.said, self.link.marks[video.ssrc]) if video is not None else 0

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request as the page makes it. Raises AwayError for 5xx and httpx.TransportError."""
        headers = {"idempotency-key": str(uuid4())} | options.pop("headers", {})
        reply = await self.who.client.request(method, path, headers=headers, **options)
        if reply.status_code >= 500:
            raise AwayError(f"{method} {path}: {reply.status_code} {reply.text}")
        return reply

    async def reach(self) -> bool:
        """A ticket and a connection, if they can be had; else the device records alone, as the page does."""
        try:
            await self.sender.connect(self._exchange)
        except (AwayError, httpx.HTTPError, TimeoutError, ConnectionError):
            return False
        self.sent_to_recorder = True
        put = self.sender._put

        def send(data: bytes) -> None:  # a camera goes on when its connection has been given up
            with contextlib.suppress(Exception):
                put(data)

        self.sender._put = send
        return True

    async def _exchange(self, offer: str) -> str:
        place = f"{self.who.place}/api/questions/{self.question}/takes"
        reply = await self.ask("POST", place, json={"kind": "video"})
        assert reply.status_code == 201, reply.text
        ticket = self.ticket = reply.json()
        headers = {"content-type": "application/sdp", "authorization": f"Bearer {ticket['ticket']}"}
        reply = await self.ask("POST", ticket["whip_url"], content=self.link.hide(offer), headers=headers)
        assert reply.status_code == 201, reply.text
        self.link.target = (LOOPBACK, _port_of(reply.text))
        return self.link.redirect(reply.text)

    async def say(self, seconds: float) -> None:
        """So much more, by the number of pictures."""
        if not self.sender._running:
            self.sender.roll()
        until = self.said + round(seconds * RATE)
        async with asyncio.timeout(PATIENCE + seconds):
            while self.said < until:
                await asyncio.sleep(0.02)

    def break_link(self) -> None:
        """Nothing comes through any more, in neither direction."""
        self.link.weather = Weather(loss=1.0)

    def mend_link(self) -> None:
        self.link.weather = Weather()

    async def finish(self) -> None:
        """The last word is said; what is on its way still arrives."""
        await self.sender.cut()
        await asyncio.sleep(0.3)

    async def hang_up(self, *, patient: bool = True) -> None:
        """Tell the recorder that this was all, and leave."""
        ticket = self.ticket
        if ticket is not None and self.sent_to_recorder:
            try:
                await patiently(lambda: self.ask("DELETE", ticket["whip_url"]), PATIENCE if patient else 0)
            except (AwayError, httpx.TransportError):
                assert not patient, "the recorder could not be told"
        await self.leave()

    async def leave(self) -> None:
        """Without a word to anybody."""
        await self.sender.close()
        self.link.close()

    async def take(self) -> dict[str, Any] | None:
        """The one take of the question as the candidate's page sees it, also one that failed; None without any."""
        if self.ticket is not None:
            path = f"{self.who.place}/api/takes/{self.ticket['take']}"
            found = await patiently(lambda: self.ask("GET", path))
            return found.json() if found.is_success else None
        reply = await patiently(lambda: self.ask("GET", f"{self.who.place}/api/place"))
        takes = [t for a in reply.json()["answers"] if a["question"]["id"] == self.question for t in a["takes"]]
        return takes[0] if takes else None

    async def settled(self, *states: str, film: bool = False) -> dict[str, Any]:
        """The take once it is in one of these states, and has a film if that is asked for."""

        async def look() -> dict[str, Any]:
            take = await self.take()
            if take is None or take["state"] not in (states or ENDED) or (film and not take["url"]):
                raise AwayError(f"the take is {take}")
            return take

        return await patiently(look)

    async def is_whole(self) -> bool:
        """Whether the server has all of it, as the page asks before it accepts (web/src/recording/manifest.ts).

        The page waits a minute for a server that is busy, too, and sends its copy then.
        """
        try:
            film = await self.settled()
        except AwayError:
            return False
        whole = film["state"] == "ready" and not film["damaged"]
        return whole and film["frames"] >= self.said - LAST and film["duration_ms"] > self.said * 1000 / RATE - SHORTER

    async def accept(self) -> None:
        assert self.ticket is not None
        path = f"{self.who.place}/api/takes/{self.ticket['take']}/acceptance"
        reply = await patiently(lambda: self.ask("POST", path, json={}))
        assert reply.status_code == 200, reply.text

    async def send_copy(self) -> None:
        """All of the device's own copy; returns when the server has acknowledged its last byte."""
        film = copy_of(self.sender)
        path = await patiently(lambda: self._announce(len(film)))
        version = {"tus-resumable": tus.VERSION}

        async def piece() -> None:
            looked = await self.ask("HEAD", path, headers=version)
            at = int(looked.headers["upload-offset"])
            more = version | {"upload-offset": str(at), "content-type": tus.BODY}
            if at < len(film):
                reply = await self.ask("PATCH", path, headers=more, content=film[at : at + tus.PIECE])
                raise AwayError(f"it goes on: {reply.status_code}")

        await patiently(piece)

    async def _announce(self, length: int) -> str:
        told = {"question": self.question, "kind": "video", "filetype": "video/webm", "kept": "true"}
        if self.ticket is not None:
            told["take"] = self.ticket["take"]
        about = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in told.items())
        headers = {"tus-resumable": tus.VERSION, "upload-length": str(length), "upload-metadata": about}
        reply = await self.ask("POST", f"{self.who.place}/uploads", headers=headers)
        assert reply.status_code == 201, reply.text
        return str(reply.headers["location"])

    async def pictures(self) -> int:
        """How many pictures of the take can be watched by now, each of them decoded."""
        take = await self.settled(film=True)
        reply = await patiently(lambda: self.ask("GET", take["url"]))
        assert reply.status_code == 200, reply.text
        return await asyncio.to_thread(count, reply.content)


async def speaker(house: Fragile, shop: Furnished) -> Speaker:
    """Somebody who has applied and is asked the first question."""
    who = await candidate(house, shop)
    question = (await who("GET", f"{who.place}/api/place"))["resume"]
    return Speaker(who, question, await Link(LOOPBACK, (LOOPBACK, 0)).open())


def count(film: bytes) -> int:
    """Pictures that decode. Raises for one that does not."""
    with av.open(io.BytesIO(film), "r") as container:
        return sum(1 for _ in container.decode(video=0))


def lasts(film: bytes) -> float:
    """Seconds to the last picture, all of them decoded."""
    with av.open(io.BytesIO(film), "r") as container:
        return max(frame.time or 0.0 for frame in container.decode(video=0))


def copy_of(sender: Sender) -> bytes:
    """What the page's own recorder would have made of it: every picture and every sound, at its time."""
    film, file = sender.film, io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        video: Any = container.add_mux_stream("vp8", width=160, height=120)
        audio: Any = container.add_stream_from_template(opus_template())
        parts = [
            (number * 1000 // film.rate, video, b"".join(p[4:] for p in film.pictures[place]), place == 0)
            for number, place in enumerate(sender.shown)
        ]
        parts += [(number * 20, audio, film.sounds[number % len(film.sounds)], True) for number in range(sender.sounds)]
        for at, stream, data, key in sorted(parts, key=lambda part: part[0]):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, MILLISECOND
            packet.pts = packet.dts = at
            packet.is_keyframe = key
            container.mux_one(packet)
    return file.getvalue()


def _port_of(answer: str) -> int:
    lines = [line.split(" ") for line in answer.splitlines() if line.startswith("a=candidate")]
    return next(int(words[5]) for words in lines if words[4] == LOOPBACK)
