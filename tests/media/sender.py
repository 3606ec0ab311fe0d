"""A sender that costs little: packets made beforehand, sent on time, sent again when asked for, for 2 s.

aiortc makes the connection, then stands aside: `Sender` writes its own RTP, header extensions and sender reports. One
process drives dozens of them, which is what a benchmark needs; and it counts what it sent, which a browser does not,
and that is what a loss table needs. `Film` is what they send: a picture full of noise, 1280x720 at 30 frames and about
1.5 Mbit/s, a key frame every two seconds and whenever one is asked for, with a rising tone beside it.
"""

import asyncio
import contextlib
import fractions
import struct
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket

from media.congestion import URI
from media.sound import PACKET

LARGEST = 1150  # bytes of payload, as browsers cut their pictures
HISTORY = 2.0  # seconds; what browsers keep to send again
TRANSPORT_NUMBER = 5  # id of the header extension for transport-wide feedback
NACK, FULL_PICTURE = 1, 1  # RTCP feedback formats (RFC 4585)
NTP = 2208988800  # seconds from 1900 to 1970


@dataclass(frozen=True)
class Film:
    """`pictures` are lists of VP8 payloads with their descriptors, the first a key frame; `sounds` Opus packets."""

    pictures: list[list[bytes]]
    sounds: list[bytes]
    rate: int

    def places(self, found: list[bytes], pictures: bool) -> list[int]:
        """Places in the film of what stands in a file; what is not in the film is left out."""
        whole = [b"".join(p[4:] for p in picture) for picture in self.pictures] if pictures else self.sounds
        known = {part: place for place, part in enumerate(whole)}
        return [known[part] for part in found if part in known]

    @property
    def bits_per_second(self) -> float:
        return sum(len(p) for picture in self.pictures for p in picture) * 8 * self.rate / len(self.pictures)


@cache
def noisy(
    width: int = 1280,
    height: int = 720,
    rate: int = 30,
    seconds: int = 2,
    bitrate: int = 1_500_000,
    largest: int = LARGEST,
) -> Film:
    """Encodes the film once per process."""
    chance = np.random.default_rng(1)
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.bit_rate, encoder.time_base = bitrate, fractions.Fraction(1, rate)
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "g": "999",
        "error-resilient": "1",
    }
    ground = chance.integers(0, 255, (height // 40, width // 40, 3), np.uint8).repeat(40, 0).repeat(40, 1)
    packets: list[Any] = []
    for number in range(rate * seconds):
        picture = np.roll(ground, number * 3, axis=1)
        picture[number % 40 :: 40, ::4] = chance.integers(0, 255, (height // 40, width // 4, 3), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return Film([cut_up(bytes(packet), number, largest) for number, packet in enumerate(packets)], _tones(), rate)


def cut_up(picture: bytes, number: int, largest: int = LARGEST) -> list[bytes]:
    """VP8 payloads with a descriptor as Chromium writes it (RFC 7741): a 15-bit picture number."""
    parts = [picture[at : at + largest] for at in range(0, len(picture), largest)]
    tail = struct.pack("!BH", 0x80, 0x8000 | number)
    return [bytes((0x90 if place == 0 else 0x80,)) + tail + part for place, part in enumerate(parts)]


def _tones() -> list[bytes]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "flt"
    encoder.bit_rate = 32000
    at = np.arange(PACKET * 50) / 48000  # a second in which no packet is like another
    wave = (np.sin(2 * np.pi * (200 + 500 * at) * at) * 0.3).astype(np.float32)
    packets = []
    for begin in range(0, len(wave), PACKET):
        frame = av.AudioFrame.from_ndarray(
            wave[begin : begin + PACKET].repeat(2)[np.newaxis], format="flt", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = 48000, begin, fractions.Fraction(1, 48000)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


@dataclass
class Stream:
    """One RTP stream with its memory of what it sent."""

    ssrc: int
    payload_type: int
    rate: int
    number: int = 0
    sent: int = 0
    octets: int = 0
    kept: OrderedDict[int, tuple[float, bytes, int, bool]] = field(default_factory=OrderedDict)

    def keep(self, now: float, payload: bytes, timestamp: int, marker: bool) -> int:
        number = self.number
        self.number = number + 1 & 0xFFFF
        self.sent += 1
        self.octets += len(payload)
        self.kept[number] = (now, payload, timestamp, marker)
        while next(iter(self.kept.values()))[0] < now - HISTORY:
            self.kept.popitem(last=False)
        return number


class Sender:
    """One connection. `frames` and `sounds` count what was sent for the first time, `again` what was repeated."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.frames = self.sounds = self.again = self.keys = 0
        self.shown: list[int] = []  # places in the film of the pictures sent
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceivers = {kind: self.peer.addTransceiver(kind, direction="sendonly") for kind in ("audio", "video")}
        for transceiver in self._transceivers.values():
            setattr(transceiver.sender, "send", _nothing)  # noqa: B010 - the packets are ours
        self._streams: dict[str, Stream] = {}
        self._again: Stream | None = None
        self._transport_number = 0
        self._transport: Any = None
        self._put: Callable[[bytes], None] = lambda _: None  # straight to the socket: a benchmark's packets are many
        self._running: list[asyncio.Task[None]] = []
        self._picture = 0

    @property
    def packets(self) -> int:
        """All that was sent, repetitions among it."""
        return self.originals + self.again

    @property
    def originals(self) -> int:
        """Packets that were sent for the first time."""
        return sum(stream.sent for stream in self._streams.values())

    async def connect(self, exchange: Callable[[str], Awaitable[str]]) -> None:
        """Offers through `exchange` and waits for the connection."""
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = self.peer.localDescription.sdp
        for kind, transceiver in self._transceivers.items():
            sender, types = transceiver.sender, [codec.payloadType or 0 for codec in transceiver._codecs]
            self._streams[kind] = Stream(sender._ssrc, types[0], 48000 if kind == "audio" else 90000)
            if kind == "video":
                self._again = Stream(sender._rtx_ssrc, types[1], 90000)
            begin = f"a=rtpmap:{types[0]} "
            offer = offer.replace(begin, f"a=rtcp-fb:{types[0]} transport-cc\r\n{begin}")
        offer = offer.replace("a=sendonly\r\n", f"a=extmap:{TRANSPORT_NUMBER} {URI}\r\na=sendonly\r\n")
        answer = await exchange(offer)
        self._transport = self._transceivers["audio"].sender.transport
        self._transport._handle_rtcp_data = self._on_rtcp
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(20):
            while self.peer.connectionState != "connected":
                await asyncio.sleep(0.02)

        session = self._transport._tx_srtp
        pair = self._transport.transport._connection._nominated[1]
        self._put = lambda data: pair.protocol.transport.sendto(session.protect(data), pair.remote_addr)

    def roll(self) -> None:
        """Camera and microphone on."""
        began = time.monotonic()
        self._running = [
            asyncio.create_task(self._shoot(began)),
            asyncio.create_task(self._talk(began)),
            asyncio.create_task(self._tell(began)),
        ]

    async def cut(self) -> None:
        """Camera and microphone off; the connection stays, and what is asked for is still sent again."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        await self.cut()
        await self.peer.close()

    async def _shoot(self, began: float) -> None:
        pictures, number = self.film.pictures, 0
        while True:
            await until(began + number / self.film.rate)
            payloads = pictures[self._picture]
            self.keys += self._picture == 0
            self.shown.append(self._picture)
            self._picture = (self._picture + 1) % len(pictures)
            for place, payload in enumerate(payloads):
                self._send("video", payload, number * 90000 // self.film.rate, place == len(payloads) - 1)
            number += 1
            self.frames += 1

    async def _talk(self, began: float) -> None:
        sounds, number = self.film.sounds, 0
        while True:
            await until(began + number * 0.02)
            self._send("audio", sounds[number % len(sounds)], number * PACKET, marker=False)
            number += 1
            self.sounds += 1

    async def _tell(self, began: float) -> None:
        """Sender reports, every second."""
        await asyncio.sleep(0.2)
        while True:
            wall, now = both_clocks()
            since = now - began
            for stream in self._streams.values():
                clock = round(since * stream.rate) & 0xFFFFFFFF
                fraction = int(wall % 1 * 2**32)
                body = struct.pack("!IIIIII", stream.ssrc, int(wall), fraction, clock, stream.sent, stream.octets)
                await self._transport._send_rtp(struct.pack("!BBH", 0x80, 200, 6) + body)
            await asyncio.sleep(1)

    def _send(self, kind: str, payload: bytes, timestamp: int, marker: bool) -> None:
        stream = self._streams[kind]
        marker = marker or (kind == "audio" and stream.sent == 0)  # as browsers do
        number = stream.keep(time.monotonic(), payload, timestamp, marker)
        self._write(stream, number, timestamp, payload, marker)

    def _write(self, stream: Stream, number: int, timestamp: int, payload: bytes, marker: bool) -> None:
        self._transport_number = self._transport_number + 1 & 0xFFFF
        second = marker << 7 | stream.payload_type
        head = struct.pack("!BBHII", 0x90, second, number, timestamp & 0xFFFFFFFF, stream.ssrc)
        extension = struct.pack("!HHBHx", 0xBEDE, 1, TRANSPORT_NUMBER << 4 | 1, self._transport_number)
        self._put(head + extension + payload)

    async def _on_rtcp(self, data: bytes) -> None:
        for packet in RtcpPacket.parse(data):
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt == FULL_PICTURE:
                self._picture = 0
            elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == NACK:
                kind = "video" if packet.media_ssrc == self._streams["video"].ssrc else "audio"
                for number in packet.lost:
                    self._send_again(kind, number)

    def _send_again(self, kind: str, number: int) -> None:
        stream = self._streams[kind]
        found = stream.kept.get(number)
        if found is None:
            return
        self.again += 1
        _, payload, timestamp, marker = found
        if kind == "audio" or self._again is None:
            self._write(stream, number, timestamp, payload, marker)
            return
        wrapped = struct.pack("!H", number) + payload
        again = self._again
        self._write(again, again.keep(time.monotonic(), b"", 0, marker=False), timestamp, wrapped, marker)


def followed(sent: list[int], found: list[int]) -> set[int]:
    """Which of `sent` (by their number in it) are in `found`, in that order."""
    numbers: set[int] = set()
    at = 0
    for place in found:
        with contextlib.suppress(ValueError):  # came twice
            at = sent.index(place, at) + 1
            numbers.add(at - 1)
    return numbers


def both_clocks() -> tuple[float, float]:
    """The time of day since 1900 and the monotonic clock at one moment: between two looks others may have a turn."""
    while True:
        before, wall, after = time.monotonic(), time.time() + NTP, time.monotonic()
        if after - before < 0.001:
            return wall, after


async def until(moment: float) -> None:
    """Waits, if there is anything to wait for: what is late goes out at once, with all that is due."""
    if (left := moment - time.monotonic()) > 0:
        await asyncio.sleep(left)


async def _nothing(_parameters: Any) -> None:
    return
