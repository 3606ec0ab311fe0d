"""The one guarded seam into aiortc: a connection that hands out frames and sender reports, undecoded.

A `Receiver` lives from a WHIP offer to the end of its connection. aiortc negotiates, makes the keys and answers RTCP;
its jitter buffer (which never gives up a lost packet in time), its single request per lost packet, its bitrate
messages and its way from the socket to a packet are replaced here (media/shortcut.py); its decoder threads are ended
as they begin. Everything that touches a private name of aiortc or aioice is in this module and in `media/ports.py`;
`check_seam` fails loudly when another version is installed or a name has moved.
"""

# ruff: noqa: SLF001 - this is the seam

import asyncio
import contextlib
import importlib.metadata
import logging
import time
from typing import Any, Protocol

import pylibsrtp
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription, sdp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters
from aiortc.rtp import RtcpByePacket, RtcpSrPacket

from media.congestion import INTERVAL, URI, Feedback
from media.ports import Port, PortConnection
from media.reorder import KINDS, Frame, Kind, Packet, Reorder, Statistics
from media.shortcut import Shortcut, Way

logger = logging.getLogger(__name__)

VERSIONS = {"aiortc": "1.16.0", "aioice": "0.13.0"}
JITTER_BUFFER = "_RTCRtpReceiver__jitter_buffer"
NACK_GENERATOR = "_RTCRtpReceiver__nack_generator"
BITRATE_ESTIMATOR = "_RTCRtpReceiver__remote_bitrate_estimator"
STREAMS = "_RTCRtpReceiver__remote_streams"
RETRANSMISSIONS = "_RTCRtpReceiver__rtx_ssrc"
STOP_DECODER = "_RTCRtpReceiver__stop_decoder"
CERTIFICATES = "_RTCPeerConnection__certificates"
CODEC = {"audio": "opus", "video": "vp8"}
CIPHERS = (  # aiortc's own, and two for clients with an RSA certificate, which fail with "no shared cipher" otherwise
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
)
STALL = 0.2  # seconds that this process was late; packets wait in the socket meanwhile
OTHER_STREAM = 0.5  # seconds of silence after which another stream (SSRC) may take over a track


class BadOfferError(ValueError):
    """An offer that cannot be answered; the message says why, in words for the developer of a client."""


class SeamError(RuntimeError):
    """aiortc or aioice is not the version this module was written for."""


class Sink(Protocol):
    """Where a receiver's frames go. Both are called on the event loop and must not block."""

    def frame(self, kind: Kind, frame: Frame) -> None: ...

    def report(self, kind: Kind, wall: float, timestamp: int) -> None:
        """The sender's clock: at `wall` seconds (NTP) its RTP clock showed `timestamp` (32 bits)."""


class Certificate(RTCCertificate):
    def _create_ssl_context(self, srtp_profiles: Any) -> Any:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context


class Track:
    """One track of a connection; stands where aiortc's jitter buffer was."""

    def __init__(self, kind: Kind, receiver: Any, sink: Sink, feedback: Feedback) -> None:
        self.kind: Kind = kind
        self.buffer = Reorder(video=kind == "video")
        self.bytes = 0
        self.last = 0.0
        self._receiver = receiver
        self._sink = sink
        self._feedback = feedback
        self._ssrc: int | None = None
        self._handle_rtp = receiver._handle_rtp_packet
        self._handle_rtcp = receiver._handle_rtcp_packet
        self._receive = receiver.receive
        self._errand: asyncio.Task[None] | None = None
        self.shortcut: Shortcut | None = None
        self.bye = False
        setattr(receiver, JITTER_BUFFER, self)
        setattr(receiver, NACK_GENERATOR, None)
        setattr(receiver, BITRATE_ESTIMATOR, None)
        receiver._handle_rtp_packet = self._on_rtp
        receiver._handle_rtcp_packet = self._on_rtcp
        receiver.receive = self._on_receive

    def add(self, raw: Any) -> tuple[bool, None]:
        """Takes a depayloaded packet from aiortc; never answers with a frame, so that no decoder runs."""
        now = time.monotonic()
        packet = Packet(raw.sequence_number, raw.timestamp, bool(raw.marker), raw._data, now)
        self.take(raw.ssrc, packet)
        return False, None

    def take(self, ssrc: int, packet: Packet) -> None:
        """Takes a packet of stream `ssrc`; what is missing is asked for at once."""
        now = packet.arrival
        if ssrc != self._ssrc and not self._change_stream(ssrc, now):
            return
        self.last = now
        self.bytes += len(packet.data)
        self._hand_on(self.buffer.add(packet))
        if self.buffer.fresh and (self._errand is None or self._errand.done()):
            self._errand = asyncio.create_task(self._ask(now))

    async def _ask(self, now: float) -> None:
        with contextlib.suppress(ConnectionError):
            await self.tend(now)

    async def tend(self, now: float) -> None:
        """What time brings: packets given up, packets and key frames requested."""
        self._hand_on(self.buffer.expire(now))
        if self._ssrc is None:
            return
        if wanted := self.buffer.wanted(now):
            await self._receiver._send_rtcp_nack(self._ssrc, wanted)
        if self.buffer.key_frame_wanted(now):
            await self._receiver._send_rtcp_pli(self._ssrc)

    def flush(self) -> None:
        self._hand_on(self.buffer.flush())

    def _hand_on(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._sink.frame(self.kind, frame)

    def _change_stream(self, ssrc: int, now: float) -> bool:
        if self._ssrc is not None:
            if now - self.last < OTHER_STREAM:
                return False
            self.flush()
            statistics, self.buffer = self.buffer.statistics, Reorder(video=self.kind == "video")
            self.buffer.statistics = statistics
        self._ssrc = ssrc
        return True

    async def _on_rtp(self, packet: Any, arrival_time_ms: int) -> None:
        # An exception that leaves this function would close the connection, and with it the recording.
        try:
            number = packet.extensions.transport_sequence_number
            if number is not None:
                self._feedback.add(number, packet.ssrc, time.monotonic())
            await self._handle_rtp(packet, arrival_time_ms=arrival_time_ms)
            self._open_shortcut(packet.ssrc)
        except ConnectionError:
            raise
        except Exception:
            logger.exception("a packet could not be handled")

    def _open_shortcut(self, ssrc: int) -> None:
        """The stream is known to aiortc now; its next packets may come the short way."""
        statistics = getattr(self._receiver, STREAMS).get(ssrc)
        if self.shortcut is not None and statistics is not None:
            self.shortcut.open(ssrc, statistics, getattr(self._receiver, RETRANSMISSIONS).get(ssrc, ssrc))

    async def _on_receive(self, parameters: Any) -> None:
        """Begins to receive, without the thread that would decode."""
        await self._receive(parameters)
        getattr(self._receiver, STOP_DECODER)()

    async def _on_rtcp(self, packet: Any) -> None:
        try:
            self._note(packet)
        except Exception:  # as above
            logger.exception("a report could not be read")
        await self._handle_rtcp(packet)

    def _note(self, packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket) and packet.ssrc == self._ssrc:
            sender = packet.sender_info
            self._sink.report(self.kind, sender.ntp_timestamp / 2**32, sender.rtp_timestamp)
        elif isinstance(packet, RtcpByePacket) and self._ssrc in packet.sources:
            self.bye = True


class Receiver:
    """One connection. `connected` and `ended` are set once each; `close` may be called at any time and again."""

    def __init__(self, port: Port, sink: Sink) -> None:
        self.connected = asyncio.Event()
        self.ended = asyncio.Event()
        self.tracks: dict[Kind, Track] = {}
        self._port = port
        self._sink = sink
        self._peer: Any = None
        self._connection: PortConnection | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def answer(self, offer: str) -> str:
        """Negotiates; returns the SDP answer with all candidates in it. Raises BadOfferError."""
        kinds = offered(offer)
        if not kinds:
            raise BadOfferError("the offer sends neither audio nor video")
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._peer = peer
        setattr(peer, CERTIFICATES, [Certificate.generateCertificate()])
        peer.on("connectionstatechange", self._on_state)
        try:
            with self._port.for_new_connections():
                await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            extensions = {media.rtp.muxId: media.rtp for media in sdp.SessionDescription.parse(offer).media}
            feedback = Feedback(peer.getTransceivers()[0].sender._ssrc)
            ways: dict[int, Way] = {}
            for transceiver in peer.getTransceivers():
                _tune(transceiver, extensions[str(transceiver.mid)])
                if transceiver.kind in kinds:
                    track = Track(transceiver.kind, transceiver.receiver, self._sink, feedback)
                    self.tracks[track.kind] = track
                    for codec in transceiver._codecs:
                        again = "apt" in codec.parameters
                        ways[codec.payloadType or 0] = Way(track, video=track.kind == "video", again=again)
            self._take_shortcut(ways, extensions, feedback)
            await peer.setLocalDescription(await peer.createAnswer())
        except BadOfferError:
            await self.close()
            raise
        except Exception as error:  # aiortc raises many kinds for an SDP it cannot follow
            await self.close()
            raise BadOfferError(f"the offer cannot be answered: {error}") from error
        self._ticker = asyncio.create_task(self._tick(feedback))
        return str(peer.localDescription.sdp)

    def _take_shortcut(self, ways: dict[int, Way], offers: dict[str, Any], feedback: Feedback) -> None:
        transport = self._peer.getTransceivers()[0].receiver.transport
        connection = transport.transport._connection
        if not isinstance(connection, PortConnection):
            return
        numbers = (e.id for offer in offers.values() for e in offer.headerExtensions if e.uri == URI)
        shortcut = Shortcut(ways, next(numbers, 0), feedback)
        for track in self.tracks.values():
            track.shortcut = shortcut

        def take(data: bytes) -> bool:
            session = transport._rx_srtp
            if session is None or not 127 < data[0] < 192 or not shortcut.fits(data):
                return False
            try:
                plain = session.unprotect(data)
            except pylibsrtp.Error:  # damaged, or a copy
                return True
            try:
                shortcut.take(plain)
            except Exception:  # must not end the connection
                logger.exception("a packet could not be handled")
            return True

        connection.shortcut, self._connection = take, connection

    @property
    def last_heard(self) -> float:
        """When the last datagram of any kind arrived (monotonic seconds)."""
        return 0.0 if self._connection is None else self._connection.last_heard

    @property
    def last_media(self) -> float:
        """When the last RTP packet arrived (monotonic seconds); 0 before the first."""
        return max((track.last for track in self.tracks.values()), default=0.0)

    @property
    def bytes(self) -> int:
        """Of media, whether anything has come of them or not."""
        return sum(track.bytes for track in self.tracks.values())

    def statistics(self, kind: Kind) -> Statistics:
        track = self.tracks.get(kind)
        return Statistics() if track is None else track.buffer.statistics

    async def close(self) -> None:
        """Hands out what is whole, then closes the connection."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
            self._ticker = None
        if self._connection is not None:
            self._connection.shortcut = None
        if self._peer is not None:
            try:
                await self._peer.close()
            except Exception:  # whatever goes wrong in closing, it is closed; asked again, aiortc would wait for ever
                self._peer = None
            for track in self.tracks.values():
                track.flush()
        self.ended.set()

    def _on_state(self) -> None:
        state = "closed" if self._peer is None else self._peer.connectionState
        if state == "connected":
            self.connected.set()
        elif state in {"failed", "closed"}:
            self.ended.set()

    async def _tick(self, feedback: Feedback) -> None:
        transport = self._peer.getTransceivers()[0].receiver.transport
        due = time.monotonic()
        while True:
            due += INTERVAL
            await asyncio.sleep(INTERVAL)
            try:
                now = time.monotonic()
                if now - due > STALL:
                    for track in self.tracks.values():
                        track.buffer.excuse(now - due)
                due = now
                for track in self.tracks.values():
                    await track.tend(now)
                while (message := feedback.build()) is not None:
                    await transport._send_rtp(message)
            except ConnectionError:
                continue
            except Exception:
                logger.exception("a connection could not be tended")
            if self.tracks and all(track.bye for track in self.tracks.values()):
                self.ended.set()


def offered(offer: str) -> set[Kind]:
    """The kinds of media an offer sends. Raises BadOfferError for what is no offer or more than one of a kind."""
    try:
        description = sdp.SessionDescription.parse(offer)
    except Exception as error:  # the parser raises IndexError, ValueError, KeyError ... for nonsense
        raise BadOfferError("this is not an SDP offer") from error
    media = [m for m in description.media if m.kind in KINDS]
    if not media or any(m.kind not in {*KINDS, "application"} for m in description.media):
        raise BadOfferError("the offer has no audio or video section, or one of an unknown kind")
    if len({m.kind for m in media}) < len(media):
        raise BadOfferError("the offer has more than one audio or video section")
    if len(description.media) > 1 and not any(group.semantic == "BUNDLE" for group in description.group):
        raise BadOfferError("the offer does not bundle its sections")
    sent = {m.kind for m in media if m.direction in {"sendonly", "sendrecv"}}
    return {kind for kind in KINDS if kind in sent}


def check_seam() -> None:
    """Raises SeamError unless aiortc and aioice are exactly those this seam was cut for."""
    for package, version in VERSIONS.items():
        if (found := importlib.metadata.version(package)) != version:
            raise SeamError(f"{package} {version} is needed, {found} is installed")
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("video", direction="recvonly")
    connection = transceiver.receiver.transport.transport._connection
    wanted = {
        peer: (CERTIFICATES,),
        transceiver: ("_codecs", "_headerExtensions"),
        transceiver.sender: ("_ssrc",),
        transceiver.receiver: (
            *(JITTER_BUFFER, NACK_GENERATOR, BITRATE_ESTIMATOR, "_handle_rtp_packet", "_handle_rtcp_packet"),
            *("_send_rtcp_nack", "_send_rtcp_pli", "receive", STREAMS, RETRANSMISSIONS, STOP_DECODER),
        ),
        transceiver.receiver.transport: ("_send_rtp", "_rx_srtp"),
        RTCCertificate: ("_create_ssl_context",),
        connection: ("_protocols", "local_username", "local_password", "get_component_candidates", "data_received"),
    }
    missing = [f"{type(owner).__name__}.{n}" for owner, names in wanted.items() for n in names if not hasattr(owner, n)]
    if missing:
        raise SeamError(f"private names have moved: {', '.join(missing)}")


def _tune(transceiver: Any, offer: Any) -> None:
    """Answers with one codec, with transport-wide feedback, and with retransmission for audio too (no REMB)."""
    kind = transceiver.kind
    codecs = [codec for codec in transceiver._codecs if codec.name.lower() == CODEC[kind]][:1]
    if not codecs:
        raise BadOfferError(f"the offer has no {CODEC[kind]}; every WebRTC browser has it (RFC 7742, RFC 7874)")
    main = codecs[0]
    codecs += [codec for codec in transceiver._codecs if codec.parameters.get("apt") == main.payloadType]
    asked = next((codec for codec in offer.codecs if codec.payloadType == main.payloadType), None)
    main.rtcpFeedback = [f for f in main.rtcpFeedback if f.type != "goog-remb"]
    if kind == "audio":
        main.rtcpFeedback.append(RTCRtcpFeedback(type="nack"))  # not offered, yet both browsers resend
    if asked is not None and any(f.type == "transport-cc" for f in asked.rtcpFeedback):
        main.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))
    transceiver._codecs = codecs
    transceiver._headerExtensions = [
        *(e for e in transceiver._headerExtensions if "abs-send-time" not in e.uri),
        *(RTCRtpHeaderExtensionParameters(id=e.id, uri=URI) for e in offer.headerExtensions if e.uri == URI),
    ]
