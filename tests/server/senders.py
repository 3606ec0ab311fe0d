"""A candidate's camera and microphone without a browser, through the web's own WHIP route."""

import io

import av
import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.cast import Browser, Json, until
from tests.media.peers import Camera, Microphone

SDP = {"content-type": "application/sdp"}


class Sender:
    """A browser's camera and microphone."""

    def __init__(self, browser: Browser, ticket: Json, *, video: bool = True) -> None:
        self.browser, self.ticket = browser, ticket
        self.camera = Camera()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        if video:
            self.peer.addTrack(self.camera)
        self.peer.addTrack(Microphone())

    async def offer(self) -> httpx.Response:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        headers = SDP | {"authorization": f"Bearer {self.ticket['ticket']}"}
        return await self.browser.call(
            "POST", self.ticket["whip_url"], content=self.peer.localDescription.sdp, headers=headers
        )

    async def start(self, seconds: float) -> httpx.Response:
        """Send for so long, and go on. Returns the reply to the offer."""
        reply = await self.offer()
        assert reply.status_code == 201, reply.text
        await self.peer.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))

        async def filmed() -> bool:
            return self.camera.sent >= seconds * 25

        await until(filmed, 30)
        return reply

    async def film(self, seconds: float) -> httpx.Response:
        """Send for so long, then stop as the page does. Returns the reply to the offer."""
        reply = await self.start(seconds)
        await self.stop()
        return reply

    async def stop(self) -> None:
        """Stop as the page does."""
        ended = await self.browser.call("DELETE", self.ticket["whip_url"])
        assert ended.status_code == 200, ended.text
        await self.peer.close()


def decoded(data: bytes) -> tuple[int, int, float]:
    """(pictures, sounds, seconds) of a file in which every frame decodes."""
    pictures = sounds = 0
    last = 0.0
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode():
            pictures += isinstance(frame, av.VideoFrame)
            sounds += isinstance(frame, av.AudioFrame)
            last = max(last, frame.time or 0.0)
    return pictures, sounds, last
