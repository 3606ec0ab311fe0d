"""Throttles for what strangers can try: sign-in, apply, link recovery.

Counts per window live in Redis. While Redis is away each process counts for itself: never less strict than one process.
"""

import logging
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.core.errors import Throttled

log = logging.getLogger("greenroom.throttle")
_own: dict[str, tuple[float, int]] = {}
_redis: Redis | None = None


def use(redis: Redis | None) -> None:
    """Count in this Redis from now on."""
    global _redis  # noqa: PLW0603 - one per process, set by the composition root
    _redis = redis


async def limit(name: str, who: str, most: int, seconds: int) -> None:
    """Count one try of `who` at `name`; raise Throttled when there were more than `most` within `seconds`."""
    window = int(time.time()) // seconds
    key = f"throttle:{name}:{who}:{window}"
    if await _count(key, seconds) > most:
        raise Throttled(after=seconds - int(time.time()) % seconds)


async def _count(key: str, seconds: int) -> int:
    if _redis is not None:
        try:
            async with _redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, seconds)
                return int((await pipe.execute())[0])
        except (RedisError, OSError, TimeoutError):
            log.warning("redis is away: counting alone")
    now = time.monotonic()
    for old in [k for k, (until, _) in _own.items() if until < now]:
        del _own[old]
    until, count = _own.get(key, (now + seconds, 0))
    _own[key] = (until, count + 1)
    return count + 1
