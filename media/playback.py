"""Answers a player's request for a stored file: whole, a range of it, unchanged, or beyond its end (RFC 9110, 14).

One call per request; rights have been checked by the caller. Files never change under their key, so the entity tag
is made of key and size.
"""

import re
from collections.abc import AsyncIterator
from email.utils import formatdate
from hashlib import sha256
from typing import Any

from litestar import Response
from litestar.response import Stream

from media.storage import Storage

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of a Range header; None to send the whole file. Raises ValueError beyond the end.

    What is no single range of bytes is ignored, as RFC 9110 allows.
    """
    match = RANGE.match(header.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # the last n bytes
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise ValueError("the range lies beyond the end")
    return start, end


async def respond(
    storage: Storage,
    key: str,
    mime: str,
    range_header: str = "",
    if_range: str = "",
    if_none_match: str = "",
    *,
    head: bool = False,
) -> Response[Any] | Stream:
    """The reply: 200, 206, 304 or 416. Raises storage.MissingError. `head` leaves the body out (HEAD requests)."""
    size = await storage.size(key)
    etag = f'"{sha256(f"{key}:{size}".encode()).hexdigest()[:20]}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
        "Date": formatdate(usegmt=True),
    }
    if if_none_match and (if_none_match.strip() == "*" or etag in if_none_match):
        return Response(b"", status_code=304, headers=headers)
    wanted = None
    if range_header and (not if_range or if_range.strip() == etag):
        try:
            wanted = byte_range(range_header, size)
        except ValueError:
            return Response(b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = wanted or (0, size)
    headers["Content-Length"] = str(end - start)
    headers["Content-Type"] = mime  # a streamed reply would take the handler's type otherwise
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if wanted else 200
    if head:
        return Response(b"", status_code=status, headers=headers, media_type=mime)

    async def body() -> AsyncIterator[bytes]:
        async for chunk in storage.stream(key, start, end):
            yield chunk

    return Stream(body(), status_code=status, headers=headers, media_type=mime)
