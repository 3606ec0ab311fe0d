"""Identifiers: UUID version 7 (RFC 9562), made here so that any Postgres from 15 on will do, and unguessable tokens."""

import hashlib
import os
import secrets
import time
from uuid import UUID

from piccolo.columns.defaults.uuid import UUID4


def uuid7() -> UUID:
    """A new id that sorts by time of creation."""
    millis = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return UUID(int=value)


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
