"""Passwords: argon2 in a thread, a few at a time (each takes 64 MiB and a third of a second)."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(3)
NOBODY = _hasher.hash("a password that nobody has")


async def hash_password(password: str) -> str:
    """The password's argon2id hash."""
    async with _turns:
        return await asyncio.to_thread(_hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was stored. Takes the same time when there is no such account (None)."""
    async with _turns:
        return await asyncio.to_thread(_verify, stored or NOBODY, password) and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
