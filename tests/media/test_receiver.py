"""The seam into aiortc, and what it answers."""

import asyncio
import datetime as dt
import socket
from pathlib import Path
from typing import Any, cast

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from media import receiver
from media.ports import MOST_CANDIDATES, RECEIVE_BUFFER, Port, advertised, is_loopback
from media.receiver import BadOfferError, Receiver, SeamError, check_seam, offered
from media.reorder import Frame
from tests.media.peers import Camera, Microphone, Publisher, running

BROWSER = (
    """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111 63
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2122260223 6f9c.local 50000 typ host generation 0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=end-of-candidates
a=fingerprint:sha-256 %(print)s
a=setup:actpass
a=mid:0
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=ssrc:1111 cname:x
m=video 9 UDP/TLS/RTP/SAVPF 102 103 120 124
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 %(print)s
a=setup:actpass
a=mid:1
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:120 VP8/90000
a=rtcp-fb:120 goog-remb
a=rtcp-fb:120 transport-cc
a=rtcp-fb:120 ccm fir
a=rtcp-fb:120 nack
a=rtcp-fb:120 nack pli
a=rtpmap:124 rtx/90000
a=fmtp:124 apt=120
a=ssrc-group:FID 2222 3333
a=ssrc:2222 cname:x
a=ssrc:3333 cname:x
""".replace("\n", "\r\n")
    % {"print": ":".join(["AB"] * 32)}
)


class Nowhere:
    def frame(self, _kind: str, _frame: Frame):
        return

    def report(self, _kind: str, _wall: float, _timestamp: int):
        return


async def test_the_seam_fits() -> None:
    check_seam()


async def test_another_version_is_refused_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.17.0")
    with pytest.raises(SeamError, match=r"1\.16\.0 is needed, 1\.17\.0 is installed"):
        check_seam()


@pytest.mark.parametrize(
    "name",
    [
        "JITTER_BUFFER",
        "NACK_GENERATOR",
        "BITRATE_ESTIMATOR",
        "CERTIFICATES",
        "STREAMS",
        "RETRANSMISSIONS",
        "STOP_DECODER",
    ],
)
async def test_a_moved_name_is_refused_loudly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(receiver, name, "_gone_with_the_wind")
    with pytest.raises(SeamError, match="_gone_with_the_wind"):
        check_seam()


async def test_the_answer_has_one_codec_and_the_feedback_that_fits() -> None:
    port = await Port.open(["203.0.113.7", "127.0.0.1"])
    connection = Receiver(port, Nowhere())
    try:
        answer = await connection.answer(BROWSER)
        lines = answer.split("\r\n")
        assert [line for line in lines if line.startswith("a=rtpmap")] == [
            "a=rtpmap:111 opus/48000/2",
            "a=rtpmap:120 VP8/90000",
            "a=rtpmap:124 rtx/90000",
        ]
        feedback = {line for line in lines if line.startswith("a=rtcp-fb")}
        wanted = {"111 nack", "111 transport-cc", "120 nack", "120 nack pli", "120 transport-cc"}
        assert feedback == {f"a=rtcp-fb:{w}" for w in wanted}
        assert not any("abs-send-time" in line for line in lines)
        assert sum("a=extmap:3 " in line for line in lines) == 2
        assert "c=IN IP4 203.0.113.7" in lines
        candidates = [line.split() for line in lines if line.startswith("a=candidate")]
        assert {(c[4], c[5]) for c in candidates} == {
            ("203.0.113.7", str(port.number)),
            ("127.0.0.1", str(port.number)),
        }
        assert port.connections == 1
        assert set(connection.tracks) == {"audio", "video"}
    finally:
        await connection.close()
    assert port.connections == 0
    assert connection.ended.is_set()
    port.close()


@pytest.mark.parametrize(
    "change",
    [
        ("VP8", "VP9"),
        ("opus", "speex"),
        ("a=group:BUNDLE 0 1\r\n", ""),
        ("m=audio", "m=video"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n", ""),
        ("a=rtcp-mux\r\n", ""),
        ("a=sendonly", "a=recvonly"),
        ("m=audio", "m=text"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n", ""),  # aiortc trips over its own remains, and once more in closing
    ],
)
async def test_offers_that_cannot_be_recorded_leave_nothing_behind(change: tuple[str, str]) -> None:
    port = await Port.open(["127.0.0.1"])
    connection = Receiver(port, Nowhere())
    with pytest.raises(BadOfferError):
        await connection.answer(BROWSER.replace(*change))
    async with asyncio.timeout(5):
        await connection.close()  # again
    assert port.connections == 0
    port.close()


def test_what_an_offer_sends() -> None:
    assert offered(BROWSER) == {"audio", "video"}
    assert offered(
        BROWSER.replace("a=sendonly\r\na=rtcp-mux\r\na=rtpmap:102", "a=inactive\r\na=rtcp-mux\r\na=rtpmap:102")
    ) == {"audio"}


def test_advertised_addresses() -> None:
    assert advertised("203.0.113.7, 10.0.0.1", "localhost") == ("203.0.113.7", "10.0.0.1")
    assert "127.0.0.1" in advertised("", "127.0.0.1")
    assert advertised("", "greenroom.example")
    with pytest.raises(ValueError, match="appear to be"):
        advertised("not an address", "localhost")
    assert is_loopback("localhost")
    assert is_loopback("[::1]")
    assert not is_loopback("greenroom.example")


async def test_a_browser_that_offers_only_local_names_connects(tmp_path: Path) -> None:
    """As Firefox: no usable candidate in the offer; its own checks make the pair."""
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.peer.setLocalDescription(await sender.peer.createOffer())
        lines = sender.peer.localDescription.sdp.split("\r\n")
        hidden = [
            line.replace(line.split()[4], "0a1b2c.local") if line.startswith("a=candidate") else line for line in lines
        ]
        assert any(".local" in line for line in hidden)
        answer = await here.recorder.begin(sender.id, "\r\n".join(hidden), kind="video", seconds=None)
        await sender.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await sender.film(1)
        assert (await sender.stop()).outcome == "complete"


async def test_a_stranger_cannot_have_everybody_asked() -> None:
    """Every candidate of an offer is sent checks, wherever it says it is."""
    port = await Port.open(["127.0.0.1"])
    connection = Receiver(port, Nowhere())
    named = (f"a=candidate:{n} 1 udp {9999 - n} 198.51.100.{n % 250} {20_000 + n} typ host\r\n" for n in range(600))
    await connection.answer(BROWSER + "".join(named))
    agent = connection._connection
    assert agent is not None
    assert len(agent._remote_candidates) == MOST_CANDIDATES
    await connection.close()
    port.close()


async def test_many_connections_share_one_port(tmp_path: Path) -> None:
    async with running(tmp_path) as here:
        senders = [Publisher(here.url) for _ in range(3)]
        for sender in senders:
            await sender.start()
        for sender in senders:
            await sender.film(1)
        assert here.port.connections == 3
        manifests = [await sender.stop() for sender in senders]
        assert [m.outcome for m in manifests] == ["complete"] * 3
        assert here.port.connections == 0
        assert here.port._by_address == {}


async def test_strangers_cannot_bind_an_address() -> None:
    """A check without the password of the connection moves nothing."""
    from aioice import stun

    port = await Port.open(["127.0.0.1"])
    connection = Receiver(port, Nowhere())
    await connection.answer(BROWSER)
    name = next(iter(port._by_name))
    for password in (None, b"a wrong password"):
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{name}:abcd"
        if password:
            message.add_message_integrity(password)
        port.datagram_received(bytes(message), ("203.0.113.9", 1234))
    port.datagram_received(b"\x80" + bytes(40), ("203.0.113.9", 1234))
    port.datagram_received(b"\x00", ("203.0.113.9", 1234))
    port.datagram_received(b"", ("203.0.113.9", 1234))
    assert port._by_address == {}
    assert port.unknown == 5
    await connection.close()
    port.close()


@pytest.mark.parametrize("part", ["actpass", "active"])
async def test_a_client_with_an_rsa_certificate_connects(tmp_path: Path, part: str) -> None:
    """As GStreamer, which then has the DTLS server's part; and as a client that can be nothing but a client."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = dt.datetime.now(tz=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    certificate = receiver.Certificate(cast("Any", key), builder.sign(key, hashes.SHA256()))
    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        sender.peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        setattr(sender.peer, receiver.CERTIFICATES, [certificate])
        sender.peer.addTrack(sender.camera)
        sender.peer.addTrack(Microphone())
        await sender.peer.setLocalDescription(await sender.peer.createOffer())
        offer = sender.peer.localDescription.sdp.replace("a=setup:actpass", f"a=setup:{part}")
        answer = await here.recorder.begin(sender.id, offer, kind="video", seconds=None)
        assert ("a=setup:active" in answer, "a=setup:passive" in answer) == (part == "actpass", part == "active")
        await sender.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await sender.film(1)
        assert (await sender.stop()).outcome == "complete"


async def test_a_change_of_size_is_recorded(tmp_path: Path) -> None:
    from tests.media.peers import watch

    async with running(tmp_path) as here:
        sender = Publisher(here.url)
        await sender.start()
        await sender.film(1)
        sender.camera.size = (160, 120)
        await sender.film(2)
        await sender.stop()
        seen = watch(await here.file(sender.id, tmp_path))
    assert seen.sizes == [(320, 240), (160, 120)]
    assert seen.errors == 0
    assert isinstance(sender.camera, Camera)


async def test_a_taken_port_is_not_shared():
    port = await Port.open(["127.0.0.1"])
    assert port.number > 0
    with pytest.raises(OSError, match="in use"):
        await Port.open(["127.0.0.1"], port.number)
    port.close()


async def test_the_buffer_of_the_port_is_as_large_as_the_host_allows() -> None:
    port = await Port.open(["127.0.0.1"])
    granted = port.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    port.close()
    largest = Path("/proc/sys/net/core/rmem_max")  # beyond which root alone may go
    assert granted >= min(RECEIVE_BUFFER, int(largest.read_text()) if largest.exists() else RECEIVE_BUFFER // 8)


def test_an_answer_comes_from_the_address_that_was_asked():
    """Also under uvloop, which the recorder process runs on."""
    import uvloop
    from aioice import stun

    async def ask() -> str:
        port = await Port.open([*advertised("", "localhost")])
        connection = Receiver(port, Nowhere())
        await connection.answer(BROWSER)
        name, agent = next(iter(port._by_name.items()))
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{name}:abcd"
        message.add_message_integrity(agent.receiver.local_password.encode())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(5)
            peer.bind((port.advertise[0], 0))  # not the loopback address where there is another
            await asyncio.to_thread(peer.sendto, bytes(message), ("127.0.0.1", port.number))
            _, address = await asyncio.to_thread(peer.recvfrom, 2000)
        await connection.close()
        port.close()
        return str(address[0])

    for factory in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=factory) as runner:
            assert runner.run(ask()) == "127.0.0.1"
