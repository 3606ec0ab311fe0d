"""Passwords: argon2 in a thread, a few at a time (each takes 64 MiB and a third of a second)."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(3)


async def hash_password(password: str) -> str:
    """The password's argon2id hash."""
    async with _turns:
        return await asyncio.to_thread(_hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was stored. Takes the same time when there is no such account (None)."""
    async with _turns:
        return await asyncio.to_thread(_verify, stored, password) and stored is not None


@cache
def _nobody() -> str:
    """A hash that no password of a person matches; made when it is first needed, for it takes a third of a second."""
    return _hasher.hash("a password that nobody has")


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
