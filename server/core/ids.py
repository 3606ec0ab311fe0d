"""Identifiers: UUID version 7 (RFC 9562), made here so that any Postgres from 15 on will do, and unguessable tokens."""

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Iterator
from uuid import UUID

from piccolo.columns.defaults.uuid import UUID4


def _growing() -> Iterator[int]:
    """The time in 4096ths of a millisecond, never the same twice and never an earlier one."""
    last = 0
    while True:
        last = max(time.time_ns() * 4096 // 1_000_000, last + 1)
        yield last


_times = _growing()
_one_at_a_time = threading.Lock()


def uuid7() -> UUID:
    """A new id that sorts by time of creation.

    The 12 bits after the milliseconds carry the time on to a quarter of a microsecond (RFC 9562, section 6.2, method
    3), and no two ids of one process share it: a transaction's events keep their order, also within a millisecond and
    when the clock is set back.
    """
    with _one_at_a_time:
        ticks = next(_times)
    tail = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | tail)


class NewId(UUID4):
    """Column default: a UUID 7 made in Python; should SQL ever insert by itself, Postgres makes a random one."""

    def python(self) -> UUID:
        """See `uuid7`."""
        return uuid7()


def new_token() -> str:
    """256 random bits for a link or a cookie, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token (hex SHA-256): enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).hexdigest()
