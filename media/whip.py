"""WHIP (RFC 9725), as web processes speak it: checks of an offer, headers of a reply, the way to a recorder node.

A browser posts its offer to the web origin, which checks rights and hands the offer on to the private listener of a
recorder node (`forward`); `stop` ends a recording. Nothing here lives longer than one request. The HTTP client is
thirty lines on asyncio: one request per connection, to a node of our own.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import msgspec

from media.glance import Glance
from media.manifest import Manifest
from media.nodes import Node

SDP = "application/sdp"
LONGEST_OFFER = 64 << 10  # bytes
TIMEOUT = 10.0  # seconds for an answer
STOP_TIMEOUT = 20.0  # seconds for a finished file
STATUS = {
    "bad_offer": 400,
    "not_acceptable": 406,
    "unsupported_type": 415,
    "too_large": 413,
    "no_video": 422,
    "already_recording": 409,
    "too_many_recordings": 503,
    "node_gone": 503,
    "ice_timeout": 504,
    "not_found": 404,
    "given_up": 410,
}


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An offer was not taken. `code` is one of STATUS, `message` a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

    @property
    def status(self) -> int:
        return STATUS.get(self.code, 502)


class Answer(msgspec.Struct, frozen=True):
    """What a node answered: the SDP and its entity tag (quoted, as it goes into the ETag header)."""

    sdp: str
    etag: str


def check_offer(content_type: str, accept: str, body: bytes) -> str:
    """The offer as text. Raises Refused for another media type, and for a body that is too large or no text.

    `accept` are the kinds of reply that the client takes; an empty one means any (RFC 9110, 12.5.1).
    """
    if content_type.partition(";")[0].strip().lower() != SDP:
        raise Refused("unsupported_type", f"Send the offer as {SDP}.")
    if not _acceptable(accept):
        raise Refused("not_acceptable", f"The answer to an offer is {SDP}.")
    if len(body) > LONGEST_OFFER:
        raise Refused("too_large", "The offer is longer than 64 KiB.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused("bad_offer", "The offer is not UTF-8.") from error


def _acceptable(accept: str) -> bool:
    """Whether a client that says this takes an SDP. Of ranges that fit, the closest one decides."""
    weights = {}
    for part in accept.lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        weights[kind] = weight.rstrip("0.") != ""
    return next((weights[kind] for kind in (SDP, "application/*", "*/*") if kind in weights), not accept.strip())


def bearer(authorization: str) -> str:
    """The token of an Authorization header, empty when there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def created(answer: Answer, location: str, ice_servers: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Headers of the 201 reply (RFC 9725, 4.2 and 4.6).

    Candidates come all at once and a connection is not restarted, so there is nothing to PATCH: it is answered with
    405, as the RFC wants for all but POST, OPTIONS and DELETE. The entity tag is for clients that compare it.
    """
    headers = {"Location": location, "ETag": answer.etag, "Cache-Control": "no-store"}
    links = [link for server in ice_servers for link in ice_links(**server)]
    return headers | ({"Link": ", ".join(links)} if links else {})


def ice_links(urls: Iterable[str], username: str = "", credential: str = "") -> list[str]:
    """Values of Link headers that name STUN and TURN servers (RFC 9725, 4.6)."""
    links: list[str] = []
    for url in urls:
        link = f'<{url}>; rel="ice-server"'
        if url.startswith("turn"):
            link += f'; username="{username}"; credential="{credential}"; credential-type="password"'
        links.append(link)
    return links


def capabilities(origin: str) -> dict[str, str]:
    """Headers of the reply to OPTIONS (RFC 9725, 4.2): what is taken, and from whose pages, which are our own alone."""
    return {
        "Allow": "DELETE, OPTIONS, POST",
        "Accept-Post": SDP,
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "DELETE, POST",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    }


async def forward(
    node: Node, secret: str, recording_id: UUID, sdp: str, *, kind: str = "video", seconds: float | None = None
) -> Answer:
    """Hands an offer to a node. `seconds` bounds the recording. Raises Refused."""
    path = f"/recordings/{recording_id}?kind={quote(kind)}"
    path += "" if seconds is None else f"&seconds={seconds:g}"
    status, headers, body = await _request(node, secret, "POST", path, sdp.encode(), TIMEOUT)
    if status != 201:
        raise _refusal(status, body)
    return Answer(body.decode(), headers.get("etag", ""))


async def stop(node: Node, secret: str, recording_id: UUID) -> Manifest | None:
    """Ends a recording; returns its manifest, or None when the node does not know it. Raises Refused (node_gone)."""
    status, _, body = await _request(node, secret, "DELETE", f"/recordings/{recording_id}", b"", STOP_TIMEOUT)
    if status == 404:
        return None
    if status != 200:
        raise _refusal(status, body)
    return msgspec.json.decode(body, type=Manifest)


async def lacks(node: Node, secret: str, recording_id: UUID, seconds: float = TIMEOUT) -> bool:
    """Whether a node has nothing of a recording; then it takes no offer of it any more. Raises Refused (node_gone)."""
    status, _, body = await _request(node, secret, "DELETE", f"/offers/{recording_id}", b"", seconds)
    if status != 200:  # a release that does not know the question says 404
        raise _refusal(status, body)
    return msgspec.json.decode(body, type=dict[str, bool])["lacks"]


async def glance(node: Node, secret: str, seconds: float = TIMEOUT) -> list[Glance]:
    """The recordings that run on a node now, asked for so long at most. Raises Refused (node_gone)."""
    status, _, body = await _request(node, secret, "GET", "/recordings", b"", seconds)
    if status != 200:
        raise _refusal(status, body)
    try:
        return msgspec.json.decode(body, type=list[Glance])
    except msgspec.MsgspecError as error:  # of another version than ours
        raise Refused("node_gone", "The recorder told nothing that can be read.") from error


def _refusal(status: int, body: bytes) -> Refused:
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        told = {}
    if "code" in told:
        return Refused(str(told["code"]), str(told.get("message", "")))
    if status in {400, 413}:
        return Refused("bad_offer" if status == 400 else "too_large", "The recorder could not read the offer.")
    return Refused("node_gone", f"The recorder answered with status {status}.")


async def _request(
    node: Node, secret: str, method: str, path: str, body: bytes, seconds: float
) -> tuple[int, Mapping[str, str], bytes]:
    address = urlsplit(node.url)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: {SDP}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
            try:
                writer.write(head.encode() + body)
                await writer.drain()
                return _parse(await reader.read())  # to the end: the node closes after its one reply
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, LookupError, EOFError) as error:
        raise Refused("node_gone", "The recorder does not answer; try again in a moment.") from error


def _parse(raw: bytes) -> tuple[int, Mapping[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ")[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}, body
