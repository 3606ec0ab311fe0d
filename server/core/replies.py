"""Replies that are given once: the Idempotency-Key and what it promises.

`once` runs an action in a transaction and stores its reply under the asker and the key, in the same transaction. The
same request sent again (a retry after a lost reply, a double click, a reconnecting tab) gets the same reply and changes
nothing.
"""

import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Request, Response

from server.core import db
from server.core.errors import Invalid, Refusal
from server.core.ids import uuid7

ENCODER = msgspec.json.Encoder()


class KeyReused(Refusal):
    """The same key came with a different request."""

    code = "key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "This request was already used for something else. Reload the page and try again."


def json(body: object, status: int = HTTPStatus.OK) -> Response[bytes]:
    """A struct as a JSON reply, encoded once."""
    return Response(ENCODER.encode(body), status_code=status, media_type=MediaType.JSON)


def key_of(request: Request[Any, Any, Any]) -> str | None:
    """The request's Idempotency-Key. Raises Invalid when it is longer than 64 characters."""
    key: str | None = request.headers.get("idempotency-key")
    if key is not None and not 8 <= len(key) <= 64:
        msg = "An Idempotency-Key has 8 to 64 characters."
        raise Invalid(msg)
    return key


async def once(
    request: Request[Any, Any, Any],
    who: str,
    action: Callable[[str | None], Awaitable[object]],
    status: int = HTTPStatus.OK,
) -> Response[bytes]:
    """Run `action(key)` in a transaction, at most once per asker and key; reply with what it returns."""
    key = key_of(request)
    if key is None:
        async with db.transaction():
            return json(await action(None), status)
    digest = hashlib.sha256(await request.body()).hexdigest()[:16]
    route = f"{request.method} {request.url.path} {digest}"[-200:]
    async with db.transaction():
        mine = await db.value(
            "INSERT INTO stored_reply (id, who, key, route, status, body, at) VALUES ($1, $2, $3, $4, 0, '', now()) "
            "ON CONFLICT (who, key) DO NOTHING RETURNING id",
            uuid7(),
            who,
            key,
            route,
        )
        if mine is None:
            return await _again(who, key, route)
        reply = json(await action(key), status)
        await db.execute(
            "UPDATE stored_reply SET status = $2, body = $3 WHERE id = $1", mine, status, reply.content.decode()
        )
        return reply


async def _again(who: str, key: str | None, route: str) -> Response[bytes]:
    found = await db.record("SELECT route, status, body FROM stored_reply WHERE who = $1 AND key = $2", who, key)
    if found is None or found["route"] != route:
        raise KeyReused
    return Response(found["body"].encode(), status_code=found["status"], media_type=MediaType.JSON)
