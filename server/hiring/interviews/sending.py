"""The way of an offer: from a browser, through a ticket, to the recorder that has room (WHIP, RFC 9725)."""

import asyncio
import contextlib
import time
from collections.abc import Collection
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import MediaType, Request, Response

from media import nodes, whip
from server.core import db, runtime
from server.core.errors import OUTAGES, NotFound, Refusal
from server.core.ids import hash_token
from server.hiring.interviews.recordings import recording_ended, take_of
from server.hiring.interviews.rules import BadOffer, NoRecorder, RecorderGone, RecordersBusy, TicketUsed

PATIENCE = 6.0  # seconds: a recorder that fell is started again within a few, and people count down for three
AGAIN = 0.3
CONNECT_SECONDS = 1.0
LACKS_SECONDS = 2.0
TOLD_SECONDS = 1.5  # after a restart of Redis every recorder has announced itself again
_CHECK_TICKET = """
SELECT 1 FROM recording WHERE id = $1 AND ticket_hash = $2 AND owner LIKE $3 || ':%' AND state = 'new'
AND created_at > now() - interval '2 minutes'
"""
_USE_TICKET = """
UPDATE recording SET node = $4, ticket_hash = '' WHERE id = $1 AND ticket_hash = $2 AND owner LIKE $3 || ':%'
AND state = 'new' AND created_at > now() - interval '2 minutes' RETURNING id
"""
_HAND_ON = "UPDATE recording SET node = $2 WHERE id = $1 AND state = 'new' RETURNING id"
_WHERE = "SELECT node, state FROM recording WHERE id = $1"
_CALL_OFF = """
UPDATE recording SET state = 'failed', error = 'never_began', ticket_hash = '' WHERE id = $1 AND state = 'new'
AND node = '' AND source = 'webrtc' RETURNING id
"""


async def begin(
    request: Request[Any, Any, Any],
    recording: UUID,
    owner_kind: str,
    *,
    who: UUID,
    kind: str,
    seconds: float,
    base: str,
) -> Response[bytes]:
    """Use the ticket and hand the offer to a recorder. The caller has checked that the recording is `who`'s own.

    Replies 201 with the SDP answer, Location, ETag and Links to TURN servers. Raises TicketUsed, BadOffer, NoRecorder.
    """
    offer = await _offer(request)
    ticket = hash_token(whip.bearer(request.headers.get("authorization", "")))
    if not await db.value(_CHECK_TICKET, recording, ticket, owner_kind):
        raise TicketUsed
    node = await _place(recording)
    async with db.transaction():
        mine = await db.value(_USE_TICKET, recording, ticket, owner_kind, node.id)
        if mine is None:
            raise TicketUsed
    answer = await _forward(node, recording, offer, kind, seconds)
    ice_servers = runtime.here().ice_servers(str(who))
    headers = whip.created(answer, f"{base}/whip/{recording}", ice_servers)
    return Response(answer.sdp.encode(), status_code=201, media_type=whip.SDP, headers=headers)


async def _offer(request: Request[Any, Any, Any]) -> str:
    """The body. Raises BadOffer, or a refusal of its size or type."""
    headers = request.headers
    try:
        offer = whip.check_offer(headers.get("content-type", ""), headers.get("accept", ""), await request.body())
    except whip.Refused as refused:
        refusal = Refusal(refused.message)
        refusal.code, refusal.status = refused.code, HTTPStatus(refused.status)
        raise refusal from refused
    if not offer.startswith("v=0"):
        raise BadOffer
    return offer


async def _place(recording: UUID, without: Collection[str] = ()) -> nodes.Node:
    """A recorder for it. Raises NoRecorder; then the take has failed."""
    try:
        return await _reach(without)
    except NoRecorder as refused:
        await _failed(recording, refused.code)
        raise


async def _forward(node: nodes.Node, recording: UUID, sdp: str, kind: str, seconds: float) -> whip.Answer:
    """Hand an offer to a recorder, or to the next when that one filled up, or began to drain, since it last told."""
    secret, full = runtime.here().settings.secret, set[str]()
    while True:
        try:
            return await whip.forward(node, secret, recording, sdp, kind=kind, seconds=seconds)
        except whip.Refused as refused:
            if refused.code != "too_many_recordings":
                await _failed(recording, refused.code)
                raise (BadOffer if refused.code in {"bad_offer", "no_video"} else NoRecorder) from refused
        full.add(node.id)
        node = await _place(recording, full)
        if not await db.value(_HAND_ON, recording, node.id):
            raise TicketUsed  # it was given up meanwhile


async def pick(without: Collection[str] = ()) -> nodes.Node:
    """The recorder with most room. Raises RecordersBusy, or NoRecorder, also while Redis is away."""
    redis = runtime.here().redis
    try:
        node = await nodes.pick(redis, without)
        if node is None:
            raise RecordersBusy if any(other.takes_more for other in await nodes.alive(redis)) else NoRecorder
    except OUTAGES as error:
        raise NoRecorder from error
    return node


async def _reach(without: Collection[str]) -> nodes.Node:
    """A recorder with room that takes a connection now: dead ones are listed for some seconds. Raises NoRecorder."""
    deadline = time.monotonic() + PATIENCE
    while True:
        node = await pick(without)
        if await _listens(node):
            return node
        with contextlib.suppress(*OUTAGES):
            for other in await nodes.alive(runtime.here().redis):
                if other.has_room and other.id not in without and await _listens(other):
                    return other
        if time.monotonic() > deadline:
            raise NoRecorder
        await asyncio.sleep(AGAIN)


async def lives(node: str) -> bool:
    """Whether a recorder is there. While Redis is away it is believed to be."""
    try:
        found = [each for each in await nodes.alive(runtime.here().redis) if each.id == node]
    except OUTAGES:
        return True
    return bool(found) and await _listens(found[0])


async def lacks(name: str, recording: UUID) -> bool:
    """Whether a recorder that is there says that it has nothing of a recording, nor will have: a late offer is refused.

    One that does not answer may have all of it.
    """
    here = runtime.here()
    try:
        found = [each for each in await nodes.alive(here.redis) if each.id == name]
        return bool(found) and await whip.lacks(found[0], here.settings.secret, recording, LACKS_SECONDS)
    except OUTAGES:
        return False
    except whip.Refused:
        return False


async def _find(name: str) -> nodes.Node | None:
    """Where a recorder is; None when nobody has heard of it for a while."""
    deadline = time.monotonic() + TOLD_SECONDS
    while True:
        with contextlib.suppress(*OUTAGES):
            for node in await nodes.alive(runtime.here().redis):
                if node.id == name:
                    return node
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(AGAIN)


async def _listens(node: nodes.Node) -> bool:
    address = urlsplit(node.url)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(address.hostname, address.port or 80)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _failed(recording: UUID, code: str) -> None:
    async with db.transaction():
        await db.execute("UPDATE recording SET state = 'failed', error = $2 WHERE id = $1", recording, code)
        await recording_ended(recording)


async def end(recording: UUID) -> Response[bytes]:
    """Stop a recording; its recorder finishes the file and reports. Ending what has ended is fine.

    What no recorder was asked for has failed at once: whoever had the ticket is leaving.
    """
    found = await db.record(_WHERE, recording)
    if found is not None and found["state"] == "new" and not found["node"]:
        async with db.transaction():
            await take_of(recording)  # its card is locked first
            if await db.value(_CALL_OFF, recording):
                await recording_ended(recording)
        found = await db.record(_WHERE, recording)  # an offer may have been faster
    if found is None:
        raise NotFound
    if found["node"] and found["state"] in {"new", "recording"}:
        node = await _find(found["node"])
        if node is not None:
            try:
                await whip.stop(node, runtime.here().settings.secret, recording)
            except whip.Refused as refused:
                raise RecorderGone from refused
    return Response(b"", status_code=200, media_type=MediaType.TEXT)
